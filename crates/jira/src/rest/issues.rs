//! Issues and the changes of their status.

use model::Millis;
use serde_json::Value;

use super::pages::List;
use super::people::person_id;
use super::{Rest, value};
use crate::{JiraError, timestamp};

/// How far the clocks of a Jira and of this machine may be apart.
pub const CLOCKS_APART: Millis = 10 * 60 * 1_000;

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Its id, which stays when it is moved.
    pub id: String,
    /// Its present key, another one than was asked for when the issue was moved or its project renamed.
    pub key: String,
    /// The present key of its project.
    pub project_key: String,
    /// The name of its status.
    pub status: String,
}

/// That an issue's status changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// When, by Jira's clock.
    pub at: Millis,
    /// Who did it ([`Person::id`](super::Person::id)); none where Jira does not tell.
    pub by: Option<String>,
    /// The name of the status before.
    pub from: String,
    /// The name of the status after.
    pub to: String,
    /// The id of the status after.
    pub to_id: String,
}

impl Rest {
    /// The issue with this key, present or former; none where there is no such issue, or this user does not see it.
    ///
    /// # Errors
    /// What keeps Jira from telling. A 404 that is not of Jira itself is an error, not a missing issue.
    pub async fn issue(&self, key: &str) -> Result<Option<Issue>, JiraError> {
        let Some(answer) = self.find(&["issue", key], &[("fields", "status,project")]).await? else { return Ok(None) };
        let told = answer.json()?;
        let fields = &told["fields"];
        let read = || {
            let key = value::short(&told["key"])?;
            let of_key = key.rsplit_once('-').map(|(project, _)| project.to_owned());
            Some(Issue {
                id: value::short(&told["id"])?,
                project_key: value::short(&fields["project"]["key"]).or(of_key)?,
                status: value::short(&fields["status"]["name"]).unwrap_or_default(),
                key,
            })
        };
        read().map(Some).ok_or_else(|| answer.lacks("the issue's key"))
    }

    /// The changes of an issue's status since a time of our clock, oldest first. Clocks differ, so those of ten minutes before
    /// come as well; [`StatusChange::at`] tells.
    ///
    /// # Errors
    /// [`Problem::NotFound`](crate::Problem::NotFound) where there is no such issue; what else keeps Jira from telling.
    pub async fn status_changes(&self, issue_key: &str, since: Millis) -> Result<Vec<StatusChange>, JiraError> {
        let mut found = Vec::new();
        if self.0.cloud {
            let list = List { segments: &["issue", issue_key, "changelog"], query: &[], rows: "values" };
            self.each_page(list, |rows| {
                rows.into_iter().for_each(|change| self.changes_of_status(change, &mut found));
                false
            })
            .await?;
        } else {
            let query = [("fields", "status"), ("expand", "changelog")];
            let answer = self.get(&["issue", issue_key], &query).await?;
            let told = answer.json()?;
            if !told["changelog"]["histories"].is_array() {
                return Err(answer.lacks("the change log"));
            }
            value::rows(&told["changelog"]["histories"]).for_each(|change| self.changes_of_status(change, &mut found));
        }
        found.retain(|change| change.at >= since.saturating_sub(CLOCKS_APART));
        found.sort_by_key(|change| change.at);
        Ok(found)
    }

    fn changes_of_status(&self, change: &Value, found: &mut Vec<StatusChange>) {
        let Some(at) = change["created"].as_str().and_then(timestamp::read) else { return };
        for item in value::rows(&change["items"]).filter(|item| item["field"] == "status") {
            found.push(StatusChange {
                at,
                by: person_id(&change["author"], self.0.cloud),
                from: value::short(&item["fromString"]).unwrap_or_default(),
                to: value::short(&item["toString"]).unwrap_or_default(),
                to_id: value::short(&item["to"]).unwrap_or_default(),
            });
        }
    }
}
