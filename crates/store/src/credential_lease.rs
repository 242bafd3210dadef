//! Who may renew the tokens of an owner: one at a time over all nodes (engine §3).

use model::Millis;

use crate::database::execute_live;
use crate::{Result, Store};

impl Store {
    /// Takes the right to renew until `until`, when nobody holds it or it ran out; false when somebody does, the caller
    /// included. A new credential ends it, too.
    pub async fn credential_lease(&self, owner_id: i64, holder: &str, now: Millis, until: Millis) -> Result<bool> {
        const SQL: &str = "UPDATE credential SET refresh_holder = $2, refresh_lease_until = $4 WHERE owner_id = $1 \
                           AND (refresh_holder IS NULL OR refresh_lease_until <= $3)";
        let taken = execute_live!(aside self, sqlx::query(SQL).bind(owner_id).bind(holder).bind(now).bind(until))?;
        Ok(taken > 0)
    }

    /// Gives the right to renew back, where this holder has it still.
    pub async fn credential_lease_end(&self, owner_id: i64, holder: &str) -> Result<()> {
        const SQL: &str = "UPDATE credential SET refresh_holder = NULL, refresh_lease_until = NULL \
                           WHERE owner_id = $1 AND refresh_holder = $2";
        execute_live!(aside self, sqlx::query(SQL).bind(owner_id).bind(holder))?;
        Ok(())
    }
}
