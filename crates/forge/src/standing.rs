//! What a check asks of a forge beside what a sync needs: its version, and how we stand in an account.

use model::ForgeRepository;

/// The version of a forge, and what that means for whoever connects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeVersion {
    /// As the forge spells it; at most 64 characters.
    pub number: String,
    /// Which of its instructions apply, a sentence each.
    pub advice: Vec<String>,
}

/// How far the role of the credential's user in an account goes; each goes as far as those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The user has no role there.
    Nothing,
    /// It sees the account, and may not read the code of what is private.
    Seeing,
    /// It may read branches, commits and merge requests.
    Reading,
    /// It may make hooks of each repository.
    RepositoryHooks,
    /// It may make a hook of the whole account.
    AccountHooks,
}

/// The standing of the credential's user in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The role in the forge's word ("Maintainer"); none without one.
    pub role: Option<String>,
    /// How far it goes.
    pub reach: Reach,
    /// The role from which on code may be read.
    pub reading_needs: &'static str,
    /// The role from which on hooks of repositories may be made.
    pub hooks_need: &'static str,
}

/// Why the code of a repository cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Its repository feature is switched off.
    SwitchedOff,
    /// The user's role is too small.
    Role,
}

/// What lies in an account, readable or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// What would be imported.
    pub repositories: Vec<ForgeRepository>,
    /// The paths of what cannot be read, and why.
    pub unreadable: Vec<(String, Unreadable)>,
    /// The paths of what is read whose merge requests are switched off.
    pub without_merge_requests: Vec<String>,
}
