//! A commit or branches that a Jira asks for before the import has come to them.
//!
//! What is asked for is done as a live job of the repository, so it never runs beside its import: it gets its turn between two
//! chunks of that. What REST tells then is kept; git overwrites it when the import comes.

use std::collections::HashSet;
use std::time::Duration;

use model::{Branch, Commit, Millis, ObjectId};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, NewBranch, Repository, Source};
use tokio::time::Instant;

use super::waiting;
use crate::failure::Failure;
use crate::repository::commits::as_read;
use crate::repository::{ASKED_FOR, SyncRepository};
use crate::session::{Session, in_forge_words};
use crate::smart_commits::Rules;
use crate::{Engine, SyncError, settle};

/// What is wanted of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'w> {
    /// A commit.
    Commit(&'w ObjectId),
    /// Its branches.
    Branches,
}

/// How long after a sync a commit that it did not find is not looked for again.
const LOOKED: Millis = 10_000;
/// Of how many branches whose heads are unknown the heads are asked for, one request each.
const HEADS: usize = 20;

/// Brings a commit, or branches, that the store does not have yet; the answer is in the store afterwards. False: it is not
/// there, or did not come in time. An import under way goes first from now on.
///
/// # Errors
/// When the store does not answer; a forge that fails is "not in time".
pub async fn fetch_now(
    engine: &Engine,
    repository_id: i64,
    what: Wanted<'_>,
    deadline: Duration,
) -> Result<bool, SyncError> {
    let deadline = Instant::now() + deadline;
    let Some(repository) = engine.store().repository(repository_id).await? else { return Ok(false) };
    let wish = FetchNow::new(repository_id, what);
    if wish.is_fulfilled(engine, &repository).await? {
        return Ok(true);
    }
    if !is_worth_asking(engine, &repository).await? {
        return Ok(false);
    }
    wish.enqueue(engine, &repository).await?;
    let ended = waiting::until(engine, deadline, || wish.ended(engine)).await?;
    Ok(ended.unwrap_or(false))
}

async fn is_worth_asking(engine: &Engine, repository: &Repository) -> Result<bool, SyncError> {
    let now = engine.clock().now();
    let host = engine.store().host(repository.host_id).await?;
    let is_paused = host.and_then(|host| host.paused_until).is_some_and(|until| until > now);
    let was_looked = repository.synced_at.is_some_and(|at| now - at < LOOKED);
    Ok(!is_paused && !repository.paused && !was_looked && engine.store().repository_is_linked(repository.id).await?)
}

/// Brings what is wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FetchNow {
    repository_id: i64,
    /// None: the branches.
    commit: Option<ObjectId>,
}

impl queue::Job for FetchNow {
    type Context = Engine;
    const KIND: &'static str = "fetch_now";

    fn dedup_key(&self) -> String {
        let what = self.commit.as_ref().map_or("branches", ObjectId::as_str);
        format!("repository:{}:{what}", self.repository_id)
    }

    fn resource_key(&self) -> String {
        SyncRepository::resource(self.repository_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    /// Somebody waits for it.
    fn priority(&self) -> i64 {
        ASKED_FOR
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(repository) = engine.store().repository(self.repository_id).await? else { return Ok(()) };
        if self.is_fulfilled(&engine, &repository).await.map_err(job_error)? {
            return Ok(());
        }
        if repository.imported_at.is_some() {
            let mut tx = lease.begin_write(Lane::Live).await?;
            queue::enqueue(&mut tx, &SyncRepository::with_news(&repository), engine.clock().now()).await?;
            return Ok(tx.commit().await?);
        }
        match self.bring(&engine, &lease, &repository).await {
            Ok(()) => Ok(()),
            Err(Failure::Store(error)) => Err(error.into()),
            Err(failure) => {
                settle::host_wait(&engine, repository.host_id, &failure).await?;
                tracing::debug!(
                    repository_id = repository.id,
                    kind = failure.kind(),
                    "what was wanted could not be brought"
                );
                match &failure {
                    Failure::NeedsAuthorisation { owner, .. } => settle::refused(&engine, *owner, &failure).await,
                    // Whoever waited asks again.
                    _ => Ok(()),
                }
            }
        }
    }
}

fn job_error(error: SyncError) -> JobError {
    match error {
        SyncError::Store(error) => error.into(),
        error => JobError::fail(error.to_string()),
    }
}

impl FetchNow {
    fn new(repository_id: i64, what: Wanted<'_>) -> Self {
        let commit = match what {
            Wanted::Commit(id) => Some(id.clone()),
            Wanted::Branches => None,
        };
        Self { repository_id, commit }
    }

    async fn is_fulfilled(&self, engine: &Engine, repository: &Repository) -> Result<bool, SyncError> {
        match &self.commit {
            Some(id) => Ok(engine.store().facade_commit(repository.id, id.as_str()).await?.is_some()),
            None if repository.imported_at.is_some() => Ok(true),
            None => Ok(engine.store().facade_branches(repository.id, 0, 0).await?.total > 0),
        }
    }

    /// The wish, and what waits to be imported of the repository, go first. What failed is left to its retry.
    async fn enqueue(&self, engine: &Engine, repository: &Repository) -> Result<(), SyncError> {
        let now = engine.clock().now();
        let mut tx = engine.store().begin_write(Lane::Live).await?;
        if repository.imported_at.is_none() && repository.retry_at.is_none() {
            tx.job_forward(&SyncRepository::resource(repository.id), ASKED_FOR, now).await?;
        }
        queue::enqueue(&mut tx, self, now).await?;
        Ok(tx.commit().await?)
    }

    /// Whether it came, or (false) will not: none, as long as that is open.
    async fn ended(&self, engine: &Engine) -> Result<Option<bool>, SyncError> {
        let (store, now) = (engine.store(), engine.clock().now());
        let (kind, key) = (<Self as queue::Job>::KIND, queue::Job::dedup_key(self));
        // Before looking whether it came: what ends in between has come.
        let is_under_way = store.job_is_active(kind, &key, now).await?;
        let others = store.resource_is_active(&SyncRepository::resource(self.repository_id), now).await?;
        let Some(repository) = store.repository(self.repository_id).await? else { return Ok(Some(false)) };
        if self.is_fulfilled(engine, &repository).await? {
            return Ok(Some(true));
        }
        let waits_for_import = self.commit.is_none() || repository.imported_at.is_some();
        Ok((!(is_under_way || waits_for_import && others)).then_some(false))
    }

    async fn bring(&self, engine: &Engine, lease: &Lease, repository: &Repository) -> Result<(), Failure> {
        let session = Session::for_repository(engine, repository.id).await?;
        match &self.commit {
            Some(id) => bring_commit(engine, lease, &session, repository, id).await,
            None => bring_branches(engine, lease, &session, repository).await,
        }
    }
}

/// Keeps a commit, and what the same answer tells of its history.
async fn bring_commit(
    engine: &Engine,
    lease: &Lease,
    session: &Session,
    repository: &Repository,
    id: &ObjectId,
) -> Result<(), Failure> {
    let forge_id = &repository.forge_id;
    let (commits, _) = session.ask(|forge| async move { forge.commits(forge_id, id, None).await }).await?;
    // The forge may have taken the name for that of a branch.
    if commits.first().is_some_and(|newest| newest.id == *id) {
        keep(engine, lease, repository, commits).await?;
    }
    Ok(())
}

/// Keeps commits as lost: whether anything leads to them, the import tells, and finds them then.
async fn keep(engine: &Engine, lease: &Lease, repository: &Repository, commits: Vec<Commit>) -> Result<(), Failure> {
    let ids: Vec<ObjectId> = commits.iter().map(|commit| commit.id.clone()).collect();
    let present = engine.store().commits_present(repository.id, &ids).await?;
    let unknown: Vec<Commit> = commits.into_iter().filter(|commit| !present.contains(&commit.id)).collect();
    let ids: Vec<ObjectId> = unknown.iter().map(|commit| commit.id.clone()).collect();
    let rows = as_read(unknown, &Rules::of(engine));
    let (rules, now) = (engine.rule_version(), engine.clock().now());
    let mut tx = lease.begin_write(Lane::Live).await?;
    tx.commits_insert(repository.id, &rows, Source::Rest, rules, now).await?;
    tx.commits_lost(repository.id, &ids, now).await?;
    Ok(tx.commit().await?)
}

/// Keeps the branches whose heads are known, or were told in time. The import brings the others.
async fn bring_branches(
    engine: &Engine,
    lease: &Lease,
    session: &Session,
    repository: &Repository,
) -> Result<(), Failure> {
    let branches = list(engine, session, repository).await?;
    let mut heads: Vec<&ObjectId> = branches.iter().map(|branch| &branch.head).collect();
    // The default branch first: it leads to most of the history.
    heads.sort_by_key(|head| {
        let is_default = |branch: &Branch| Some(&branch.name) == repository.default_branch.as_ref();
        !branches.iter().any(|branch| branch.head == **head && is_default(branch))
    });
    let mut seen = HashSet::new();
    let mut asked = 0;
    for head in heads {
        let is_known = !seen.insert(head) || is_kept(engine, repository, head).await?;
        if !is_known && asked < HEADS {
            asked += 1;
            bring_commit(engine, lease, session, repository, head).await?;
        }
    }
    let mut rows = Vec::new();
    for branch in branches {
        if is_kept(engine, repository, &branch.head).await? {
            rows.push(NewBranch { mentions: grammar::mentions(&branch.name, engine.noise()), branch });
        }
    }
    let (rules, now) = (engine.rule_version(), engine.clock().now());
    let mut tx = lease.begin_write(Lane::Live).await?;
    tx.branches_replace(repository.id, &rows, rules, now).await?;
    Ok(tx.commit().await?)
}

async fn is_kept(engine: &Engine, repository: &Repository, id: &ObjectId) -> Result<bool, Failure> {
    Ok(engine.store().facade_commit(repository.id, id.as_str()).await?.is_some())
}

/// The branches by git, where it is spoken, else by REST.
async fn list(engine: &Engine, session: &Session, repository: &Repository) -> Result<Vec<Branch>, Failure> {
    if engine.options().git {
        let remote = session.git_remote(&in_forge_words(repository)).await?;
        match engine.git().ls_refs(&remote).await {
            Ok(refs) => return Ok(refs.branches),
            Err(error) => tracing::debug!(repository_id = repository.id, %error, "git did not list the branches"),
        }
    }
    let id = &repository.forge_id;
    session.ask(|forge| async move { forge.branches(id).await }).await
}
