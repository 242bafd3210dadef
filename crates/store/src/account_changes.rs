//! What changes of an account after it was connected: where the forge has it, and who authorised it.

use model::ForgeAccount;

use crate::database::execute;
use crate::{Result, WriteTx};

impl WriteTx {
    /// Follows an account that the forge renamed or moved; its forge id is what it keeps. False, and nothing is written, when
    /// another account of the host has the new path still.
    pub async fn account_moved(&mut self, id: i64, there: &ForgeAccount) -> Result<bool> {
        const SQL: &str = "UPDATE account SET path = $2, path_folded = $3, name = $4, web_url = $5 WHERE id = $1 \
                           AND NOT EXISTS (SELECT 1 FROM account other WHERE other.host_id = account.host_id \
                           AND other.path_folded = $3 AND other.id <> $1)";
        let folded = there.path.to_lowercase();
        let moved = execute!(
            self,
            sqlx::query(SQL)
                .bind(id)
                .bind(there.path.as_str())
                .bind(folded.as_str())
                .bind(there.name.as_str())
                .bind(there.web_url.as_deref())
        )?;
        Ok(moved > 0)
    }

    /// Notes that an account was authorised anew, by an application or (none) by a token: from now on it has a credential of
    /// its own, its error is cleared, and where it waited for this it goes on. A paused one stays paused.
    pub async fn account_authorised(&mut self, id: i64, application_id: Option<i64>) -> Result<()> {
        const SQL: &str = "UPDATE account SET application_id = $2, grant_id = NULL, error_kind = NULL, error = NULL, \
                           state = CASE WHEN state = 'needs_authorisation' THEN 'active' ELSE state END WHERE id = $1";
        execute!(self, sqlx::query(SQL).bind(id).bind(application_id))?;
        Ok(())
    }

    /// Lets an account be reached with the credential of a grant, and forgets its own.
    pub async fn account_granted(&mut self, id: i64, grant_id: i64) -> Result<()> {
        const SQL: &str = "UPDATE account SET grant_id = $2, \
                           application_id = (SELECT g.application_id FROM facade_grant g WHERE g.id = $2) WHERE id = $1";
        self.credential_remove(id).await?;
        execute!(self, sqlx::query(SQL).bind(id).bind(grant_id))?;
        Ok(())
    }
}
