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

/// What happened to a file in a commit. A renamed one counts as removed and added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// It was not there before.
    Added,
    /// Its content, mode or kind changed.
    Modified,
    /// It is not there any more.
    Removed,
}

impl FileStatus {
    /// GitHub's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Removed => "removed",
        }
    }
}

/// A file that a commit touched, compared with its first parent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommitFile {
    /// The path in the repository, decoded ([`crate::text`]).
    pub path: String,
    /// What happened to it.
    pub change: FileStatus,
}

/// The files that a commit touched, in git's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitFiles {
    /// At most [`CommitFiles::MAX_FILES`].
    pub files: Vec<CommitFile>,
    /// Whether there were more, or some whose path is longer than [`CommitFiles::MAX_PATH`], or all of them together longer
    /// than [`CommitFiles::MAX_BYTES`].
    pub cut: bool,
}

impl CommitFiles {
    /// How many files are kept for one commit: where GitLab's own diffs end by default.
    pub const MAX_FILES: usize = 1_000;
    /// The longest path that is kept, in bytes: what operating systems take.
    pub const MAX_PATH: usize = 4_096;
    /// The longest that all paths together may be, in bytes as git has them.
    pub const MAX_BYTES: usize = 256 * 1024;
}
