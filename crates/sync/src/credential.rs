//! The access token of an owner, which is an account or a grant of the facade: handed out fresh, renewed in time, by one
//! refresher at a time on all nodes together.
//!
//! GitLab's old pair dies with a refresh (GitLab contract §5.1). So an attempt is recorded before it is sent; if its
//! answer never arrives, the stored pair is tried once more, and only a refusal then costs the account its
//! authorisation (engine §3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use forge::Auth;
use forge::oauth::{OAuthClient, OAuthError, Tokens};
use futures::future::BoxFuture;
use model::secret::{ExposeSecret, SecretString};
use model::{HostKind, Millis};
use store::{Account, AccountState, Application, Credential, CredentialKind, Lane};
use tokio_util::task::TaskTracker;

use crate::failure::{Failure, Reason};
use crate::{Engine, SyncError};

/// How long the right to renew a pair lasts: longer than a request may take (60 s), so that nobody else tries meanwhile.
const LEASE: Millis = 90_000;
/// How often it is looked whether another node has renewed the pair.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How often at most: half a minute.
const LOOKS: u32 = 150;
/// From how long before the end of a token on it is warned of: a fortnight.
const WARN_BEFORE: Millis = 14 * DAY;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// How the credential of an account is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialState {
    /// An OAuth pair, which is renewed by itself, or a token that a person made.
    pub kind: CredentialKind,
    /// When the access token ends, as far as is known. Of an OAuth pair that is nothing to worry about.
    pub expires_at: Option<Millis>,
    /// Whole days until a token that a person made ends, rounded down; 0 on its last day and after it. None for an OAuth
    /// pair, and where no end is known.
    pub days_left: Option<i64>,
    /// Whether a token that a person made ends within 14 days, or has ended.
    pub warn: bool,
    /// Whether the forge no longer accepts it, so that a person has to authorise the account again.
    pub needs_authorisation: bool,
}

/// How the credential of an account is doing; none where there is no such account, or where nobody has to be let in (a
/// folder).
///
/// # Errors
/// When the store does not answer.
pub async fn credential_state(engine: &Engine, account_id: i64) -> Result<Option<CredentialState>, SyncError> {
    let Some(account) = engine.store().account(account_id).await? else { return Ok(None) };
    let Some(credential) = engine.store().credential(account.credential_owner()).await? else { return Ok(None) };
    let made_by_a_person = credential.kind == CredentialKind::Token;
    let left = credential.expires_at.filter(|_| made_by_a_person).map(|end| end - engine.clock().now());
    Ok(Some(CredentialState {
        kind: credential.kind,
        expires_at: credential.expires_at,
        days_left: left.map(|left| left.max(0) / DAY),
        warn: left.is_some_and(|left| left <= WARN_BEFORE),
        needs_authorisation: account.state == AccountState::NeedsAuthorisation,
    }))
}

/// Whose credential it is. The ids of both come from one sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// An account's own.
    Account(i64),
    /// That of a grant of the facade, which also lets in the accounts that the facade made.
    Grant(i64),
}

impl Owner {
    /// Whose credential lets an account in.
    pub(crate) fn of(account: &Account) -> Self {
        account.grant_id.map_or(Self::Account(account.id), Self::Grant)
    }

    /// The inner id.
    pub(crate) const fn id(self) -> i64 {
        match self {
            Self::Account(id) | Self::Grant(id) => id,
        }
    }
}

/// The renewals of a process: one lock an owner, so that the right to renew a pair is asked for once, and those under way,
/// which a stop waits for, since an answer that nobody keeps costs the account its authorisation.
#[derive(Debug, Default)]
pub(crate) struct Renewals {
    locks: Mutex<HashMap<i64, Arc<tokio::sync::Mutex<()>>>>,
    under_way: TaskTracker,
}

impl Renewals {
    fn lock_of(&self, owner: i64) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(owner).or_default())
    }

    /// Waits until none is under way.
    pub(crate) async fn finished(&self) {
        self.under_way.close();
        self.under_way.wait().await;
    }
}

/// What lets us in for `owner`, renewed when less than a fifth of its life is left, or when it is `refused`, the
/// token that the forge did not accept.
///
/// # Errors
/// [`Failure::NeedsAuthorisation`] when it cannot be renewed; [`Failure::Forge`] when the forge does not answer;
/// [`Failure::RenewalPending`] when another node has been renewing it for half a minute.
pub(crate) async fn auth(engine: &Engine, owner: Owner, refused: Option<&SecretString>) -> Result<Auth, Failure> {
    let Some(credential) = engine.store().credential(owner.id()).await? else { return Ok(Auth::None) };
    if credential.kind == CredentialKind::Token {
        let is_refused = refused.is_some_and(|token| same(token, &credential.access));
        return if is_refused { Err(lost(owner, Reason::TokenRefused)) } else { Ok(Auth::Token(credential.access)) };
    }
    if is_good(&credential, refused, engine.clock().now()) {
        return Ok(Auth::Oauth(credential.access));
    }
    // In a task of its own: who asked may lose patience, but the answer to a refresh must be kept, whoever asked.
    let renewal = Renewal { engine: engine.clone(), owner, refused: refused.cloned() };
    let renewed = engine.renewals().under_way.spawn(async move { renewal.run().await }).await;
    renewed.unwrap_or(Err(Failure::Interrupted)).map(Auth::Oauth)
}

/// Whether it is fresh, and not the one that was refused.
fn is_good(credential: &Credential, refused: Option<&SecretString>, now: Millis) -> bool {
    !refused.is_some_and(|token| same(token, &credential.access)) && is_fresh(credential, now)
}

/// Whether at least a fifth of the token's life is left. Without an end it lives for ever.
fn is_fresh(credential: &Credential, now: Millis) -> bool {
    match (credential.issued_at, credential.expires_at) {
        (_, None) => true,
        (Some(issued), Some(expires)) => (expires - now) * 5 >= expires - issued,
        (None, Some(expires)) => now < expires,
    }
}

/// A pair that has to be renewed.
struct Renewal {
    engine: Engine,
    owner: Owner,
    /// The token that the forge did not accept.
    refused: Option<SecretString>,
}

impl Renewal {
    /// Renews the pair, unless somebody else has done so while we waited for our turn.
    async fn run(self) -> Result<SecretString, Failure> {
        let lock = self.engine.renewals().lock_of(self.owner.id());
        let _one_at_a_time = lock.lock().await;
        for _ in 0..LOOKS {
            let credential = self.stored().await?;
            if self.is_good(&credential) {
                return Ok(credential.access);
            }
            if self.take_turn().await? {
                let renewed = self.renew().await;
                // After a success nobody holds it any more; after a failure the next may try at once.
                self.engine.store().credential_lease_end(self.owner.id(), &self.engine.options().node).await?;
                return renewed;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let credential = self.stored().await?;
        if self.refused.is_none() && self.is_alive(&credential) {
            return Ok(credential.access);
        }
        Err(Failure::RenewalPending)
    }

    /// Whether it is this node's turn to renew: nobody else is at it.
    async fn take_turn(&self) -> Result<bool, Failure> {
        let (node, now) = (&self.engine.options().node, self.engine.clock().now());
        Ok(self.engine.store().credential_lease(self.owner.id(), node, now, now + LEASE).await?)
    }

    async fn stored(&self) -> Result<Credential, Failure> {
        self.engine.store().credential(self.owner.id()).await?.ok_or(Failure::Pointless)
    }

    fn is_good(&self, credential: &Credential) -> bool {
        is_good(credential, self.refused.as_ref(), self.engine.clock().now())
    }

    fn is_alive(&self, credential: &Credential) -> bool {
        credential.expires_at.is_none_or(|expires| self.engine.clock().now() < expires)
    }

    async fn renew(&self) -> Result<SecretString, Failure> {
        // Between our look and our turn another node may have come to its end.
        let credential = self.stored().await?;
        if self.is_good(&credential) {
            return Ok(credential.access);
        }
        let owner = self.owner;
        let Some(refresh) = credential.refresh.clone() else { return Err(lost(owner, Reason::TokenRefused)) };
        let client = self.oauth_client().await?;
        let answer_was_lost = credential.refresh_attempted_at.is_some();
        let now = self.engine.clock().now();
        self.engine.store().credential_refresh_attempt(owner.id(), now).await?;
        let answer: BoxFuture<'_, Result<Tokens, OAuthError>> = Box::pin(client.refresh(&refresh));
        match answer.await {
            Ok(tokens) => self.keep(credential, tokens, now).await,
            Err(OAuthError::InvalidGrant) => self.renewed_elsewhere(&credential, answer_was_lost).await,
            Err(OAuthError::InvalidClient) => Err(lost(owner, Reason::ApplicationRefused)),
            Err(_) if self.refused.is_none() && self.is_alive(&credential) => Ok(credential.access),
            Err(error) => Err(error.into()),
        }
    }

    /// Both tokens in one transaction: there is no moment at which only one of them is known.
    async fn keep(&self, old: Credential, tokens: Tokens, now: Millis) -> Result<SecretString, Failure> {
        let renewed = Credential {
            access: tokens.access.clone(),
            refresh: tokens.refresh.or(old.refresh),
            expires_at: tokens.expires_at,
            issued_at: Some(now),
            refresh_attempted_at: None,
            ..old
        };
        let mut tx = self.engine.store().begin_write(Lane::Live).await?;
        tx.credential_put(&renewed).await?;
        tx.commit().await?;
        Ok(tokens.access)
    }

    /// A pair that is refused may have been replaced a moment ago, by a node whose turn had run out or by a person who
    /// authorised the account again: then the new one is good.
    async fn renewed_elsewhere(&self, tried: &Credential, answer_was_lost: bool) -> Result<SecretString, Failure> {
        let stored = self.stored().await?;
        if !same(&stored.access, &tried.access) {
            return Ok(stored.access);
        }
        let reason = if answer_was_lost { Reason::AnswerLost } else { Reason::GrantRevoked };
        Err(lost(self.owner, reason))
    }

    async fn oauth_client(&self) -> Result<OAuthClient, Failure> {
        // As it is now: the application may have been replaced.
        let (kind, host_url, application) = self.application().await?;
        let Some(application) = application else { return Err(lost(self.owner, Reason::ApplicationRefused)) };
        Ok(self.engine.oauth_client(kind, &host_url, &application.client_id, &application.secret)?)
    }

    /// The owner's host, and the application that the pair was given to.
    async fn application(&self) -> Result<(HostKind, String, Option<Application>), Failure> {
        let store = self.engine.store();
        let (kind, host_url, id) = match self.owner {
            Owner::Account(id) => {
                let account = store.account(id).await?.ok_or(Failure::Pointless)?;
                (account.host_kind, account.host_url, account.application_id)
            }
            Owner::Grant(id) => {
                let grant = store.facade_grant(id).await?.ok_or(Failure::Pointless)?;
                (grant.host_kind, grant.host_url, Some(grant.application_id))
            }
        };
        let application = match id {
            Some(id) => store.application(id).await?,
            None => None,
        };
        Ok((kind, host_url, application))
    }
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

const fn lost(owner: Owner, reason: Reason) -> Failure {
    Failure::NeedsAuthorisation { owner, reason }
}
