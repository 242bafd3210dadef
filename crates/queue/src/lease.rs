//! The right to run a job, and to write for it.

use std::sync::Arc;

use store::{Job, Lane, Store, WriteTx};
use tokio_util::sync::CancellationToken;

/// Handed to a running job. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lease {
    store: Store,
    job: Arc<Job>,
    cancelled: CancellationToken,
}

impl Lease {
    pub(crate) fn new(store: Store, job: Arc<Job>, cancelled: CancellationToken) -> Self {
        Self { store, job, cancelled }
    }

    /// Begins a writing transaction that only the holder of the lease gets: [`store::StoreError::LeaseLost`] when another
    /// worker has taken the job meanwhile.
    pub async fn begin_write(&self, lane: Lane) -> store::Result<WriteTx> {
        let mut tx = self.store.begin_write(lane).await?;
        tx.job_guard(&self.job).await?;
        Ok(tx)
    }

    /// Cancelled when the process is to stop or the lease is lost: the job ends soon, or is dropped.
    #[must_use]
    pub const fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    /// The row of the job: lane, attempts, keys.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Whether a live job waits for this job's resource: an import then ends its chunk and asks for the next.
    pub async fn live_job_waiting(&self, now: model::Millis) -> store::Result<bool> {
        self.store.live_job_waiting(&self.job.resource_key, now).await
    }
}
