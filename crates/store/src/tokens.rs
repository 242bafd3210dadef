//! API tokens.

use model::Millis;

use crate::rows::{Word, words};
use crate::{Result, Store};

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
    pub async fn api_token_insert(&self, token_hash: &str, name: &str, scope: Scope, now: Millis) -> Result<i64> { todo!() }

    /// The token with this hash, unless revoked; notes its use at most once a minute.
    pub async fn api_token(&self, token_hash: &str, now: Millis) -> Result<Option<ApiToken>> { todo!() }

    /// Every token, newest first, revoked ones included.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>> { todo!() }

    /// Makes a token useless.
    pub async fn api_token_revoke(&self, id: i64, now: Millis) -> Result<()> { todo!() }
}
