//! Approvals, and what a push does to them.

use super::merge_request::News;
use super::{Action, Approval, ApprovalRules, MergeRequest, MergeRequestId, Model, ModelError, ReviewState, UserId};

impl Model {
    /// Approves a merge request: `approval` to the hooks until the project's rules are met, `approved` from then on.
    ///
    /// # Errors
    /// When it does not exist, is not open, or the user approved it before.
    pub fn approve(&self, id: MergeRequestId, user: UserId) -> Result<(), ModelError> {
        let before = self.merge_request(id).ok_or(ModelError::NotFound("Merge Request"))?;
        let met = before.approvals.len() + 1 >= self.approval_rules_of(&before).required;
        let action = if met { Action::Approved } else { Action::Approval };
        self.change_merge_request(id, user, action, |merge_request, now| {
            let again = merge_request.approvals.iter().any(|approval| approval.user == user);
            if again || !merge_request.is_open() {
                return Err(ModelError::Refused("it is not open, or approved by the user before"));
            }
            merge_request.approvals.push(Approval { user, at: now });
            merge_request.set_review(user, ReviewState::Approved);
            Ok(())
        })
    }

    /// Takes an approval back: `unapproved` to the hooks where the project's rules had been met, else `unapproval`.
    ///
    /// # Errors
    /// When the merge request does not exist or the user did not approve it.
    pub fn unapprove(&self, id: MergeRequestId, user: UserId) -> Result<(), ModelError> {
        let before = self.merge_request(id).ok_or(ModelError::NotFound("Merge Request"))?;
        let action = self.unapproving(&before);
        self.change_merge_request(id, user, action, |merge_request, _| {
            let before = merge_request.approvals.len();
            merge_request.approvals.retain(|approval| approval.user != user);
            if merge_request.approvals.len() == before {
                return Err(ModelError::NotFound("Approval"));
            }
            merge_request.set_review(user, ReviewState::Unapproved);
            Ok(())
        })
    }

    /// Takes all approvals away after a push, where the project's rules say so (GitLab contract §7.5, `system_action`).
    pub(crate) fn reset_approvals(&self, id: MergeRequestId, user: UserId) {
        let Some(before) = self.merge_request(id) else { return };
        if before.approvals.is_empty() || !self.approval_rules_of(&before).reset_on_push {
            return;
        }
        let action = self.unapproving(&before);
        let reset = self.write(|state| {
            let merge_request = state.merge_requests.get_mut(&id)?;
            for approval in std::mem::take(&mut merge_request.approvals) {
                merge_request.set_review(approval.user, ReviewState::Unapproved);
            }
            Some(merge_request.clone())
        });
        if let Some(reset) = reset {
            let system_action = Some("approvals_reset_on_push");
            self.tell_merge_request(reset, user, News { action, system_action, ..News::default() });
        }
    }

    /// What to tell the hooks of a merge request that loses an approval.
    fn unapproving(&self, before: &MergeRequest) -> Action {
        let met = before.approvals.len() >= self.approval_rules_of(before).required;
        if met { Action::Unapproved } else { Action::Unapproval }
    }

    fn approval_rules_of(&self, merge_request: &MergeRequest) -> ApprovalRules {
        self.project(merge_request.project).map(|project| project.approval_rules).unwrap_or_default()
    }
}
