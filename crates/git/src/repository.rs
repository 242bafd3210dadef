//! Making and changing bare repositories, for the sandbox and for tests.

use std::path::Path;

use model::ObjectId;
use tokio::io::AsyncRead;

use crate::{Git, GitError};

/// A ref of a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref {
    /// Its full name (`refs/heads/main`).
    pub name: String,
    /// What it points at.
    pub id: ObjectId,
}

/// A change of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefUpdate {
    /// Creates or moves it.
    Set {
        /// Its full name.
        name: String,
        /// Its new value.
        id: ObjectId,
    },
    /// Deletes it.
    Delete {
        /// Its full name.
        name: String,
    },
}

impl Git {
    /// Makes an empty bare repository whose HEAD names `main`; parents are made too.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn init_bare(&self, path: &Path) -> Result<(), GitError> {
        let _ = path;
        todo!()
    }

    /// As [`Git::init_bare`], naming objects by SHA-256.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn init_bare_sha256(&self, path: &Path) -> Result<(), GitError> {
        let _ = path;
        todo!()
    }

    /// Makes a bare repository with the branches and tags of another, whose objects it borrows.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], or where git fails.
    pub async fn clone_borrowing(&self, source: &Path, target: &Path) -> Result<(), GitError> {
        let _ = (source, target);
        todo!()
    }

    /// Imports a fast-import stream.
    ///
    /// # Errors
    /// [`GitError::Corrupt`] where the stream is malformed.
    pub async fn fast_import(&self, path: &Path, stream: impl AsyncRead + Send + Unpin) -> Result<(), GitError> {
        let _ = (path, stream);
        todo!()
    }

    /// The refs below a prefix (`refs/`), by name.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn refs(&self, path: &Path, prefix: &str) -> Result<Vec<Ref>, GitError> {
        let _ = (path, prefix);
        todo!()
    }

    /// Changes refs, all or none. Deletions come first, so that `df` can become `df/x`.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn update_refs(&self, path: &Path, updates: &[RefUpdate]) -> Result<(), GitError> {
        let _ = (path, updates);
        todo!()
    }

    /// Lets HEAD name a branch (without `refs/heads/`).
    ///
    /// # Errors
    /// Where git fails.
    pub async fn set_head(&self, path: &Path, branch: &str) -> Result<(), GitError> {
        let _ = (path, branch);
        todo!()
    }

    /// The commit that a revision names; none where there is none.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn rev_parse(&self, path: &Path, revision: &str) -> Result<Option<ObjectId>, GitError> {
        let _ = (path, revision);
        todo!()
    }

    /// Whether `ancestor` is reachable from `descendant`.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn is_ancestor(&self, path: &Path, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, GitError> {
        let _ = (path, ancestor, descendant);
        todo!()
    }
}
