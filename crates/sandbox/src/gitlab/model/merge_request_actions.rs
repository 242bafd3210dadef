//! What people do with merge requests.

use model::Millis;
use serde_json::{Value, json};

use super::merge_request::News;
use super::{
    Action, FieldChange, MergeRequest, MergeRequestId, MergeState, Model, ModelError, Review, ReviewState, UserId,
};
use crate::gitlab::repositories::{MergeOrder, Merged, RepositoryError, Signature};

pub use crate::gitlab::repositories::MergeMethod;

/// What is to be set on a merge request; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct MergeRequestChange {
    /// The new title.
    pub title: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new target branch.
    pub target_branch: Option<String>,
    /// The new labels.
    pub labels: Option<Vec<String>>,
    /// Who is to do it from now on.
    pub assignees: Option<Vec<UserId>>,
    /// Who is to review it from now on; those who stay keep where they stood.
    pub reviewers: Option<Vec<UserId>>,
    /// Whether its commits become one when it is merged.
    pub squash: Option<bool>,
}

impl MergeRequestChange {
    /// Whether anything is to be set at all.
    #[must_use]
    pub fn is_something(&self) -> bool {
        let texts = self.title.is_some() || self.description.is_some() || self.target_branch.is_some();
        let lists = self.labels.is_some() || self.assignees.is_some() || self.reviewers.is_some();
        texts || lists || self.squash.is_some()
    }
}

type Outcome = Result<(), ModelError>;

impl Model {
    /// Changes a merge request.
    ///
    /// # Errors
    /// When it does not exist, the title is empty, or the new target branch does not exist.
    pub async fn update_merge_request(&self, id: MergeRequestId, user: UserId, change: MergeRequestChange) -> Outcome {
        if change.title.as_ref().is_some_and(|title| title.trim().is_empty()) {
            return Err(ModelError::invalid("title", "can't be blank"));
        }
        let before = self.merge_request(id).ok_or(ModelError::NotFound("Merge Request"))?;
        let diff = match (&change.target_branch, before.source_project) {
            (Some(target), Some(source)) if before.is_open() && *target != before.target_branch => {
                Some(self.diff_between((source, &before.source_branch), (before.project, target)).await?)
            }
            _ => None,
        };
        self.change_merge_request(id, user, Action::Update, |merge_request, now| {
            merge_request.diff = diff.or(merge_request.diff.take());
            merge_request.apply(change, now);
            Ok(())
        })
    }

    /// Closes a merge request without merging it.
    ///
    /// # Errors
    /// When it does not exist or is not open.
    pub fn close_merge_request(&self, id: MergeRequestId, user: UserId) -> Outcome {
        self.change_merge_request(id, user, Action::Close, |merge_request, now| {
            if merge_request.state != MergeState::Opened {
                return Err(ModelError::Refused("only an open merge request can be closed"));
            }
            merge_request.state = MergeState::Closed;
            merge_request.closed_at = Some(now);
            merge_request.closed_by = Some(user);
            Ok(())
        })
    }

    /// Opens a closed merge request again, with the source branch's present head.
    ///
    /// # Errors
    /// When it does not exist, is not closed, or its source branch is gone.
    pub async fn reopen_merge_request(&self, id: MergeRequestId, user: UserId) -> Outcome {
        let before = self.merge_request(id).ok_or(ModelError::NotFound("Merge Request"))?;
        let source = before.source_project.ok_or(ModelError::Refused("the source project is gone"))?;
        let diff = self.diff_between((source, &before.source_branch), (before.project, &before.target_branch)).await?;
        self.change_merge_request(id, user, Action::Reopen, |merge_request, _| {
            if merge_request.state != MergeState::Closed {
                return Err(ModelError::Refused("only a closed merge request can be reopened"));
            }
            merge_request.state = MergeState::Opened;
            merge_request.closed_at = None;
            merge_request.closed_by = None;
            merge_request.diff = Some(diff);
            merge_request.head_ref = true;
            Ok(())
        })?;
        let reopened = self.merge_request(id).ok_or(ModelError::NotFound("Merge Request"))?;
        self.keep_head(&reopened).await
    }

    /// Merges a merge request into its target branch and tells the hooks of the push and of the merge.
    ///
    /// # Errors
    /// When it does not exist, is not open or is a draft, or the branches conflict.
    pub async fn merge(&self, id: MergeRequestId, user: UserId, method: MergeMethod) -> Outcome {
        let merge_request = self.merge_request(id).ok_or(ModelError::NotFound("Merge Request"))?;
        if merge_request.state != MergeState::Opened || merge_request.is_draft() {
            return Err(ModelError::Refused("only an open merge request that is no draft can be merged"));
        }
        let order = self.merge_order(&merge_request, user, method)?;
        let _turn = self.push_lock(merge_request.project).await;
        let before = self.repositories.refs(merge_request.project).await?;
        let merged = self.repositories.merge(merge_request.project, &order).await.map_err(|error| match error {
            RepositoryError::Conflict => ModelError::Conflict,
            other => ModelError::Repository(other),
        })?;
        self.change_merge_request(id, user, Action::Merge, |merge_request, now| {
            merge_request.set_merged(user, merged, now);
            Ok(())
        })?;
        self.push_moved(merge_request.project, user, &before).await
    }

    /// Deletes a merge request; its head's ref stays, as in GitLab.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn delete_merge_request(&self, id: MergeRequestId) -> Outcome {
        self.write(|state| {
            state.merge_requests.remove(&id).ok_or(ModelError::NotFound("Merge Request"))?;
            state.notes.retain(|_, note| note.merge_request != id);
            Ok(())
        })
    }

    /// Deletes the source branch of a merge request, as the box at its merge does; a default branch stays.
    ///
    /// # Errors
    /// When the merge request does not exist or git refuses.
    pub async fn remove_source_branch(&self, id: MergeRequestId, user: UserId) -> Outcome {
        let merge_request = self.merge_request(id).ok_or(ModelError::NotFound("Merge Request"))?;
        let Some(project) = merge_request.source_project else { return Ok(()) };
        let default = self.project(project).and_then(|project| project.default_branch);
        if default.as_ref() == Some(&merge_request.source_branch) {
            return Ok(());
        }
        let _turn = self.push_lock(project).await;
        let before = self.repositories.refs(project).await?;
        self.repositories.delete_ref(project, &format!("refs/heads/{}", merge_request.source_branch)).await?;
        self.push_moved(project, user, &before).await
    }

    fn merge_order(
        &self,
        merge_request: &MergeRequest,
        user: UserId,
        method: MergeMethod,
    ) -> Result<MergeOrder, ModelError> {
        let diff = merge_request.diff.as_ref().ok_or(ModelError::Refused("it has no commits"))?;
        let by = self.user(user).ok_or(ModelError::NotFound("User"))?;
        let (source, target) = (&merge_request.source_branch, &merge_request.target_branch);
        let reference = format!("{}!{}", self.project_path(merge_request.project), merge_request.iid);
        let message = format!(
            "Merge branch '{source}' into '{target}'\n\n{}\n\nSee merge request {reference}",
            merge_request.title
        );
        Ok(MergeOrder {
            method,
            head: diff.head.clone(),
            target_branch: target.clone(),
            message,
            squash_message: merge_request.title.clone(),
            by: Signature { name: by.name, email: by.email, at: self.now(), offset_minutes: 0 },
        })
    }

    /// Changes a merge request, notes what differs, and tells the hooks.
    pub(crate) fn change_merge_request(
        &self,
        id: MergeRequestId,
        user: UserId,
        action: Action,
        change: impl FnOnce(&mut MergeRequest, Millis) -> Result<(), ModelError>,
    ) -> Outcome {
        let now = self.now();
        let (after, changes) = self.write(|state| {
            let merge_request = state.merge_requests.get_mut(&id).ok_or(ModelError::NotFound("Merge Request"))?;
            let before = merge_request.clone();
            change(merge_request, now)?;
            merge_request.updated_at = now;
            let after = merge_request.clone();
            state.touch(after.project, now);
            if let Some(body) = system_note(action) {
                state.add_note(id, user, body, true, now);
            }
            let changes = differences(&before, &after);
            Ok::<_, ModelError>((after, changes))
        })?;
        self.tell_merge_request(after, user, News { action, changes, ..News::default() });
        Ok(())
    }
}

impl MergeRequest {
    fn apply(&mut self, change: MergeRequestChange, now: Millis) {
        self.title = change.title.unwrap_or_else(|| std::mem::take(&mut self.title));
        self.description = change.description.or(self.description.take());
        if let Some(target) = change.target_branch.filter(|_| self.is_open()) {
            self.target_branch = target;
        }
        self.labels = change.labels.unwrap_or_else(|| std::mem::take(&mut self.labels));
        self.assignees = change.assignees.unwrap_or_else(|| std::mem::take(&mut self.assignees));
        self.squash = change.squash.unwrap_or(self.squash);
        if let Some(users) = change.reviewers {
            let known = std::mem::take(&mut self.reviewers);
            let review = |user| {
                let asked = Review { user, state: ReviewState::Unreviewed, created_at: now };
                known.iter().find(|review| review.user == user).copied().unwrap_or(asked)
            };
            self.reviewers = users.into_iter().map(review).collect();
        }
    }

    pub(super) fn set_review(&mut self, user: UserId, state: ReviewState) {
        for review in self.reviewers.iter_mut().filter(|review| review.user == user) {
            review.state = state;
        }
    }

    fn set_merged(&mut self, user: UserId, merged: Merged, now: Millis) {
        self.state = MergeState::Merged;
        self.merged_at = Some(now);
        self.merged_by = Some(user);
        self.merge_commit = merged.merge_commit;
        self.squash_commit = merged.squash_commit;
    }
}

fn system_note(action: Action) -> Option<&'static str> {
    match action {
        Action::Approval | Action::Approved => Some("approved this merge request"),
        Action::Unapproval | Action::Unapproved => Some("unapproved this merge request"),
        Action::Close => Some("closed"),
        Action::Reopen => Some("reopened"),
        Action::Merge => Some("merged"),
        Action::Open | Action::Update => None,
    }
}

/// The fields that a hook tells as changed (GitLab contract §7.5).
fn differences(before: &MergeRequest, after: &MergeRequest) -> Vec<FieldChange> {
    let fields = |it: &MergeRequest| -> [(&'static str, Value); 7] {
        let ids = |users: &[UserId]| json!(users.iter().map(|user| user.0).collect::<Vec<_>>());
        let reviewers: Vec<UserId> = it.reviewers.iter().map(|review| review.user).collect();
        [
            ("title", json!(it.title)),
            ("description", json!(it.description)),
            ("target_branch", json!(it.target_branch)),
            ("draft", json!(it.is_draft())),
            ("assignee_ids", ids(&it.assignees)),
            ("reviewer_ids", ids(&reviewers)),
            ("labels", json!(it.labels)),
        ]
    };
    fields(before)
        .into_iter()
        .zip(fields(after))
        .filter(|(before, after)| before.1 != after.1)
        .map(|((field, previous), (_, current))| FieldChange { field, previous, current })
        .collect()
}
