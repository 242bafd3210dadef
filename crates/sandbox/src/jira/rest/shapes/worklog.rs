//! Worklogs.

use serde_json::{Value, json};

use super::Lens;
use crate::jira::model::{IssueId, Worklog, duration};
use crate::jira::rest::time;

impl Lens<'_> {
    /// A worklog.
    pub(crate) fn worklog(self, issue: IssueId, worklog: &Worklog) -> Value {
        json!({
            "self": self.address(&format!("/issue/{issue}/worklog/{}", worklog.id)),
            "author": self.user(worklog.author),
            "updateAuthor": self.user(worklog.author),
            "comment": self.text(&worklog.comment, worklog.document.as_ref()),
            "created": time::write(worklog.created_at),
            "updated": time::write(worklog.created_at),
            "started": time::write(worklog.started),
            "timeSpent": duration::format(worklog.seconds),
            "timeSpentSeconds": worklog.seconds,
            "id": worklog.id.to_string(),
            "issueId": issue.to_string(),
        })
    }
}
