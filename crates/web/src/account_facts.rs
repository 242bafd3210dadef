//! What is told of an account beside its row: its next refresh, the pause of its host, the end of its token.

use std::time::Duration;

use model::Millis;
use store::{Account, Host};
use sync::{CredentialState, SyncError};

use crate::state::AppState;

/// What is told of an account beside its row.
#[derive(Debug)]
pub struct AccountFacts {
    /// When its list of repositories is read next; none while nothing is planned.
    pub next_refresh_at: Option<Millis>,
    /// How often it is refreshed.
    pub interval: Duration,
    /// Its host, while that may be asked nothing.
    pub paused_host: Option<Host>,
    /// How a token is doing that somebody made; none where an application renews it, and where none is needed.
    pub token: Option<CredentialState>,
}

impl AccountFacts {
    /// Of an account, one of `hosts` being its own.
    pub async fn of(state: &AppState, account: &Account, hosts: &[Host], now: Millis) -> Result<Self, SyncError> {
        let host = hosts.iter().find(|host| host.id == account.host_id);
        let paused = |host: &&Host| host.paused_until.is_some_and(|until| until > now);
        Ok(Self {
            next_refresh_at: sync::next_refresh_at(state.engine(), account.id).await?,
            interval: state.engine().options().interval,
            paused_host: host.filter(paused).cloned(),
            token: token(state, account).await?,
        })
    }
}

async fn token(state: &AppState, account: &Account) -> Result<Option<CredentialState>, SyncError> {
    if account.application_id.is_some() || !sync::capabilities(account.host_kind, &account.host_url).oauth {
        return Ok(None);
    }
    sync::credential_state(state.engine(), account.id).await
}
