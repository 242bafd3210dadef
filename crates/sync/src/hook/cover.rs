//! Which group hook tells of a repository already: nobody needs to be told twice.

use store::{AccountState, Hook, HookOf, HookState};

use crate::Engine;

/// The registered hook of a group that the repository is in: of any account whose list names it.
pub(super) async fn of_repository(engine: &Engine, repository_id: i64) -> store::Result<Option<Hook>> {
    for account_id in engine.store().repository_accounts(repository_id).await? {
        if let Some(hook) = of_account(engine, account_id).await? {
            return Ok(Some(hook));
        }
    }
    Ok(None)
}

/// The registered group hook of an account that stays.
async fn of_account(engine: &Engine, account_id: i64) -> store::Result<Option<Hook>> {
    let hook = engine.store().hook_of(HookOf::Account(account_id)).await?;
    let Some(hook) = hook.filter(|hook| hook.state == HookState::Registered) else { return Ok(None) };
    let account = engine.store().account(account_id).await?;
    Ok(account.filter(|account| account.state != AccountState::Removing).map(|_| hook))
}
