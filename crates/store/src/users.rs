//! People who use Dovetail, and the one-time links that let them in.

use model::Millis;

use crate::rows::{Word, words};
use crate::{Result, Store};

words! {
    /// What a user may do.
    Role {
        /// Everything.
        Admin = "admin",
        /// Look.
        Reader = "reader",
    }
}

words! {
    /// What a one-time link is for.
    Purpose {
        /// Making the first administrator.
        Setup = "setup",
        /// Choosing the first password.
        Invite = "invite",
        /// Choosing a new password.
        Reset = "reset",
    }
}

/// A user of Dovetail.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct User {
    /// Inner id.
    pub id: i64,
    /// The log-in name, lower case.
    pub login: String,
    /// The display name.
    pub name: String,
    /// What the user may do.
    #[sqlx(try_from = "Word<Role>")]
    pub role: Role,
    /// Whether the user is locked out.
    pub disabled: bool,
    /// Whether a password was chosen.
    pub has_password: bool,
    /// When the user was made.
    pub created_at: Millis,
}

/// A one-time link.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Invitation {
    /// What it is for.
    #[sqlx(try_from = "Word<Purpose>")]
    pub purpose: Purpose,
    /// Whom it is for; none for set-up.
    pub user_id: Option<i64>,
    /// Until when it is good.
    pub expires_at: Millis,
}

impl Store {
    /// Every user, in order of log-in names.
    pub async fn users(&self) -> Result<Vec<User>> { todo!() }

    /// One user.
    pub async fn user(&self, id: i64) -> Result<Option<User>> { todo!() }

    /// The user with this log-in name in any case, and the hash of the password.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<(User, Option<String>)>> { todo!() }

    /// How many users there are.
    pub async fn users_count(&self) -> Result<i64> { todo!() }

    /// Adds a user. [`crate::StoreError::LoginTaken`] when the log-in name is taken in any case.
    pub async fn user_insert(&self, login: &str, name: &str, role: Role, password_hash: Option<&str>, now: Millis) -> Result<i64> { todo!() }

    /// Sets the password, and ends the user's sessions.
    pub async fn user_set_password(&self, id: i64, password_hash: &str) -> Result<()> { todo!() }

    /// Locks a user out, ending the sessions, or lets the user in again.
    pub async fn user_set_disabled(&self, id: i64, disabled: bool) -> Result<()> { todo!() }

    /// Sets what a user may do.
    pub async fn user_set_role(&self, id: i64, role: Role) -> Result<()> { todo!() }

    /// Keeps a one-time link by the hash of its token.
    pub async fn invitation_put(&self, token_hash: &str, purpose: Purpose, user_id: Option<i64>, expires_at: Millis) -> Result<()> { todo!() }

    /// Uses a one-time link up; of several callers, one gets it.
    pub async fn invitation_take(&self, token_hash: &str, now: Millis) -> Result<Option<Invitation>> { todo!() }

    /// Looks at a one-time link.
    pub async fn invitation(&self, token_hash: &str, now: Millis) -> Result<Option<Invitation>> { todo!() }

    /// Makes every link of this purpose useless.
    pub async fn invitations_clear(&self, purpose: Purpose) -> Result<()> { todo!() }
}
