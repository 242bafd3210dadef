//! What GitLab tells about the credential that it is asked with (GitLab contract §5.1).

use crate::gitlab::client::Client;
use crate::gitlab::shapes;
use crate::{Auth, ForgeError, Problem, TokenDetail, TokenKind, timestamp};

/// More scopes than GitLab has.
const MAX_SCOPES: usize = 64;

impl Client {
    /// Scopes, end and kind of our credential. A GitLab too old to tell about access tokens (before 15.5) leaves scopes
    /// and end open.
    pub async fn token(&self) -> Result<TokenDetail, ForgeError> {
        match self.auth() {
            Auth::Oauth(_) => self.oauth_token().await,
            Auth::Token(_) | Auth::None => self.access_token().await,
        }
    }

    async fn oauth_token(&self) -> Result<TokenDetail, ForgeError> {
        let told: shapes::OauthToken = self.get_outside(&["oauth", "token", "info"]).await?;
        let left = told.expires_in.map(|seconds| seconds.saturating_mul(1_000));
        let expires_at = left.map(|left| self.now().saturating_add(left));
        Ok(TokenDetail { scopes: scopes(told.scope), expires_at, kind: TokenKind::Oauth })
    }

    async fn access_token(&self) -> Result<TokenDetail, ForgeError> {
        let told: shapes::AccessToken = match self.one(&["personal_access_tokens", "self"], "").await {
            Ok(told) => told,
            Err(ForgeError { problem: Problem::NotFound, .. }) => shapes::AccessToken::default(),
            Err(error) => return Err(error),
        };
        let kind = kind(&self.current_user().await?.login);
        let expires_at = told.expires_at.as_deref().and_then(timestamp::day);
        Ok(TokenDetail { scopes: scopes(told.scopes), expires_at, kind })
    }
}

fn scopes(words: Vec<String>) -> Vec<String> {
    words.into_iter().filter(|word| !word.is_empty() && word.len() <= 64).take(MAX_SCOPES).collect()
}

/// The tokens of projects and groups belong to bots, which are called `project_7_bot_…` and `group_7_bot_…`.
fn kind(login: &str) -> TokenKind {
    let is_bot_of = |place: &str| {
        let number = login.strip_prefix(place).and_then(|rest| rest.split_once("_bot")).map(|(number, _)| number);
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if is_bot_of("project_") {
        TokenKind::Project
    } else if is_bot_of("group_") {
        TokenKind::Group
    } else {
        TokenKind::Personal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_are_told_from_people_by_their_names() {
        let cases = [
            ("project_7_bot_0a1b2c", TokenKind::Project),
            ("project_7_bot", TokenKind::Project),
            ("group_12_bot_0a1b2c", TokenKind::Group),
            ("anna", TokenKind::Personal),
            ("project_bot", TokenKind::Personal),
            ("project_x_bot", TokenKind::Personal),
            ("project__bot", TokenKind::Personal),
            ("group_7_robot", TokenKind::Personal),
        ];
        for (login, expected) in cases {
            assert_eq!(kind(login), expected, "{login}");
        }
    }
}
