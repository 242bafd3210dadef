//! Who may see an account.

use crate::database::{execute, read};
use crate::sql::{account_seen, execute_built};
use crate::{Lane, Result, Store, Viewer};

impl Store {
    /// The users who may see a restricted account.
    pub async fn account_readers(&self, id: i64) -> Result<Vec<i64>> {
        const SQL: &str = "SELECT user_id FROM account_reader WHERE account_id = $1 ORDER BY user_id";
        read!(self, |db| sqlx::query_scalar(SQL).bind(id).fetch_all(db))
    }

    /// Restricts an account to these users (and administrators), or opens it to all.
    pub async fn account_restrict(&self, id: i64, restricted: bool, user_ids: &[i64]) -> Result<()> {
        let readers: std::collections::BTreeSet<i64> = user_ids.iter().copied().collect();
        let mut tx = self.begin_write(Lane::Live).await?;
        execute!(tx, sqlx::query("UPDATE account SET restricted = $2 WHERE id = $1").bind(id).bind(restricted))?;
        execute!(tx, sqlx::query("DELETE FROM account_reader WHERE account_id = $1").bind(id))?;
        if !readers.is_empty() {
            execute_built!(tx, false, {
                let mut sql = sqlx::QueryBuilder::new("INSERT INTO account_reader (account_id, user_id) ");
                sql.push_values(&readers, |mut row, user_id| {
                    row.push_bind(id).push_bind(*user_id);
                });
                sql
            })?;
        }
        tx.commit().await
    }

    /// Whether the viewer may see the account.
    pub async fn account_visible(&self, viewer: Viewer, id: i64) -> Result<bool> {
        const SQL: &str = concat!("SELECT COUNT(*) FROM account a WHERE a.id = $2 AND ", account_seen!("$1"));
        let seen: i64 = read!(self, |db| sqlx::query_scalar(SQL).bind(viewer.user_id()).bind(id).fetch_one(db))?;
        Ok(seen > 0)
    }
}
