//! What Jira says of a submission, entity by entity (devinfo contract §7).

use serde_json::Value;

use super::EntityKind;
use crate::{sentences, words};

/// What became of a submission. An entity that is in neither list names only issues that Jira does not know: it is not stored,
/// and not later either when such an issue is made; send it again then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Entities that Jira took. (It takes as well what is older than what it has, and ignores it.)
    pub accepted: Vec<AcceptedEntity>,
    /// Entities that it did not take, or that were not sent to it as it would not.
    pub refused: Vec<RefusedEntity>,
    /// Keys of issues that it does not know, each once.
    pub unknown_issue_keys: Vec<String>,
}

/// An entity that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AcceptedEntity {
    /// The repository's id.
    pub repository_id: String,
    /// What it is.
    pub kind: EntityKind,
    /// Its id.
    pub id: String,
}

/// An entity that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedEntity {
    /// The repository's id.
    pub repository_id: String,
    /// What it is; none: the repository itself, with all that came with it.
    pub kind: Option<EntityKind>,
    /// Its id.
    pub id: String,
    /// Why: Jira's words (at most 500 characters on one line; escape them), or ours.
    pub words: String,
}

impl Accepted {
    /// How many entities of a kind were taken.
    #[must_use]
    pub fn count(&self, kind: EntityKind) -> usize {
        self.accepted.iter().filter(|entity| entity.kind == kind).count()
    }

    /// Reads Jira's answer; all maps may be missing.
    pub(super) fn read(told: &Value) -> Self {
        let mut outcome = Self::default();
        for (repository, by_kind) in told["acceptedDevinfoEntities"].as_object().into_iter().flatten() {
            for kind in EntityKind::ALL {
                let ids = list(&by_kind[kind.list()]).filter_map(Value::as_str);
                let of = |id: &str| AcceptedEntity { repository_id: repository.clone(), kind, id: id.to_owned() };
                outcome.accepted.extend(ids.map(of));
            }
        }
        for (repository, failed) in told["failedDevinfoEntities"].as_object().into_iter().flatten() {
            outcome.read_failed(repository, failed);
        }
        let keys = list(&told["unknownIssueKeys"]);
        let associated = list(&told["unknownAssociations"]).flat_map(|it| list(&it["values"]));
        for key in keys.chain(associated).filter_map(Value::as_str) {
            outcome.unknown(key);
        }
        outcome
    }

    fn read_failed(&mut self, repository: &str, failed: &Value) {
        let repository_id = || repository.to_owned();
        if list(&failed["errorMessages"]).next().is_some() {
            let (id, words) = (repository_id(), reason(failed));
            self.refused.push(RefusedEntity { repository_id: repository_id(), kind: None, id, words });
        }
        for kind in EntityKind::ALL {
            for entity in list(&failed[kind.list()]) {
                let Some(id) = entity["id"].as_str().map(str::to_owned) else { continue };
                let words = reason(entity);
                self.refused.push(RefusedEntity { repository_id: repository_id(), kind: Some(kind), id, words });
            }
        }
    }

    fn unknown(&mut self, key: &str) {
        if !self.unknown_issue_keys.iter().any(|known| known == key) {
            self.unknown_issue_keys.push(key.to_owned());
        }
    }

    /// What became of one part added to what became of another.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.accepted.extend(other.accepted);
        self.refused.extend(other.refused);
        other.unknown_issue_keys.iter().for_each(|key| self.unknown(key));
        self
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn reason(failed: &Value) -> String {
    words::of_json(failed).unwrap_or_else(sentences::no_reason)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_read_entity_by_entity() {
        let told = json!({
            "acceptedDevinfoEntities": { "r1": { "commits": ["a", "b"], "pullRequests": ["7"] }, "r2": {} },
            "failedDevinfoEntities": {
                "r1": { "errorMessages": [], "commits": [{ "id": "c", "errorMessages": [{ "message": "Too many files", "errorTraceId": "12ab" }] }] },
                "r3": { "errorMessages": [{ "message": "url must be a valid URL" }], "branches": [{ "id": "x" }] },
            },
            "unknownIssueKeys": ["AB-1", "AB-2", "AB-1"],
            "unknownAssociations": [{ "associationType": "issueIdOrKeys", "values": ["AB-3"] }],
        });
        let outcome = Accepted::read(&told);
        assert_eq!(
            [EntityKind::Commit, EntityKind::Branch, EntityKind::PullRequest].map(|kind| outcome.count(kind)),
            [2, 0, 1]
        );
        let refused: Vec<_> = outcome
            .refused
            .iter()
            .map(|it| (it.repository_id.as_str(), it.kind, it.id.as_str(), it.words.as_str()))
            .collect();
        assert_eq!(refused[0], ("r1", Some(EntityKind::Commit), "c", "Too many files (trace 12ab)"));
        assert_eq!(refused[1], ("r3", None, "r3", "url must be a valid URL"));
        assert_eq!(refused[2].0, "r3");
        assert_eq!(outcome.unknown_issue_keys, ["AB-1", "AB-2", "AB-3"]);
    }

    #[test]
    fn everything_may_be_missing_or_nonsense() {
        assert_eq!(Accepted::read(&json!({})), Accepted::default());
        let nonsense = json!({
            "acceptedDevinfoEntities": [1], "failedDevinfoEntities": { "r": 7 }, "unknownIssueKeys": { "a": 1 },
            "unknownAssociations": ["x"],
        });
        assert_eq!(Accepted::read(&nonsense), Accepted::default());
    }
}
