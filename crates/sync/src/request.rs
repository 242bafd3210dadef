//! What people and schedules ask of the engine. Each verb only enqueues; a worker does it.

use serde::{Deserialize, Serialize};

use store::{Account, AccountState, Lane, Repository};

use crate::refresh::RefreshAccount;
use crate::removal::RemoveAccount;
use crate::repository::{ASKED_FOR, SyncRepository};
use crate::{Engine, SyncError, deliver, hook, schedule, settle};

/// How thorough a sync is (design §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Bring what is new.
    Soft,
    /// Compare everything from scratch.
    Full,
    /// Look whether branches moved: what the schedule asks of a repository whose account's list tells about merge
    /// requests, and of an account that it reads the lists and lets the rest wait for its time. Nobody is offered it.
    Branches,
}

impl Mode {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Full => "full",
            Self::Branches => "branches",
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
    let repository = repository(engine, repository_id).await?;
    Ok(enqueue(engine, &SyncRepository::asked_for(&repository, mode)).await?)
}

/// Links or unlinks a repository for an account; a newly linked one is synced, the sync of an unlinked one stops.
///
/// # Errors
/// When the store does not answer.
pub async fn set_linked(engine: &Engine, account_id: i64, repository_id: i64, linked: bool) -> Result<(), SyncError> {
    engine.store().repository_set_linked(account_id, repository_id, linked).await?;
    hook::relinked(engine, account_id, repository_id).await?;
    let withdrawn = if linked { Vec::new() } else { vec![repository_id] };
    deliver::sight_changed(engine, &withdrawn).await?;
    if linked {
        return begin_again(engine, repository_id).await;
    }
    engine.stops().call();
    Ok(())
}

/// Lets a repository wait for nobody: what waits to be done for it goes first among the imports. Where nothing waits, it
/// is synced.
///
/// # Errors
/// [`SyncError::Missing`] without such a repository.
pub async fn forward_repository(engine: &Engine, repository_id: i64) -> Result<(), SyncError> {
    let repository = repository(engine, repository_id).await?;
    if engine.store().jobs_due_of_repositories(&[repository_id]).await?.is_empty() {
        return sync_repository(engine, repository_id, Mode::Soft).await;
    }
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tx.job_forward(&SyncRepository::resource(repository.id), ASKED_FOR, engine.clock().now()).await?;
    Ok(tx.commit().await?)
}

/// Stops syncing a repository until [`resume_repository`]: what runs stops at its next step, what waits is dropped. It is
/// synced meanwhile only when a person asks for it.
///
/// # Errors
/// [`SyncError::Missing`] without such a repository.
pub async fn pause_repository(engine: &Engine, repository_id: i64) -> Result<(), SyncError> {
    repository(engine, repository_id).await?;
    engine.store().repository_set_paused(repository_id, true).await?;
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tx.job_drop_waiting(&SyncRepository::resource(repository_id)).await?;
    tx.commit().await?;
    engine.stops().call();
    engine.board().dropped(repository_id);
    // Perhaps nothing but this one was left to import.
    for account in engine.store().repository_accounts(repository_id).await? {
        settle::end_first_import(engine, account).await?;
    }
    Ok(())
}

/// Goes on with a paused repository, beginning with a sync.
///
/// # Errors
/// [`SyncError::Missing`] without such a repository.
pub async fn resume_repository(engine: &Engine, repository_id: i64) -> Result<(), SyncError> {
    if repository(engine, repository_id).await?.paused {
        engine.store().repository_set_paused(repository_id, false).await?;
        begin_again(engine, repository_id).await?;
    }
    Ok(())
}

/// A sync at once, and from then on by the schedule.
async fn begin_again(engine: &Engine, repository_id: i64) -> Result<(), SyncError> {
    let repository = repository(engine, repository_id).await?;
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue(&mut tx, &SyncRepository::asked_for(&repository, Mode::Soft), engine.clock().now()).await?;
    schedule::next_sync(engine, &mut tx, &repository).await?;
    Ok(tx.commit().await?)
}

/// Removes an account: at once from sight, its data in steps behind.
///
/// # Errors
/// [`SyncError::Missing`] without such an account.
pub async fn remove_account(engine: &Engine, account_id: i64) -> Result<(), SyncError> {
    account(engine, account_id).await?;
    engine.store().account_set_state(account_id, AccountState::Removing).await?;
    engine.stops().call();
    Ok(enqueue(engine, &RemoveAccount { account_id }).await?)
}

/// Stops refreshing an account until [`resume`]; what runs stops at its next step.
///
/// # Errors
/// [`SyncError::Missing`] without such an account.
pub async fn pause(engine: &Engine, account_id: i64) -> Result<(), SyncError> {
    if account(engine, account_id).await?.state == AccountState::Active {
        engine.store().account_set_state(account_id, AccountState::Paused).await?;
        engine.stops().call();
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

async fn repository(engine: &Engine, repository_id: i64) -> Result<Repository, SyncError> {
    engine.store().repository(repository_id).await?.ok_or(SyncError::Missing("repository"))
}

async fn enqueue<J: queue::Job>(engine: &Engine, job: &J) -> store::Result<()> {
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue(&mut tx, job, engine.clock().now()).await?;
    tx.commit().await
}
