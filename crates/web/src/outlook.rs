//! What is told of repositories beside their own rows: when each is synced next, and which web hook calls for it.

use std::collections::HashMap;

use model::Millis;
use store::{Hook, HookOf, HookState, Viewer};

use crate::state::AppState;

/// What is told of repositories beside their own rows.
#[derive(Debug, Default)]
pub struct Outlook {
    due: HashMap<i64, Millis>,
    group: Option<Hook>,
    own: HashMap<i64, Hook>,
}

impl Outlook {
    /// Of these repositories of an account.
    pub async fn of_account(state: &AppState, account_id: i64, repository_ids: &[i64]) -> store::Result<Self> {
        let due = state.store().jobs_due_of_repositories(repository_ids).await?;
        let hooks = state.store().hooks_of_account(account_id).await?;
        let mut outlook = Self { due, ..Self::default() };
        for hook in hooks {
            match hook.repository_id {
                Some(id) => drop(outlook.own.insert(id, hook)),
                None => outlook.group = Some(hook),
            }
        }
        Ok(outlook)
    }

    /// Of one repository, through the accounts that the viewer may see.
    pub async fn of_repository(state: &AppState, viewer: Viewer, repository_id: i64) -> store::Result<Self> {
        let store = state.store();
        let due = store.jobs_due_of_repositories(&[repository_id]).await?;
        let own = store.hook_of(HookOf::Repository(repository_id)).await?;
        let mut outlook = Self { due, group: None, own: own.map(|hook| (repository_id, hook)).into_iter().collect() };
        let accounts = store.repository_accounts(repository_id).await?;
        for account in store.accounts(viewer).await?.into_iter().filter(|account| accounts.contains(&account.id)) {
            let group = store.hook_of(HookOf::Account(account.id)).await?;
            outlook.group = group.filter(is_registered).or(outlook.group);
        }
        Ok(outlook)
    }

    /// When a repository is synced next; none while nothing is planned.
    pub fn next_sync_at(&self, repository_id: i64) -> Option<Millis> {
        self.due.get(&repository_id).copied()
    }

    /// The hook that calls for a repository: the group's where it is registered, else its own, else what became of the
    /// group's.
    pub fn hook(&self, repository_id: i64) -> Option<&Hook> {
        let group = self.group.as_ref();
        group.filter(|hook| is_registered(hook)).or_else(|| self.own.get(&repository_id)).or(group)
    }

    /// The group's hook, if there is or was to be one.
    pub const fn group_hook(&self) -> Option<&Hook> {
        self.group.as_ref()
    }

    /// How many of these repositories a registered hook calls for.
    pub fn hooked(&self, repository_ids: impl IntoIterator<Item = i64>) -> usize {
        let of = |id: &i64| self.hook(*id).is_some_and(is_registered);
        repository_ids.into_iter().filter(of).count()
    }
}

fn is_registered(hook: &Hook) -> bool {
    hook.state == HookState::Registered
}
