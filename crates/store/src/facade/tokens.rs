//! The facade's own tokens, which do not expire; only their hashes are kept.

use model::Millis;

use super::Grant;
use super::grants::grant_columns;
use crate::database::{execute, execute_live, read};
use crate::{Result, Store, WriteTx};

/// A token that a Jira has. The token itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FacadeToken {
    /// Inner id.
    #[sqlx(rename = "token_id")]
    pub id: i64,
    /// Whose eyes it sees with.
    pub grant_id: i64,
    /// When it was handed out.
    #[sqlx(rename = "token_created_at")]
    pub created_at: Millis,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    token: FacadeToken,
    #[sqlx(flatten)]
    grant: Grant,
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT t.id AS token_id, t.grant_id, t.created_at AS token_created_at, t.last_used_at, t.revoked_at, ",
            grant_columns!(),
            " FROM facade_token t JOIN facade_grant g ON g.id = t.grant_id JOIN host h ON h.id = g.host_id WHERE ",
            $where
        )
    };
}

impl Store {
    /// The token with this hash, unless revoked, and its grant, however that is doing; notes its use at most once a minute.
    pub async fn facade_token(&self, token_hash: &str, now: Millis) -> Result<Option<(FacadeToken, Grant)>> {
        const FIND: &str = select!("t.token_hash = $1 AND t.revoked_at IS NULL");
        const NOTE: &str = "UPDATE facade_token SET last_used_at = $2 WHERE id = $1";
        let found: Option<Row> = read!(self, |db| sqlx::query_as(FIND).bind(token_hash).fetch_optional(db))?;
        let Some(Row { token, grant }) = found else { return Ok(None) };
        if self.token_uses().is_to_be_noted(token.id, token.last_used_at, now) {
            execute_live!(aside self, sqlx::query(NOTE).bind(token.id).bind(now))?;
        }
        Ok(Some((token, grant)))
    }

    /// The tokens that open a repository of the account, or whose grant lets the account in: newest first, revoked ones
    /// included.
    pub async fn facade_tokens_of_account(&self, account_id: i64) -> Result<Vec<(FacadeToken, Grant)>> {
        const SQL: &str = select!(
            "EXISTS (SELECT 1 FROM account a WHERE a.id = $1 AND a.grant_id = g.id) \
             OR EXISTS (SELECT 1 FROM account_repository ar JOIN repository r ON r.id = ar.repository_id \
             JOIN facade_membership fm ON fm.repository_forge_id = r.forge_id \
             WHERE ar.account_id = $1 AND ar.linked AND ar.visible AND r.host_id = g.host_id AND fm.grant_id = g.id) \
             ORDER BY t.created_at DESC, t.id DESC"
        );
        let rows: Vec<Row> = read!(self, |db| sqlx::query_as(SQL).bind(account_id).fetch_all(db))?;
        Ok(rows.into_iter().map(|row| (row.token, row.grant)).collect())
    }

    /// Makes a token useless.
    pub async fn facade_token_revoke(&self, id: i64, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE facade_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        execute_live!(aside self, sqlx::query(SQL).bind(id).bind(now))?;
        Ok(())
    }
}

impl WriteTx {
    /// Makes the tokens of every grant useless that lets no account in and opens nothing any more, because the account with
    /// that host was removed: else its Jira would have it made again with its next question.
    pub async fn facade_tokens_of_nothing_revoke(&mut self, host_id: i64, now: Millis) -> Result<u64> {
        const SQL: &str = "UPDATE facade_token SET revoked_at = $2 WHERE revoked_at IS NULL AND grant_id IN \
             (SELECT g.id FROM facade_grant g WHERE g.host_id = $1 AND g.listed_at IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM account a WHERE a.grant_id = g.id) \
             AND NOT EXISTS (SELECT 1 FROM facade_membership fm \
             JOIN repository r ON r.forge_id = fm.repository_forge_id \
             JOIN account_repository ar ON ar.repository_id = r.id \
             WHERE fm.grant_id = g.id AND r.host_id = $1 AND ar.linked AND ar.visible))";
        execute!(self.aside(), sqlx::query(SQL).bind(host_id).bind(now))
    }
}
