//! Names of git objects.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a git object: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectId(String);

/// A text that is not an object id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a git object id: expected 40 or 64 hexadecimal digits")]
pub struct InvalidObjectId;

impl ObjectId {
    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, as Jira shows them.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..7]
    }

    /// Whether this is the all-zero name that GitLab sends for "no commit" (GitLab contract §7.3).
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }
}

impl FromStr for ObjectId {
    type Err = InvalidObjectId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if well_formed { Ok(Self(text.to_ascii_lowercase())) } else { Err(InvalidObjectId) }
    }
}

impl TryFrom<String> for ObjectId {
    type Error = InvalidObjectId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ObjectId> for String {
    fn from(id: ObjectId) -> Self {
        id.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ObjectId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_or_sixty_four_hexadecimal_digits_are_an_id() {
        for length in [40, 64] {
            let id: ObjectId = "AbCdEf0123".repeat(7)[..length].parse().unwrap();
            assert_eq!(id.as_str(), &"abcdef0123".repeat(7)[..length]);
            assert_eq!(id.short(), "abcdef0");
        }
    }

    #[test]
    fn anything_else_is_none() {
        let wrong =
            ["", "abcdef0", &"a".repeat(39), &"a".repeat(41), &"g".repeat(40), &"é".repeat(20), &" a".repeat(20)];
        for text in wrong {
            assert_eq!(text.parse::<ObjectId>(), Err(InvalidObjectId), "{text:?}");
        }
    }

    #[test]
    fn zero_is_known_in_both_lengths() {
        for length in [40, 64] {
            assert!("0".repeat(length).parse::<ObjectId>().unwrap().is_zero());
        }
        assert!(!format!("{}1", "0".repeat(39)).parse::<ObjectId>().unwrap().is_zero());
    }

    #[test]
    fn json_is_checked_like_text() {
        let id: ObjectId = "a".repeat(40).parse().unwrap();
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<ObjectId>(&json).unwrap(), id);
        assert!(serde_json::from_str::<ObjectId>("\"../../etc/passwd\"").is_err());
    }
}
