//! What a job is, and how one is asked for.

use std::future::Future;
use std::time::Duration;

use model::Millis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{JobLane, NewJob, StoreError, WriteTx};

use crate::Lease;

/// Something to be done, surviving restarts. Must be idempotent: after a crash it runs again.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it needs beside its payload, shared by all jobs of a pool.
    type Context: Clone + Send + Sync + 'static;

    /// Its stable name in the store.
    const KIND: &'static str;

    /// After so many attempts that asked for a retry it is given up.
    const MAX_ATTEMPTS: i64 = 10;

    /// Of one kind, one job with this key waits at a time. (One that runs does not count: what is asked for meanwhile is
    /// done afterwards.)
    fn dedup_key(&self) -> String;

    /// One job with this key runs at a time, over all kinds and nodes: `repository:7`.
    fn resource_key(&self) -> String;

    /// Live before import.
    fn lane(&self) -> JobLane;

    /// Higher first within the lane.
    fn priority(&self) -> i64 {
        0
    }

    /// Does it. Writes go through [`Lease::begin_write`]; on [`Lease::cancelled`] it ends soon, as it is dropped otherwise.
    fn run(self, context: Self::Context, lease: Lease) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Why a job did not do it.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may work later.
    #[error("{why}")]
    Retry {
        /// When; none: the usual back-off.
        after: Option<Duration>,
        /// Why, as a sentence without secrets.
        why: String,
    },
    /// It will never work.
    #[error("{why}")]
    Fail {
        /// Why, as a sentence without secrets.
        why: String,
    },
    /// Another worker has the job now; nothing more is to be done here.
    #[error("the job's lease was lost")]
    LeaseLost,
}

impl JobError {
    /// It may work later, after the usual back-off.
    pub fn retry(why: impl Into<String>) -> Self {
        Self::Retry { after: None, why: why.into() }
    }

    /// It may work after this long.
    pub fn retry_after(after: Duration, why: impl Into<String>) -> Self {
        Self::Retry { after: Some(after), why: why.into() }
    }

    /// It will never work.
    pub fn fail(why: impl Into<String>) -> Self {
        Self::Fail { why: why.into() }
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::LeaseLost,
            other => Self::retry(with_causes(&other)),
        }
    }
}

/// An error and what caused it, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// Asks for a job as part of the caller's transaction; false when one with its key waits already.
pub async fn enqueue<J: Job>(tx: &mut WriteTx, job: &J, now: Millis) -> store::Result<bool> {
    enqueue_at(tx, job, now, now).await
}

/// Asks for a job that is due at `run_at`.
pub async fn enqueue_at<J: Job>(tx: &mut WriteTx, job: &J, run_at: Millis, now: Millis) -> store::Result<bool> {
    tx.job_enqueue(&to_keep(job, run_at)?, now).await
}

/// Asks for many jobs, each due at its time, in few statements: as [`enqueue_at`] asks for each.
pub async fn enqueue_all_at<J: Job>(tx: &mut WriteTx, jobs: &[(J, Millis)], now: Millis) -> store::Result<()> {
    let jobs: store::Result<Vec<NewJob>> = jobs.iter().map(|(job, run_at)| to_keep(job, *run_at)).collect();
    tx.jobs_enqueue(&jobs?, now).await
}

fn to_keep<J: Job>(job: &J, run_at: Millis) -> store::Result<NewJob> {
    let payload = serde_json::to_value(job).map_err(|error| StoreError::Corrupt {
        what: format!("a job of kind {} cannot be written: {error}", J::KIND),
    })?;
    Ok(NewJob {
        kind: J::KIND.to_owned(),
        dedup_key: job.dedup_key(),
        resource_key: job.resource_key(),
        lane: job.lane(),
        priority: job.priority(),
        payload,
        run_at,
    })
}
