//! Durable jobs: the rows behind crate `queue`.

use model::Millis;

use crate::rows::{JsonText, Word, words};
use crate::{Result, Store, WriteTx};

words! {
    /// Which jobs go first.
    JobLane {
        /// A hook, a refresh, a click.
        Live = "live",
        /// A first import, and other work that may wait.
        Import = "import",
    }
}

/// A job to keep.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What to do.
    pub kind: String,
    /// Of one kind, one job with this key waits at a time.
    pub dedup_key: String,
    /// One job with this key runs at a time, over all nodes.
    pub resource_key: String,
    /// Live before import.
    pub lane: JobLane,
    /// Higher first within the lane.
    pub priority: i64,
    /// What to do it with.
    pub payload: serde_json::Value,
    /// Not before this.
    pub run_at: Millis,
}

/// A job that this process has taken.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Job {
    /// Inner id.
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// Of one kind, one job with this key waits at a time.
    pub dedup_key: String,
    /// One job with this key runs at a time, over all nodes.
    pub resource_key: String,
    /// Live before import.
    #[sqlx(try_from = "Word<JobLane>")]
    pub lane: JobLane,
    /// Higher first within the lane.
    pub priority: i64,
    /// What to do it with.
    #[sqlx(try_from = "JsonText<serde_json::Value>")]
    pub payload: serde_json::Value,
    /// How often it was taken, this time included.
    pub attempts: i64,
    /// Raised with each taking: who holds an older one has lost the lease.
    pub fence: i64,
    /// When it was due.
    pub run_at: Millis,
}

/// A job that was given up.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FailedJob {
    /// Inner id.
    pub id: i64,
    /// What was to be done.
    pub kind: String,
    /// Its key.
    pub dedup_key: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it was given up.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: Millis,
}

impl WriteTx {
    /// Keeps a job; false when one with its kind and key waits already, which then takes the higher lane, the higher
    /// priority and the earlier time of both (and keeps its payload). Workers are woken by the commit.
    pub async fn job_enqueue(&mut self, job: &NewJob, now: Millis) -> Result<bool> { todo!() }

    /// Ends a job well. [`crate::StoreError::LeaseLost`] when another has taken it.
    pub async fn job_finish(&mut self, job: &Job) -> Result<()> { todo!() }

    /// Lets a job wait again; when one with its kind and key waits already, that one is enough and this one goes.
    pub async fn job_retry(&mut self, job: &Job, run_at: Millis, error: &str) -> Result<()> { todo!() }

    /// Lets a job that was stopped through no fault of its own wait again at once, without counting the attempt.
    pub async fn job_release(&mut self, job: &Job, now: Millis) -> Result<()> { todo!() }

    /// Gives a job up.
    pub async fn job_fail(&mut self, job: &Job, error: &str) -> Result<()> { todo!() }

    /// [`crate::StoreError::LeaseLost`] unless this job is still held: what follows in this transaction is written only by
    /// its holder.
    pub async fn job_guard(&mut self, job: &Job) -> Result<()> { todo!() }
}

impl Store {
    /// Takes the next job that is due and whose resource is free: one whose lease ran out, else the first of the lane
    /// (none: of any lane, live first).
    pub async fn job_claim(&self, holder: &str, lane: Option<JobLane>, now: Millis, lease_until: Millis) -> Result<Option<Job>> { todo!() }

    /// Makes the lease last longer; false when it is lost.
    pub async fn job_heartbeat(&self, job: &Job, lease_until: Millis) -> Result<bool> { todo!() }

    /// How many jobs could be taken now, were all resources free.
    pub async fn jobs_waiting(&self, now: Millis) -> Result<i64> { todo!() }

    /// How many jobs wait or run.
    pub async fn jobs_open(&self) -> Result<i64> { todo!() }

    /// How many jobs run, on any node.
    pub async fn jobs_running(&self) -> Result<i64> { todo!() }

    /// When the next waiting job is due or the next lease runs out.
    pub async fn jobs_next_run_at(&self) -> Result<Option<Millis>> { todo!() }

    /// Whether a live job for this resource is due: an import lets it go first, between two chunks.
    pub async fn live_job_waiting(&self, resource_key: &str, now: Millis) -> Result<bool> { todo!() }

    /// The jobs that were given up, newest first.
    pub async fn jobs_failed(&self) -> Result<Vec<FailedJob>> { todo!() }

    /// Forgets jobs given up that were asked for before `before`.
    pub async fn jobs_prune(&self, before: Millis) -> Result<()> { todo!() }
}
