//! Changes of issues.

use serde_json::{Value, json};

use super::Lens;
use crate::jira::model::{Change, ChangedField};
use crate::jira::rest::time;

impl Lens<'_> {
    /// A change.
    pub(crate) fn change(self, change: &Change) -> Value {
        json!({
            "id": change.id.to_string(),
            "author": self.user(change.author),
            "created": time::write(change.created_at),
            "items": change.fields.iter().map(item).collect::<Vec<_>>(),
        })
    }
}

fn item(changed: &ChangedField) -> Value {
    json!({
        "field": changed.field,
        "fieldtype": "jira",
        "from": changed.from.0,
        "fromString": changed.from.1,
        "to": changed.to.0,
        "toString": changed.to.1,
    })
}
