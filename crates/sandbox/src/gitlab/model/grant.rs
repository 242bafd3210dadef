//! The OAuth 2 grants: a code for a browser's consent, a pair of tokens for the code, a new pair for the old (GitLab
//! contract §5.1).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::Millis;
use model::secret::{ExposeSecret, random_token, token_hash};
use sha2::{Digest, Sha256};

use super::{ApplicationId, Model, Scopes, State, Token, TokenKind, UserId};

/// How long a code is good.
const CODE_LIFE: Millis = 10 * 60 * 1000;

/// What a user agreed to.
#[derive(Debug, Clone)]
pub struct Authorisation {
    /// To which application.
    pub application: ApplicationId,
    /// Who agreed.
    pub user: UserId,
    /// Where the browser is sent with the code.
    pub redirect_uri: String,
    /// What tokens may be used for.
    pub scopes: Scopes,
    /// The PKCE challenge (S256), if the client sent one.
    pub challenge: Option<String>,
}

/// An issued code; kept by its hash.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) application: ApplicationId,
    authorisation: Authorisation,
    created_at: Millis,
}

/// An access token with its refresh token, at their only showing.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// What for.
    pub scopes: Scopes,
    /// Life of the access token, in seconds.
    pub expires_in: u64,
    /// Issued.
    pub created_at: Millis,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantError {
    /// The application or its secret is unknown.
    InvalidClient,
    /// The code or refresh token is used, too old, or somebody else's.
    InvalidGrant,
}

impl Model {
    /// Issues a code for what a user agreed to.
    pub fn issue_code(&self, authorisation: Authorisation) -> String {
        let code = random_token("").expose_secret().to_owned();
        let (application, created_at) = (authorisation.application, self.now());
        self.write(|state| {
            state.codes.insert(token_hash(&code), Code { application, authorisation, created_at });
        });
        code
    }

    /// Exchanges a code for a pair of tokens. The code is gone afterwards, whatever the outcome.
    ///
    /// # Errors
    /// When client, code, redirect URI or verifier do not fit together, or the code is older than ten minutes.
    pub fn exchange_code(
        &self,
        client: (&str, &str),
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
    ) -> Result<TokenPair, GrantError> {
        let now = self.now();
        self.write(|state| {
            let application = state.application_with(client.0, client.1).ok_or(GrantError::InvalidClient)?.id;
            let code = state.codes.remove(&token_hash(code)).ok_or(GrantError::InvalidGrant)?;
            let fits = code.application == application
                && code.authorisation.redirect_uri == redirect_uri
                && now < code.created_at + CODE_LIFE
                && verified(code.authorisation.challenge.as_deref(), verifier);
            if !fits {
                return Err(GrantError::InvalidGrant);
            }
            let Authorisation { user, scopes, .. } = code.authorisation;
            Ok(state.issue_pair(application, user, scopes, now, self.lives.access_token.as_secs()))
        })
    }

    /// Exchanges a refresh token for a new pair; the old pair is dead afterwards.
    ///
    /// # Errors
    /// When the client or the refresh token is unknown, or the refresh token was used or revoked.
    pub fn refresh(&self, client: (&str, &str), refresh_token: &str) -> Result<TokenPair, GrantError> {
        let (now, hash) = (self.now(), token_hash(refresh_token));
        self.write(|state| {
            let application = state.application_with(client.0, client.1).ok_or(GrantError::InvalidClient)?.id;
            let old = state
                .tokens
                .values_mut()
                .find(|token| token.matches_refresh_hash(&hash) && token.application() == Some(application))
                .filter(|token| !token.revoked)
                .ok_or(GrantError::InvalidGrant)?;
            old.revoked = true;
            let (user, scopes) = (old.user, old.scopes.clone());
            Ok(state.issue_pair(application, user, scopes, now, self.lives.access_token.as_secs()))
        })
    }

    /// Revokes a pair by either of its tokens; an unknown token is fine (RFC 7009).
    ///
    /// # Errors
    /// When the client is unknown.
    pub fn revoke(&self, client: (&str, &str), token: &str) -> Result<(), GrantError> {
        let hash = token_hash(token);
        self.write(|state| {
            let application = state.application_with(client.0, client.1).ok_or(GrantError::InvalidClient)?.id;
            let is_it = |token: &&mut Token| {
                token.application() == Some(application)
                    && (token.matches_hash(&hash) || token.matches_refresh_hash(&hash))
            };
            for token in state.tokens.values_mut().filter(is_it) {
                token.revoked = true;
            }
            Ok(())
        })
    }
}

impl State {
    fn issue_pair(
        &mut self,
        application: ApplicationId,
        user: UserId,
        scopes: Scopes,
        now: Millis,
        life_seconds: u64,
    ) -> TokenPair {
        let refresh_token = random_token("").expose_secret().to_owned();
        let kind = TokenKind::OAuth { application, refresh_hash: token_hash(&refresh_token) };
        let end = now.saturating_add(i64::try_from(life_seconds).unwrap_or(i64::MAX).saturating_mul(1000));
        let access_token = self.issue(user, kind, "", scopes.clone(), (now, Some(end)), "");
        TokenPair { access_token, refresh_token, scopes, expires_in: life_seconds, created_at: now }
    }
}

/// Whether the verifier answers the challenge; without a challenge there is nothing to answer.
fn verified(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    let Some(challenge) = challenge else { return true };
    verifier.is_some_and(|verifier| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge)
}
