//! The fact that a text names an issue.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What can name an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// A commit, by its message.
    Commit,
    /// A branch, by its name.
    Branch,
    /// A merge request, by title, description, source branch and commits.
    MergeRequest,
}

/// How a key stands in the text (design §5): strict ones count always, the others only where a site knows the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyForm {
    /// Upper case, no underscore, not noise.
    Strict,
    /// Some letter of the project part is lower case.
    OtherCase,
    /// The project part contains an underscore.
    Underscore,
    /// The project part is on the noise list (`UTF-8`, `CVE-2024`).
    Noise,
}

/// One issue key in one text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mention {
    /// The key in upper case, digits as written (`ABC-007`).
    pub key: String,
    /// How it stood there.
    pub form: KeyForm,
}

/// A word that is none of the stable names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {0:?}")]
pub struct UnknownWord(pub String);

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// The stable name, as in the store and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord(text.to_owned())) }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words!(EntityKind { Commit = "commit", Branch = "branch", MergeRequest = "merge_request" });
words!(KeyForm { Strict = "strict", OtherCase = "other_case", Underscore = "underscore", Noise = "noise" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_names_are_the_same_in_text_and_in_json() {
        for form in [KeyForm::Strict, KeyForm::OtherCase, KeyForm::Underscore, KeyForm::Noise] {
            assert_eq!(form.as_str().parse(), Ok(form));
            assert_eq!(serde_json::to_value(form).unwrap(), form.to_string());
        }
        for kind in [EntityKind::Commit, EntityKind::Branch, EntityKind::MergeRequest] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.to_string());
        }
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = "Strict".parse::<KeyForm>().unwrap_err();
        assert_eq!(error.to_string(), "unknown word \"Strict\"");
    }
}
