//! The job that brings a repository into the store: branches, commits, merge requests (engine §1).
//!
//! It is a chain of small writing transactions, each harmless to repeat. What was read to its end is told by two marks
//! that move in the last transaction only: the tips, and the watermark of the merge request list. So a job that is
//! killed anywhere begins again from the old marks, and misses and doubles nothing.

mod branches;
mod commits;
mod fetching;
mod finish;
mod full;
mod graph;
mod listing;
mod merge_requests;
mod pack;
mod ranges;
mod rest;

use model::{ForgeRepository, Millis, ObjectId};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, Repository, WriteTx};
use tokio::sync::Mutex;

use crate::failure::Failure;
use crate::session::{Session, in_forge_words};
use crate::{Engine, Mode, sentences, settle};

pub(crate) use pack::PackCache;

/// Brings a repository into the store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SyncRepository {
    pub(crate) repository_id: i64,
    pub(crate) mode: Mode,
    pub(crate) lane: JobLane,
    pub(crate) priority: i64,
}

/// Before every scheduled sync: somebody waits for it.
const ASKED_FOR: i64 = i64::MAX;
/// How often in a row a sync that failed is tried again by itself; after that, with the next refresh.
const RETRIES: i64 = 6;

impl SyncRepository {
    /// As part of a refresh: newest activity first.
    pub(crate) fn scheduled(repository: &Repository, mode: Mode) -> Self {
        let priority = repository.last_activity_at.unwrap_or(0);
        Self { repository_id: repository.id, mode, lane: JobLane::Import, priority }
    }

    /// Because somebody asked for it. A first import or a full sync goes first among the imports; what is left for a soft
    /// sync to bring is little, so it goes before them.
    pub(crate) fn asked_for(repository: &Repository, mode: Mode) -> Self {
        let quick = mode == Mode::Soft && repository.imported_at.is_some();
        let lane = if quick { JobLane::Live } else { JobLane::Import };
        Self { repository_id: repository.id, mode, lane, priority: ASKED_FOR }
    }
}

impl queue::Job for SyncRepository {
    type Context = Engine;
    const KIND: &'static str = "sync_repository";

    fn dedup_key(&self) -> String {
        format!("repository:{}:{}", self.repository_id, self.mode.as_str())
    }

    fn resource_key(&self) -> String {
        format!("repository:{}", self.repository_id)
    }

    fn lane(&self) -> JobLane {
        self.lane
    }

    fn priority(&self) -> i64 {
        self.priority
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let repository = engine.store().repository(self.repository_id).await?;
        let is_linked = engine.store().repository_is_linked(self.repository_id).await?;
        let Some(repository) = repository.filter(|_| is_linked) else {
            engine.board().dropped(self.repository_id);
            return Ok(());
        };
        if let Some(until) = settle::host_pause(&engine, repository.host_id).await? {
            return settle::later(&engine, &lease, &self, until).await;
        }
        let accounts = engine.store().repository_accounts(repository.id).await?;
        engine.board().due(&accounts, repository.id);
        let outcome = self.sync(&engine, &lease, &repository, &accounts).await;
        self.settle(&engine, &lease, &repository, &accounts, outcome).await
    }
}

impl SyncRepository {
    async fn sync(
        &self,
        engine: &Engine,
        lease: &Lease,
        repository: &Repository,
        accounts: &[i64],
    ) -> Result<(), Failure> {
        let session = Session::for_repository(engine, repository.id).await?;
        let sync = Sync {
            engine,
            lease,
            there: in_forge_words(repository),
            repository,
            accounts,
            session: &session,
            mode: self.mode,
            done: Mutex::new(Done { commits: 0, chunk_began: engine.clock().now() }),
        };
        sync.run().await
    }

    async fn settle(
        self,
        engine: &Engine,
        lease: &Lease,
        repository: &Repository,
        accounts: &[i64],
        outcome: Result<(), Failure>,
    ) -> Result<(), JobError> {
        let now = engine.clock().now();
        let Err(failure) = outcome else {
            self.ended(engine, repository, accounts, None).await?;
            return Ok(());
        };
        if failure.is_lease_lost() {
            return Err(JobError::LeaseLost);
        }
        if let Some(until) = failure.paused_until(now) {
            settle::pause_host(engine, repository.host_id, until).await?;
            return settle::later(engine, lease, &self, until).await;
        }
        match failure {
            Failure::Interrupted => settle::later(engine, lease, &self, now).await,
            Failure::Pointless => self.ended(engine, repository, accounts, None).await,
            Failure::Store(error) => Err(error.into()),
            failure => self.failed(engine, lease, repository, accounts, &failure).await,
        }
    }

    /// A repository fails alone: its failure is kept with it, and it is tried again, less and less often.
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
        if let Failure::NeedsAuthorisation { account_id, .. } = failure {
            settle::account_failed(engine, *account_id, failure).await?;
        }
        engine.store().repository_failed(repository.id, failure.kind(), &text).await?;
        self.ended(engine, repository, accounts, Some(&text)).await?;
        if failure.is_transient() && repository.failures < RETRIES {
            let pause = queue::backoff(repository.failures + 1);
            let due = engine.clock().now() + i64::try_from(pause.as_millis()).unwrap_or(Millis::MAX / 4);
            let again = Self { lane: JobLane::Import, ..self };
            return settle::later(engine, lease, &again, due).await;
        }
        Ok(())
    }

    async fn ended(
        &self,
        engine: &Engine,
        repository: &Repository,
        accounts: &[i64],
        error: Option<&str>,
    ) -> Result<(), JobError> {
        engine.board().ended(accounts, repository.id, &repository.path, error);
        for account in accounts {
            settle::end_first_import(engine, *account).await.map_err(settle::job_error)?;
        }
        Ok(())
    }
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
    done: Mutex<Done>,
}

/// How far it is.
struct Done {
    commits: u64,
    chunk_began: Millis,
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
        let mut done = self.done.lock().await;
        if now - done.chunk_began < CHUNK {
            return Ok(());
        }
        done.chunk_began = now;
        drop(done);
        let urgent = self.lease.job().lane == JobLane::Import && self.lease.live_job_waiting(now).await?;
        if urgent { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// Commits were written and are counted.
    async fn wrote(&self, commits: usize, links: u64) -> u64 {
        let commits = commits as u64;
        self.engine.board().written(self.accounts, commits, links);
        let mut done = self.done.lock().await;
        done.commits += commits;
        done.commits
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

    /// Whether everything is to be compared from scratch.
    fn is_full(&self) -> bool {
        self.mode == Mode::Full
    }

    /// The tips of the last whole sync.
    async fn old_tips(&self) -> Result<Vec<ObjectId>, Failure> {
        Ok(self.engine.store().tips(self.repository.id).await?)
    }
}
