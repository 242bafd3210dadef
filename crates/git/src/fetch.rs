//! Bringing objects into the cache.

use model::ObjectId;

use crate::{Cache, GitError, Remote};

/// What a fetch leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Folders and files: commits alone come (`tree:0`).
    Treeless,
    /// Files (`blob:none`).
    Blobless,
    /// Nothing: the whole repository.
    None,
}

/// What a fetch left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// How many packs the cache holds now; from 50 on, [`Cache::gc`] is due.
    pub packs: usize,
}

impl Cache {
    /// Fetches commits by id with their history; nothing where all are here or the repository is local.
    /// `tips` are commits that the cache may hold already (absent ones are left out), newest first.
    ///
    /// # Errors
    /// [`GitError::NotOurRef`]: list again and retry. [`GitError::FilterUnsupported`]: nothing was fetched, take the next weaker filter.
    /// [`GitError::Unauthorised`], [`GitError::Redirected`] and so on.
    pub async fn fetch(&self, remote: &Remote, wants: &[ObjectId], tips: &[ObjectId], filter: Filter) -> Result<Fetched, GitError> {
        let _ = (remote, wants, tips, filter);
        todo!()
    }
}
