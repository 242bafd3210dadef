//! Who is signed in.

use model::Millis;

use crate::database::{execute_live, read};
use crate::users::user_columns;
use crate::{Result, Store, User};

impl Store {
    /// Keeps a session by the hash of its token.
    pub async fn session_insert(&self, token_hash: &str, user_id: i64, now: Millis, expires_at: Millis) -> Result<()> {
        const SQL: &str = "INSERT INTO session (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
        execute_live!(aside self, sqlx::query(SQL).bind(token_hash).bind(user_id).bind(now).bind(expires_at))?;
        Ok(())
    }

    /// Whose session it is; none when it ended or the user is locked out.
    pub async fn session_user(&self, token_hash: &str, now: Millis) -> Result<Option<User>> {
        const SQL: &str = concat!(
            "SELECT ",
            user_columns!(),
            " FROM session s JOIN app_user u ON u.id = s.user_id \
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND NOT u.disabled"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(token_hash).bind(now).fetch_optional(db))
    }

    /// Ends a session.
    pub async fn session_delete(&self, token_hash: &str) -> Result<()> {
        execute_live!(aside self, sqlx::query("DELETE FROM session WHERE token_hash = $1").bind(token_hash))?;
        Ok(())
    }

    /// Forgets sessions that ended.
    pub async fn sessions_prune(&self, now: Millis) -> Result<()> {
        execute_live!(aside self, sqlx::query("DELETE FROM session WHERE expires_at <= $1").bind(now))?;
        Ok(())
    }
}
