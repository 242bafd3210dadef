//! The job that joins the packs of a cache once there are many.

use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::failure::Failure;
use crate::session::{Session, in_forge_words};
use crate::settle::job_error;

/// From how many packs on they are joined (engine §1).
pub(super) const MANY: usize = 50;

/// Joins the packs of a repository's cache.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PackCache {
    pub(crate) repository_id: i64,
}

impl queue::Job for PackCache {
    type Context = Engine;
    const KIND: &'static str = "pack_cache";
    const MAX_ATTEMPTS: i64 = 3;

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    fn resource_key(&self) -> String {
        format!("repository:{}", self.repository_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Import
    }

    fn priority(&self) -> i64 {
        i64::MIN
    }

    async fn run(self, engine: Engine, _lease: Lease) -> Result<(), JobError> {
        match self.pack(&engine).await {
            Err(Failure::Pointless) => Ok(()),
            packed => packed.map_err(job_error),
        }
    }
}

impl PackCache {
    async fn pack(&self, engine: &Engine) -> Result<(), Failure> {
        let Some(repository) = engine.store().repository(self.repository_id).await? else { return Ok(()) };
        let session = Session::for_repository(engine, repository.id).await?;
        let remote = session.git_remote(&in_forge_words(&repository)).await?;
        let sha256 = engine.store().tips(repository.id).await?.first().is_some_and(|tip| tip.as_str().len() == 64);
        let cache = engine.git().cache(&engine.cache_directory(repository.id), &remote, sha256).await?;
        Ok(cache.gc().await?)
    }
}
