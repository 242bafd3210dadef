//! Hosts that do not answer: how long, and when they do again.

use model::Millis;

use crate::database::{execute_live, read, within};
use crate::{Lane, Result, Store, StoreError};

/// Why a host is paused that does not answer; [`Store::host_answered`] lifts only such a pause.
pub const DOWN: &str = "down";

impl Store {
    /// Notes that a host could not be reached, or answered with an error of its own; answers how often in a row by now.
    pub async fn host_failed(&self, id: i64, now: Millis) -> Result<i64> {
        const SQL: &str = "UPDATE host SET failures = failures + 1, failing_since = COALESCE(failing_since, $2) \
                           WHERE id = $1 RETURNING failures";
        let mut tx = self.begin_write(Lane::Live).await?;
        let failures: Option<i64> =
            within!(tx.aside(), |db| sqlx::query_scalar(SQL).bind(id).bind(now).fetch_optional(db))?;
        tx.commit().await?;
        failures.ok_or(StoreError::Missing { what: "host" })
    }

    /// Notes that a host answers: forgets its failures, and ends the pause that they led to.
    pub async fn host_answered(&self, id: i64) -> Result<()> {
        // Nearly always there is nothing to forget, and then nobody waits for his turn to write.
        const FAILS: &str = "SELECT COUNT(*) FROM host WHERE id = $1 AND (failures > 0 OR paused_reason = $2)";
        const SQL: &str = "UPDATE host SET failures = 0, failing_since = NULL, \
                           paused_until = CASE WHEN paused_reason = $2 THEN NULL ELSE paused_until END, \
                           paused_reason = CASE WHEN paused_reason = $2 THEN NULL ELSE paused_reason END WHERE id = $1";
        let fails: i64 = read!(self, |db| sqlx::query_scalar(FAILS).bind(id).bind(DOWN).fetch_one(db))?;
        if fails > 0 {
            execute_live!(aside self, sqlx::query(SQL).bind(id).bind(DOWN))?;
        }
        Ok(())
    }
}
