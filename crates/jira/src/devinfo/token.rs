//! Access tokens by OAuth client credentials (devinfo contract §1.1): about 15 minutes each, without a refresh token.

use model::Millis;
use model::secret::{ExposeSecret as _, SecretString};
use serde_json::json;
use tokio::sync::Mutex;

use super::DevInfo;
use crate::address::below;
use crate::exchange::{Call, exchange};
use crate::{JiraError, Problem};

/// The life of a token that does not tell, in seconds.
const USUAL_LIFE: i64 = 900;
/// The longest life that is believed, in seconds.
const LONGEST_LIFE: i64 = 86_400;

/// The token at hand; whoever holds the lock is the one who asks for the next.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    token: Option<Token>,
    /// How many there were.
    number: u64,
}

/// An access token.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token itself.
    pub secret: SecretString,
    /// Which one it is.
    number: u64,
    /// When the next one is due: at 80 % of its life.
    renew_at: Millis,
    ends_at: Millis,
}

impl DevInfo {
    /// Proves the credentials: gets a new access token with them.
    ///
    /// # Errors
    /// [`Problem::Unauthorised`] where id or secret are wrong, or the credential was deleted; what else keeps Atlassian from
    /// giving one.
    pub async fn sign_in(&self) -> Result<(), JiraError> {
        let mut held = self.0.tokens.0.lock().await;
        self.renew(&mut held).await.map(drop)
    }

    /// The token at hand, or the next one where its life goes to its end.
    pub(super) async fn token(&self) -> Result<Token, JiraError> {
        let mut held = self.0.tokens.0.lock().await;
        let now = self.0.options.clock.now();
        if let Some(token) = held.token.as_ref().filter(|token| now < token.renew_at) {
            return Ok(token.clone());
        }
        let old = held.token.clone().filter(|token| now < token.ends_at);
        match (self.renew(&mut held).await, old) {
            // It is good for a while, and perhaps Atlassian is back before that is over.
            (Err(error), Some(old)) if error.is_temporary() => Ok(old),
            (outcome, _) => outcome,
        }
    }

    /// The next token after one that was refused: a new one, unless somebody got one meanwhile.
    pub(super) async fn token_after(&self, refused: &Token) -> Result<Token, JiraError> {
        let mut held = self.0.tokens.0.lock().await;
        match &held.token {
            Some(token) if token.number > refused.number => Ok(token.clone()),
            _ => self.renew(&mut held).await,
        }
    }

    async fn renew(&self, held: &mut Held) -> Result<Token, JiraError> {
        let options = &self.0.options;
        let asked_at = options.clock.now();
        let url = below(&options.api_url, &["oauth", "token"])?;
        let request = options.http.post(&url).json(&json!({
            "audience": "api.atlassian.com",
            "grant_type": "client_credentials",
            "client_id": options.client_id,
            "client_secret": options.client_secret.expose_secret(),
        }));
        let call = Call { request, url: &url, changes: false, secrets: &[&options.client_secret] };
        let answer = exchange(call, asked_at).await.map_err(|failure| about_credentials(failure.error))?;
        let told = answer.json()?;
        let secret = told["access_token"].as_str().filter(|token| !token.is_empty());
        let secret = SecretString::from(secret.ok_or_else(|| answer.lacks("access_token"))?.to_owned());
        let life = told["expires_in"].as_i64().unwrap_or(USUAL_LIFE).clamp(1, LONGEST_LIFE);
        held.number += 1;
        let (renew_at, ends_at) = (asked_at + life * 800, asked_at + life * 1_000);
        let token = Token { secret, number: held.number, renew_at, ends_at };
        held.token = Some(token.clone());
        Ok(token)
    }
}

/// Refusals at the door are about id and secret, whatever their status (devinfo contract §1.1).
fn about_credentials(error: JiraError) -> JiraError {
    match error.problem {
        Problem::Refused | Problem::Forbidden => JiraError { problem: Problem::Unauthorised, ..error },
        _ => error,
    }
}
