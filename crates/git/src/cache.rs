//! Where objects are kept between syncs: packs and no refs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use model::ObjectId;

use crate::{Git, GitError, Remote};

/// The objects of a repository: a bare repository without refs for a server, the repository itself for a local one.
#[derive(Debug, Clone)]
pub struct Cache {
    pub(crate) git: Git,
    pub(crate) directory: PathBuf,
}

impl Git {
    /// Opens the cache in `directory`, makes it if it is missing, and removes what killed fetches left behind.
    /// For a local repository nothing is made: it is read where it is.
    ///
    /// # Errors
    /// [`GitError::NotARepository`] for a local path that is none; [`GitError::Other`] where the folder cannot be made.
    pub async fn cache(&self, directory: &Path, remote: &Remote, sha256: bool) -> Result<Cache, GitError> {
        let _ = (directory, remote, sha256);
        todo!()
    }
}

impl Cache {
    /// Which of these are here, as commits.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn present(&self, ids: &[ObjectId]) -> Result<HashSet<ObjectId>, GitError> {
        let _ = (ids, &self.git, &self.directory);
        todo!()
    }

    /// Joins the packs into one; due from 50 packs on ([`crate::Fetched::packs`]). Nothing for a local repository.
    ///
    /// # Errors
    /// [`GitError::Busy`] while a fetch runs; where git fails.
    pub async fn gc(&self) -> Result<(), GitError> {
        todo!()
    }
}
