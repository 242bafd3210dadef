//! Work logged on issues.

use model::Millis;
use serde_json::json;

use super::Rest;
use super::pages::List;
use super::value;
use crate::{JiraError, Problem, sentences, timestamp};

/// Work to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWorklog {
    /// When it began.
    pub started: Millis,
    /// How long it took, in seconds; Jira takes no less than 60.
    pub seconds: u64,
    /// What was done.
    pub comment: String,
}

impl Rest {
    /// Logs work on an issue, as the user of these credentials; the remaining estimate shrinks by it. Returns the worklog's id.
    ///
    /// # Errors
    /// [`Problem::Refused`], not `Forbidden`, where the user may not log work, time tracking is off or it took less than a
    /// minute; what else keeps Jira from doing it.
    pub async fn worklog_add(&self, issue_key: &str, worklog: NewWorklog) -> Result<String, JiraError> {
        let refused = |words| JiraError::told(Problem::Refused, words);
        if worklog.seconds < 60 {
            return Err(refused(sentences::less_than_a_minute()));
        }
        let started = timestamp::started(worklog.started).ok_or_else(|| refused(sentences::no_such_time()))?;
        let body = json!({ "started": started, "timeSpentSeconds": worklog.seconds, "comment": worklog.comment });
        let answer = self.post(&["issue", issue_key, "worklog"], &[("adjustEstimate", "auto")], &body).await?;
        value::short(&answer.json()?["id"]).ok_or_else(|| answer.lacks("the id of the worklog"))
    }

    /// The id of the newest worklog whose comment contains `mark`, among those logged since a time of our clock (less ten
    /// minutes, as clocks differ).
    ///
    /// # Errors
    /// As [`Rest::comment_find`].
    pub async fn worklog_find(&self, issue_key: &str, mark: &str, since: Millis) -> Result<Option<String>, JiraError> {
        let list = List { segments: &["issue", issue_key, "worklog"], query: &[], rows: "worklogs" };
        self.find_marked(list, "comment", mark, since).await
    }
}
