//! Web hooks: what watches, and what a call asks for, in the words of no forge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::mention::{UnknownWord, words};

/// What a hook watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HookScope {
    /// One repository.
    Repository,
    /// A group, with everything below it.
    Group,
}

words!(HookScope { Repository = "repository", Group = "group" });

/// What a call asks to be looked at. It is a hint and no fact: calls are lost, doubled and out of order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookEvent {
    /// A branch was created, moved or deleted.
    Push,
    /// Something happened to a merge request.
    MergeRequest {
        /// Its number in the repository.
        number: i64,
    },
    /// Someone wrote a note, or changed one.
    Note {
        /// The number of the merge request that it is about; none where it is about something else.
        merge_request: Option<i64>,
    },
    /// A repository came, went, moved or was renamed.
    RepositoryChanged,
    /// The forge was asked for an example: the hook works, and nothing happened.
    Test,
    /// Nothing that is kept here.
    Ignored {
        /// What the forge calls it: at most 60 letters, digits, blanks, `_` and `-`.
        what: String,
    },
}

/// What a call of a forge says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookNews {
    /// The forge's id of the repository; none where the account's list is to be read, and where an ignored event names
    /// none.
    pub repository_forge_id: Option<String>,
    /// What is to be looked at.
    pub event: HookEvent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_the_same_in_text_and_in_json() {
        for scope in [HookScope::Repository, HookScope::Group] {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.to_string());
        }
    }
}
