//! What the forge is asked to forget when an account goes, and what takes its place for the others.

use queue::{JobError, Lease};
use store::{Account, Hook, Viewer};

use super::{at_forge, forget, keep};
use crate::failure::Failure;
use crate::session::Session;
use crate::{Engine, sentences};

/// Takes back at the forge the hooks that only this account needs, while it still has a credential. What the forge does
/// not take back now is left to it: it calls an address that nobody knows any more, until it gives up.
///
/// # Errors
/// When the process stops or the store does not answer; never for what the forge says.
pub(crate) async fn farewell(engine: &Engine, lease: &Lease, account: &Account) -> Result<(), JobError> {
    let session = Session::new(engine, account.clone());
    for hook in engine.store().hooks_of_account(account.id).await? {
        if lease.cancelled().is_cancelled() {
            return Err(JobError::retry(sentences::hooks::STOPPED));
        }
        if is_needed_by_others(engine, &hook).await? {
            continue;
        }
        match at_forge::forget(engine, &session, &hook).await {
            Ok(()) => forget(engine, &hook).await?,
            Err(Failure::Store(error)) => return Err(error.into()),
            Err(failure) => {
                tracing::warn!(account_id = account.id, hook = hook.id, %failure, "a hook stays at the forge");
                // A forge that does not answer, or no longer knows the account, is not asked about each of a thousand.
                if failure.is_transient() || !matches!(failure, Failure::Forge(_)) {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Has what the hooks of a removed account told, told to the other accounts of its host from now on.
pub(crate) async fn inherit(engine: &Engine, host_id: i64) -> store::Result<()> {
    for account in engine.store().accounts(Viewer::Everything).await? {
        if account.host_id == host_id {
            keep(engine, account.id).await?;
        }
    }
    Ok(())
}

/// The account that goes links nothing any more.
async fn is_needed_by_others(engine: &Engine, hook: &Hook) -> store::Result<bool> {
    match hook.repository_id {
        Some(repository_id) => engine.store().repository_is_linked(repository_id).await,
        None => Ok(false),
    }
}
