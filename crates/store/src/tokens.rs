//! API tokens.

use std::collections::HashMap;
use std::sync::Arc;

use model::Millis;

use crate::answers::{TOKENS, Touched};
use crate::database::{Database, execute, execute_live, read};
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

/// The tokens that are not revoked, by their hashes.
pub(crate) type ActiveTokens = HashMap<String, ApiToken>;

#[derive(sqlx::FromRow)]
struct HashedToken {
    token_hash: String,
    #[sqlx(flatten)]
    token: ApiToken,
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
        const NOTE: &str = "UPDATE api_token SET last_used_at = $2 WHERE id = $1";
        let found = match self.database() {
            Database::Sqlite(_) => self.api_token_read(token_hash).await?,
            Database::Postgres(_) => match self.active_tokens().await?.get(token_hash) {
                Some(token) => Some(token.clone()),
                // Perhaps it is newer than what is kept.
                None => self.api_token_read(token_hash).await?,
            },
        };
        if let Some(token) = &found
            && self.token_uses().is_to_be_noted(token.id, token.last_used_at, now)
        {
            execute_live!(aside self, sqlx::query(NOTE).bind(token.id).bind(now))?;
        }
        Ok(found)
    }

    /// SQLite is asked each time: it answers at once, and nobody tells what the command line changes in another process.
    async fn api_token_read(&self, token_hash: &str) -> Result<Option<ApiToken>> {
        const SQL: &str = "SELECT id, name, scope, created_at, last_used_at, revoked_at FROM api_token \
                           WHERE token_hash = $1 AND revoked_at IS NULL";
        read!(self, |db| sqlx::query_as(SQL).bind(token_hash).fetch_optional(db))
    }

    /// On PostgreSQL a question waits for its turn behind whatever the server is busy with, and who revokes a token tells all
    /// nodes.
    async fn active_tokens(&self) -> Result<Arc<ActiveTokens>> {
        const SQL: &str = "SELECT token_hash, id, name, scope, created_at, last_used_at, revoked_at FROM api_token \
                           WHERE revoked_at IS NULL";
        let changes = match self.kept_tokens().take() {
            Ok(tokens) => return Ok(tokens),
            Err(changes) => changes,
        };
        let rows: Vec<HashedToken> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        let tokens = Arc::new(rows.into_iter().map(|row| (row.token_hash, row.token)).collect());
        self.kept_tokens().keep(&tokens, changes);
        Ok(tokens)
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
        let mut tx = self.begin_write(Lane::Live).await?;
        execute!(tx.aside(), sqlx::query(SQL).bind(id).bind(now))?;
        tx.touched_only(Touched::nothing(), [TOKENS]);
        tx.commit().await?;
        Ok(())
    }
}
