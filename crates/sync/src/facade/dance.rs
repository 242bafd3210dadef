//! The dance of a Jira: its browser goes through us to the forge, and comes back through us with a code of ours.
//!
//! Each dance has a random state of its own, so two in one browser never meet. What must come back with it is kept sealed.

use forge::Auth;
use forge::oauth::{OAuthClient, Tokens};
use model::secret::{ExposeSecret, SecretString, random_token, token_hash};
use model::{ForgeUser, HostKind, Millis};
use serde::{Deserialize, Serialize};
use store::{Application, Credential, CredentialKind, DanceStage, Lane};
use url::Url;

use super::memberships::RefreshMemberships;
use super::{FacadeError, token};
use crate::connect::{ConnectError, Outcome, suffices};
use crate::refresh::RefreshAccount;
use crate::{Engine, Mode, SyncError};

/// How long a person has at the forge.
const LIFE: Millis = 15 * 60 * 1000;
/// How long a code is good for.
const CODE_LIFE: Millis = 10 * 60 * 1000;
/// Stands where the dances of an administrator have the user's number: nobody is signed in here.
const NOBODY: i64 = 0;

/// What is kept of a dance. Holds secrets: has no `Debug`, and is only ever stored sealed.
#[derive(Serialize, Deserialize)]
struct Payload {
    /// Tells it from the payload of an account's dance.
    facade: Door,
    application_id: i64,
    /// Jira's redirect URI.
    back: Url,
    /// The client's own state.
    client_state: Option<String>,
    redirect_uri: String,
    verifier: String,
}

#[derive(Serialize, Deserialize)]
enum Door {
    #[serde(rename = "github")]
    Github,
}

/// Begins a dance: answers where to send the browser. `back` is Jira's redirect URI, which the caller has found to be
/// allowed; `state` is a client's own, and comes back with it. `our_redirect_uri` is where the forge sends the browser.
///
/// # Errors
/// [`FacadeError::UnknownApplication`]; [`FacadeError::Forge`] where our own redirect URI is no address.
pub async fn authorise(
    engine: &Engine,
    client_id: &str,
    back: &Url,
    state: Option<&str>,
    our_redirect_uri: &str,
) -> Result<Url, FacadeError> {
    let application = engine.store().application_by_client_id(client_id).await?;
    let application = application.ok_or(FacadeError::UnknownApplication)?;
    let door = OnHost::of(engine, &application).await?;
    let (our_state, verifier) = (random_token(""), random_token(""));
    let challenge = forge::oauth::challenge(&verifier);
    let url = door.client.authorize_url(our_state.expose_secret(), &challenge, our_redirect_uri, door.scope());
    let url = url.map_err(|error| ConnectError::of_oauth(error, &door.url, our_redirect_uri))?;
    let payload = Payload {
        facade: Door::Github,
        application_id: application.id,
        back: back.clone(),
        client_state: state.map(str::to_owned),
        redirect_uri: our_redirect_uri.to_owned(),
        verifier: verifier.expose_secret().to_owned(),
    };
    let payload = serde_json::to_value(&payload).expect("a payload has only texts and numbers");
    let now = engine.clock().now();
    engine.store().dances_prune(now).await?;
    let hash = token_hash(our_state.expose_secret());
    engine.store().dance_put(&hash, NOBODY, DanceStage::Begun, &payload, now + LIFE).await?;
    Ok(url)
}

/// Whether a state belongs to a dance of the facade that is under way.
///
/// # Errors
/// When the store does not answer.
pub async fn is_dance(engine: &Engine, state: &str) -> Result<bool, SyncError> {
    let dance = engine.store().dance(&token_hash(state), engine.clock().now()).await?;
    Ok(dance.is_some_and(|dance| dance.user_id == NOBODY))
}

/// Goes on when the forge has sent the browser back: answers where to send it on. The state is used up, whatever happens.
/// After consent the grant is kept, and a code stands in the address; after a refusal `error=access_denied`.
///
/// # Errors
/// [`FacadeError::State`]; [`FacadeError::Forge`] for what the forge says against the code, the secret or the scope.
pub async fn returned(engine: &Engine, state: &str, outcome: Outcome) -> Result<Url, FacadeError> {
    let payload = take(engine, state).await?;
    let Outcome::Code(code) = outcome else {
        return Ok(payload.sent_back("error", "access_denied"));
    };
    let application = engine.store().application(payload.application_id).await?;
    let application = application.ok_or(FacadeError::UnknownApplication)?;
    let door = OnHost::of(engine, &application).await?;
    let issued_at = engine.clock().now();
    let tokens = door.exchange(&SecretString::from(code), &payload).await?;
    let user = door.user(engine, &tokens).await?;
    let code = keep(engine, &application, &user, &tokens, issued_at).await?;
    Ok(payload.sent_back("code", code.expose_secret()))
}

/// Takes a dance: of two requests, one gets it. That of an administrator stays.
async fn take(engine: &Engine, state: &str) -> Result<Payload, FacadeError> {
    if !is_dance(engine, state).await.map_err(of_store)? {
        return Err(FacadeError::State);
    }
    let dance = engine.store().dance_take(&token_hash(state), engine.clock().now()).await?;
    let payload = dance.map(|dance| serde_json::from_value(dance.payload));
    payload.and_then(Result::ok).ok_or(FacadeError::State)
}

fn of_store(error: SyncError) -> FacadeError {
    match error {
        SyncError::Store(error) => FacadeError::Store(error),
        _ => FacadeError::State,
    }
}

impl Payload {
    /// The client's address with its own query, and behind it what came of the dance.
    fn sent_back(&self, name: &str, value: &str) -> Url {
        let mut back = self.back.clone();
        let mut query = back.query_pairs_mut();
        query.append_pair(name, value);
        if let Some(state) = &self.client_state {
            query.append_pair("state", state);
        }
        drop(query);
        back
    }
}

/// Keeps the grant with its credential, lets go on what waited for it, has the memberships read, and keeps a code: all or
/// nothing.
async fn keep(
    engine: &Engine,
    application: &Application,
    user: &ForgeUser,
    tokens: &Tokens,
    issued_at: Millis,
) -> Result<SecretString, FacadeError> {
    let now = engine.clock().now();
    let code = token::new_code();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let grant_id = tx.facade_grant_put(application.id, application.host_id, user, now).await?;
    tx.credential_put(&credential(grant_id, user, tokens, issued_at)).await?;
    for account_id in tx.facade_grant_accepted(grant_id).await? {
        queue::enqueue(&mut tx, &RefreshAccount { account_id, mode: Mode::Soft }, now).await?;
    }
    queue::enqueue(&mut tx, &RefreshMemberships { grant_id }, now).await?;
    let hash = token_hash(code.expose_secret());
    tx.facade_code_put(&hash, application.id, grant_id, now, now + CODE_LIFE).await?;
    tx.commit().await?;
    Ok(code)
}

fn credential(owner_id: i64, user: &ForgeUser, tokens: &Tokens, issued_at: Millis) -> Credential {
    Credential {
        owner_id,
        kind: CredentialKind::Oauth,
        access: tokens.access.clone(),
        refresh: tokens.refresh.clone(),
        expires_at: tokens.expires_at,
        issued_at: Some(issued_at),
        refresh_attempted_at: None,
        user: user.clone(),
    }
}

/// An application where it is registered.
struct OnHost {
    kind: HostKind,
    url: String,
    client: OAuthClient,
}

impl OnHost {
    async fn of(engine: &Engine, application: &Application) -> Result<Self, FacadeError> {
        let host = engine.store().host(application.host_id).await?.ok_or(FacadeError::UnknownApplication)?;
        let client = engine.oauth_client(host.kind, &host.url, &application.client_id, &application.secret);
        let client = client.map_err(|error| ConnectError::of_host(error, &host.url, true))?;
        Ok(Self { kind: host.kind, url: host.url, client })
    }

    /// The scope to ask for.
    fn scope(&self) -> &'static str {
        forge::capabilities(self.kind, &self.url).scope
    }

    async fn exchange(&self, code: &SecretString, payload: &Payload) -> Result<Tokens, FacadeError> {
        let verifier = SecretString::from(payload.verifier.clone());
        let tokens = self.client.exchange(code, &verifier, &payload.redirect_uri).await;
        let tokens = tokens.map_err(|error| ConnectError::of_oauth(error, &self.url, &payload.redirect_uri))?;
        if !suffices(self.kind, &self.url, tokens.scope.split_whitespace()) {
            return Err(ConnectError::ScopeTooSmall { application: true }.into());
        }
        Ok(tokens)
    }

    async fn user(&self, engine: &Engine, tokens: &Tokens) -> Result<ForgeUser, FacadeError> {
        let failed = |error| ConnectError::of_host(error, &self.url, true);
        let forge = engine.forge(self.kind, &self.url, Auth::Oauth(tokens.access.clone())).map_err(failed)?;
        Ok(forge.current_user().await.map_err(failed)?)
    }
}
