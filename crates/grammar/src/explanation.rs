//! What a message says, and what it does not say.

use model::KeyForm;
use serde::Serialize;

use crate::keys::mentions;
use crate::noise::Noise;
use crate::refusal::{Refused, refused};
use crate::smart_commits::{self, Command};

/// What a message says: the answer of `dovetail explain --message` (design §8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The keys that count everywhere, each once, in order of appearance.
    pub keys: Vec<String>,
    /// What nearly is a key.
    pub refused: Vec<Refused>,
    /// The smart commits.
    pub commands: Vec<Command>,
}

/// Explains a message.
#[must_use]
pub fn explain(text: &str, noise: &Noise) -> Explanation {
    let strict = mentions(text, noise).into_iter().filter(|mention| mention.form == KeyForm::Strict);
    Explanation {
        keys: strict.map(|mention| mention.key).collect(),
        refused: refused(text, noise),
        commands: smart_commits::parse(text, noise),
    }
}
