//! The pool of workers of one process.

use std::sync::Arc;
use std::time::Duration;

use model::Clock;
use store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Job;

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
    context: C,
}

impl<C: Clone + Send + Sync + 'static> Workers<C> {
    /// No kinds yet.
    pub fn new(store: Store, clock: Arc<dyn Clock>, context: C, limits: Limits) -> Self {
        todo!()
    }

    /// Adds a kind of jobs.
    #[must_use]
    pub fn register<J: Job<Context = C>>(self) -> Self {
        todo!()
    }

    /// Starts taking jobs until `shutdown`; then running ones end or wait again, within two seconds. `tracker` knows every
    /// task that is started.
    pub fn start(self, shutdown: CancellationToken, tracker: &TaskTracker) {
        todo!()
    }
}
