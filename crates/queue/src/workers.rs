//! The pool of workers of one process.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use model::Clock;
use store::{JobLane, Store};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::run::{Holder, Kind};
use crate::{Job, JobError, Lease};

/// How much a pool does at a time.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Jobs at a time.
    pub workers: usize,
    /// Of these, how many never take import jobs, so that a live one never waits behind an import. At least one worker
    /// takes imports.
    pub live_only: usize,
    /// How long a job is held without a sign of life of its worker.
    pub lease: Duration,
    /// How long running jobs have to end after the stop, before they are dropped and wait for the next start.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { workers: 8, live_only: 2, lease: Duration::from_secs(30), grace: Duration::from_millis(500) }
    }
}

/// The kinds of jobs that this process can do, and what they share.
pub struct Workers<C> {
    store: Store,
    clock: Arc<dyn Clock>,
    context: C,
    limits: Limits,
    kinds: HashMap<&'static str, Kind<C>>,
}

impl<C> fmt::Debug for Workers<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds: Vec<_> = self.kinds.keys().collect();
        kinds.sort();
        f.debug_struct("Workers").field("limits", &self.limits).field("kinds", &kinds).finish_non_exhaustive()
    }
}

impl<C: Clone + Send + Sync + 'static> Workers<C> {
    /// No kinds yet.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, context: C, limits: Limits) -> Self {
        Self { store, clock, context, limits, kinds: HashMap::new() }
    }

    /// Adds a kind of jobs.
    #[must_use]
    pub fn register<J: Job<Context = C>>(mut self) -> Self {
        let run = |context: C, lease: Lease| {
            async move {
                let job: J = serde_json::from_value(lease.job().payload.clone())
                    .map_err(|error| JobError::fail(format!("the job cannot be read: {error}")))?;
                job.run(context, lease).await
            }
            .boxed()
        };
        self.kinds.insert(J::KIND, Kind { run: Box::new(run), max_attempts: J::MAX_ATTEMPTS });
        self
    }

    /// Starts taking jobs until `shutdown`; then running ones end or wait again, within two seconds. `tracker` knows every
    /// task that is started.
    pub fn start(self, shutdown: CancellationToken, tracker: &TaskTracker) {
        let holder = Holder { store: self.store, clock: self.clock, limits: self.limits, shutdown };
        let pool = Pool {
            name: format!("{:016x}", rand::random::<u64>()),
            holder,
            context: self.context,
            kinds: Arc::new(self.kinds),
            running: JoinSet::new(),
            imports: 0,
        };
        tracker.spawn(pool.run());
    }
}

struct Pool<C> {
    /// Tells this process from others in the rows of its jobs.
    name: String,
    holder: Holder,
    context: C,
    kinds: Arc<HashMap<&'static str, Kind<C>>>,
    running: JoinSet<JobLane>,
    /// Of the running ones.
    imports: usize,
}

impl<C: Clone + Send + Sync + 'static> Pool<C> {
    async fn run(mut self) {
        let wakeups = self.holder.store.wakeups();
        let shutdown = self.holder.shutdown.clone();
        while !shutdown.is_cancelled() {
            // Registered before looking: a job that comes between the look and the wait is not missed.
            let mut woken = pin!(wakeups.notified());
            woken.as_mut().enable();
            self.fill().await;
            tokio::select! {
                () = shutdown.cancelled() => {}
                Some(ended) = self.running.join_next() => self.ended(ended),
                () = woken => {}
                () = tokio::time::sleep(jittered_second()) => {}
            }
        }
        while let Some(ended) = self.running.join_next().await {
            self.ended(ended);
        }
    }

    /// Takes jobs while there are jobs and workers.
    async fn fill(&mut self) {
        let limits = self.holder.limits;
        let workers = limits.workers.max(1);
        let importers = workers.saturating_sub(limits.live_only).max(1);
        while self.running.len() < workers && !self.holder.shutdown.is_cancelled() {
            let lane = (self.imports >= importers).then_some(JobLane::Live);
            let now = self.holder.clock.now();
            match self.holder.store.job_claim(&self.name, lane, now, self.holder.lease_until()).await {
                Ok(Some(job)) => self.spawn(job),
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(%error, "no job could be taken");
                    return;
                }
            }
        }
    }

    fn spawn(&mut self, job: store::Job) {
        let lane = job.lane;
        if lane == JobLane::Import {
            self.imports += 1;
        }
        let (holder, kinds, context) = (self.holder.clone(), self.kinds.clone(), self.context.clone());
        self.running.spawn(async move {
            let kind = kinds.get(job.kind.as_str());
            holder.run(job, kind, context).await;
            lane
        });
    }

    fn ended(&mut self, ended: Result<JobLane, tokio::task::JoinError>) {
        match ended {
            Ok(JobLane::Import) => self.imports -= 1,
            Ok(JobLane::Live) => {}
            // A job's own panic is caught where it runs; this is a fault of ours, and its lane is not known any more.
            Err(error) => tracing::error!(%error, "a worker failed"),
        }
    }
}

/// Between 0.9 and 1.1 s, so that nodes do not look in step.
fn jittered_second() -> Duration {
    Duration::from_millis(900 + u64::from(rand::random::<u8>()) * 200 / 255)
}
