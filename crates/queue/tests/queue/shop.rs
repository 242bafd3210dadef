//! A shop of tasks that do as their payload says and note it down.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::clock::ManualClock;
use model::{Clock, Millis};
use queue::{Job, JobError, JobLane, Lease, Limits, Workers, enqueue_at, idle};
use serde::{Deserialize, Serialize};
use store::testing::{Engine, TestStore};
use store::{Lane, Store, StoreError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub const NOW: Millis = 1_700_000_000_000;
/// Nothing that a test waits for takes as long, unless it never comes.
pub const LONG: Duration = Duration::from_secs(60);

/// What a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Does {
    /// Ends.
    End,
    /// Waits until the test lets one on.
    Wait,
    /// Waits until the test lets one on, then writes the setting `written`.
    WaitAndWrite,
    /// Ends when it is told to.
    UntilCancelled,
    /// Never ends.
    Forever,
    Panic,
    Retry,
    RetryAfterAMinute,
    Fail,
    /// Asks for itself again, which then ends.
    AskAgain,
    /// Asks for itself again, then wants to be tried again.
    AskAgainAndRetry,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    pub name: String,
    pub resource: String,
    pub live: bool,
    pub does: Does,
}

/// A task that uses a resource of its own.
#[expect(clippy::needless_pass_by_value, reason = "names and numbers read best without a borrow")]
pub fn task(name: impl ToString, does: Does) -> Task {
    Task { name: name.to_string(), resource: name.to_string(), live: true, does }
}

/// What the tasks note down.
#[derive(Debug)]
pub struct Notes {
    pub began: Mutex<Vec<String>>,
    pub ended: Mutex<Vec<String>>,
    /// Writes that were refused.
    pub refused: AtomicUsize,
    busy: Mutex<HashSet<String>>,
    /// Tasks that began while another used their resource.
    pub overlaps: AtomicUsize,
    /// Told when something is noted.
    noted: tokio::sync::Notify,
    /// A permit lets one waiting task on.
    pub lets_on: Semaphore,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            began: Mutex::default(),
            ended: Mutex::default(),
            refused: AtomicUsize::default(),
            busy: Mutex::default(),
            overlaps: AtomicUsize::default(),
            noted: tokio::sync::Notify::default(),
            lets_on: Semaphore::new(0),
        }
    }
}

/// The use of a resource; ended by its drop, so also when a task is dropped.
struct Use<'a>(&'a Notes, String);

impl Drop for Use<'_> {
    fn drop(&mut self) {
        self.0.busy.lock().unwrap().remove(&self.1);
        self.0.noted.notify_waiters();
    }
}

impl Notes {
    fn begin(&self, task: &Task) -> Use<'_> {
        if !self.busy.lock().unwrap().insert(task.resource.clone()) {
            self.overlaps.fetch_add(1, Ordering::SeqCst);
        }
        self.began.lock().unwrap().push(task.name.clone());
        self.noted.notify_waiters();
        Use(self, task.resource.clone())
    }

    /// Waits until a task of this name began so often.
    pub async fn begins(&self, name: &str, times: usize) {
        self.until(|notes| notes.began.lock().unwrap().iter().filter(|began| *began == name).count() >= times).await;
    }

    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            loop {
                let mut noted = std::pin::pin!(self.noted.notified());
                noted.as_mut().enable();
                if holds(self) {
                    return;
                }
                noted.await;
            }
        };
        tokio::time::timeout(LONG, wait).await.expect("what the test waits for comes");
    }

    /// Whether no task runs, ended or dropped.
    pub fn quiet(&self) -> bool {
        self.busy.lock().unwrap().is_empty()
    }

    pub fn ended(&self) -> Vec<String> {
        self.ended.lock().unwrap().clone()
    }
}

#[derive(Debug, Clone)]
pub struct Shop {
    pub notes: Arc<Notes>,
    pub clock: Arc<ManualClock>,
    pub store: Store,
}

impl Job for Task {
    type Context = Shop;

    const KIND: &'static str = "task";
    const MAX_ATTEMPTS: i64 = 3;

    fn dedup_key(&self) -> String {
        self.name.clone()
    }

    fn resource_key(&self) -> String {
        self.resource.clone()
    }

    fn lane(&self) -> JobLane {
        if self.live { JobLane::Live } else { JobLane::Import }
    }

    async fn run(self, shop: Shop, lease: Lease) -> Result<(), JobError> {
        let _use = shop.notes.begin(&self);
        let name = self.name.clone();
        match self.does {
            Does::End => tokio::task::yield_now().await,
            Does::Wait => shop.notes.lets_on.acquire().await.unwrap().forget(),
            Does::WaitAndWrite => {
                shop.notes.lets_on.acquire().await.unwrap().forget();
                self.write(&shop, &lease).await?;
            }
            Does::UntilCancelled => lease.cancelled().cancelled().await,
            Does::Forever => std::future::pending().await,
            Does::Panic => panic!("as told"),
            Does::Retry => return Err(JobError::retry("as told")),
            Does::RetryAfterAMinute => return Err(JobError::retry_after(Duration::from_secs(60), "as told")),
            Does::Fail => return Err(JobError::fail("as told")),
            Does::AskAgain => assert!(shop.ask(&Task { does: Does::End, ..self }).await),
            Does::AskAgainAndRetry => {
                shop.ask(&Task { does: Does::End, ..self }).await;
                return Err(JobError::retry("as told"));
            }
        }
        shop.notes.ended.lock().unwrap().push(name);
        shop.notes.noted.notify_waiters();
        Ok(())
    }
}

impl Task {
    async fn write(&self, shop: &Shop, lease: &Lease) -> Result<(), JobError> {
        match lease.begin_write(Lane::Bulk).await {
            Ok(mut tx) => {
                tx.host_ensure(model::HostKind::Folder, &format!("/{}", self.name), NOW).await?;
                tx.commit().await?;
                Ok(())
            }
            Err(error) => {
                assert!(matches!(error, StoreError::LeaseLost), "{error:?}");
                shop.notes.refused.fetch_add(1, Ordering::SeqCst);
                shop.notes.noted.notify_waiters();
                Err(error.into())
            }
        }
    }
}

impl Shop {
    pub async fn open(engine: Engine) -> Option<(TestStore, Self)> {
        let store = store::testing::open(engine).await?;
        let shop = Self { notes: Arc::default(), clock: Arc::new(ManualClock::new(NOW)), store: Store::clone(&store) };
        Some((store, shop))
    }

    /// The same shop on another node.
    pub async fn elsewhere(&self, store: &TestStore) -> Self {
        Self { store: store.open_again().await, ..self.clone() }
    }

    pub async fn ask(&self, task: &Task) -> bool {
        self.ask_at(task, self.clock.now()).await
    }

    pub async fn ask_at(&self, task: &Task, run_at: Millis) -> bool {
        let mut tx = self.store.begin_write(Lane::Live).await.unwrap();
        let new = enqueue_at(&mut tx, task, run_at, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        new
    }

    pub fn start(&self, limits: Limits) -> Running {
        let (shutdown, tracker) = (CancellationToken::new(), TaskTracker::new());
        Workers::new(self.store.clone(), self.clock.clone(), self.clone(), limits)
            .register::<Task>()
            .start(shutdown.clone(), &tracker);
        tracker.close();
        Running { shutdown, tracker }
    }

    pub async fn idle(&self) {
        tokio::time::timeout(LONG, idle(&self.store, &*self.clock)).await.expect("all is done one day").unwrap();
    }

    /// Moves the clock; the workers look at it each second.
    pub fn later(&self, seconds: Millis) {
        self.clock.advance(seconds * 1_000);
    }
}

/// A pool at work.
pub struct Running {
    pub shutdown: CancellationToken,
    pub tracker: TaskTracker,
}

impl Running {
    pub async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(LONG, self.tracker.wait()).await.expect("the pool ends");
    }
}
