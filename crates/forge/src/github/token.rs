//! What a host tells about the credential that it is asked with.

use crate::github::client::Client;
use crate::{Auth, ForgeError, TokenDetail, TokenKind, timestamp};

/// More scopes than there are.
const MAX_SCOPES: usize = 64;

impl Client {
    /// Scopes and end of our credential, which stand in the headers of every answer. Tokens of the fine-grained kind tell no
    /// scopes, and GitLab's copy tells nothing.
    pub async fn token(&self) -> Result<TokenDetail, ForgeError> {
        let answer = self.get(&["user"], "").await?;
        let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let scopes = text("x-oauth-scopes").unwrap_or_default().split(',').map(str::trim);
        let scopes = scopes.filter(|word| !word.is_empty() && word.len() <= 64).take(MAX_SCOPES);
        let kind = match (self.auth(), answer.is_githubs_own()) {
            (Auth::Oauth(_), _) => TokenKind::Oauth,
            (Auth::Token(_), true) => TokenKind::Personal,
            _ => TokenKind::Unknown,
        };
        let expires_at = text("github-authentication-token-expiration").and_then(timestamp::millis);
        Ok(TokenDetail { scopes: scopes.map(str::to_owned).collect(), expires_at, kind })
    }
}
