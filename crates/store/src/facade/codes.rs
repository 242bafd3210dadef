//! Codes: what a browser carries from the consent to Jira, which exchanges it for a token.

use model::Millis;

use crate::database::{execute, within};
use crate::{Lane, Result, Store, WriteTx};

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeExchange {
    /// The token is kept.
    Exchanged {
        /// Its inner id.
        token_id: i64,
    },
    /// It was exchanged before, so one of both was stolen: the token of the first exchange is revoked.
    Reused,
    /// Unknown, expired, or given to another application.
    Unknown,
}

/// For how long after its end a used code is remembered, so that a second use is noticed: a day.
const REMEMBERED: Millis = 24 * 60 * 60 * 1000;

impl WriteTx {
    /// Keeps a code by its hash, until `expires_at`. Old ones are forgotten.
    pub async fn facade_code_put(
        &mut self,
        code_hash: &str,
        application_id: i64,
        grant_id: i64,
        now: Millis,
        expires_at: Millis,
    ) -> Result<()> {
        const FORGET: &str = "DELETE FROM facade_code WHERE expires_at <= $1";
        const INSERT: &str = "INSERT INTO facade_code (code_hash, application_id, grant_id, expires_at) \
                              VALUES ($1, $2, $3, $4)";
        execute!(self.aside(), sqlx::query(FORGET).bind(now - REMEMBERED))?;
        execute!(
            self.aside(),
            sqlx::query(INSERT).bind(code_hash).bind(application_id).bind(grant_id).bind(expires_at)
        )?;
        Ok(())
    }

    async fn facade_code_take(
        &mut self,
        code_hash: &str,
        application_id: i64,
        token_id: i64,
        now: Millis,
    ) -> Result<Option<i64>> {
        const TAKE: &str = "UPDATE facade_code SET token_id = $3 WHERE code_hash = $1 AND application_id = $2 \
                            AND token_id IS NULL AND expires_at > $4 RETURNING grant_id";
        within!(self.aside(), |db| sqlx::query_scalar(TAKE)
            .bind(code_hash)
            .bind(application_id)
            .bind(token_id)
            .bind(now)
            .fetch_optional(db))
    }
}

impl Store {
    /// Exchanges a code for a token, which is kept by its hash. Of several callers one gets it, and its token is revoked.
    pub async fn facade_code_exchange(
        &self,
        code_hash: &str,
        application_id: i64,
        token_hash: &str,
        now: Millis,
    ) -> Result<CodeExchange> {
        const TOKEN: &str = "INSERT INTO facade_token (id, token_hash, grant_id, created_at) VALUES ($1, $2, $3, $4)";
        const REVOKE: &str = "UPDATE facade_token SET revoked_at = COALESCE(revoked_at, $3) WHERE id = \
                              (SELECT token_id FROM facade_code WHERE code_hash = $1 AND application_id = $2)";
        let mut tx = self.begin_write(Lane::Live).await?;
        let token_id = tx.ids(1).await?;
        let outcome = match tx.facade_code_take(code_hash, application_id, token_id, now).await? {
            Some(grant_id) => {
                execute!(tx.aside(), sqlx::query(TOKEN).bind(token_id).bind(token_hash).bind(grant_id).bind(now))?;
                CodeExchange::Exchanged { token_id }
            }
            None => {
                let revoked = execute!(tx.aside(), sqlx::query(REVOKE).bind(code_hash).bind(application_id).bind(now))?;
                if revoked > 0 { CodeExchange::Reused } else { CodeExchange::Unknown }
            }
        };
        tx.commit().await?;
        Ok(outcome)
    }
}
