//! What a full sync of a repository changed, and whether a person paused its syncs.

use model::{Millis, SyncChanges};

use crate::database::{execute, execute_live};
use crate::{Result, Store, WriteTx};

impl WriteTx {
    /// Keeps what a full sync that ended now changed, in place of what the one before did.
    pub async fn repository_changes(&mut self, id: i64, changes: &SyncChanges, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE repository SET changes = $2, changes_at = $3 WHERE id = $1";
        let changes = serde_json::json!(changes).to_string();
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(changes.as_str()).bind(now))?;
        Ok(())
    }
}

impl Store {
    /// Pauses its syncs, or lets them go on.
    pub async fn repository_set_paused(&self, id: i64, paused: bool) -> Result<()> {
        const SQL: &str = "UPDATE repository SET paused = $2 WHERE id = $1";
        execute_live!(aside self, sqlx::query(SQL).bind(id).bind(paused))?;
        Ok(())
    }
}
