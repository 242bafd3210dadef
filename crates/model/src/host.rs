//! Kinds of forge servers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What kind of forge a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HostKind {
    /// GitLab.com or a GitLab of one's own.
    Gitlab,
    /// GitHub Enterprise, github.com, or an old GitLab's GitHub-compatible API.
    Github,
    /// A folder of git repositories on this machine.
    Folder,
}

/// A word that names no kind of host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown host kind (known: gitlab, github, folder)")]
pub struct UnknownHostKind;

impl HostKind {
    /// The stable name, as in the store, in addresses and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gitlab => "gitlab",
            Self::Github => "github",
            Self::Folder => "folder",
        }
    }
}

impl FromStr for HostKind {
    type Err = UnknownHostKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "gitlab" => Ok(Self::Gitlab),
            "github" => Ok(Self::Github),
            "folder" => Ok(Self::Folder),
            _ => Err(UnknownHostKind),
        }
    }
}

impl fmt::Display for HostKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_names_are_the_same_in_text_and_in_json() {
        for kind in [HostKind::Gitlab, HostKind::Github, HostKind::Folder] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.to_string());
        }
        assert_eq!("GitLab".parse::<HostKind>(), Err(UnknownHostKind));
    }
}
