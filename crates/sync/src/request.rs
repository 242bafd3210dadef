//! What people and schedules ask of the engine. Each verb only enqueues; a worker does it.

use serde::{Deserialize, Serialize};

use store::{Account, AccountState, Lane};

use crate::refresh::RefreshAccount;
use crate::removal::RemoveAccount;
use crate::repository::SyncRepository;
use crate::{Engine, SyncError};

/// How thorough a sync is (design §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Bring what is new.
    Soft,
    /// Compare everything from scratch.
    Full,
}

impl Mode {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Full => "full",
        }
    }
}

/// Reads the repository list of an account again and syncs what is linked.
///
/// # Errors
/// [`SyncError::Missing`] without such an account.
pub async fn refresh_account(engine: &Engine, account_id: i64) -> Result<(), SyncError> {
    account(engine, account_id).await?;
    Ok(refresh(engine, account_id, Mode::Soft).await?)
}

/// Reads the repository list of an account again and syncs what is linked, comparing everything from scratch.
///
/// # Errors
/// [`SyncError::Missing`] without such an account.
pub async fn full_sync_account(engine: &Engine, account_id: i64) -> Result<(), SyncError> {
    account(engine, account_id).await?;
    Ok(refresh(engine, account_id, Mode::Full).await?)
}

pub(crate) async fn refresh(engine: &Engine, account_id: i64, mode: Mode) -> store::Result<()> {
    enqueue(engine, &RefreshAccount { account_id, mode }).await
}

/// Syncs one repository, live: before any import. One whose first import has not ended yet is imported next.
///
/// # Errors
/// [`SyncError::Missing`] without such a repository.
pub async fn sync_repository(engine: &Engine, repository_id: i64, mode: Mode) -> Result<(), SyncError> {
    let repository = engine.store().repository(repository_id).await?.ok_or(SyncError::Missing("repository"))?;
    Ok(enqueue(engine, &SyncRepository::asked_for(&repository, mode)).await?)
}

/// Links or unlinks a repository for an account; a newly linked one is synced.
///
/// # Errors
/// When the store does not answer.
pub async fn set_linked(engine: &Engine, account_id: i64, repository_id: i64, linked: bool) -> Result<(), SyncError> {
    engine.store().repository_set_linked(account_id, repository_id, linked).await?;
    if linked { sync_repository(engine, repository_id, Mode::Soft).await } else { Ok(()) }
}

/// Removes an account: at once from sight, its data in steps behind.
///
/// # Errors
/// [`SyncError::Missing`] without such an account.
pub async fn remove_account(engine: &Engine, account_id: i64) -> Result<(), SyncError> {
    account(engine, account_id).await?;
    engine.store().account_set_state(account_id, AccountState::Removing).await?;
    Ok(enqueue(engine, &RemoveAccount { account_id }).await?)
}

/// Stops refreshing an account until [`resume`]; what runs goes on to its end.
///
/// # Errors
/// [`SyncError::Missing`] without such an account.
pub async fn pause(engine: &Engine, account_id: i64) -> Result<(), SyncError> {
    if account(engine, account_id).await?.state == AccountState::Active {
        engine.store().account_set_state(account_id, AccountState::Paused).await?;
    }
    Ok(())
}

/// Goes on with a paused account, beginning with a refresh.
///
/// # Errors
/// [`SyncError::Missing`] without such an account.
pub async fn resume(engine: &Engine, account_id: i64) -> Result<(), SyncError> {
    if account(engine, account_id).await?.state == AccountState::Paused {
        engine.store().account_set_state(account_id, AccountState::Active).await?;
        refresh(engine, account_id, Mode::Soft).await?;
    }
    Ok(())
}

async fn account(engine: &Engine, account_id: i64) -> Result<Account, SyncError> {
    let account = engine.store().account(account_id).await?;
    account.filter(|account| account.state != AccountState::Removing).ok_or(SyncError::Missing("account"))
}

async fn enqueue<J: queue::Job>(engine: &Engine, job: &J) -> store::Result<()> {
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue(&mut tx, job, engine.clock().now()).await?;
    tx.commit().await
}
