//! Merge requests (GitLab contract §7.5).

use serde_json::{Map, Value, json};

use super::{Change, Payloads, database_time};
use crate::gitlab::model::{Action, FieldChange, MergeRequest, MergeState, Project, ReviewState, UserId};
use crate::gitlab::repositories::RepositoryError;

impl Payloads<'_> {
    /// The body for something that happened to a merge request.
    pub(in crate::gitlab::hooks) async fn merge_request(
        &self,
        user: UserId,
        merge_request: &MergeRequest,
        Change { action, changes, oldrev, system_action }: Change<'_>,
    ) -> Result<Value, RepositoryError> {
        let target = self.model.project(merge_request.project);
        let target = target.ok_or_else(|| RepositoryError::Missing("project of a merge request".to_owned()))?;
        let mut attributes = self.attributes(merge_request, &target).await?;
        attributes["action"] = json!(action.as_str());
        if let Some(oldrev) = oldrev {
            attributes["oldrev"] = json!(oldrev);
        }
        if let Some(system_action) = system_action {
            attributes["system"] = json!(true);
            attributes["system_action"] = json!(system_action);
        }
        let mut body = json!({
            "object_kind": "merge_request",
            "event_type": "merge_request",
            "user": self.user(user),
            "project": self.project(&target).await?,
            "object_attributes": attributes,
            "labels": labels(merge_request, &merge_request.labels),
            "changes": self.changes(merge_request, action, changes),
            "repository": self.repository(&target),
        });
        // GitLab leaves these keys out where nobody is named.
        if !merge_request.assignees.is_empty() {
            body["assignees"] = self.users(&merge_request.assignees);
        }
        if !merge_request.reviewers.is_empty() {
            body["reviewers"] = self.reviewers(merge_request);
        }
        Ok(body)
    }

    /// The merge request itself, as in its own hooks and those of its notes.
    pub(super) async fn attributes(&self, it: &MergeRequest, target: &Project) -> Result<Value, RepositoryError> {
        let source = it.source_project.and_then(|id| self.model.project(id));
        let source = match &source {
            Some(source) => self.project(source).await?,
            None => Value::Null,
        };
        let mut all = self.plain_attributes(it);
        all.insert("source".to_owned(), source);
        all.insert("target".to_owned(), self.project(target).await?);
        all.insert("last_commit".to_owned(), self.last_commit(it).await?);
        Ok(Value::Object(all))
    }

    /// The fields that need no repository.
    fn plain_attributes(&self, it: &MergeRequest) -> Map<String, Value> {
        let (state_id, merge_status) = states(it);
        let reviewers: Vec<UserId> = it.reviewers.iter().map(|review| review.user).collect();
        let mut all = Map::new();
        let mut put = |name: &str, value: Value| all.insert(name.to_owned(), value);
        put("id", json!(it.id));
        put("iid", json!(it.iid));
        put("title", json!(it.title));
        put("description", json!(it.description));
        put("state", json!(it.state.as_str()));
        put("state_id", json!(state_id));
        put("url", json!(format!("{}/-/merge_requests/{}", self.web_url(it.project), it.iid)));
        put("source_branch", json!(it.source_branch));
        put("target_branch", json!(it.target_branch));
        put("source_project_id", json!(it.source_project));
        put("target_project_id", json!(it.project));
        put("author_id", json!(it.author));
        put("assignee_id", json!(it.assignees.first()));
        put("assignee_ids", json!(it.assignees));
        put("reviewer_ids", json!(reviewers));
        put("labels", labels(it, &it.labels));
        put("draft", json!(it.is_draft()));
        put("work_in_progress", json!(it.is_draft()));
        put("created_at", json!(database_time(it.created_at)));
        put("updated_at", json!(database_time(it.updated_at)));
        put("prepared_at", json!(database_time(it.created_at)));
        put("merge_commit_sha", json!(it.merge_commit));
        put("merge_user_id", json!(it.merged_by));
        put("merge_status", json!("can_be_merged"));
        put("detailed_merge_status", json!(merge_status));
        put("merge_params", json!({}));
        for name in ["merge_when_pipeline_succeeds", "system", "first_contribution"] {
            put(name, json!(false));
        }
        for name in NEVER_SET {
            put(name, Value::Null);
        }
        for name in ["time_estimate", "time_change", "total_time_spent"] {
            put(name, json!(0));
        }
        put("blocking_discussions_resolved", json!(true));
        all
    }

    async fn last_commit(&self, it: &MergeRequest) -> Result<Value, RepositoryError> {
        let Some(diff) = &it.diff else { return Ok(Value::Null) };
        let commit = self.model.repositories().commit(it.project, &diff.head).await?;
        Ok(commit.map_or(Value::Null, |commit| self.commit(it.project, &commit)))
    }

    fn users(&self, users: &[UserId]) -> Value {
        users.iter().map(|user| self.user(*user)).collect()
    }

    fn reviewers(&self, it: &MergeRequest) -> Value {
        let reviewer = |user: UserId, state: ReviewState| {
            let mut reviewer = self.user(user);
            reviewer["state"] = json!(state.as_str());
            reviewer["re_requested"] = json!(false);
            reviewer
        };
        it.reviewers.iter().map(|review| reviewer(review.user, review.state)).collect()
    }

    /// The fields that changed; people are told as people, not as numbers.
    fn changes(&self, it: &MergeRequest, action: Action, changes: &[FieldChange]) -> Value {
        let mut all = Map::new();
        let mut put = |name: &str, previous: Value, current: Value| {
            all.insert(name.to_owned(), json!({ "previous": previous, "current": current }));
        };
        for change in changes {
            match change.field {
                "assignee_ids" => put("assignees", self.people(&change.previous), self.people(&change.current)),
                "labels" => put("labels", told_labels(it, &change.previous), told_labels(it, &change.current)),
                "reviewer_ids" => put("reviewers", self.people(&change.previous), self.people(&change.current)),
                field => put(field, change.previous.clone(), change.current.clone()),
            }
        }
        match action {
            Action::Open => {
                put("merge_status", json!("preparing"), json!("checking"));
                put("prepared_at", Value::Null, json!(database_time(it.created_at)));
            }
            Action::Close => put("state_id", json!(1), json!(2)),
            Action::Reopen => put("state_id", json!(2), json!(1)),
            Action::Merge => put("state_id", json!(1), json!(3)),
            Action::Update | Action::Approval | Action::Approved | Action::Unapproval | Action::Unapproved => {}
        }
        Value::Object(all)
    }

    fn people(&self, ids: &Value) -> Value {
        let ids = ids.as_array().into_iter().flatten().filter_map(Value::as_u64);
        ids.map(|id| self.user(UserId(id))).collect()
    }
}

/// Fields of GitLab that this stand-in has nothing to say about.
const NEVER_SET: [&str; 9] = [
    "last_edited_at",
    "last_edited_by_id",
    "updated_by_id",
    "merge_error",
    "milestone_id",
    "head_pipeline_id",
    "human_time_change",
    "human_time_estimate",
    "human_total_time_spent",
];

/// GitLab's number of the state, and whether it could be merged.
fn states(it: &MergeRequest) -> (u8, &'static str) {
    match it.state {
        MergeState::Opened if it.is_draft() => (1, "draft_status"),
        MergeState::Opened => (1, "mergeable"),
        MergeState::Closed => (2, "not_open"),
        MergeState::Merged => (3, "not_open"),
        MergeState::Locked => (4, "locked_paths"),
    }
}

fn told_labels(it: &MergeRequest, titles: &Value) -> Value {
    let titles = titles.as_array().into_iter().flatten().filter_map(Value::as_str);
    labels(it, &titles.map(str::to_owned).collect::<Vec<_>>())
}

fn labels(it: &MergeRequest, titles: &[String]) -> Value {
    let label = |(at, title): (usize, &String)| {
        json!({
            "id": at + 1, "title": title, "color": "#6699cc", "project_id": it.project,
            "created_at": database_time(it.created_at), "updated_at": database_time(it.created_at),
            "template": false, "description": null, "type": "ProjectLabel", "group_id": null,
        })
    };
    titles.iter().enumerate().map(label).collect()
}
