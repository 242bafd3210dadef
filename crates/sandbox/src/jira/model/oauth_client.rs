//! OAuth credentials of self-hosted tools, and the access tokens that they are traded for (devinfo contract §1.1).

use ::model::Millis;
use ::model::secret::{ExposeSecret, random_token, token_hash};

use super::Model;

/// What a credential may send: the tick boxes of Jira's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataKind {
    /// Development information.
    DevelopmentInformation,
    /// Builds.
    Builds,
    /// Deployments.
    Deployments,
}

/// A credential's only showing.
#[derive(Debug, Clone)]
pub struct OAuthKeys {
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub secret: String,
}

/// A credential of a tool.
#[derive(Debug)]
pub(super) struct OAuthClient {
    client_id: String,
    secret_hash: String,
    kinds: Vec<DataKind>,
    /// The hashes of its access tokens, with the ends of their lives.
    tokens: Vec<(String, Millis)>,
}

/// Why no access token is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OAuthProblem;

/// Why an access token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenDenied {
    /// Unknown, expired, or of a credential that was deleted.
    Wrong,
    /// The tick box is off.
    Kind,
}

impl Model {
    /// Makes a credential that may send these kinds of data.
    pub fn create_oauth_client(&self, kinds: &[DataKind]) -> OAuthKeys {
        let client_id = random_token("").expose_secret()[..32].to_owned();
        let secret = random_token("ATOA").expose_secret().to_owned();
        let secret_hash = token_hash(&secret);
        let client =
            OAuthClient { client_id: client_id.clone(), secret_hash, kinds: kinds.to_vec(), tokens: Vec::new() };
        self.write(|state| state.oauth_clients.push(client));
        OAuthKeys { client_id, secret }
    }

    /// Says what a credential may send from now on.
    pub fn set_data_kinds(&self, client_id: &str, kinds: &[DataKind]) {
        self.write(|state| {
            for client in state.oauth_clients.iter_mut().filter(|client| client.client_id == client_id) {
                client.kinds = kinds.to_vec();
            }
        });
    }

    /// Deletes a credential; its access tokens are over too.
    pub fn delete_oauth_client(&self, client_id: &str) {
        self.write(|state| state.oauth_clients.retain(|client| client.client_id != client_id));
    }

    /// Ends the life of every access token.
    pub fn expire_access_tokens(&self) {
        let now = self.now();
        self.write(|state| {
            for (_, end) in state.oauth_clients.iter_mut().flat_map(|client| &mut client.tokens) {
                *end = (*end).min(now);
            }
        });
    }

    /// An access token, and how many seconds it lives.
    pub(crate) fn grant(&self, client_id: &str, secret: &str) -> Result<(String, u64), OAuthProblem> {
        let (now, life) = (self.now(), self.access_token_life);
        let token = random_token("").expose_secret().to_owned();
        self.write(|state| {
            let hash = token_hash(secret);
            let right = |client: &&mut OAuthClient| client.client_id == client_id && client.secret_hash == hash;
            let client = state.oauth_clients.iter_mut().find(right).ok_or(OAuthProblem)?;
            let end = now.saturating_add(i64::try_from(life.as_millis()).unwrap_or(i64::MAX));
            client.tokens.retain(|(_, end)| *end > now);
            client.tokens.push((token_hash(&token), end));
            Ok((token, life.as_secs()))
        })
    }

    /// Checks an access token that is to send something.
    pub(crate) fn check_access_token(&self, token: &str, kind: DataKind) -> Result<(), TokenDenied> {
        let (hash, now) = (token_hash(token), self.now());
        self.read(|state| {
            let good = |(of, end): &(String, Millis)| *of == hash && *end > now;
            let client = state.oauth_clients.iter().find(|client| client.tokens.iter().any(good));
            let client = client.ok_or(TokenDenied::Wrong)?;
            if client.kinds.contains(&kind) { Ok(()) } else { Err(TokenDenied::Kind) }
        })
    }

    /// The site's id at the gateway.
    #[must_use]
    pub fn cloud_id(&self) -> &'static str {
        "11223344-a1b2-3b33-c444-def123456789"
    }
}
