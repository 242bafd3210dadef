//! Accounts and repositories as a forge tells them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::mention::{UnknownWord, words};

/// What stands behind "Team or User Account".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// A group or subgroup.
    Group,
    /// A personal namespace.
    User,
    /// A folder on this machine.
    Folder,
}

words!(AccountKind { Group = "group", User = "user", Folder = "folder" });

/// A team or user on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeAccount {
    /// The forge's own id of the group, the user or the folder.
    pub forge_id: String,
    /// Group, user or folder.
    pub kind: AccountKind,
    /// The full path as the forge spells it.
    pub path: String,
    /// The display name.
    pub name: String,
    /// Its page, where there is one.
    pub web_url: Option<String>,
}

/// One repository of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeRepository {
    /// The forge's own id, which renames and moves keep.
    pub forge_id: String,
    /// The display name.
    pub name: String,
    /// The full path (`group/sub/project`).
    pub path: String,
    /// Its page; for a folder, none.
    pub web_url: Option<String>,
    /// Where git reads it: an http(s) URL as the forge tells it, or a path on this machine.
    pub git_url: String,
    /// The default branch; none when empty or hidden.
    pub default_branch: Option<String>,
    /// The forge's id of the repository it was forked from.
    pub fork_of: Option<String>,
    /// Whether it is archived (nothing new will come).
    pub archived: bool,
    /// Whether the forge says that it holds no commits.
    pub empty: bool,
    /// When something last happened in it.
    pub last_activity_at: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_accounts_are_the_same_in_text_and_in_json() {
        for kind in [AccountKind::Group, AccountKind::User, AccountKind::Folder] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.to_string());
        }
    }
}
