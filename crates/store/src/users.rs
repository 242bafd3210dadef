//! People who use Dovetail, and the one-time links that let them in.

use model::Millis;

use crate::database::{execute, execute_live, read, within};
use crate::rows::{Word, words};
use crate::{Lane, Result, Store, StoreError};

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

/// The columns of [`User`], of `app_user u`.
macro_rules! user_columns {
    () => {
        "u.id, u.login, u.name, u.role, u.disabled, (u.password_hash IS NOT NULL) AS has_password, u.created_at"
    };
}
pub(crate) use user_columns;

#[derive(sqlx::FromRow)]
struct WithPassword {
    #[sqlx(flatten)]
    user: User,
    password_hash: Option<String>,
}

impl Store {
    /// Every user, in order of log-in names.
    pub async fn users(&self) -> Result<Vec<User>> {
        const SQL: &str = concat!("SELECT ", user_columns!(), " FROM app_user u ORDER BY u.login");
        read!(self, |db| sqlx::query_as(SQL).fetch_all(db))
    }

    /// One user.
    pub async fn user(&self, id: i64) -> Result<Option<User>> {
        const SQL: &str = concat!("SELECT ", user_columns!(), " FROM app_user u WHERE u.id = $1");
        read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))
    }

    /// The user with this log-in name in any case, and the hash of the password.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<(User, Option<String>)>> {
        const SQL: &str = concat!("SELECT ", user_columns!(), ", u.password_hash FROM app_user u WHERE u.login = $1");
        let login = login.to_lowercase();
        let row: Option<WithPassword> = read!(self, |db| sqlx::query_as(SQL).bind(login.as_str()).fetch_optional(db))?;
        Ok(row.map(|row| (row.user, row.password_hash)))
    }

    /// How many users there are.
    pub async fn users_count(&self) -> Result<i64> {
        read!(self, |db| sqlx::query_scalar("SELECT COUNT(*) FROM app_user").fetch_one(db))
    }

    /// Adds a user. [`StoreError::LoginTaken`] when the log-in name is taken in any case.
    pub async fn user_insert(
        &self,
        login: &str,
        name: &str,
        role: Role,
        password_hash: Option<&str>,
        now: Millis,
    ) -> Result<i64> {
        const SQL: &str = "INSERT INTO app_user (id, login, name, role, password_hash, disabled, created_at) \
                           VALUES ($1, $2, $3, $4, $5, FALSE, $6) ON CONFLICT (login) DO NOTHING";
        let login = login.to_lowercase();
        let mut tx = self.begin_write(Lane::Live).await?;
        let id = tx.ids(1).await?;
        let inserted = execute!(
            tx,
            sqlx::query(SQL).bind(id).bind(login.as_str()).bind(name).bind(role.as_str()).bind(password_hash).bind(now)
        )?;
        if inserted == 0 {
            return Err(StoreError::LoginTaken);
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Sets the password, and ends the user's sessions.
    pub async fn user_set_password(&self, id: i64, password_hash: &str) -> Result<()> {
        let mut tx = self.begin_write(Lane::Live).await?;
        execute!(tx, sqlx::query("UPDATE app_user SET password_hash = $2 WHERE id = $1").bind(id).bind(password_hash))?;
        execute!(tx, sqlx::query("DELETE FROM session WHERE user_id = $1").bind(id))?;
        tx.commit().await
    }

    /// Locks a user out, ending the sessions, or lets the user in again.
    pub async fn user_set_disabled(&self, id: i64, disabled: bool) -> Result<()> {
        let mut tx = self.begin_write(Lane::Live).await?;
        execute!(tx, sqlx::query("UPDATE app_user SET disabled = $2 WHERE id = $1").bind(id).bind(disabled))?;
        execute!(tx, sqlx::query("DELETE FROM session WHERE user_id = $1").bind(id))?;
        tx.commit().await
    }

    /// Sets what a user may do.
    pub async fn user_set_role(&self, id: i64, role: Role) -> Result<()> {
        const SQL: &str = "UPDATE app_user SET role = $2 WHERE id = $1";
        execute_live!(self, sqlx::query(SQL).bind(id).bind(role.as_str()))?;
        Ok(())
    }

    /// Keeps a one-time link by the hash of its token.
    pub async fn invitation_put(
        &self,
        token_hash: &str,
        purpose: Purpose,
        user_id: Option<i64>,
        expires_at: Millis,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO invitation (token_hash, purpose, user_id, expires_at) VALUES ($1, $2, $3, $4)";
        execute_live!(self, sqlx::query(SQL).bind(token_hash).bind(purpose.as_str()).bind(user_id).bind(expires_at))?;
        Ok(())
    }

    /// Uses a one-time link up; of several callers, one gets it.
    pub async fn invitation_take(&self, token_hash: &str, now: Millis) -> Result<Option<Invitation>> {
        const SQL: &str = "DELETE FROM invitation WHERE token_hash = $1 AND expires_at > $2 \
                           RETURNING purpose, user_id, expires_at";
        let mut tx = self.begin_write(Lane::Live).await?;
        let taken = within!(tx, |db| sqlx::query_as(SQL).bind(token_hash).bind(now).fetch_optional(db))?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Looks at a one-time link.
    pub async fn invitation(&self, token_hash: &str, now: Millis) -> Result<Option<Invitation>> {
        const SQL: &str =
            "SELECT purpose, user_id, expires_at FROM invitation WHERE token_hash = $1 AND expires_at > $2";
        read!(self, |db| sqlx::query_as(SQL).bind(token_hash).bind(now).fetch_optional(db))
    }

    /// Makes every link of this purpose useless.
    pub async fn invitations_clear(&self, purpose: Purpose) -> Result<()> {
        execute_live!(self, sqlx::query("DELETE FROM invitation WHERE purpose = $1").bind(purpose.as_str()))?;
        Ok(())
    }
}
