//! Who is signed in.

use model::Millis;

use crate::{Result, Store, User};

impl Store {
    /// Keeps a session by the hash of its token.
    pub async fn session_insert(&self, token_hash: &str, user_id: i64, now: Millis, expires_at: Millis) -> Result<()> { todo!() }

    /// Whose session it is; none when it ended or the user is locked out.
    pub async fn session_user(&self, token_hash: &str, now: Millis) -> Result<Option<User>> { todo!() }

    /// Ends a session.
    pub async fn session_delete(&self, token_hash: &str) -> Result<()> { todo!() }

    /// Forgets sessions that ended.
    pub async fn sessions_prune(&self, now: Millis) -> Result<()> { todo!() }
}
