//! Issues.

use serde_json::{Map, Value, json};

use super::Lens;
use crate::jira::model::{Category, Issue, duration, resolution_id};
use crate::jira::rest::time;

/// The most worklogs that come with an issue.
const MOST_WORKLOGS: usize = 20;

impl Lens<'_> {
    /// An issue with those of its fields that are asked for.
    pub(crate) fn issue(self, issue: &Issue, fields: &[&str], expand: &[&str]) -> Value {
        let mut shape = json!({
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": issue.id.to_string(),
            "self": self.address(&format!("/issue/{}", issue.id)),
            "key": self.state.key(issue),
            "fields": self.fields(issue, fields),
        });
        if expand.contains(&"changelog") {
            let changes = self.state.history_of(issue.id);
            let told: Vec<_> = changes.iter().map(|change| self.change(change)).collect();
            shape["changelog"] =
                json!({ "startAt": 0, "maxResults": told.len(), "total": told.len(), "histories": told });
        }
        if expand.contains(&"transitions") {
            let open = self.state.transitions_for(issue, None);
            shape["transitions"] = open.into_iter().map(|it| self.transition(issue, it, false)).collect();
        }
        shape
    }

    fn fields(self, issue: &Issue, wanted: &[&str]) -> Map<String, Value> {
        let everything = wanted.is_empty() || wanted.iter().any(|name| matches!(*name, "*all" | "*navigable"));
        let without = |name: &str| wanted.iter().any(|wanted| wanted.strip_prefix('-') == Some(name));
        let only_without = !wanted.is_empty() && wanted.iter().all(|name| name.starts_with('-'));
        let takes = |name: &str| (everything || only_without || wanted.contains(&name)) && !without(name);
        let mut fields = Map::new();
        for (name, write) in FIELDS {
            if takes(name) {
                fields.insert((*name).to_owned(), write(self, issue));
            }
        }
        fields
    }

    /// A status of a project's workflow.
    pub(crate) fn status(self, issue: &Issue, name: &str) -> Value {
        let workflow = self.state.projects.get(&issue.project).map(|project| &project.workflow);
        let Some(status) = workflow.and_then(|workflow| workflow.status(name)) else { return Value::Null };
        let (id, key, color, category) = match status.category {
            Category::New => (2, "new", "blue-gray", "To Do"),
            Category::InProgress => (4, "indeterminate", "yellow", "In Progress"),
            Category::Done => (3, "done", "green", "Done"),
        };
        json!({
            "self": self.address(&format!("/status/{}", status.id)),
            "description": "",
            "iconUrl": format!("{}/images/icons/statuses/{key}.png", self.url),
            "name": status.name,
            "id": status.id.to_string(),
            "statusCategory": {
                "self": self.address(&format!("/statuscategory/{id}")),
                "id": id,
                "key": key,
                "colorName": color,
                "name": category,
            },
        })
    }

    fn time_tracking(self, issue: &Issue) -> Value {
        let spent: u64 = self.state.worklogs_of(issue.id).map(|worklog| worklog.seconds).sum();
        let mut shape = Map::new();
        let mut set = |field: &str, seconds: u64| {
            shape.insert(field.to_owned(), json!(duration::format(seconds)));
            shape.insert(format!("{field}Seconds"), json!(seconds));
        };
        if let Some(left) = issue.remaining {
            set("remainingEstimate", left);
        }
        if spent > 0 {
            set("timeSpent", spent);
        }
        Value::Object(shape)
    }

    fn comments(self, issue: &Issue) -> Value {
        let told: Vec<_> = self.state.comments_of(issue.id).map(|it| self.comment(issue.id, it, &[])).collect();
        json!({ "comments": told, "maxResults": told.len(), "total": told.len(), "startAt": 0 })
    }

    fn worklogs(self, issue: &Issue) -> Value {
        let total = self.state.worklogs_of(issue.id).count();
        let first = self.state.worklogs_of(issue.id).take(MOST_WORKLOGS);
        let told: Vec<_> = first.map(|it| self.worklog(issue.id, it)).collect();
        json!({ "startAt": 0, "maxResults": MOST_WORKLOGS, "total": total, "worklogs": told })
    }

    fn resolution(self, issue: &Issue) -> Value {
        let Some((id, name)) = issue.resolution.as_deref().and_then(|name| Some((resolution_id(name)?, name))) else {
            return Value::Null;
        };
        let address = self.address(&format!("/resolution/{id}"));
        json!({ "self": address, "id": id.to_string(), "description": "", "name": name })
    }

    fn issue_type(self) -> Value {
        json!({
            "self": self.address("/issuetype/10002"),
            "id": "10002",
            "description": "A task that needs to be done.",
            "iconUrl": format!("{}/images/icons/issuetypes/task.png", self.url),
            "name": "Task",
            "subtask": false,
        })
    }
}

/// How a field is written.
type Write = fn(Lens<'_>, &Issue) -> Value;

/// The fields of an issue.
const FIELDS: &[(&str, Write)] = &[
    ("summary", |_, issue| json!(issue.summary)),
    ("status", |lens, issue| lens.status(issue, &issue.status)),
    ("issuetype", |lens, _| lens.issue_type()),
    ("project", |lens, issue| lens.project(issue.project, &[])),
    ("resolution", |lens, issue| lens.resolution(issue)),
    ("resolutiondate", |_, issue| json!(issue.resolved_at.map(time::write))),
    ("assignee", |lens, issue| issue.assignee.map_or(Value::Null, |id| lens.user(id))),
    ("reporter", |lens, issue| issue.reporter.map_or(Value::Null, |id| lens.user(id))),
    ("creator", |lens, issue| issue.reporter.map_or(Value::Null, |id| lens.user(id))),
    ("created", |_, issue| json!(time::write(issue.created_at))),
    ("updated", |_, issue| json!(time::write(issue.updated_at))),
    ("labels", |_, _| json!([])),
    ("description", |_, _| Value::Null),
    ("comment", |lens, issue| lens.comments(issue)),
    ("worklog", |lens, issue| lens.worklogs(issue)),
    ("timetracking", |lens, issue| lens.time_tracking(issue)),
];
