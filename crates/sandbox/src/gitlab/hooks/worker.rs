//! The task that takes events and orders one after the other, and calls the hooks.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::delivery::{Delivery, Message, Sender, Topic};
use super::held::HeldCalls;
use super::payload::Payloads;
use super::{Log, Order, TestProblem};
use crate::gitlab::model::{AlertStatus, Deliveries, Hook, HookId, Model, Told};

/// The task's state.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) model: Arc<Model>,
    url: String,
    sender: Sender,
    log: Log,
    held: HeldCalls,
}

/// What the calls about one event have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// What happens to them.
    pub(super) deliveries: Deliveries,
    /// The `X-Gitlab-Event-UUID`: one for all hooks, and for all branches of one push.
    pub(super) event_uuid: Uuid,
}

impl Worker {
    pub(super) fn new(model: Arc<Model>, url: String, log: Log, held: HeldCalls) -> Self {
        let sender = Sender::new(url.clone());
        Self { model, url, sender, log, held }
    }

    /// Works until it is told to stop or nobody could tell it anything any more.
    pub(super) async fn run(self, mut events: UnboundedReceiver<Told>, mut orders: UnboundedReceiver<Order>) {
        loop {
            tokio::select! {
                biased;
                Some(told) = events.recv() => self.tell(told).await,
                order = orders.recv() => {
                    // What happened before the order goes out before it is answered.
                    while let Ok(told) = events.try_recv() {
                        self.tell(told).await;
                    }
                    if !self.obey(order).await {
                        return;
                    }
                }
            }
        }
    }

    /// Carries an order out; whether to go on.
    async fn obey(&self, order: Option<Order>) -> bool {
        match order {
            Some(Order::Idle(to)) => answer(to, ()),
            Some(Order::Test { hook, trigger, answer: to }) => answer(to, self.test(hook, &trigger).await),
            Some(Order::Resend { delivery, answer: to }) => answer(to, self.resend(delivery).await),
            Some(Order::Release { held, answer: to }) => {
                self.release(&held).await;
                answer(to, ());
            }
            Some(Order::Stop(to)) => {
                answer(to, ());
                return false;
            }
            None => return false,
        }
        true
    }

    /// Calls hooks about one thing, or does with the calls what is to be done with them.
    pub(super) async fn call_all(&self, round: Round, hooks: &[&Hook], topic: Topic, body: &Value) {
        let body = body.to_string();
        let messages = hooks.iter().map(|hook| (hook.id, message(topic, body.clone(), round.event_uuid)));
        match round.deliveries {
            Deliveries::Lost => {}
            Deliveries::Held => messages.for_each(|(hook, message)| self.held.add(hook, message)),
            Deliveries::AtOnce => self.send_all(messages.collect()).await,
            Deliveries::Twice => {
                let messages: Vec<_> = messages.collect();
                self.send_all(messages.clone()).await;
                self.send_all(messages).await;
            }
        }
    }

    /// Calls hooks at the same time; the log has the calls in the order of the hooks.
    async fn send_all(&self, messages: Vec<(HookId, Message)>) {
        let calls = messages.iter().map(async |(hook, message)| {
            // A hook may be gone or disabled since the event, and its address another one.
            let hook = self.model.hook(*hook)?;
            let executable = self.model.alert_status(hook.id) == Some(AlertStatus::Executable);
            if executable { Some(self.send(&hook, message).await) } else { None }
        });
        for delivery in join_all(calls).await.into_iter().flatten() {
            let _ = self.log.add(delivery);
        }
    }

    async fn send(&self, hook: &Hook, message: &Message) -> Delivery {
        let delivery = self
            .sender
            .send(hook, message, (self.model.now(), self.model.version()), self.model.settings().delivery_ids)
            .await;
        self.model.hook_answered(hook.id, delivery.succeeded());
        delivery
    }

    /// Calls a hook because somebody asked for it, disabled or not.
    async fn call(&self, hook: &Hook, message: Message) -> Delivery {
        let delivery = self.send(hook, &message).await;
        self.log.add(delivery)
    }

    async fn test(&self, id: HookId, trigger: &str) -> Result<(), TestProblem> {
        let hook = self.model.hook(id).ok_or(TestProblem::NotFound)?;
        let (topic, body) = self.sample(&hook, trigger).await?;
        let delivery = self.call(&hook, message(topic, body.to_string(), Uuid::new_v4())).await;
        if delivery.status.is_some_and(|status| (200..300).contains(&status)) {
            return Ok(());
        }
        Err(TestProblem::Failed(delivery.error.unwrap_or(delivery.response_body)))
    }

    async fn resend(&self, delivery: u64) -> Result<Delivery, TestProblem> {
        let before = self.log.get(delivery).ok_or(TestProblem::NotFound)?;
        let hook = self.model.hook(before.hook).ok_or(TestProblem::NotFound)?;
        let fresh = message(Topic::of_trigger(before.trigger), before.request_body, Uuid::new_v4());
        Ok(self.call(&hook, Message { idempotency_key: before.idempotency_key, ..fresh }).await)
    }

    async fn release(&self, held: &[u64]) {
        for call in self.held.take(held) {
            self.send_all(vec![call]).await;
        }
    }

    pub(super) fn payloads(&self) -> Payloads<'_> {
        Payloads { model: &self.model, url: &self.url }
    }
}

/// Answers an order. Who asked may have gone away meanwhile: an answer that nobody takes is dropped.
fn answer<T>(to: oneshot::Sender<T>, with: T) {
    let _ = to.send(with);
}

fn message(topic: Topic, body: String, event_uuid: Uuid) -> Message {
    Message { topic, body, event_uuid, idempotency_key: Uuid::new_v4().to_string() }
}
