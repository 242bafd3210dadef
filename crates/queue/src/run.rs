//! One job from its claim to its end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::{Clock, Millis};
use store::{Job as Row, Lane, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::workers::Limits;
use crate::{JobError, Lease, backoff};

/// Reads a job's payload and runs it.
pub(crate) type Runner<C> = Box<dyn Fn(C, Lease) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// A kind of jobs, its type forgotten.
pub(crate) struct Kind<C> {
    pub(crate) run: Runner<C>,
    pub(crate) max_attempts: i64,
}

/// What became of a job.
#[derive(Debug)]
enum Ending {
    Done,
    Retry {
        after: Duration,
        why: String,
    },
    Failed {
        why: String,
    },
    /// The process is to stop.
    Stopped,
    /// Another worker has it.
    Lost,
}

/// How often an ending is written again when the database does not take it; then the lease runs out.
const SETTLE_ATTEMPTS: u32 = 3;
const SETTLE_AGAIN: Duration = Duration::from_millis(100);
/// A newer program that shares the database may know what this one does not.
const UNKNOWN_KIND_AGAIN: Duration = Duration::from_secs(60);
/// Characters of an error that are kept.
const LONGEST_ERROR: usize = 2_000;

/// What a running job needs of its pool.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
    pub(crate) shutdown: CancellationToken,
}

impl Holder {
    pub(crate) fn lease_until(&self) -> Millis {
        self.clock.now().saturating_add(millis(self.limits.lease))
    }

    /// Runs a job that was claimed, and writes down what became of it.
    pub(crate) async fn run<C>(&self, row: Row, kind: Option<&Kind<C>>, context: C) {
        let row = Arc::new(row);
        let ending = match kind {
            None => Ending::Retry {
                after: UNKNOWN_KIND_AGAIN,
                why: format!("this version of the program does not know jobs of kind {}", row.kind),
            },
            Some(kind) if row.attempts > kind.max_attempts => {
                Ending::Failed { why: format!("begun {} times and never ended", row.attempts - 1) }
            }
            Some(kind) => self.work(&row, kind, context).await,
        };
        self.settle(&row, ending).await;
    }

    async fn work<C>(&self, row: &Arc<Row>, kind: &Kind<C>, context: C) -> Ending {
        let cancelled = self.shutdown.child_token();
        let _cancel_what_it_started = cancelled.clone().drop_guard();
        let lease = Lease::new(self.store.clone(), row.clone(), cancelled);
        let work = AssertUnwindSafe(async { (kind.run)(context, lease).await }).catch_unwind();
        tokio::select! {
            biased;
            result = work => match result {
                Ok(result) => self.ending(row, kind.max_attempts, result),
                Err(_) => Ending::Failed { why: "the program failed in this job (panic)".to_owned() },
            },
            () = self.beat(row) => Ending::Lost,
            () = self.stopped() => Ending::Stopped,
        }
    }

    fn ending(&self, row: &Row, max_attempts: i64, result: Result<(), JobError>) -> Ending {
        match result {
            Ok(()) => Ending::Done,
            Err(JobError::LeaseLost) => Ending::Lost,
            Err(JobError::Fail { why }) => Ending::Failed { why },
            Err(JobError::Retry { .. }) if self.shutdown.is_cancelled() => Ending::Stopped,
            Err(JobError::Retry { why, .. }) if row.attempts >= max_attempts => Ending::Failed { why },
            Err(JobError::Retry { after, why }) => {
                Ending::Retry { after: after.unwrap_or_else(|| backoff(row.attempts)), why }
            }
        }
    }

    /// Keeps the lease alive; ends when it is lost.
    async fn beat(&self, row: &Row) {
        loop {
            tokio::time::sleep(self.limits.lease / 3).await;
            match self.store.job_heartbeat(row, self.lease_until()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(job.id = row.id, %error, "a heartbeat was not written"),
            }
        }
    }

    /// Ends when the process is to stop and the time of grace is over.
    async fn stopped(&self) {
        self.shutdown.cancelled().await;
        tokio::time::sleep(self.limits.grace).await;
    }

    async fn settle(&self, row: &Row, ending: Ending) {
        match &ending {
            Ending::Failed { why } => {
                tracing::error!(job.kind = row.kind, job.key = row.dedup_key, why, "job given up");
            }
            Ending::Retry { after, why } => {
                tracing::warn!(job.kind = row.kind, job.key = row.dedup_key, ?after, why, "job will be tried again");
            }
            Ending::Lost => tracing::warn!(job.kind = row.kind, job.key = row.dedup_key, "lease lost"),
            Ending::Done | Ending::Stopped => {}
        }
        for attempt in 1..=SETTLE_ATTEMPTS {
            match self.write(row, &ending).await {
                Ok(()) | Err(StoreError::LeaseLost) => return,
                Err(error) => tracing::warn!(job.id = row.id, attempt, %error, "the end of a job was not written"),
            }
            tokio::time::sleep(SETTLE_AGAIN).await;
        }
    }

    async fn write(&self, row: &Row, ending: &Ending) -> store::Result<()> {
        let mut tx = self.store.begin_write(Lane::Live).await?;
        let now = self.clock.now();
        match ending {
            Ending::Done => tx.job_finish(row).await?,
            Ending::Retry { after, why } => {
                tx.job_retry(row, now.saturating_add(millis(*after)), &shortened(why)).await?;
            }
            Ending::Failed { why } => tx.job_fail(row, &shortened(why)).await?,
            Ending::Stopped => tx.job_release(row, now).await?,
            Ending::Lost => return Ok(()),
        }
        tx.commit().await
    }
}

fn shortened(why: &str) -> String {
    why.chars().take(LONGEST_ERROR).collect()
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}
