//! Properties of issues: JSON under a key, which nobody sees but programs.

use serde_json::Value;

use super::{IssueId, Model, Permission, Refusal, RefusalKind, State, UserId};
use crate::jira::sentences;

/// The longest key.
const LONGEST_KEY: usize = 255;
/// The longest value, in bytes of JSON.
const LONGEST_VALUE: usize = 32_768;

impl Model {
    /// Sets a property of an issue; whether it is new.
    ///
    /// # Errors
    /// When the issue is not there or visible, the user may not change it, or key or value are too long.
    pub fn set_property(&self, issue: &str, user: UserId, key: &str, value: Value) -> Result<bool, Refusal> {
        if key.is_empty() || key.len() > LONGEST_KEY {
            return Err(Refusal::invalid("The property key should have between 1 and 255 characters."));
        }
        if value.to_string().len() > LONGEST_VALUE {
            return Err(Refusal::invalid("The property value cannot be longer than 32768 bytes."));
        }
        self.write(|state| {
            let id = state.editable_issue(issue, user, self.deployment)?;
            Ok(state.properties.insert((id, key.to_owned()), value).is_none())
        })
    }

    /// Deletes a property of an issue.
    ///
    /// # Errors
    /// When the issue or the property is not there, or the user may not change it.
    pub fn delete_property(&self, issue: &str, user: UserId, key: &str) -> Result<(), Refusal> {
        self.write(|state| {
            let id = state.editable_issue(issue, user, self.deployment)?;
            let gone = state.properties.remove(&(id, key.to_owned()));
            gone.map(|_| ()).ok_or_else(|| Refusal::not_found(sentences::no_property(key)))
        })
    }

    /// The properties of an issue, by key.
    #[must_use]
    pub fn properties(&self, key: &str) -> Vec<(String, Value)> {
        self.read(|state| match state.find_issue(key) {
            Some(issue) => state.properties_of(issue.id).map(|(key, value)| (key.clone(), value.clone())).collect(),
            None => Vec::new(),
        })
    }
}

impl State {
    pub(crate) fn properties_of(&self, id: IssueId) -> impl Iterator<Item = (&String, &Value)> {
        let from = (id, String::new());
        self.properties.range(from..).take_while(move |((of, _), _)| *of == id).map(|((_, key), value)| (key, value))
    }

    fn editable_issue(&self, key: &str, user: UserId, deployment: crate::jira::Deployment) -> Result<IssueId, Refusal> {
        let issue = self.visible_issue(key, Some(user), deployment)?;
        if self.may(Some(user), issue.project, Permission::EditIssues) {
            return Ok(issue.id);
        }
        Err(Refusal::of(RefusalKind::Forbidden, "You do not have permission to edit issues in this project."))
    }
}
