//! Commits, and what they changed.

use serde::{Deserialize, Serialize};

use crate::{Millis, ObjectId};

/// Who wrote or committed a commit, as the commit object says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    /// The name, as written; may be empty.
    pub name: String,
    /// The e-mail, as written; may be empty or nonsense. Never log it.
    pub email: String,
}

/// One commit, its text decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its object id.
    pub id: ObjectId,
    /// Its parents, in order; more than one is a merge.
    pub parents: Vec<ObjectId>,
    /// Who wrote it.
    pub author: Person,
    /// When it was written.
    pub authored_at: Millis,
    /// Who committed it.
    pub committer: Person,
    /// When it was committed.
    pub committed_at: Millis,
    /// The whole message, decoded ([`crate::text`]).
    pub message: String,
    /// Whether decoding the message lost something.
    pub lossy: bool,
}

impl Commit {
    /// Whether it joins several lines of history.
    #[must_use]
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }
}

/// One file that a commit touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// The path in the repository.
    pub path: String,
    /// `ADDED`, `REMOVED`, `MODIFIED` or `MOVED`, in Jira's words.
    pub change: String,
    /// Lines added, where the forge tells.
    pub additions: Option<u64>,
    /// Lines removed, where the forge tells.
    pub deletions: Option<u64>,
}

/// What a commit changed, asked of the forge on demand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Statistics {
    /// Lines added in all files.
    pub additions: u64,
    /// Lines removed in all files.
    pub deletions: u64,
    /// How many files were touched, also where `files` is cut.
    pub file_count: u64,
    /// The files, at most [`Statistics::MAX_FILES`].
    pub files: Vec<FileChange>,
}

impl Statistics {
    /// How many files are kept for one commit.
    pub const MAX_FILES: usize = 200;
}
