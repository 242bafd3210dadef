//! Access tokens of every kind, kept as hashes.

use model::Millis;
use model::secret::{ExposeSecret, random_token, token_hash};

use super::{AccessLevel, ApplicationId, Model, ModelError, NewUser, Place, Scopes, State, TokenId, UserId, UserState};

/// What kind of token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// Of an OAuth application, with the hash of the refresh token that goes with it.
    OAuth {
        /// The application.
        application: ApplicationId,
        /// The hash of its refresh token.
        refresh_hash: String,
    },
    /// Of a person.
    Personal,
    /// Of a group or project, through a bot user.
    Place(Place),
}

/// An access token.
#[derive(Debug, Clone)]
pub struct Token {
    /// The id.
    pub id: TokenId,
    /// Its kind.
    pub kind: TokenKind,
    /// The name it was given; of an OAuth token, empty.
    pub name: String,
    /// Who it stands for.
    pub user: UserId,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Issued.
    pub created_at: Millis,
    /// When it stops working; none: never.
    pub expires_at: Option<Millis>,
    /// Whether it was revoked.
    pub revoked: bool,
    hash: String,
}

impl Token {
    /// The application it was issued to, if any.
    #[must_use]
    pub fn application(&self) -> Option<ApplicationId> {
        match self.kind {
            TokenKind::OAuth { application, .. } => Some(application),
            TokenKind::Personal | TokenKind::Place(_) => None,
        }
    }

    pub(crate) fn matches_hash(&self, hash: &str) -> bool {
        self.hash == hash
    }

    pub(crate) fn matches_refresh_hash(&self, hash: &str) -> bool {
        matches!(&self.kind, TokenKind::OAuth { refresh_hash, .. } if refresh_hash == hash)
    }
}

/// Whom a token stands for, and what it may do.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who.
    pub user: UserId,
    /// What for.
    pub scopes: Scopes,
    /// The token.
    pub token: TokenId,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenProblem {
    /// Never seen.
    Unknown,
    /// Its life is over.
    Expired,
    /// It was revoked, or a refresh replaced it.
    Revoked,
    /// Its user is blocked.
    Blocked,
}

impl Model {
    /// Whom this token stands for.
    ///
    /// # Errors
    /// When the token opens nothing.
    pub fn authenticate(&self, token: &str) -> Result<Identity, TokenProblem> {
        let (hash, now) = (token_hash(token), self.now());
        self.read(|state| {
            let token = state.tokens.values().find(|token| token.hash == hash).ok_or(TokenProblem::Unknown)?;
            if token.revoked {
                return Err(TokenProblem::Revoked);
            }
            if token.expires_at.is_some_and(|end| end <= now) {
                return Err(TokenProblem::Expired);
            }
            let active = state.users.get(&token.user).is_some_and(|user| user.state == UserState::Active);
            if !active {
                return Err(TokenProblem::Blocked);
            }
            Ok(Identity { user: token.user, scopes: token.scopes.clone(), token: token.id })
        })
    }

    /// Makes a personal access token and returns its only showing.
    pub fn create_personal_token(
        &self,
        user: UserId,
        name: &str,
        scopes: Scopes,
        expires_at: Option<Millis>,
    ) -> String {
        let now = self.now();
        self.write(|state| state.issue(user, TokenKind::Personal, name, scopes, (now, expires_at), "glpat-"))
    }

    /// Makes an access token of a group or project: a bot user with this role in it.
    ///
    /// # Errors
    /// When the place does not exist.
    pub fn create_place_token(
        &self,
        place: impl Into<Place>,
        name: &str,
        scopes: Scopes,
        level: AccessLevel,
        expires_at: Option<Millis>,
    ) -> Result<String, ModelError> {
        let (place, now) = (place.into(), self.now());
        self.write(|state| {
            let (exists, word, number) = match place {
                Place::Group(id) => (state.groups.contains_key(&id), "group", id.0),
                Place::Project(id) => (state.projects.contains_key(&id), "project", id.0),
            };
            if !exists {
                return Err(ModelError::NotFound(if word == "group" { "Group" } else { "Project" }));
            }
            let login = format!("{word}_{number}_bot_{}", &random_token("").expose_secret()[..16]);
            let email = format!("{login}@noreply.example.com");
            let new = NewUser { login, name: name.to_owned(), email, ..NewUser::default() };
            let bot = state.create_user(new, true, now)?;
            state.members.insert((place, bot), level);
            Ok(state.issue(bot, TokenKind::Place(place), name, scopes, (now, expires_at), "glpat-"))
        })
    }

    /// The token with this id.
    #[must_use]
    pub fn token(&self, id: TokenId) -> Option<Token> {
        self.read(|state| state.tokens.get(&id).cloned())
    }

    /// Ends the life of every OAuth access token at once; refresh tokens stay good.
    pub fn expire_oauth_tokens(&self) {
        let now = self.now();
        self.write(|state| {
            for token in state.tokens.values_mut().filter(|token| token.application().is_some()) {
                token.expires_at = Some(token.expires_at.map_or(now, |end| end.min(now)));
            }
        });
    }

    /// Revokes every OAuth token with its refresh token.
    pub fn revoke_oauth_tokens(&self) {
        self.write(|state| {
            for token in state.tokens.values_mut().filter(|token| token.application().is_some()) {
                token.revoked = true;
            }
        });
    }

    /// Revokes one token, by its text.
    pub fn revoke_token(&self, token: &str) {
        let hash = token_hash(token);
        self.write(|state| {
            for token in state.tokens.values_mut().filter(|token| token.hash == hash) {
                token.revoked = true;
            }
        });
    }
}

impl State {
    /// Makes a token; its life is from when it was issued to where it ends, if ever.
    pub(crate) fn issue(
        &mut self,
        user: UserId,
        kind: TokenKind,
        name: &str,
        scopes: Scopes,
        (created_at, expires_at): (Millis, Option<Millis>),
        prefix: &str,
    ) -> String {
        let text = random_token(prefix).expose_secret().to_owned();
        let id = TokenId(self.numbers.token.draw());
        let (name, hash) = (name.to_owned(), token_hash(&text));
        self.tokens.insert(id, Token { id, kind, name, user, scopes, created_at, expires_at, revoked: false, hash });
        text
    }
}
