//! The job that reads which files the commits of a repository touched, where the facade serves it (engine §1).
//!
//! It takes folders, which the cache gets once, and with each fetch from then on. Everything else tells the store: what is to
//! be read are the commits without a row, so a kill loses nothing, and a cache that was lost is filled again by whoever meets
//! a commit without its folder. It runs beside the sync of the same repository and makes way for everything else.

mod reading;

use git::{Cache, GitError};
use model::{HostKind, Millis};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, Repository, WriteTx};

use crate::failure::Failure;
use crate::session::{Session, in_forge_words};
use crate::{Engine, settle};
use reading::Reading;

/// Reads the files of a repository's commits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ReadFiles {
    repository_id: i64,
    #[serde(default)]
    so_far: SoFar,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
struct SoFar {
    /// Everything up to this inner id of a commit is read.
    after: i64,
    /// Whether folders were asked for, so that what has none now has none at the server.
    fetched: bool,
}

/// After this long it makes way for whatever waits.
const CHUNK: Millis = 2_000;
/// How many commits are read, and written, at a time: one transaction.
const AT_ONCE: i64 = 500;

impl queue::Job for ReadFiles {
    type Context = Engine;
    const KIND: &'static str = "read_files";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    /// Beside a sync of the same repository: fetches do not disturb each other, and it writes what nobody else does.
    fn resource_key(&self) -> String {
        format!("files:{}", self.repository_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Import
    }

    /// Behind all imports.
    fn priority(&self) -> i64 {
        i64::MIN
    }

    async fn run(mut self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(repository) = engine.store().repository(self.repository_id).await? else { return Ok(()) };
        // What is not imported yet begins it at the end of its import.
        if repository.imported_at.is_none() || repository.paused || !is_read_by_git(&engine, &repository) {
            return Ok(());
        }
        if let Some(until) = settle::host_pause(&engine, repository.host_id).await? {
            return settle::later(&engine, &lease, &self, until).await;
        }
        let now = engine.clock().now();
        match self.read(&engine, &lease, &repository).await {
            Ok(()) | Err(Failure::Pointless) => Ok(()),
            Err(Failure::Git(GitError::FilterUnsupported { .. })) => {
                tracing::debug!(repository_id = repository.id, "the server would send all files, so none are known");
                Ok(())
            }
            Err(Failure::Git(GitError::Busy)) => settle::later(&engine, &lease, &self, now + settle::CACHE_BUSY).await,
            Err(Failure::Interrupted) => settle::later(&engine, &lease, &self, now).await,
            Err(failure) => match settle::host_wait(&engine, repository.host_id, &failure).await? {
                Some(until) => settle::later(&engine, &lease, &self, until).await,
                None => Err(settle::job_error(failure)),
            },
        }
    }
}

/// Where git is off, no files are known.
fn is_read_by_git(engine: &Engine, repository: &Repository) -> bool {
    engine.options().git || repository.host_kind == HostKind::Folder
}

impl ReadFiles {
    async fn read(&mut self, engine: &Engine, lease: &Lease, repository: &Repository) -> Result<(), Failure> {
        let (store, began) = (engine.store(), engine.clock().now());
        let mut opened = None;
        loop {
            if !store.facade_serves(repository.id).await? {
                return Ok(());
            }
            let commits = store.commits_without_files(repository.id, self.so_far.after, AT_ONCE).await?;
            let Some(last) = commits.last() else {
                // What came while it waited for its turn may have a smaller number: commits known from elsewhere.
                if std::mem::take(&mut self.so_far.after) == 0 {
                    return Ok(());
                }
                continue;
            };
            let reading = match &mut opened {
                Some(reading) => reading,
                None => opened.insert(Reading::open(engine, repository, self.so_far.fetched).await?),
            };
            let told = reading.files_of(&commits).await?;
            let mut tx = lease.begin_write(Lane::Bulk).await?;
            tx.commit_files_put(&told).await?;
            tx.commit().await?;
            self.so_far = SoFar { after: last.id, fetched: reading.is_fetched() };
            if lease.cancelled().is_cancelled() || engine.clock().now() - began >= CHUNK {
                return Err(Failure::Interrupted);
            }
        }
    }
}

/// Where the objects of a repository are, and the session that may fetch more of them.
async fn open(engine: &Engine, repository: &Repository) -> Result<(Session, Cache), Failure> {
    let session = Session::for_repository(engine, repository.id).await?.behind_live();
    let remote = session.git_remote(&in_forge_words(repository)).await?;
    let sha256 = engine.store().tips(repository.id).await?.first().is_some_and(|tip| tip.as_str().len() == 64);
    let cache = engine.git().cache(&engine.cache_directory(repository.id), &remote, sha256).await?;
    Ok((session, cache))
}

/// Has the files of a repository's commits read, as part of a transaction.
pub(crate) async fn read_files(tx: &mut WriteTx, repository_id: i64, now: Millis) -> store::Result<()> {
    queue::enqueue(tx, &ReadFiles { repository_id, so_far: SoFar::default() }, now).await.map(|_| ())
}
