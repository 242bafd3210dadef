//! Users, and who is found by a text.

use ::model::secret::token_hash;

use super::{EmailVisibility, Model, Refusal, State, UserId, draw};

/// A user who is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// The name to log in with, unique ignoring case.
    pub login: String,
    /// The display name.
    pub name: String,
    /// The e-mail. Several users may have the same, as in Jira.
    pub email: String,
    /// The password.
    pub password: String,
    /// Whether the user administers the site.
    pub admin: bool,
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name to log in with.
    pub login: String,
    /// The display name.
    pub name: String,
    /// The e-mail.
    pub email: String,
    /// Whether the user administers the site.
    pub admin: bool,
    /// Whether the user may log in.
    pub active: bool,
    /// Failed log-ins since the last good one.
    pub(super) failures: u32,
    pub(super) password_hash: String,
}

impl User {
    /// Data Center's key.
    pub(crate) fn key(&self) -> String {
        format!("JIRAUSER{}", self.id)
    }

    /// Cloud's account id.
    #[must_use]
    pub fn account_id(&self) -> String {
        format!("5b10a2844c20{:012x}", self.id.0)
    }

    /// Whether a text finds the user: the beginning of the login, of a word of the name, or of the e-mail where that is shown.
    fn is_found_by(&self, text: &str, emails: EmailVisibility) -> bool {
        let text = text.to_lowercase();
        let begins = |word: &str| word.to_lowercase().starts_with(&text);
        begins(&self.login)
            || begins(&self.name)
            || self.name.split_whitespace().any(begins)
            || (emails != EmailVisibility::Hidden && begins(&self.email))
    }
}

/// Which users are looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserQuery<'a> {
    /// The text; everybody when it is `.` or empty.
    pub(crate) text: &'a str,
    pub(crate) active: bool,
    pub(crate) inactive: bool,
}

impl Model {
    /// Makes a user.
    ///
    /// # Errors
    /// When the login is taken or empty.
    pub fn create_user(&self, new: NewUser) -> Result<UserId, Refusal> {
        self.write(|state| {
            if new.login.trim().is_empty() || state.user_by_login(&new.login).is_some() {
                return Err(Refusal::field("username", "A user with that username already exists."));
            }
            let id = UserId(draw(&mut state.numbers.user));
            let password_hash = hash_password(&new.login, &new.password);
            let NewUser { login, name, email, admin, .. } = new;
            state.users.insert(id, User { id, login, name, email, admin, active: true, failures: 0, password_hash });
            Ok(id)
        })
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

    /// Changes a user.
    pub fn change_user(&self, id: UserId, change: impl FnOnce(&mut User)) {
        self.write(|state| {
            if let Some(user) = state.users.get_mut(&id) {
                change(user);
            }
        });
    }
}

impl State {
    pub(crate) fn user_by_login(&self, login: &str) -> Option<&User> {
        self.users.values().find(|user| user.login.eq_ignore_ascii_case(login))
    }

    /// The user with this key or account id.
    pub(crate) fn user_by_key(&self, key: &str) -> Option<&User> {
        self.users.values().find(|user| user.key() == key || user.account_id() == key)
    }

    /// The users whom a query finds, in the order in which they were made.
    pub(crate) fn find_users(&self, query: UserQuery<'_>) -> Vec<&User> {
        let everybody = matches!(query.text.trim(), "" | ".");
        let wanted = |user: &&User| if user.active { query.active } else { query.inactive };
        let found = |user: &&User| everybody || user.is_found_by(query.text.trim(), self.settings.emails);
        self.users.values().filter(wanted).filter(found).collect()
    }
}

pub(super) fn hash_password(login: &str, password: &str) -> String {
    token_hash(&format!("{}\n{password}", login.to_ascii_lowercase()))
}
