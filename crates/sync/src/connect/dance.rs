//! What is kept, sealed, while a person is at the forge and until they confirm.
//!
//! Each dance has its own random state and PKCE verifier, so two tabs never meet. A state is taken out of the store when
//! it is used, by whichever request comes first.

use forge::Auth;
use forge::oauth::{OAuthClient, Tokens};
use model::secret::{ExposeSecret, SecretString, token_hash};
use model::{AccountKind, ForgeAccount, ForgeUser, HostKind, Millis};
use serde::{Deserialize, Serialize};
use store::DanceStage;

use super::host::Host;
use super::{Confirmation, ConnectError, Form, Method, Warning};
use crate::Engine;

/// How long a person has from the form to the last click.
const LIFE: Millis = 15 * 60 * 1000;

/// Everything that the account will be made of. Holds secrets: has no `Debug`, and is only ever stored sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) kind: HostKind,
    pub(super) host_url: String,
    pub(super) path: String,
    pub(super) auto_link: bool,
    pub(super) smart_commits: bool,
    pub(super) redirect_uri: String,
    pub(super) application: Option<Application>,
    pub(super) verifier: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) found: Option<Found>,
    /// The existing account that is authorised again.
    #[serde(default)]
    pub(super) again: Option<i64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Application {
    pub(super) client_id: String,
    pub(super) client_secret: String,
}

/// What lets us in.
#[derive(Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    pub(super) expires_at: Option<Millis>,
    pub(super) issued_at: Millis,
    /// By OAuth; else a token that a person made.
    pub(super) oauth: bool,
}

/// What the grant showed.
#[derive(Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) grant: Grant,
    pub(super) user: ForgeUser,
    pub(super) forge_id: String,
    pub(super) kind: AccountKind,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) web_url: Option<String>,
}

impl Payload {
    pub(super) fn new(form: &Form, host: Host, redirect_uri: &str) -> Self {
        let application = match &form.method {
            Method::OAuth { client_id, client_secret } => Some(Application {
                client_id: client_id.trim().to_owned(),
                client_secret: client_secret.expose_secret().trim().to_owned(),
            }),
            Method::Token { .. } | Method::None => None,
        };
        Self {
            kind: form.kind,
            host_url: host.url,
            path: form.path.trim().to_owned(),
            auto_link: form.auto_link,
            smart_commits: form.smart_commits,
            redirect_uri: redirect_uri.to_owned(),
            application,
            verifier: None,
            notes: host.notes,
            found: None,
            again: None,
        }
    }

    pub(super) fn oauth_client(&self, engine: &Engine) -> Result<OAuthClient, ConnectError> {
        let Some(application) = &self.application else { return Err(ConnectError::MethodUnsupported) };
        let secret = SecretString::from(application.client_secret.clone());
        let client = engine.oauth_client(self.kind, &self.host_url, &application.client_id, &secret);
        client.map_err(|error| ConnectError::of_host(error, &self.host_url, true))
    }

    pub(super) fn confirmation(&self, state: &str) -> Result<Confirmation, ConnectError> {
        let Some(found) = &self.found else { return Err(ConnectError::StateMismatch) };
        Ok(Confirmation {
            state: state.to_owned(),
            authorised_by: found.user.clone(),
            warning: Warning::about(&found.user),
            account: found.account(),
            host_url: self.host_url.clone(),
            kind: self.kind,
            notes: self.notes.clone(),
            existing: self.again,
            done: false,
        })
    }
}

impl Grant {
    /// A token that a person made, and when it ends, as far as is known.
    pub(super) fn of_token(token: &SecretString, expires_at: Option<Millis>, now: Millis) -> Self {
        let access = token.expose_secret().trim().to_owned();
        Self { access, refresh: None, expires_at, issued_at: now, oauth: false }
    }

    /// As a client of the forge takes it.
    pub(super) fn auth(&self) -> Auth {
        let access = SecretString::from(self.access.clone());
        if self.oauth { Auth::Oauth(access) } else { Auth::Token(access) }
    }

    pub(super) fn of_tokens(tokens: &Tokens, issued_at: Millis) -> Self {
        Self {
            access: tokens.access.expose_secret().to_owned(),
            refresh: tokens.refresh.as_ref().map(|token| token.expose_secret().to_owned()),
            expires_at: tokens.expires_at,
            issued_at,
            oauth: true,
        }
    }
}

impl Found {
    pub(super) fn new(grant: Grant, user: ForgeUser, account: ForgeAccount) -> Self {
        let ForgeAccount { forge_id, kind, path, name, web_url } = account;
        Self { grant, user, forge_id, kind, path, name, web_url }
    }

    pub(super) fn account(&self) -> ForgeAccount {
        ForgeAccount {
            forge_id: self.forge_id.clone(),
            kind: self.kind,
            path: self.path.clone(),
            name: self.name.clone(),
            web_url: self.web_url.clone(),
        }
    }
}

pub(super) async fn put(
    engine: &Engine,
    state: &str,
    user_id: i64,
    stage: DanceStage,
    payload: &Payload,
) -> Result<(), ConnectError> {
    let payload = serde_json::to_value(payload).expect("a payload has only texts, numbers and booleans");
    let now = engine.clock().now();
    engine.store().dances_prune(now).await?;
    Ok(engine.store().dance_put(&token_hash(state), user_id, stage, &payload, now + LIFE).await?)
}

/// Looks at a dance of this user at this stage.
pub(super) async fn look(
    engine: &Engine,
    state: &str,
    user_id: i64,
    stage: DanceStage,
) -> Result<Payload, ConnectError> {
    let dance = engine.store().dance(&token_hash(state), engine.clock().now()).await?;
    let dance = dance.filter(|dance| dance.user_id == user_id && dance.stage == stage);
    let payload = dance.map(|dance| serde_json::from_value(dance.payload));
    // A payload that an older version wrote and this one cannot read is as good as expired.
    payload.and_then(Result::ok).ok_or(ConnectError::StateMismatch)
}

/// Takes a dance of this user at this stage: of two requests, one gets it. Somebody else's stays.
pub(super) async fn take(
    engine: &Engine,
    state: &str,
    user_id: i64,
    stage: DanceStage,
) -> Result<Payload, ConnectError> {
    let payload = look(engine, state, user_id, stage).await?;
    match engine.store().dance_take(&token_hash(state), engine.clock().now()).await? {
        Some(_) => Ok(payload),
        None => Err(ConnectError::StateMismatch),
    }
}
