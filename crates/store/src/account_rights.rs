//! Who may see an account.

use crate::{Result, Store, Viewer};

impl Store {
    /// The users who may see a restricted account.
    pub async fn account_readers(&self, id: i64) -> Result<Vec<i64>> { todo!() }

    /// Restricts an account to these users (and administrators), or opens it to all.
    pub async fn account_restrict(&self, id: i64, restricted: bool, user_ids: &[i64]) -> Result<()> { todo!() }

    /// Whether the viewer may see the account.
    pub async fn account_visible(&self, viewer: Viewer, id: i64) -> Result<bool> { todo!() }
}
