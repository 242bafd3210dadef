//! Transitions.

use serde_json::{Map, Value, json};

use super::Lens;
use crate::jira::model::{Condition, Field, Issue, ScreenField, Transition, resolutions};

impl Lens<'_> {
    /// A transition of an issue; with what its screen asks for, where that is wanted.
    pub(crate) fn transition(self, issue: &Issue, transition: &Transition, with_fields: bool) -> Value {
        let mut shape = json!({
            "id": transition.id.to_string(),
            "name": transition.name,
            "to": self.status(issue, &transition.to),
            "hasScreen": transition.screen.is_some(),
            "isGlobal": transition.from.is_empty(),
            "isInitial": false,
            "isConditional": transition.condition != Condition::Nobody,
        });
        if with_fields {
            // A comment can be left on every screen, and is told only where it must be.
            let told = |on: &&ScreenField| on.field != Field::Comment || on.required;
            let fields = transition.screen.iter().flatten().filter(told);
            let fields = fields.map(|on| (on.field.id().to_owned(), self.field(on)));
            shape["fields"] = Value::Object(fields.collect::<Map<_, _>>());
        }
        shape
    }

    fn field(self, on: &ScreenField) -> Value {
        let (kind, operations) = match &on.field {
            Field::Resolution => (json!({ "type": "resolution", "system": "resolution" }), ["set"]),
            Field::Assignee => (json!({ "type": "user", "system": "assignee" }), ["set"]),
            Field::Comment => (json!({ "type": "comments-page", "system": "comment" }), ["add"]),
            Field::Worklog => (json!({ "type": "array", "items": "worklog", "system": "worklog" }), ["add"]),
            Field::Text { .. } => (json!({ "type": "string", "custom": "textfield" }), ["set"]),
        };
        let mut shape = json!({
            "required": on.required,
            "schema": kind,
            "name": on.field.name(),
            "fieldId": on.field.id(),
            "operations": operations,
        });
        if on.field == Field::Resolution {
            let value = |(id, name): (u64, &str)| json!({ "self": self.address(&format!("/resolution/{id}")), "name": name, "id": id.to_string() });
            shape["allowedValues"] = resolutions().map(value).collect();
        }
        shape
    }
}
