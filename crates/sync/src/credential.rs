//! The access token of an account: handed out fresh, renewed in time, by one refresher at a time.
//!
//! GitLab's old pair dies with a refresh (GitLab contract §5.1). So an attempt is recorded before it is sent; if its
//! answer never arrives, the stored pair is tried once more, and only a refusal then costs the account its
//! authorisation (engine §3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use forge::Auth;
use forge::oauth::{OAuthClient, OAuthError, Tokens};
use futures::future::BoxFuture;
use model::Millis;
use model::secret::{ExposeSecret, SecretString};
use store::{Account, Credential, CredentialKind, Lane};

use crate::Engine;
use crate::failure::{Failure, Reason};

/// One lock an account, so that a process refreshes a pair once.
#[derive(Debug, Default)]
pub(crate) struct Locks(Mutex<HashMap<i64, Arc<tokio::sync::Mutex<()>>>>);

impl Locks {
    fn of(&self, account: i64) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(account).or_default())
    }
}

/// What lets us in for `account`, renewed when less than a fifth of its life is left, or when it is `refused`, the
/// token that the forge did not accept.
///
/// # Errors
/// [`Failure::NeedsAuthorisation`] when it cannot be renewed; [`Failure::Forge`] when the forge does not answer.
pub(crate) async fn auth(engine: &Engine, account: &Account, refused: Option<&SecretString>) -> Result<Auth, Failure> {
    let Some(credential) = engine.store().credential(account.id).await? else { return Ok(Auth::None) };
    let refused_now = |credential: &Credential| refused.is_some_and(|token| same(token, &credential.access));
    if credential.kind == CredentialKind::Token {
        let is_refused = refused_now(&credential);
        return if is_refused {
            Err(lost(account.id, Reason::TokenRefused))
        } else {
            Ok(Auth::Token(credential.access))
        };
    }
    if !refused_now(&credential) && is_fresh(&credential, engine.clock().now()) {
        return Ok(Auth::Oauth(credential.access));
    }
    let lock = engine.credential_locks().of(account.id);
    let _one_at_a_time = lock.lock().await;
    // Somebody else may have renewed it while we waited.
    let Some(credential) = engine.store().credential(account.id).await? else { return Err(Failure::Pointless) };
    if !refused_now(&credential) && is_fresh(&credential, engine.clock().now()) {
        return Ok(Auth::Oauth(credential.access));
    }
    renew(engine, account, credential, refused.is_some()).await.map(Auth::Oauth)
}

/// Whether at least a fifth of the token's life is left. Without an end it lives for ever.
fn is_fresh(credential: &Credential, now: Millis) -> bool {
    match (credential.issued_at, credential.expires_at) {
        (_, None) => true,
        (Some(issued), Some(expires)) => (expires - now) * 5 >= expires - issued,
        (None, Some(expires)) => now < expires,
    }
}

async fn renew(
    engine: &Engine,
    account: &Account,
    credential: Credential,
    refused: bool,
) -> Result<SecretString, Failure> {
    let Some(refresh) = credential.refresh.clone() else { return Err(lost(account.id, Reason::TokenRefused)) };
    let client = oauth_client(engine, account).await?;
    let answer_was_lost = credential.refresh_attempted_at.is_some();
    let now = engine.clock().now();
    engine.store().credential_refresh_attempt(account.id, now).await?;
    let answer: BoxFuture<'_, Result<Tokens, OAuthError>> = Box::pin(client.refresh(&refresh));
    match answer.await {
        Ok(tokens) => keep(engine, credential, tokens, now).await,
        Err(OAuthError::InvalidGrant) => renewed_elsewhere(engine, &credential, answer_was_lost).await,
        Err(OAuthError::InvalidClient) => Err(lost(account.id, Reason::ApplicationRefused)),
        Err(_) if !refused && credential.expires_at.is_none_or(|expires| now < expires) => Ok(credential.access),
        Err(error) => Err(error.into()),
    }
}

/// Both tokens in one transaction: there is no moment at which only one of them is known.
async fn keep(engine: &Engine, old: Credential, tokens: Tokens, now: Millis) -> Result<SecretString, Failure> {
    let renewed = Credential {
        access: tokens.access.clone(),
        refresh: tokens.refresh.or(old.refresh),
        expires_at: tokens.expires_at,
        issued_at: Some(now),
        refresh_attempted_at: None,
        ..old
    };
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tx.credential_put(&renewed).await?;
    tx.commit().await?;
    Ok(tokens.access)
}

/// A refused pair may have been renewed by another node a moment ago: then that node's is good.
async fn renewed_elsewhere(
    engine: &Engine,
    tried: &Credential,
    answer_was_lost: bool,
) -> Result<SecretString, Failure> {
    let stored = engine.store().credential(tried.account_id).await?;
    match stored {
        Some(stored) if !same(&stored.access, &tried.access) => Ok(stored.access),
        _ if answer_was_lost => Err(lost(tried.account_id, Reason::AnswerLost)),
        _ => Err(lost(tried.account_id, Reason::GrantRevoked)),
    }
}

async fn oauth_client(engine: &Engine, account: &Account) -> Result<OAuthClient, Failure> {
    let application = match account.application_id {
        Some(id) => engine.store().application(id).await?,
        None => None,
    };
    let Some(application) = application else { return Err(lost(account.id, Reason::ApplicationRefused)) };
    Ok(engine.oauth_client(account.host_kind, &account.host_url, &application.client_id, &application.secret)?)
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

const fn lost(account_id: i64, reason: Reason) -> Failure {
    Failure::NeedsAuthorisation { account_id, reason }
}
