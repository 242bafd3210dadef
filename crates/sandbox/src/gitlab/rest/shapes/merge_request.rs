//! Merge requests and notes.

use serde_json::{Value, json};

use super::user::merge;
use super::{Lens, time};
use crate::gitlab::model::{MergeRequest, MergeState, Note, ProjectId, UserId};

impl Lens<'_> {
    /// The page of a merge request.
    pub(crate) fn merge_request_url(self, merge_request: &MergeRequest) -> String {
        let project = self.project_path_of(merge_request.project);
        format!("{}/{project}/-/merge_requests/{}", self.url, merge_request.iid)
    }

    fn project_path_of(self, project: ProjectId) -> String {
        self.state.projects.get(&project).map(|project| self.state.project_path(project)).unwrap_or_default()
    }

    /// A merge request in its short form (`view=simple`).
    pub(crate) fn merge_request_simple(self, it: &MergeRequest) -> Value {
        json!({
            "id": it.id,
            "iid": it.iid,
            "project_id": it.project,
            "title": it.title,
            "description": it.description,
            "state": it.state.as_str(),
            "created_at": time(it.created_at),
            "updated_at": time(it.updated_at),
            "web_url": self.merge_request_url(it),
        })
    }

    /// A merge request as lists tell it.
    pub(crate) fn merge_request(self, it: &MergeRequest) -> Value {
        let mut shape = self.merge_request_simple(it);
        merge(&mut shape, self.people(it));
        merge(&mut shape, self.branches(it));
        merge(&mut shape, outcome(it));
        merge(&mut shape, unused());
        let notes = self.state.notes_of(it.id).filter(|note| !note.system).count();
        let project = self.project_path_of(it.project);
        let more = json!({
            "user_notes_count": notes,
            "labels": it.labels,
            "draft": it.is_draft(),
            "work_in_progress": it.is_draft(),
            "prepared_at": time(it.created_at),
            "reference": format!("!{}", it.iid),
            "references": {
                "short": format!("!{}", it.iid),
                "relative": format!("!{}", it.iid),
                "full": format!("{project}!{}", it.iid),
            },
            "squash": it.squash,
            "squash_on_merge": it.squash,
        });
        merge(&mut shape, more);
        shape
    }

    /// A merge request on its own, with its diff's commits.
    pub(crate) fn merge_request_in_full(self, it: &MergeRequest, changes: usize) -> Value {
        let mut shape = self.merge_request(it);
        let refs = it
            .diff
            .as_ref()
            .map(|diff| json!({ "base_sha": diff.base, "head_sha": diff.head, "start_sha": diff.start }));
        let can_merge = self.viewer.is_some_and(|user| self.can_merge(user, it));
        let more = json!({
            "subscribed": false,
            "changes_count": if changes > 1000 { "1000+".to_owned() } else { changes.to_string() },
            "diff_refs": refs,
            "pipeline": null,
            "head_pipeline": null,
            "merge_error": null,
            "latest_build_started_at": null,
            "latest_build_finished_at": null,
            "first_deployed_to_production_at": null,
            "first_contribution": false,
            "user": { "can_merge": can_merge },
        });
        merge(&mut shape, more);
        shape
    }

    fn can_merge(self, user: UserId, it: &MergeRequest) -> bool {
        self.state.projects.get(&it.project).is_some_and(|project| self.state.can_push(user, project))
    }

    fn people(self, it: &MergeRequest) -> Value {
        let basics = |ids: &mut dyn Iterator<Item = UserId>| ids.map(|id| self.user_basic(id)).collect::<Vec<_>>();
        let optional = |id: Option<UserId>| id.map_or(Value::Null, |id| self.user_basic(id));
        json!({
            "author": self.user_basic(it.author),
            "assignees": basics(&mut it.assignees.iter().copied()),
            "assignee": optional(it.assignees.first().copied()),
            "reviewers": basics(&mut it.reviewers.iter().map(|review| review.user)),
            "merged_by": optional(it.merged_by),
            "merge_user": optional(it.merged_by),
            "closed_by": optional(it.closed_by),
        })
    }

    fn branches(self, it: &MergeRequest) -> Value {
        let mut shape = json!({
            "source_branch": it.source_branch,
            "target_branch": it.target_branch,
            "source_project_id": it.source_project,
            "target_project_id": it.project,
            "sha": it.diff.as_ref().map(|diff| diff.head.as_str()),
        });
        if it.source_project != Some(it.project) {
            merge(&mut shape, json!({ "allow_collaboration": false, "allow_maintainer_to_push": false }));
        }
        shape
    }

    /// A note.
    pub(crate) fn note(self, note: &Note, merge_request: &MergeRequest) -> Value {
        json!({
            "id": note.id,
            "type": null,
            "body": note.body,
            "author": self.user_basic(note.author),
            "created_at": time(note.created_at),
            "updated_at": time(note.updated_at),
            "system": note.system,
            "noteable_id": merge_request.id,
            "noteable_type": "MergeRequest",
            "project_id": merge_request.project,
            "noteable_iid": merge_request.iid,
            "resolvable": false,
            "confidential": false,
            "internal": false,
            "imported": false,
            "imported_from": "none",
            "commands_changes": {},
        })
    }
}

fn outcome(it: &MergeRequest) -> Value {
    let (old, detailed) = match it.state {
        MergeState::Opened if it.is_draft() => ("can_be_merged", "draft_status"),
        MergeState::Opened => ("can_be_merged", "mergeable"),
        MergeState::Locked => ("can_be_merged", "checking"),
        MergeState::Closed | MergeState::Merged => ("can_be_merged", "not_open"),
    };
    json!({
        "merged_at": it.merged_at.map(time),
        "closed_at": it.closed_at.map(time),
        "merge_commit_sha": it.merge_commit,
        "squash_commit_sha": it.squash_commit,
        "merge_status": old,
        "detailed_merge_status": detailed,
    })
}

/// The fields of what the sandbox does not have: milestones, pipelines, votes, tracked time, imports.
fn unused() -> Value {
    json!({
        "upvotes": 0,
        "downvotes": 0,
        "imported": false,
        "imported_from": "none",
        "milestone": null,
        "merge_when_pipeline_succeeds": false,
        "merge_after": null,
        "discussion_locked": null,
        "should_remove_source_branch": null,
        "force_remove_source_branch": false,
        "time_stats": {
            "time_estimate": 0,
            "total_time_spent": 0,
            "human_time_estimate": null,
            "human_total_time_spent": null,
        },
        "task_completion_status": { "count": 0, "completed_count": 0 },
        "has_conflicts": false,
        "blocking_discussions_resolved": true,
    })
}
