//! Remote links of issues.

use serde_json::{Value, json};

use super::{Rest, value};
use crate::JiraError;

/// The longest title, relationship or name that Jira takes, in characters.
const LONGEST: usize = 255;

/// A link from an issue to something elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteLink {
    /// What it is found by again; at most 255 characters.
    pub global_id: String,
    /// Where it leads.
    pub url: String,
    /// What people read; cut to 255 characters.
    pub title: String,
    /// What stands behind the title.
    pub summary: Option<String>,
    /// A picture of 16 by 16.
    pub icon_url: Option<String>,
    /// What the picture shows.
    pub icon_title: Option<String>,
    /// Whether it is settled; Jira strikes it through.
    pub resolved: bool,
    /// Which program it belongs to; cut to 255 characters.
    pub application_name: String,
    /// The heading below which Jira lists it; cut to 255 characters.
    pub relationship: String,
}

impl Rest {
    /// Makes a remote link, or changes the one with the same global id. Returns the link's id.
    ///
    /// # Errors
    /// [`Problem::NotFound`](crate::Problem::NotFound) where there is no such issue; [`Problem::Forbidden`](crate::Problem::Forbidden)
    /// where the user may not link issues, or linking is off; what else keeps Jira from doing it.
    pub async fn remote_link_put(&self, issue_key: &str, link: &RemoteLink) -> Result<String, JiraError> {
        let answer = self.post(&["issue", issue_key, "remotelink"], &[], &body(link)).await?;
        value::short(&answer.json()?["id"]).ok_or_else(|| answer.lacks("the id of the link"))
    }

    /// Deletes the remote link with this global id; false where it, or the issue, is not there (any more).
    ///
    /// # Errors
    /// As [`Rest::remote_link_put`].
    pub async fn remote_link_delete(&self, issue_key: &str, global_id: &str) -> Result<bool, JiraError> {
        match self.delete(&["issue", issue_key, "remotelink"], &[("globalId", global_id)]).await? {
            Some(answer) => answer.done().map(|()| true),
            None => Ok(false),
        }
    }
}

fn body(link: &RemoteLink) -> Value {
    let mut object = json!({ "url": link.url, "title": cut(&link.title), "status": { "resolved": link.resolved } });
    if let Some(summary) = &link.summary {
        object["summary"] = json!(summary);
    }
    if let Some(url) = &link.icon_url {
        object["icon"] = json!({ "url16x16": url, "title": link.icon_title.as_deref().unwrap_or_default() });
    }
    json!({
        "globalId": link.global_id,
        "application": { "name": cut(&link.application_name) },
        "relationship": cut(&link.relationship),
        "object": object,
    })
}

/// As much of a text as Jira takes.
fn cut(text: &str) -> String {
    if text.chars().nth(LONGEST).is_none() {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}
