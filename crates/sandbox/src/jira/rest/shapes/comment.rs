//! Comments.

use serde_json::{Value, json};

use super::Lens;
use crate::jira::model::{Comment, IssueId};
use crate::jira::rest::time;

impl Lens<'_> {
    /// A comment; with `properties` in `expand` its properties.
    pub(crate) fn comment(self, issue: IssueId, comment: &Comment, expand: &[&str]) -> Value {
        let mut shape = json!({
            "self": self.address(&format!("/issue/{issue}/comment/{}", comment.id)),
            "id": comment.id.to_string(),
            "author": self.user(comment.author),
            "body": self.text(&comment.body, comment.document.as_ref()),
            "updateAuthor": self.user(comment.author),
            "created": time::write(comment.created_at),
            "updated": time::write(comment.created_at),
        });
        if expand.contains(&"properties") {
            let properties = comment.properties.iter();
            shape["properties"] = properties.map(|(key, value)| json!({ "key": key, "value": value })).collect();
        }
        shape
    }
}
