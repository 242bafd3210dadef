//! The job that brings a repository into the store: branches, commits, merge requests (engine §1).
//!
//! It is a chain of small writing transactions, each harmless to repeat. What was read to its end is told by two marks
//! that move in the last transaction only: the tips, and the watermark of the merge request list. So a job that is
//! killed anywhere begins again from the old marks, and misses and doubles nothing.

mod branches;
mod changes;
pub(crate) mod commits;
mod fetching;
mod finish;
mod full;
mod graph;
mod listing;
mod lost;
mod merge_requests;
mod moved_targets;
mod pack;
mod ranges;
mod rest;

use changes::{SoFar, of_links};
use git::GitError;
use model::{ForgeRepository, Millis, ObjectId, SyncChanges};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{AccountState, Lane, LinksChanged, MergeRequestsState, Repository, RepositoryState, WriteTx};
use tokio::sync::Mutex;

use crate::failure::{Failure, back_off};
use crate::measure::{self, SyncEnding, SyncRun};
use crate::session::{Session, in_forge_words};
use crate::{Engine, Mode, circuit, schedule, sentences, settle};

pub(crate) use pack::PackCache;

/// Brings a repository into the store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SyncRepository {
    pub(crate) repository_id: i64,
    pub(crate) mode: Mode,
    pub(crate) lane: JobLane,
    pub(crate) priority: i64,
    #[serde(default)]
    pub(crate) so_far: SoFar,
    /// When the event of a hook came that asks for it.
    #[serde(default)]
    pub(crate) heard_at: Option<Millis>,
}

/// Before everything else of its lane: somebody waits for it.
pub(crate) const ASKED_FOR: i64 = i64::MAX;
/// What keeps an imported repository in step goes before first imports: it is a request or two.
const IN_STEP: i64 = 1 << 60;

impl SyncRepository {
    /// What [`SyncRepository::resource`] begins with.
    pub(crate) const RESOURCE: &str = "repository:";

    /// One job of a repository at a time has this.
    pub(crate) fn resource(repository_id: i64) -> String {
        format!("{}{repository_id}", Self::RESOURCE)
    }

    /// As part of a refresh of all, newest activity first. First imports and full syncs are long: behind what is quick.
    pub(crate) fn of_refresh(repository: &Repository, mode: Mode) -> Self {
        let quick = mode != Mode::Full && repository.imported_at.is_some();
        let priority = repository.last_activity_at.unwrap_or(0) + if quick { IN_STEP } else { 0 };
        Self {
            repository_id: repository.id,
            mode,
            lane: JobLane::Import,
            priority,
            so_far: SoFar::default(),
            heard_at: None,
        }
    }

    /// When its time has come.
    pub(crate) fn by_schedule(repository: &Repository) -> Self {
        Self::of_refresh(repository, Mode::Branches)
    }

    /// Because a list told of news in it.
    pub(crate) fn with_news(repository: &Repository) -> Self {
        Self { lane: JobLane::Live, priority: 0, ..Self::of_refresh(repository, Mode::Soft) }
    }

    /// Because somebody asked for it. A first import or a full sync goes first among the imports; what is left for a soft
    /// sync to bring is little, so it goes before them.
    pub(crate) fn asked_for(repository: &Repository, mode: Mode) -> Self {
        let quick = mode != Mode::Full && repository.imported_at.is_some();
        let lane = if quick { JobLane::Live } else { JobLane::Import };
        Self { repository_id: repository.id, mode, lane, priority: ASKED_FOR, so_far: SoFar::default(), heard_at: None }
    }

    /// Because of an event that a forge sent.
    pub(crate) const fn heard(self, at: Millis) -> Self {
        Self { heard_at: Some(at), ..self }
    }

    /// As it was taken: while it waited, somebody may have asked for it, too.
    fn taken(self, lease: &Lease) -> Self {
        let job = lease.job();
        Self { lane: job.lane, priority: job.priority, ..self }
    }

    const fn is_asked_for(&self) -> bool {
        self.priority == ASKED_FOR
    }
}

impl queue::Job for SyncRepository {
    type Context = Engine;
    const KIND: &'static str = "sync_repository";

    fn dedup_key(&self) -> String {
        format!("repository:{}:{}", self.repository_id, self.mode.as_str())
    }

    fn resource_key(&self) -> String {
        Self::resource(self.repository_id)
    }

    fn lane(&self) -> JobLane {
        self.lane
    }

    fn priority(&self) -> i64 {
        self.priority
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let mut job = self.taken(&lease);
        let Some(repository) = engine.store().repository(job.repository_id).await? else {
            engine.board().dropped(job.repository_id);
            return Ok(());
        };
        let is_linked = engine.store().repository_is_linked(repository.id).await?;
        if !is_linked || (repository.paused && !job.is_asked_for()) {
            return stopped(&engine, &lease, &repository).await;
        }
        if let Some(until) = settle::host_pause(&engine, repository.host_id).await? {
            return settle::later(&engine, &lease, &job, until).await;
        }
        if job.leaves_to_retry(&repository, engine.clock().now()) {
            return job.wait_for_schedule(&engine, &lease, &repository).await;
        }
        let accounts = engine.store().repository_accounts(repository.id).await?;
        engine.board().due(&accounts, repository.id);
        let run = SyncRun::begin(job.mode);
        let outcome = job.sync(&engine, &lease, &repository, &accounts).await;
        job.settle(&engine, &lease, &repository, &accounts, outcome, run).await
    }
}

impl SyncRepository {
    /// Whether it is left to the retry that waits for the end of a back-off.
    fn leaves_to_retry(&self, repository: &Repository, now: Millis) -> bool {
        self.mode == Mode::Branches && !self.is_asked_for() && repository.retry_at.is_some_and(|at| at > now)
    }

    async fn sync(
        &mut self,
        engine: &Engine,
        lease: &Lease,
        repository: &Repository,
        accounts: &[i64],
    ) -> Result<(), Failure> {
        let session = Session::for_repository(engine, repository.id).await?;
        let session = if self.lane == JobLane::Import { session.behind_live() } else { session };
        let tells = self.mode == Mode::Branches && told_by_account(engine, repository, accounts).await?;
        let began = Done {
            commits: 0,
            chunk_began: engine.clock().now(),
            calls: engine.stops().calls(),
            changes: self.so_far.changes,
        };
        let sync = Sync {
            engine,
            lease,
            there: in_forge_words(repository),
            repository,
            accounts,
            session: &session,
            mode: if self.mode == Mode::Branches && !tells { Mode::Soft } else { self.mode },
            chunk: self.so_far.chunk(),
            done: Mutex::new(began),
        };
        let outcome = sync.run().await;
        self.so_far = self.so_far.and(sync.changes_so_far().await, matches!(outcome, Err(Failure::Interrupted)));
        outcome
    }

    async fn settle(
        self,
        engine: &Engine,
        lease: &Lease,
        repository: &Repository,
        accounts: &[i64],
        outcome: Result<(), Failure>,
        run: SyncRun,
    ) -> Result<(), JobError> {
        let Err(failure) = outcome else {
            run.ended(SyncEnding::Done);
            measure::shown(engine, self.heard_at);
            circuit::answered(engine, repository.host_id).await?;
            return self.ended(engine, lease, repository, accounts, None).await;
        };
        if failure.is_lease_lost() {
            return Err(JobError::LeaseLost);
        }
        let waits = match failure {
            Failure::Git(GitError::Busy) => Some(engine.clock().now() + settle::CACHE_BUSY),
            _ => settle::host_wait(engine, repository.host_id, &failure).await?,
        };
        if let Some(until) = waits {
            run.ended(SyncEnding::PutOff);
            return settle::later(engine, lease, &self, until).await;
        }
        run.ended(match failure {
            Failure::Interrupted => SyncEnding::PutOff,
            Failure::Pointless => SyncEnding::Stopped,
            _ => SyncEnding::Failed,
        });
        match failure {
            Failure::Interrupted => settle::later(engine, lease, &self, engine.clock().now()).await,
            Failure::Pointless => stopped(engine, lease, repository).await,
            Failure::Store(error) => Err(error.into()),
            failure => self.failed(engine, lease, repository, accounts, &failure).await,
        }
    }

    /// A repository fails alone: its failure is kept with it, and it is tried again, less and less often. What only a
    /// person can put right is left to the person.
    async fn failed(
        self,
        engine: &Engine,
        lease: &Lease,
        repository: &Repository,
        accounts: &[i64],
        failure: &Failure,
    ) -> Result<(), JobError> {
        let text = sentences::of_failure(failure);
        tracing::warn!(repository_id = repository.id, path = repository.path, kind = failure.kind(), "the sync failed");
        let mut retry_at = Some(engine.clock().now() + back_off(repository.id, repository.failures + 1));
        if let Failure::NeedsAuthorisation { owner, .. } = failure {
            settle::refused(engine, *owner, failure).await?;
            retry_at = None;
        }
        engine.store().repository_failed(repository.id, failure.kind(), &text, retry_at).await?;
        self.ended(engine, lease, repository, accounts, Some(&text)).await?;
        let Some(retry_at) = retry_at else { return Ok(()) };
        let again = Self { mode: if self.mode == Mode::Full { Mode::Full } else { Mode::Soft }, ..self };
        let again =
            Self { lane: JobLane::Import, priority: Self::of_refresh(repository, again.mode).priority, ..again };
        settle::later(engine, lease, &again, retry_at).await
    }

    async fn ended(
        &self,
        engine: &Engine,
        lease: &Lease,
        repository: &Repository,
        accounts: &[i64],
        error: Option<&str>,
    ) -> Result<(), JobError> {
        engine.board().ended(accounts, repository.id, &repository.path, error);
        for account in accounts {
            settle::end_first_import(engine, *account).await?;
        }
        self.wait_for_schedule(engine, lease, repository).await
    }

    /// One run by the schedule leads to the next, and the first import to the first.
    async fn wait_for_schedule(&self, engine: &Engine, lease: &Lease, repository: &Repository) -> Result<(), JobError> {
        if self.mode != Mode::Branches && repository.imported_at.is_some() {
            return Ok(());
        }
        let mut tx = lease.begin_write(Lane::Live).await?;
        schedule::next_sync(engine, &mut tx, repository).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether an account's list tells what happens to the repository's merge requests, so that its own need not be read.
/// Where the last sync failed or they could not be read, it is looked for oneself.
async fn told_by_account(engine: &Engine, repository: &Repository, accounts: &[i64]) -> Result<bool, Failure> {
    let is_well = repository.imported_at.is_some() && repository.failures == 0;
    if !is_well || repository.merge_requests_state != MergeRequestsState::Available {
        return Ok(false);
    }
    for account in accounts {
        let account = engine.store().account(*account).await?;
        if account.is_some_and(|one| one.state == AccountState::Active && one.merge_requests_until.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// It was paused, unlinked or removed while it ran, or nobody is there (any more) to ask with: it waits for a person.
async fn stopped(engine: &Engine, lease: &Lease, repository: &Repository) -> Result<(), JobError> {
    engine.board().dropped(repository.id);
    let stored = engine.store().repository(repository.id).await?;
    if stored.is_none_or(|stored| stored.state != RepositoryState::Syncing) {
        return Ok(());
    }
    let mut tx = lease.begin_write(Lane::Live).await?;
    tx.repository_waiting(repository.id).await?;
    Ok(tx.commit().await?)
}

/// One sync under way.
struct Sync<'s> {
    engine: &'s Engine,
    lease: &'s Lease,
    repository: &'s Repository,
    /// The repository in the forge's words.
    there: ForgeRepository,
    accounts: &'s [i64],
    session: &'s Session,
    mode: Mode,
    /// How long it may go on before it makes way for something more urgent.
    chunk: Millis,
    done: Mutex<Done>,
}

/// How far it is.
struct Done {
    commits: u64,
    chunk_began: Millis,
    /// [`crate::stops::Stops::calls`] when it was last looked whether it may go on.
    calls: u64,
    /// What was changed and committed.
    changes: SyncChanges,
}

/// After this long a chunk ends, and whatever is more urgent for this repository goes first.
const CHUNK: Millis = 2_000;

impl Sync<'_> {
    async fn run(&self) -> Result<(), Failure> {
        if self.repository.imported_at.is_none() {
            let mut tx = self.write().await?;
            tx.repository_syncing(self.repository.id, 0).await?;
            tx.commit().await?;
        }
        if self.is_full() {
            self.read_messages_again().await?;
        }
        let list = self.list_merge_requests().await?;
        let listed = self.list_branches().await?;
        if listed.by_git {
            self.sync_by_git(listed.branches, list).await
        } else {
            self.sync_by_rest(listed.branches, list).await
        }
    }

    /// A writing transaction that only the holder of the lease gets.
    async fn write(&self) -> Result<WriteTx, Failure> {
        let lane = match self.lease.job().lane {
            JobLane::Live => Lane::Live,
            JobLane::Import => Lane::Bulk,
        };
        Ok(self.lease.begin_write(lane).await?)
    }

    /// To be passed after each writing transaction: the place where a job can be stopped.
    async fn step(&self) -> Result<(), Failure> {
        if self.lease.cancelled().is_cancelled() {
            return Err(Failure::Interrupted);
        }
        let now = self.engine.clock().now();
        let calls = self.engine.stops().calls();
        let mut done = self.done.lock().await;
        let chunk_is_over = now - done.chunk_began >= self.chunk;
        if !chunk_is_over && done.calls == calls {
            return Ok(());
        }
        done.calls = calls;
        if chunk_is_over {
            done.chunk_began = now;
        }
        drop(done);
        self.may_go_on().await?;
        let gives_way = chunk_is_over && self.lease.job().lane == JobLane::Import;
        let urgent = gives_way && self.lease.live_job_waiting(now).await?;
        if urgent { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// Whether nobody paused, unlinked or removed it meanwhile. What was paused when a person asked for it goes on; where
    /// only the account is out, another one may help.
    async fn may_go_on(&self) -> Result<(), Failure> {
        let (store, id) = (self.engine.store(), self.repository.id);
        let is_paused = store.repository(id).await?.is_none_or(|now| now.paused && !self.repository.paused);
        if is_paused || !store.repository_is_linked(id).await? {
            return Err(Failure::Pointless);
        }
        let account = store.account(self.session.account().id).await?;
        if account.is_some_and(|one| one.state == AccountState::Active) { Ok(()) } else { Err(Failure::Interrupted) }
    }

    /// Commits were written and are counted.
    async fn wrote(&self, commits: usize, links: LinksChanged) -> u64 {
        let commits = commits as u64;
        self.engine.board().written(self.accounts, commits, links.added);
        let mut done = self.done.lock().await;
        done.commits += commits;
        done.changes += of_links(links);
        done.commits
    }

    /// Whether commits were written that were not there. A full sync writes all, and counts what was missing.
    async fn gained(&self, changes: &SyncChanges) -> bool {
        if self.is_full() { changes.commits_added > 0 } else { self.done.lock().await.commits > 0 }
    }

    /// So many commits will be written.
    async fn begin_writing(&self, commits: usize) -> Result<(), Failure> {
        self.engine.board().counted(self.accounts, self.repository.id, &self.repository.path, commits as u64);
        let mut tx = self.write().await?;
        tx.repository_syncing(self.repository.id, i64::try_from(commits).unwrap_or(i64::MAX)).await?;
        Ok(tx.commit().await?)
    }

    /// What a text names.
    fn mentions(&self, text: &str) -> Vec<model::Mention> {
        grammar::mentions(text, self.engine.noise())
    }

    /// Whether merge requests are left to what the account's list told.
    fn is_of_branches(&self) -> bool {
        self.mode == Mode::Branches
    }

    /// Whether everything is to be compared from scratch.
    fn is_full(&self) -> bool {
        self.mode == Mode::Full
    }

    /// The tips of the last whole sync.
    async fn old_tips(&self) -> Result<Vec<ObjectId>, Failure> {
        Ok(self.engine.store().tips(self.repository.id).await?)
    }

    /// The tips that syncs wrote commits of since then without coming to their end.
    async fn begun_tips(&self) -> Result<Vec<ObjectId>, Failure> {
        Ok(self.engine.store().tips_begun(self.repository.id).await?)
    }
}
