//! What people and schedules ask of the engine. Each verb only enqueues; a worker does it.

use std::collections::HashSet;

use model::Millis;
use serde::{Deserialize, Serialize};
use store::{Account, AccountState, Lane, Repository, WriteTx};

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
/// [`SyncError::Missing`] when the account's list never named such a repository.
pub async fn set_linked(engine: &Engine, account_id: i64, repository_id: i64, linked: bool) -> Result<(), SyncError> {
    match set_all_linked(engine, account_id, &[repository_id], linked).await? {
        0 => Err(SyncError::Missing("repository")),
        _ => Ok(()),
    }
}

/// How often links are written again in a row where another transaction stood in their way, and had to.
const DEADLOCKS: usize = 8;

/// [`set_linked`] for many repositories of an account at once: all are linked or unlinked with all that follows from it, or
/// none is. Of those that are synced alike, the first named goes first. Those that the account's list never named are passed
/// over; answers how many are left.
///
/// # Errors
/// When the store does not answer.
pub async fn set_all_linked(
    engine: &Engine,
    account_id: i64,
    repository_ids: &[i64],
    linked: bool,
) -> Result<usize, SyncError> {
    let mut deadlocks = 0;
    let named = loop {
        match write_links(engine, account_id, repository_ids, linked).await {
            Ok(named) => break named,
            // A refresh asks for some of the same syncs: it goes first.
            Err(error) if error.is_deadlock() && deadlocks < DEADLOCKS => deadlocks += 1,
            Err(error) => return Err(error.into()),
        }
    };
    if !linked {
        engine.stops().call();
    }
    // Beside the transaction, as it looks at what is linked by then; the next refresh does the same.
    hook::keep(engine, account_id).await?;
    Ok(named)
}

/// The links, and the jobs that follow from them, in one transaction. Answers how many repositories they are of.
async fn write_links(engine: &Engine, account_id: i64, ids: &[i64], linked: bool) -> store::Result<usize> {
    let now = engine.clock().now();
    let sites = deliver::sites_told(engine).await?;
    let repositories = if linked { engine.store().repositories_by_ids(ids).await? } else { Vec::new() };
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let named = tx.repositories_set_linked(account_id, ids, linked).await?;
    hook::relinked(&mut tx, &named, now).await?;
    deliver::tell_sight(&mut tx, &sites, if linked { &[] } else { &named }, now).await?;
    if linked {
        let named: HashSet<i64> = named.iter().copied().collect();
        let begun = repositories.iter().filter(|repository| named.contains(&repository.id));
        begin_again(engine, &mut tx, begun, now).await?;
    }
    tx.commit().await?;
    Ok(named.len())
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
    let repository = repository(engine, repository_id).await?;
    if repository.paused {
        engine.store().repository_set_paused(repository_id, false).await?;
        let mut tx = engine.store().begin_write(Lane::Live).await?;
        begin_again(engine, &mut tx, std::iter::once(&repository), engine.clock().now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A sync at once, and from then on by the schedule.
async fn begin_again<'r>(
    engine: &Engine,
    tx: &mut WriteTx,
    repositories: impl Iterator<Item = &'r Repository>,
    now: Millis,
) -> store::Result<()> {
    let both = |repository| {
        [(SyncRepository::asked_for(repository, Mode::Soft), now), schedule::next_sync_of(engine, repository, now)]
    };
    queue::enqueue_all_at(tx, &repositories.flat_map(both).collect::<Vec<_>>(), now).await
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
