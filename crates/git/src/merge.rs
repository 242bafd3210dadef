//! Commits made without a working folder, for the sandbox and for tests.

use std::path::Path;

use model::{Millis, ObjectId, Person};

use crate::{Git, GitError};

/// A commit to be made.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// Its tree; none: the empty one.
    pub tree: Option<&'a ObjectId>,
    /// Its parents.
    pub parents: &'a [ObjectId],
    /// Author and committer.
    pub author: &'a Person,
    /// Author and committer date; kept to the second.
    pub at: Millis,
    /// The message.
    pub message: &'a str,
}

/// How a source joins a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeMethod {
    /// A commit with both as parents.
    MergeCommit,
    /// A commit with the target as its parent and the source's changes.
    Squash,
    /// The source itself, where the target is its ancestor.
    FastForward,
}

/// A merge to be made.
#[derive(Debug, Clone)]
pub struct Merge<'a> {
    /// How.
    pub method: MergeMethod,
    /// The head of the target branch.
    pub target: &'a ObjectId,
    /// The head of the source branch.
    pub source: &'a ObjectId,
    /// Who merges.
    pub author: &'a Person,
    /// When.
    pub at: Millis,
    /// The message of a merge or squash commit.
    pub message: &'a str,
}

impl Git {
    /// Makes a commit; no ref moves.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn commit_tree(&self, path: &Path, commit: &NewCommit<'_>) -> Result<ObjectId, GitError> {
        let _ = (path, commit);
        todo!()
    }

    /// Merges; returns the target's new head. No ref moves.
    ///
    /// # Errors
    /// [`GitError::Conflict`] where both changed the same lines, or a fast-forward is not possible.
    pub async fn merge(&self, path: &Path, merge: &Merge<'_>) -> Result<ObjectId, GitError> {
        let _ = (path, merge);
        todo!()
    }
}
