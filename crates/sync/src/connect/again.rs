//! Authorising an account that is there already: its credential is replaced, everything else stays.

use model::Millis;
use model::secret::{ExposeSecret, SecretString, random_token};
use store::{Account, AccountState, DanceStage, Lane};
use url::Url;

use super::account::{begin_import, credential, put_application};
use super::dance::{self, Application, Found, Grant, Payload};
use super::{Begun, Confirmation, ConnectError, Field, authorise, token};
use crate::Engine;
use crate::whereabouts::in_forge_words;

/// An OAuth application, as registered on the host.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Client ID ("Application ID" at GitLab).
    pub client_id: String,
    /// Client Secret.
    pub client_secret: SecretString,
}

/// Begins to authorise an existing account again, by the application that it has or, with `keys`, by another one (or the same
/// with a new secret); answers where the browser goes. It comes back to [`super::finish`].
///
/// # Errors
/// [`ConnectError::AccountGone`]; [`ConnectError::Empty`] for an account that has no application, without `keys`;
/// [`ConnectError::WrongSecret`] and whatever else is wrong with the application or its host.
pub async fn begin_again(
    engine: &Engine,
    account_id: i64,
    keys: Option<Keys>,
    redirect_uri: &str,
    user_id: i64,
) -> Result<Url, ConnectError> {
    let account = existing(engine, account_id).await?;
    if !forge::capabilities(account.host_kind, &account.host_url).oauth {
        return Err(ConnectError::MethodUnsupported);
    }
    let application = application(engine, &account, keys).await?;
    let payload = payload(&account, Some(application), redirect_uri);
    match authorise(engine, payload, user_id).await? {
        Begun::Authorise { url } => Ok(url),
        Begun::Confirm { .. } | Begun::Added { .. } => Err(ConnectError::MethodUnsupported),
    }
}

/// Puts a token that a person made (personal, project or group access token) in place of an account's credential, and has its
/// list read again. `expires_at` is its end where the forge does not tell (GitLab before 15.5).
///
/// # Errors
/// [`ConnectError::AccountGone`]; [`ConnectError::Empty`], [`ConnectError::TokenRefused`] and
/// [`ConnectError::ScopeTooSmall`]; [`ConnectError::AccountMissing`] when its user cannot see the account.
pub async fn replace_token(
    engine: &Engine,
    account_id: i64,
    token: &SecretString,
    expires_at: Option<Millis>,
) -> Result<(), ConnectError> {
    let account = existing(engine, account_id).await?;
    if !forge::capabilities(account.host_kind, &account.host_url).oauth {
        return Err(ConnectError::MethodUnsupported);
    }
    if token.expose_secret().trim().is_empty() {
        return Err(ConnectError::Empty(Field::Token));
    }
    let told = token::check(engine, account.host_kind, &account.host_url, token).await?;
    let grant = Grant::of_token(token, told.or(expires_at), engine.clock().now());
    let mut payload = payload(&account, None, "");
    payload.found = Some(found(engine, &account, grant).await?);
    replace(engine, account_id, &payload).await
}

/// Looks who authorised an existing account. The same user as before needs no confirmation.
pub(super) async fn look(
    engine: &Engine,
    account_id: i64,
    mut payload: Payload,
    grant: Grant,
    user_id: i64,
) -> Result<Confirmation, ConnectError> {
    let account = existing(engine, account_id).await?;
    let before =
        engine.store().credential(account.credential_owner()).await?.map(|credential| credential.user.forge_id);
    let found = found(engine, &account, grant).await?;
    let is_same_user = before.is_some_and(|before| before == found.user.forge_id);
    payload.verifier = None;
    payload.found = Some(found);
    if is_same_user {
        replace(engine, account_id, &payload).await?;
        return Ok(Confirmation { done: true, ..payload.confirmation("")? });
    }
    let state = random_token("");
    dance::put(engine, state.expose_secret(), user_id, DanceStage::Authorised, &payload).await?;
    payload.confirmation(state.expose_secret())
}

/// Gives an existing account its new credential, clears its error and has its list read.
pub(super) async fn replace(engine: &Engine, account_id: i64, payload: &Payload) -> Result<(), ConnectError> {
    let Some(found) = &payload.found else { return Err(ConnectError::StateMismatch) };
    let account = existing(engine, account_id).await?;
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let application_id = put_application(&mut tx, account.host_id, payload, now).await?;
    tx.credential_put(&credential(account_id, &found.grant, &found.user)).await?;
    tx.account_authorised(account_id, application_id).await?;
    tx.account_moved(account_id, &found.account()).await?;
    begin_import(tx, account_id, now).await
}

/// Who holds the grant, and that this user sees the account, wherever the forge has it now.
async fn found(engine: &Engine, account: &Account, grant: Grant) -> Result<Found, ConnectError> {
    let (host_url, oauth) = (&account.host_url, grant.oauth);
    let host_failed = |error| ConnectError::of_host(error, host_url, oauth);
    let forge = engine.forge(account.host_kind, host_url, grant.auth()).map_err(host_failed)?;
    let user = forge.current_user().await.map_err(host_failed)?;
    let there = forge.account_again(&in_forge_words(account)).await;
    let there = there.map_err(|error| ConnectError::of_account(error, host_url, &account.path, &user.login, oauth))?;
    Ok(Found::new(grant, user, there))
}

async fn existing(engine: &Engine, account_id: i64) -> Result<Account, ConnectError> {
    let account = engine.store().account(account_id).await?;
    account.filter(|account| account.state != AccountState::Removing).ok_or(ConnectError::AccountGone)
}

async fn application(engine: &Engine, account: &Account, keys: Option<Keys>) -> Result<Application, ConnectError> {
    if let Some(Keys { client_id, client_secret }) = keys {
        let (client_id, client_secret) = (client_id.trim(), client_secret.expose_secret().trim());
        let empty = [(client_id, Field::ClientId), (client_secret, Field::ClientSecret)];
        if let Some((_, field)) = empty.into_iter().find(|(typed, _)| typed.is_empty()) {
            return Err(ConnectError::Empty(field));
        }
        return Ok(Application { client_id: client_id.to_owned(), client_secret: client_secret.to_owned() });
    }
    let stored = match account.application_id {
        Some(id) => engine.store().application(id).await?,
        None => None,
    };
    let stored = stored.ok_or(ConnectError::Empty(Field::ClientId))?;
    Ok(Application { client_id: stored.client_id, client_secret: stored.secret.expose_secret().to_owned() })
}

fn payload(account: &Account, application: Option<Application>, redirect_uri: &str) -> Payload {
    Payload {
        kind: account.host_kind,
        host_url: account.host_url.clone(),
        path: account.path.clone(),
        auto_link: account.auto_link,
        smart_commits: account.smart_commits,
        redirect_uri: redirect_uri.to_owned(),
        application,
        verifier: None,
        notes: Vec::new(),
        found: None,
        again: Some(account.id),
    }
}
