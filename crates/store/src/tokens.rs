//! API tokens.

use model::Millis;

use crate::database::{execute, execute_live, read};
use crate::rows::{Word, words};
use crate::{Lane, Result, Store};

words! {
    /// What an API token may do.
    Scope {
        /// Look.
        Read = "read",
        /// Everything.
        Admin = "admin",
    }
}

/// An API token; the token itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiToken {
    /// Inner id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What it may do.
    #[sqlx(try_from = "Word<Scope>")]
    pub scope: Scope,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
}

impl Store {
    /// Keeps a token by its hash.
    pub async fn api_token_insert(&self, token_hash: &str, name: &str, scope: Scope, now: Millis) -> Result<i64> {
        const SQL: &str = "INSERT INTO api_token (id, token_hash, name, scope, created_at) VALUES ($1, $2, $3, $4, $5)";
        let mut tx = self.begin_write(Lane::Live).await?;
        let id = tx.ids(1).await?;
        execute!(tx.aside(), sqlx::query(SQL).bind(id).bind(token_hash).bind(name).bind(scope.as_str()).bind(now))?;
        tx.commit().await?;
        Ok(id)
    }

    /// The token with this hash, unless revoked; notes its use at most once a minute.
    pub async fn api_token(&self, token_hash: &str, now: Millis) -> Result<Option<ApiToken>> {
        const FIND: &str = "SELECT id, name, scope, created_at, last_used_at, revoked_at FROM api_token \
                            WHERE token_hash = $1 AND revoked_at IS NULL";
        const NOTE: &str = "UPDATE api_token SET last_used_at = $2 WHERE id = $1";
        let found: Option<ApiToken> = read!(self, |db| sqlx::query_as(FIND).bind(token_hash).fetch_optional(db))?;
        if let Some(token) = &found
            && self.token_uses().is_to_be_noted(token.id, token.last_used_at, now)
        {
            execute_live!(aside self, sqlx::query(NOTE).bind(token.id).bind(now))?;
        }
        Ok(found)
    }

    /// Every token, newest first, revoked ones included.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>> {
        const SQL: &str = "SELECT id, name, scope, created_at, last_used_at, revoked_at FROM api_token \
                           ORDER BY created_at DESC, id DESC";
        read!(self, |db| sqlx::query_as(SQL).fetch_all(db))
    }

    /// Makes a token useless.
    pub async fn api_token_revoke(&self, id: i64, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        execute_live!(aside self, sqlx::query(SQL).bind(id).bind(now))?;
        Ok(())
    }
}
