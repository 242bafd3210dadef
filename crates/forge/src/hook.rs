//! Web hooks: how a forge is asked to call us, and what its calls say. The words for what a call asks for are
//! [`model::hook`]'s; which forge calls is told apart in `registry` alone.

pub(crate) mod loose;
pub(crate) mod ours;

use model::HostKind;
use model::secret::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{ForgeError, Problem, sentences};

/// The longest body of a call that is read, in bytes: GitLab sends no longer one (GitLab contract §7.1).
pub const MAX_HOOK_BODY: usize = 25 << 20;

/// Where a forge is to call, and the secret that it sends along. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct HookAddress {
    /// The address. Its last three segments (`/hooks/<kind>/<id>`) are taken as what tells our hooks apart for good, the
    /// rest changes with Dovetail's public address.
    pub url: Url,
    /// The secret; a forge never tells it again.
    pub secret: SecretString,
}

impl HookAddress {
    /// A refusal without its reason where that repeats our secret.
    pub(crate) fn keep_secret(&self, mut error: ForgeError) -> ForgeError {
        if let Problem::HookRefused { said, .. } = &mut error.problem
            && said.contains(self.secret.expose_secret())
        {
            said.clear();
        }
        error
    }
}

/// What a hook watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookTarget<'a> {
    /// One repository, by its forge id.
    Repository(&'a str),
    /// A group with everything below it, by its forge id.
    Group(&'a str),
}

/// A hook as the forge keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredHook {
    /// The forge's own id of it.
    pub forge_id: String,
    /// Whether the forge has switched it off after calls that failed, and registering did not bring it back.
    pub disabled: bool,
}

/// Why the body of a call cannot be understood. None repeats what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookFault {
    /// It is longer than [`MAX_HOOK_BODY`].
    TooLarge,
    /// It is no JSON, or its JSON is nested or repeated beyond reason.
    NotJson {
        /// The line at which that shows, from 1.
        line: usize,
        /// The column at which that shows, from 1.
        column: usize,
    },
    /// It is JSON, but not an object.
    NotAnObject,
    /// It does not say what an event of its kind must say.
    Lacks {
        /// What is missing, or has a wrong type: a fixed word of ours.
        field: &'static str,
    },
    /// Hosts of this kind make no calls.
    Unsupported(HostKind),
}

impl HookFault {
    /// What is wrong with the call, in one sentence.
    #[must_use]
    pub fn happened(&self) -> String {
        sentences::hook_fault(self)
    }
}

impl std::fmt::Display for HookFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.happened())
    }
}

impl std::error::Error for HookFault {}

/// The SHA-256 of a body in hexadecimal: what tells two calls apart that carry no key of their own.
pub(crate) fn digest(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// The longest delivery key that is kept as it came.
const MAX_KEY: usize = 100;
/// The longest word that is kept of an event that is ignored.
const MAX_WORD: usize = 60;

/// A delivery key as it came, or its hash where it is longer than a key needs to be or not plain.
pub(crate) fn delivery_key(key: &str) -> String {
    let plain = key.len() <= MAX_KEY && key.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { key.to_owned() } else { digest(key.as_bytes()) }
}

/// A foreign word in characters that are harmless anywhere.
pub(crate) fn harmless_word(text: &str) -> String {
    let harmless = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | ' ');
    let word: String = text.chars().take(MAX_WORD).filter(|character| harmless(*character)).collect();
    let word = word.trim();
    if word.is_empty() { "an event without a name".to_owned() } else { word.to_owned() }
}
