//! Users.

use model::Millis;
use model::secret::token_hash;

use super::{Model, ModelError, State, UserId, paths};

/// A user who is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// The login (`username`), unique ignoring case; also the path of the personal namespace.
    pub login: String,
    /// The display name.
    pub name: String,
    /// The e-mail, confirmed at once.
    pub email: String,
    /// The password of the sign-in page and of git over HTTP.
    pub password: String,
    /// Whether the user administers the instance.
    pub admin: bool,
}

/// Whether a user may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// Yes.
    Active,
    /// No: every token of theirs is answered 403.
    Blocked,
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The login.
    pub login: String,
    /// The display name.
    pub name: String,
    /// The private, confirmed e-mail: commits are mapped to users by it.
    pub email: String,
    /// Whether the user administers the instance.
    pub admin: bool,
    /// Whether it is the user behind a group's or project's access token.
    pub bot: bool,
    /// Whether the user may come in.
    pub state: UserState,
    /// The id of the personal namespace; drawn from the same numbers as groups.
    pub namespace: u64,
    /// Made.
    pub created_at: Millis,
    password_hash: String,
}

impl Model {
    /// Makes a user with a personal namespace.
    ///
    /// # Errors
    /// When the login or e-mail is taken, malformed or empty.
    pub fn create_user(&self, new: NewUser) -> Result<UserId, ModelError> {
        let now = self.now();
        self.write(|state| state.create_user(new, false, now))
    }

    /// The user with this id.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<User> {
        self.read(|state| state.users.get(&id).cloned())
    }

    /// The user with this login, ignoring case.
    #[must_use]
    pub fn user_by_login(&self, login: &str) -> Option<User> {
        self.read(|state| state.user_by_login(login).cloned())
    }

    /// Blocks a user, or lets them in again.
    pub fn set_user_state(&self, id: UserId, to: UserState) {
        self.write(|state| {
            if let Some(user) = state.users.get_mut(&id) {
                user.state = to;
            }
        });
    }

    /// The active user with this login or e-mail and password.
    #[must_use]
    pub fn authenticate_password(&self, login: &str, password: &str) -> Option<UserId> {
        self.read(|state| {
            let user = state.user_by_login(login).or_else(|| state.user_by_email(login))?;
            let right = !password.is_empty() && user.password_hash == hash_password(&user.login, password);
            (right && user.state == UserState::Active).then_some(user.id)
        })
    }
}

impl State {
    pub(crate) fn create_user(&mut self, new: NewUser, bot: bool, now: Millis) -> Result<UserId, ModelError> {
        paths::check(&new.login, "username")?;
        if self.user_by_login(&new.login).is_some() || self.group_by_path(&new.login).is_some() {
            return Err(ModelError::invalid("username", "has already been taken"));
        }
        if !new.email.contains('@') {
            return Err(ModelError::invalid("email", "is invalid"));
        }
        if self.user_by_email(&new.email).is_some() {
            return Err(ModelError::invalid("email", "has already been taken"));
        }
        let id = UserId(self.numbers.user.draw());
        let namespace = self.numbers.namespace.draw();
        let password_hash = hash_password(&new.login, &new.password);
        let NewUser { login, name, email, admin, .. } = new;
        let state = UserState::Active;
        let user = User { id, login, name, email, admin, bot, state, namespace, created_at: now, password_hash };
        self.users.insert(id, user);
        Ok(id)
    }

    pub(crate) fn user_by_login(&self, login: &str) -> Option<&User> {
        self.users.values().find(|user| user.login.eq_ignore_ascii_case(login))
    }

    pub(crate) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.values().find(|user| user.email.eq_ignore_ascii_case(email))
    }
}

fn hash_password(login: &str, password: &str) -> String {
    token_hash(&format!("{}\n{password}", login.to_ascii_lowercase()))
}
