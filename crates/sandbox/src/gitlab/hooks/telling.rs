//! Which hooks are told about an event, and what.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::branch_filter;
use super::delivery::Topic;
use super::payload::Change;
use super::worker::{Round, Worker};
use crate::gitlab::model::{Event, Hook, HookEvent, HookPlace, MergeRequest, Note, ProjectId, RefChange, Told, UserId};
use crate::gitlab::repositories::RepositoryError;

/// A push that changes more branches (or tags) than this in the same way is told to no hook (GitLab:
/// `push_event_hooks_limit`).
const REF_LIMIT: usize = 3;

/// What a branch or tag went through, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Fate {
    Created,
    Updated,
    Removed,
}

type Outcome = Result<(), RepositoryError>;

impl Worker {
    /// Tells the hooks of an event.
    pub(super) async fn tell(&self, Told { event, hooks, deliveries }: Told) {
        let round = Round { deliveries, event_uuid: Uuid::new_v4() };
        let hooks = hooks.as_slice();
        let told = match event {
            Event::Push { project, user, changes, .. } => self.tell_push(round, hooks, (project, user, &changes)).await,
            Event::MergeRequest { action, user, changes, oldrev, system_action, snapshot, .. } => {
                let (changes, oldrev) = (changes.as_slice(), oldrev.as_deref());
                let change = Change { action, changes, oldrev, system_action };
                self.tell_merge_request(round, hooks, (user, &snapshot, change)).await
            }
            Event::Note { user, snapshot } => self.tell_note(round, hooks, user, &snapshot).await,
            Event::Project { what, snapshot, path, old_path } => {
                let body = self.payloads().project_event(what, &snapshot, (&path, old_path.as_deref()));
                self.tell_system(round, hooks, &body).await;
                Ok(())
            }
            Event::GroupRenamed { snapshot, full_path, old_path, old_full_path } => {
                let body = self.payloads().group_renamed(&snapshot, &full_path, (&old_path, &old_full_path));
                self.tell_system(round, hooks, &body).await;
                Ok(())
            }
        };
        if let Err(error) = told {
            tracing::warn!(%error, "an event could not be told to the hooks");
        }
    }

    async fn tell_push(
        &self,
        round: Round,
        hooks: &[Hook],
        (project, user, changes): (ProjectId, UserId, &[RefChange]),
    ) -> Outcome {
        let mut counts: HashMap<(bool, Fate), usize> = HashMap::new();
        for change in changes {
            *counts.entry((change.tag().is_some(), fate(change))).or_default() += 1;
        }
        for change in changes.iter().filter(|change| counts[&(change.tag().is_some(), fate(change))] <= REF_LIMIT) {
            let event = if change.tag().is_some() { HookEvent::TagPush } else { HookEvent::Push };
            let listeners = listeners(hooks, event, change.branch());
            if !listeners.is_empty() {
                let mut body = self.payloads().push(project, user, change).await?;
                let (system, others): (Vec<&Hook>, Vec<&Hook>) =
                    listeners.into_iter().partition(|hook| hook.place == HookPlace::Instance);
                self.call_all(round, &others, Topic::Event(event), &body).await;
                // System hooks are told how many commits there are, not which.
                body["commits"] = json!([]);
                self.call_all(round, &system, Topic::Event(event), &body).await;
            }
        }
        let watching = listeners(hooks, HookEvent::RepositoryUpdate, None);
        let watching: Vec<&Hook> = watching.into_iter().filter(|hook| hook.place == HookPlace::Instance).collect();
        if !watching.is_empty() {
            let body = self.payloads().repository_update(project, user, changes).await?;
            self.call_all(round, &watching, Topic::Event(HookEvent::RepositoryUpdate), &body).await;
        }
        Ok(())
    }

    async fn tell_merge_request(
        &self,
        round: Round,
        hooks: &[Hook],
        (user, merge_request, change): (UserId, &MergeRequest, Change<'_>),
    ) -> Outcome {
        let listeners = listeners(hooks, HookEvent::MergeRequests, None);
        if !listeners.is_empty() {
            let body = self.payloads().merge_request(user, merge_request, change).await?;
            self.call_all(round, &listeners, Topic::Event(HookEvent::MergeRequests), &body).await;
        }
        Ok(())
    }

    async fn tell_note(&self, round: Round, hooks: &[Hook], user: UserId, note: &Note) -> Outcome {
        let listeners = listeners(hooks, HookEvent::Notes, None);
        if !listeners.is_empty()
            && let Some(body) = self.payloads().note(user, note).await?
        {
            self.call_all(round, &listeners, Topic::Event(HookEvent::Notes), &body).await;
        }
        Ok(())
    }

    /// Tells the system hooks, whatever they asked for.
    async fn tell_system(&self, round: Round, hooks: &[Hook], body: &Value) {
        let system: Vec<&Hook> = hooks.iter().filter(|hook| hook.place == HookPlace::Instance).collect();
        self.call_all(round, &system, Topic::System, body).await;
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

const fn fate(change: &RefChange) -> Fate {
    match (&change.before, &change.after) {
        (None, _) => Fate::Created,
        (Some(_), Some(_)) => Fate::Updated,
        (Some(_), None) => Fate::Removed,
    }
}
