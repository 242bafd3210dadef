//! The task that turns events into calls of hooks.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::join_all;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::delivery::{Delivery, Message, Sender};
use super::payload::Payloads;
use super::{Log, Order, TestProblem, branch_filter};
use crate::gitlab::model::{
    Action, Event, Hook, HookEvent, HookId, MergeRequest, Model, Namespace, Note, Place, ProjectId, RefChange, Told,
    UserId,
};
use crate::gitlab::repositories::RepositoryError;

/// A push that changes more branches (or tags) than this in the same way is told to no hook (GitLab:
/// `push_event_hooks_limit`).
const REF_LIMIT: usize = 3;

/// The task's state.
#[derive(Debug)]
pub(super) struct Worker {
    model: Arc<Model>,
    url: String,
    sender: Sender,
    log: Log,
}

/// What a branch or tag went through, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Fate {
    Created,
    Updated,
    Removed,
}

impl Worker {
    pub(super) fn new(model: Arc<Model>, url: String, log: Log) -> Self {
        let sender = Sender::new(url.clone());
        Self { model, url, sender, log }
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
        // Who asked may have gone away meanwhile: an answer that nobody takes is dropped.
        match order {
            Some(Order::Idle(answer)) => {
                let _ = answer.send(());
            }
            Some(Order::Test { hook, trigger, answer }) => {
                let _ = answer.send(self.test(hook, &trigger).await);
            }
            Some(Order::Resend { delivery, answer }) => {
                let _ = answer.send(self.resend(delivery).await);
            }
            Some(Order::Stop(answer)) => {
                let _ = answer.send(());
                return false;
            }
            None => return false,
        }
        true
    }

    async fn tell(&self, Told { event, hooks }: Told) {
        let told = match event {
            Event::Push { project, user, changes, .. } => self.tell_push(&hooks, project, user, &changes).await,
            Event::MergeRequest { action, user, changes, oldrev, snapshot, .. } => {
                let change = (action, changes.as_slice(), oldrev.as_deref());
                self.tell_merge_request(&hooks, user, &snapshot, change).await
            }
            Event::Note { user, snapshot } => self.tell_note(&hooks, user, &snapshot).await,
        };
        if let Err(error) = told {
            tracing::warn!(%error, "an event could not be told to the hooks");
        }
    }

    async fn tell_push(
        &self,
        hooks: &[Hook],
        project: ProjectId,
        user: UserId,
        changes: &[RefChange],
    ) -> Result<(), RepositoryError> {
        let mut counts: HashMap<(bool, Fate), usize> = HashMap::new();
        for change in changes {
            *counts.entry((change.tag().is_some(), fate(change))).or_default() += 1;
        }
        for change in changes.iter().filter(|change| counts[&(change.tag().is_some(), fate(change))] <= REF_LIMIT) {
            let event = if change.tag().is_some() { HookEvent::TagPush } else { HookEvent::Push };
            let listeners = listeners(hooks, event, change.branch());
            if !listeners.is_empty() {
                let body = self.payloads().push(project, user, change).await?;
                self.call_all(&listeners, event, &body).await;
            }
        }
        Ok(())
    }

    async fn tell_merge_request(
        &self,
        hooks: &[Hook],
        user: UserId,
        merge_request: &MergeRequest,
        change: super::payload::Change<'_>,
    ) -> Result<(), RepositoryError> {
        let listeners = listeners(hooks, HookEvent::MergeRequests, None);
        if !listeners.is_empty() {
            let body = self.payloads().merge_request(user, merge_request, change).await?;
            self.call_all(&listeners, HookEvent::MergeRequests, &body).await;
        }
        Ok(())
    }

    async fn tell_note(&self, hooks: &[Hook], user: UserId, note: &Note) -> Result<(), RepositoryError> {
        let listeners = listeners(hooks, HookEvent::Notes, None);
        if !listeners.is_empty()
            && let Some(body) = self.payloads().note(user, note).await?
        {
            self.call_all(&listeners, HookEvent::Notes, &body).await;
        }
        Ok(())
    }

    async fn call_all(&self, hooks: &[&Hook], event: HookEvent, body: &Value) {
        let event_uuid = Uuid::new_v4();
        let calls = hooks.iter().map(async |hook| {
            let message = message(event, body.to_string(), event_uuid);
            self.sender.send(hook, &message, self.model.now()).await
        });
        for delivery in join_all(calls).await {
            self.log.add(delivery);
        }
    }

    /// Calls a hook because somebody asked for it.
    async fn call(&self, hook: &Hook, message: Message) -> Delivery {
        let delivery = self.sender.send(hook, &message, self.model.now()).await;
        self.log.add(delivery.clone());
        delivery
    }

    async fn test(&self, id: HookId, trigger: &str) -> Result<(), TestProblem> {
        let hook = self.model.hook(id).ok_or(TestProblem::NotFound)?;
        let event =
            HookEvent::ALL.iter().copied().find(|event| event.field() == trigger).ok_or(TestProblem::Trigger)?;
        let project = match hook.place {
            Place::Project(project) => project,
            Place::Group(group) => {
                self.any_project(group).ok_or(TestProblem::NoData("Ensure the group has a project."))?
            }
        };
        let body = self.sample(project, event).await?;
        let delivery = self.call(&hook, message(event, body.to_string(), Uuid::new_v4())).await;
        if delivery.status.is_some_and(|status| (200..300).contains(&status)) {
            return Ok(());
        }
        Err(TestProblem::Failed(delivery.error.unwrap_or(delivery.response_body)))
    }

    fn any_project(&self, group: crate::gitlab::model::GroupId) -> Option<ProjectId> {
        self.model.read(|state| {
            let within =
                |namespace| matches!(namespace, Namespace::Group(id) if state.ancestry(id).any(|it| it.id == group));
            state.projects.values().find(|project| within(project.namespace)).map(|project| project.id)
        })
    }

    /// What a hook is tested with: the newest of its kind.
    async fn sample(&self, project: ProjectId, event: HookEvent) -> Result<Value, TestProblem> {
        let owner = self.model.project(project).ok_or(TestProblem::NotFound)?.creator;
        let rendered = match event {
            HookEvent::Push | HookEvent::TagPush => {
                let change = self.newest_push(project, event).await;
                let change = change.ok_or(TestProblem::NoData("Ensure the project has at least one commit."))?;
                self.payloads().push(project, owner, &change).await
            }
            HookEvent::MergeRequests => {
                let newest = self.model.read(|state| {
                    state.merge_requests.values().rfind(|merge_request| merge_request.project == project).cloned()
                });
                let newest = newest.ok_or(TestProblem::NoData("Ensure the project has merge requests."))?;
                self.payloads().merge_request(owner, &newest, (Action::Open, &[], None)).await
            }
            HookEvent::Notes => {
                let newest = self.model.read(|state| {
                    let of = |note: &&Note| {
                        state.merge_requests.get(&note.merge_request).is_some_and(|it| it.project == project)
                    };
                    state.notes.values().filter(of).filter(|note| !note.system).max_by_key(|note| note.id).cloned()
                });
                let newest = newest.ok_or(TestProblem::NoData("Ensure the project has notes."))?;
                self.payloads().note(owner, &newest).await.map(Option::unwrap_or_default)
            }
            _ => return Err(TestProblem::Trigger),
        };
        rendered.map_err(|_| TestProblem::NoData("Ensure the project has a repository."))
    }

    async fn newest_push(&self, project: ProjectId, event: HookEvent) -> Option<RefChange> {
        let refs = self.model.repositories().refs(project).await.ok()?;
        let default = self.model.repositories().default_branch(project).await.ok()??;
        let wanted = format!("refs/heads/{default}");
        let pick =
            |name: &String| if event == HookEvent::Push { *name == wanted } else { name.starts_with("refs/tags/") };
        let (name, id) = refs.into_iter().find(|(name, _)| pick(name))?;
        Some(RefChange { name, before: None, after: Some(id) })
    }

    async fn resend(&self, delivery: u64) -> Result<(), TestProblem> {
        let before = self.log.get(delivery).ok_or(TestProblem::NotFound)?;
        let hook = self.model.hook(before.hook).ok_or(TestProblem::NotFound)?;
        let event = HookEvent::ALL.iter().copied().find(|event| event.field() == before.trigger);
        let event = event.ok_or(TestProblem::NotFound)?;
        let again =
            Message { idempotency_key: before.idempotency_key, ..message(event, before.request_body, Uuid::new_v4()) };
        self.call(&hook, again).await;
        Ok(())
    }

    fn payloads(&self) -> Payloads<'_> {
        Payloads { model: &self.model, url: &self.url }
    }
}

/// The hooks that want this event, of this branch if it is about one.
fn listeners<'a>(hooks: &'a [Hook], event: HookEvent, branch: Option<&str>) -> Vec<&'a Hook> {
    let wants = |hook: &&Hook| {
        let filter = hook.branch_filter.as_deref().zip(branch);
        hook.events.contains(&event) && filter.is_none_or(|(pattern, name)| branch_filter::matches(pattern, name))
    };
    hooks.iter().filter(wants).collect()
}

fn message(event: HookEvent, body: String, event_uuid: Uuid) -> Message {
    Message { event, body, event_uuid, idempotency_key: Uuid::new_v4().to_string() }
}

const fn fate(change: &RefChange) -> Fate {
    match (&change.before, &change.after) {
        (None, _) => Fate::Created,
        (Some(_), Some(_)) => Fate::Updated,
        (Some(_), None) => Fate::Removed,
    }
}
