//! Finding commits by the beginning of their ids.

use crate::{RepositoryRef, Result, Store, StoredCommit, Viewer};

impl Store {
    /// Commits whose object ids begin with these hexadecimal digits, with the repositories they are shown in to the
    /// viewer (the first is the one they are shown under); commits that are shown in none are left out.
    pub async fn commits_by_prefix(&self, viewer: Viewer, hex: &str, limit: i64) -> Result<Vec<(StoredCommit, Vec<RepositoryRef>)>> { todo!() }
}
