//! What was changed about an issue: Jira's change log.

use ::model::Millis;

use super::{IssueId, Model, State, UserId, draw};

/// A field that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedField {
    /// Jira's name of the field.
    pub field: &'static str,
    /// The id and the text before.
    pub from: (Option<String>, Option<String>),
    /// The id and the text after.
    pub to: (Option<String>, Option<String>),
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The id.
    pub id: u64,
    /// Who made it.
    pub author: UserId,
    /// When.
    pub created_at: Millis,
    /// What was changed.
    pub fields: Vec<ChangedField>,
}

impl Model {
    /// The changes of an issue, oldest first.
    #[must_use]
    pub fn history(&self, key: &str) -> Vec<Change> {
        self.read(|state| match state.find_issue(key) {
            Some(issue) => state.history_of(issue.id).to_vec(),
            None => Vec::new(),
        })
    }
}

impl State {
    pub(crate) fn history_of(&self, id: IssueId) -> &[Change] {
        self.histories.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn note_change(&mut self, issue: IssueId, author: UserId, fields: Vec<ChangedField>, now: Millis) {
        let id = draw(&mut self.numbers.change);
        self.histories.entry(issue).or_default().push(Change { id, author, created_at: now, fields });
    }
}
