//! The job that reads the repository list of an account, and has what is linked synced.
//!
//! By the schedule, the account's list of merge requests tells where there are news; those repositories are synced at
//! once, and every other waits for its own place in the interval, where it costs one request. Asked for by a person, all
//! are synced at once, at the same cost.

mod news;

use std::collections::{HashMap, HashSet};

use model::Millis;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Account, AccountState, Lane, Repository};

use crate::failure::Failure;
use crate::repository::SyncRepository;
use crate::session::Session;
use crate::{Engine, Mode, circuit, deliver, facade, hook, schedule, sentences, settle, whereabouts};
use news::News;

/// Reads the repository list of an account. By the schedule ([`Mode::Branches`]) what has news is synced at once, and the
/// rest at its time; otherwise every linked repository is synced now, newest activity first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshAccount {
    pub(crate) account_id: i64,
    pub(crate) mode: Mode,
}

/// How often a list that cannot be read is asked for again within minutes; after that, with the next interval.
const ATTEMPTS: i64 = 6;

impl queue::Job for RefreshAccount {
    type Context = Engine;
    const KIND: &'static str = "refresh_account";

    fn dedup_key(&self) -> String {
        format!("account:{}:{}", self.account_id, self.mode.as_str())
    }

    fn resource_key(&self) -> String {
        format!("account:{}", self.account_id)
    }

    /// A few requests, however long the list: never worth waiting behind an import.
    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(account) = engine.store().account(self.account_id).await? else { return Ok(()) };
        if account.state != AccountState::Active {
            return Ok(());
        }
        if let Some(until) = settle::host_pause(&engine, account.host_id).await? {
            return settle::later(&engine, &lease, &self, until).await;
        }
        engine.board().listing(account.id);
        let outcome = self.refresh(&engine, &lease, &account).await;
        let told = outcome.as_ref().err().map(sentences::of_failure);
        engine.board().listed(account.id, told.as_deref());
        match outcome {
            Ok(()) => {
                circuit::answered(&engine, account.host_id).await?;
                self.plan_next(&engine).await
            }
            Err(failure) => self.settle(&engine, &lease, &account, failure).await,
        }
    }
}

/// How many repositories one transaction lets wait for a sync.
const AT_ONCE: usize = 200;

impl RefreshAccount {
    async fn refresh(&self, engine: &Engine, lease: &Lease, account: &Account) -> Result<(), Failure> {
        let session = Session::new(engine, account.clone());
        let there = &whereabouts::follow(lease, &session).await?;
        let listed = session.ask(|forge| async move { forge.repositories(there).await }).await?;
        let store = engine.store();
        let before = store.linked_repositories(account.id).await?;
        let known: HashSet<i64> = before.iter().map(|one| one.id).collect();
        let now = engine.clock().now();
        let mut tx = lease.begin_write(Lane::Live).await?;
        tx.repositories_listed(account.id, &listed, account.auto_link, account.smart_commits, now).await?;
        tx.account_listed(account.id, now).await?;
        tx.commit().await?;
        let linked = store.linked_repositories(account.id).await?;
        tell_sites(engine, &before, &linked).await?;
        let news = News::read(engine, &session, there, &linked).await?;
        let round = Round { mode: self.mode, known, news, now };
        round.enqueue(engine, lease, account, &linked).await?;
        if linked.is_empty() {
            settle::end_first_import(engine, account.id).await?;
        }
        facade::refresh_on_host(engine, account.host_id).await?;
        Ok(hook::keep(engine, account.id).await?)
    }

    async fn plan_next(&self, engine: &Engine) -> Result<(), JobError> {
        if let Some(account) = engine.store().account(self.account_id).await? {
            schedule::next_refresh(engine, &account).await.map_err(settle::job_error)?;
        }
        Ok(())
    }

    async fn settle(self, engine: &Engine, lease: &Lease, account: &Account, failure: Failure) -> Result<(), JobError> {
        if let Some(until) = settle::host_wait(engine, account.host_id, &failure).await? {
            return settle::later(engine, lease, &self, until).await;
        }
        match failure {
            Failure::Pointless => Ok(()),
            Failure::Interrupted => settle::later(engine, lease, &self, engine.clock().now()).await,
            Failure::Store(error) => Err(error.into()),
            failure => {
                settle::account_failed(engine, account.id, &failure).await?;
                if failure.is_transient() && lease.job().attempts < ATTEMPTS {
                    return Err(JobError::retry(sentences::of_failure(&failure)));
                }
                self.plan_retry(engine, lease).await
            }
        }
    }

    /// What does not go away by itself within seconds is looked at again with the next interval.
    async fn plan_retry(self, engine: &Engine, lease: &Lease) -> Result<(), JobError> {
        let interval = i64::try_from(engine.options().interval.as_millis()).unwrap_or(Millis::MAX / 4);
        let due = engine.clock().now().saturating_add(interval);
        settle::later(engine, lease, &self, due).await
    }
}

/// Has sites told what else they see now, take back what they see no more, and learn what is called otherwise. What is yet to
/// be imported is told as it comes.
async fn tell_sites(engine: &Engine, before: &[Repository], after: &[Repository]) -> store::Result<()> {
    let by_id =
        |all: &[Repository]| -> HashMap<i64, Repository> { all.iter().map(|one| (one.id, one.clone())).collect() };
    let (was, is) = (by_id(before), by_id(after));
    let gone = was.keys().filter(|id| !is.contains_key(id));
    let renamed = after
        .iter()
        .filter(|one| was.get(&one.id).is_some_and(|old| (&old.path, &old.web_url) != (&one.path, &one.web_url)));
    let changed: Vec<i64> = gone.copied().chain(renamed.map(|one| one.id)).collect();
    let sees_more = after.iter().any(|one| one.imported_at.is_some() && !was.contains_key(&one.id));
    if changed.is_empty() && !sees_more { Ok(()) } else { deliver::sight_changed(engine, &changed).await }
}

/// What a refresh found out, and what follows from it.
struct Round {
    mode: Mode,
    /// The repositories that were linked and listed before.
    known: HashSet<i64>,
    news: News,
    now: Millis,
}

impl Round {
    /// Lets the linked repositories wait for what is due for each. The watermark of the merge requests moves with the last
    /// of them: a kill before it repeats all, and what waits already waits once.
    async fn enqueue(
        &self,
        engine: &Engine,
        lease: &Lease,
        account: &Account,
        linked: &[Repository],
    ) -> Result<(), Failure> {
        for repositories in linked.chunks(AT_ONCE) {
            let mut tx = lease.begin_write(Lane::Live).await?;
            for repository in repositories.iter().filter(|repository| !repository.paused) {
                if let Some(job) = self.due(repository) {
                    queue::enqueue(&mut tx, &job, self.now).await?;
                    if repository.imported_at.is_none() {
                        tx.repository_waiting(repository.id).await?;
                    }
                }
                if repository.imported_at.is_some() {
                    schedule::next_sync(engine, &mut tx, repository).await?;
                }
            }
            tx.commit().await?;
        }
        for repository in linked.iter().filter(|repository| !repository.paused && self.due(repository).is_some()) {
            engine.board().due(&[account.id], repository.id);
        }
        let mut tx = lease.begin_write(Lane::Live).await?;
        tx.account_merge_requests_until(account.id, self.news.until).await?;
        Ok(tx.commit().await?)
    }

    /// What is to be done for a repository at once. One that fails is left to its retry unless a person asks.
    fn due(&self, repository: &Repository) -> Option<SyncRepository> {
        let waits_for_retry = repository.retry_at.is_some_and(|at| at > self.now);
        if self.mode != Mode::Branches {
            // One request instead of two, where the account's list has just told what the second would.
            let is_told = self.news.complete && self.known.contains(&repository.id) && !waits_for_retry;
            let has_news = self.news.repositories.contains(&repository.id);
            let branches = self.mode == Mode::Soft && repository.imported_at.is_some() && is_told && !has_news;
            let mode = if branches { Mode::Branches } else { self.mode };
            return Some(SyncRepository::of_refresh(repository, mode));
        }
        if repository.imported_at.is_none() {
            return (!waits_for_retry).then(|| SyncRepository::of_refresh(repository, Mode::Soft));
        }
        // What is new in the list, or came back: its merge requests may have changed while nobody looked.
        if !self.known.contains(&repository.id) || self.news.all {
            return Some(SyncRepository::of_refresh(repository, Mode::Soft));
        }
        self.news.repositories.contains(&repository.id).then(|| SyncRepository::with_news(repository))
    }
}
