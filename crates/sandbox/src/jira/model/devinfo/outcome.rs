//! What became of a bulk write, entity by entity (devinfo contract §7).

use std::collections::{BTreeMap, BTreeSet};

use super::EntityKind;

/// The outcome.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// By repository: what was accepted, stored or ignored as old.
    pub(crate) accepted: BTreeMap<String, BTreeMap<EntityKind, Vec<String>>>,
    /// By repository: what was refused.
    pub(crate) failed: BTreeMap<String, Failed>,
    /// Issue keys that Jira does not know.
    pub(crate) unknown_keys: BTreeSet<String>,
    /// The same for those that came as associations, by type.
    pub(crate) unknown_associations: BTreeMap<String, BTreeSet<String>>,
}

/// What was refused of a repository.
#[derive(Debug, Default)]
pub(crate) struct Failed {
    /// What is wrong with the repository itself; then nothing of it was stored.
    pub(crate) messages: Vec<String>,
    /// Entities by kind, each with what is wrong with it.
    pub(crate) entities: BTreeMap<EntityKind, Vec<(String, Vec<String>)>>,
}

impl Outcome {
    pub(super) fn accept(&mut self, repository: &str, kind: EntityKind, id: &str) {
        let of_repository = self.accepted.entry(repository.to_owned()).or_default();
        of_repository.entry(kind).or_default().push(id.to_owned());
    }

    pub(super) fn fail(&mut self, repository: &str, kind: EntityKind, id: &str, messages: Vec<String>) {
        let of_repository = self.failed.entry(repository.to_owned()).or_default();
        of_repository.entities.entry(kind).or_default().push((id.to_owned(), messages));
    }

    pub(super) fn unknown(&mut self, text: String, association: Option<String>) {
        match association {
            None => self.unknown_keys.insert(text),
            Some(kind) => self.unknown_associations.entry(kind).or_default().insert(text),
        };
    }

    /// Whether nothing at all was valid.
    pub(crate) fn is_refusal(&self) -> bool {
        self.accepted.is_empty() && !self.failed.is_empty()
    }
}
