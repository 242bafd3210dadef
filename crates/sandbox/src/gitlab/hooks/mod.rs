//! Web hooks: what happened in the model, told to those who registered (GitLab contract §7).
//!
//! One task takes the model's events in order, renders what each hook is to be told, and calls it. A call that fails is not
//! repeated, and a hook that fails again and again is disabled, as in GitLab; every call is in the log.

mod branch_filter;
mod delivery;
mod held;
mod payload;
mod sample;
mod signature;
mod telling;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::model::{HookId, Model, Told};

pub use delivery::Delivery;
pub use held::Held;

use held::HeldCalls;

/// The handle of the task that calls hooks. A clone is the same task.
#[derive(Clone, Debug)]
pub struct Hooks {
    orders: mpsc::UnboundedSender<Order>,
    log: Log,
    held: HeldCalls,
}

/// Every call so far, oldest first.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<Delivery>>>);

/// Why a hook could not be called as asked, in GitLab's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TestProblem {
    /// There is no such hook, or no such delivery.
    #[error("404 Not found")]
    NotFound,
    /// GitLab does not test it.
    #[error("Testing not available for this hook")]
    Trigger,
    /// There is nothing in the project that it could be called with.
    #[error("{0}")]
    NoData(&'static str),
    /// It was called, and answered with no success: what it said, or why it said nothing.
    #[error("{0}")]
    Failed(String),
}

/// What the task is asked besides events.
#[derive(Debug)]
enum Order {
    Idle(oneshot::Sender<()>),
    Test { hook: HookId, trigger: String, answer: oneshot::Sender<Result<(), TestProblem>> },
    Resend { delivery: u64, answer: oneshot::Sender<Result<Delivery, TestProblem>> },
    Release { held: Vec<u64>, answer: oneshot::Sender<()> },
    Stop(oneshot::Sender<()>),
}

impl Hooks {
    /// Starts the task; `url` is the server's own address, without a trailing slash. It ends with [`Hooks::stop`] or
    /// when the last handle is dropped.
    #[must_use]
    pub fn start(model: Arc<Model>, url: String, events: mpsc::UnboundedReceiver<Told>) -> Self {
        let (orders, taken) = mpsc::unbounded_channel();
        let log = Log::default();
        let held = HeldCalls::default();
        tokio::spawn(worker::Worker::new(model, url, log.clone(), held.clone()).run(events, taken));
        Self { orders, log, held }
    }

    /// Waits until everything that happened so far is delivered or given up.
    pub async fn idle(&self) {
        self.ask(Order::Idle).await.unwrap_or_default();
    }

    /// Delivers what happened so far and ends the task. Events after that are dropped.
    pub async fn stop(&self) {
        self.ask(Order::Stop).await.unwrap_or_default();
    }

    /// Calls a hook with the newest data of its project, as the button *Test* does. `trigger` is a word such as
    /// `push_events`.
    ///
    /// # Errors
    /// When there is no such hook or trigger, nothing to call it with, or no 2xx for an answer.
    pub async fn test(&self, hook: HookId, trigger: &str) -> Result<(), TestProblem> {
        let trigger = trigger.to_owned();
        self.ask(|answer| Order::Test { hook, trigger, answer }).await.unwrap_or(Err(TestProblem::NotFound))
    }

    /// Repeats a delivery, also to a hook that is disabled: same body, same `Idempotency-Key`. Returns the repetition.
    ///
    /// # Errors
    /// When there is no such delivery, or its hook is gone.
    pub async fn resend(&self, delivery: u64) -> Result<Delivery, TestProblem> {
        self.ask(|answer| Order::Resend { delivery, answer }).await.unwrap_or(Err(TestProblem::NotFound))
    }

    /// The calls that are held back ([`Deliveries::Held`](super::model::Deliveries)), oldest first, once everything that happened
    /// so far is among them.
    pub async fn held(&self) -> Vec<Held> {
        self.idle().await;
        self.held.all()
    }

    /// Lets calls that were held back go out, one after the other in the order in which they are named; one that is named twice
    /// goes out twice. What is not named stays where it is.
    pub async fn release(&self, held: &[u64]) {
        let held = held.to_vec();
        self.ask(|answer| Order::Release { held, answer }).await.unwrap_or_default();
    }

    /// Loses calls that were held back: they never go out.
    pub fn lose(&self, held: &[u64]) {
        self.held.take(held);
    }

    /// Every call so far, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.log.all()
    }

    /// Hands the task an order and waits for its answer; none when the task has ended.
    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.orders.send(order(answer)).ok()?;
        answered.await.ok()
    }
}

impl Log {
    fn all(&self) -> Vec<Delivery> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a delivery and gives it its number.
    fn add(&self, mut delivery: Delivery) -> Delivery {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        delivery.id = all.len() as u64 + 1;
        all.push(delivery.clone());
        delivery
    }

    fn get(&self, id: u64) -> Option<Delivery> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|delivery| delivery.id == id).cloned()
    }
}
