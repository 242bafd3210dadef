//! Forgetting repositories that no account sees any more, in small steps.

use crate::{Result, Store, WriteTx};

impl Store {
    /// Repositories that no account sees any more.
    pub async fn orphan_repositories(&self) -> Result<Vec<i64>> { todo!() }

    /// Forgets an orphan with everything of it, and commits that are in no other repository, in bulk transactions of at
    /// most 500 rows. May be stopped anywhere and called again; stops by itself, and answers false, when an account sees
    /// the repository again.
    pub async fn purge_repository(&self, id: i64) -> Result<bool> { todo!() }
}

impl WriteTx {
    /// Removes the row of a repository that was emptied before.
    pub async fn repository_delete(&mut self, id: i64) -> Result<()> { todo!() }
}
