//! Logging in: passwords and tokens of people, kept as hashes.

use ::model::Millis;
use ::model::secret::{ExposeSecret, random_token, token_hash};

use super::user::hash_password;
use super::{Model, UserId};
use crate::jira::Deployment;

/// After so many failed log-ins a Data Center wants to see a person solve a CAPTCHA.
const MOST_FAILURES: u32 = 3;

/// A token of a person.
#[derive(Debug)]
pub(super) struct Token {
    user: UserId,
    hash: String,
    expires_at: Option<Millis>,
    revoked: bool,
}

/// Why a log-in does not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogInProblem {
    /// Unknown, wrong, expired, revoked, or of somebody who may not log in.
    Wrong,
    /// Too many wrong passwords: only a browser gets further.
    Captcha,
}

impl Model {
    /// Makes a token of a person and returns its only showing: a personal access token of a Data Center, to be sent as `Bearer`,
    /// or an API token of Cloud, to be sent as the password beside the e-mail.
    pub fn create_token(&self, user: UserId, expires_at: Option<Millis>) -> String {
        let prefix = match self.deployment {
            Deployment::DataCenter => "",
            Deployment::Cloud => "ATATT3xFfGF0",
        };
        let text = random_token(prefix).expose_secret().to_owned();
        let token = Token { user, hash: token_hash(&text), expires_at, revoked: false };
        self.write(|state| state.tokens.push(token));
        text
    }

    /// Revokes every token of a person.
    pub fn revoke_tokens(&self, user: UserId) {
        self.write(|state| {
            for token in state.tokens.iter_mut().filter(|token| token.user == user) {
                token.revoked = true;
            }
        });
    }

    /// Whom a personal access token stands for.
    pub(crate) fn log_in_by_token(&self, token: &str) -> Result<UserId, LogInProblem> {
        if !self.has_personal_tokens {
            return Err(LogInProblem::Wrong);
        }
        self.token_owner(token).ok_or(LogInProblem::Wrong)
    }

    /// Whom a name and a password stand for: login and password, or in Cloud e-mail and API token.
    pub(crate) fn log_in(&self, name: &str, password: &str) -> Result<UserId, LogInProblem> {
        match self.deployment {
            Deployment::DataCenter => self.log_in_by_password(name, password),
            Deployment::Cloud => {
                let owner = self.token_owner(password).and_then(|owner| self.user(owner));
                let owner = owner.filter(|owner| owner.email.eq_ignore_ascii_case(name));
                owner.map(|owner| owner.id).ok_or(LogInProblem::Wrong)
            }
        }
    }

    fn log_in_by_password(&self, login: &str, password: &str) -> Result<UserId, LogInProblem> {
        self.write(|state| {
            let user = state.users.values_mut().find(|user| user.login.eq_ignore_ascii_case(login));
            let user = user.ok_or(LogInProblem::Wrong)?;
            if user.failures >= MOST_FAILURES {
                return Err(LogInProblem::Captcha);
            }
            let right = !password.is_empty() && user.password_hash == hash_password(&user.login, password);
            if !right || !user.active {
                user.failures += 1;
                return Err(LogInProblem::Wrong);
            }
            user.failures = 0;
            Ok(user.id)
        })
    }

    fn token_owner(&self, token: &str) -> Option<UserId> {
        let (hash, now) = (token_hash(token), self.now());
        self.read(|state| {
            let token = state.tokens.iter().find(|token| token.hash == hash)?;
            let good = !token.revoked && token.expires_at.is_none_or(|end| end > now);
            let active = state.users.get(&token.user).is_some_and(|user| user.active);
            (good && active).then_some(token.user)
        })
    }

    /// Lets somebody log in again who failed too often, as an administrator does.
    pub fn reset_failed_log_ins(&self, user: UserId) {
        self.change_user(user, |user| user.failures = 0);
    }
}
