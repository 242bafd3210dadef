//! Remote links.

use serde_json::{Value, json};

use super::Lens;
use crate::jira::model::{IssueId, RemoteLink};

impl Lens<'_> {
    /// A remote link; what was not sent of it is left out, or empty as Jira has it.
    pub(crate) fn remote_link(self, issue: IssueId, link: &RemoteLink) -> Value {
        let content = &link.content;
        let mut object = content.object.clone();
        for field in ["icon", "status"] {
            if object[field].is_null() {
                object[field] = json!({});
            }
        }
        if object["status"]["icon"].is_null() {
            object["status"]["icon"] = json!({});
        }
        let mut shape = json!({
            "id": link.id.0,
            "self": self.address(&format!("/issue/{issue}/remotelink/{}", link.id)),
            "application": if content.application.is_object() { content.application.clone() } else { json!({}) },
            "object": object,
        });
        if let Some(global_id) = &content.global_id {
            shape["globalId"] = json!(global_id);
        }
        if let Some(relationship) = &content.relationship {
            shape["relationship"] = json!(relationship);
        }
        shape
    }
}
