//! The jobs that make hooks at the forge, look after them, and take them back: one group hook where the forge lets us,
//! else one for each linked repository. A repository has one hook, however many accounts see it.
//!
//! A hook that cannot be made is a warning with what to paste, never a failed sync. What exists is looked at once a day:
//! people change and delete hooks.

use std::collections::HashSet;

use model::{AccountKind, Millis};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Account, AccountState, Hook, HookOf, HookState, Lane, Repository, WriteTx};

use super::{CHECK_AGAIN, LANE, address, are_possible, at_forge, ensure, forget, is_covered};
use crate::failure::Failure;
use crate::session::Session;
use crate::{Engine, sentences, settle};

/// Makes, repairs or takes back the hook of an account's group or of a repository, whichever of these is right by now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RegisterHook {
    host_id: i64,
    of: Of,
    /// Whether the forge is to get it as a new one, as something is wrong with it that cannot be seen.
    #[serde(default)]
    anew: bool,
}

/// [`HookOf`], as a job keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Account(i64),
    Repository(i64),
}

/// How often a forge that does not answer is asked in a row; after that, with the daily check.
const ATTEMPTS: i64 = 6;
/// How long after a look at a hook a wrong secret lets it be made anew.
const SUSPECT_AFTER: Millis = 60 * 60 * 1_000;

/// Sees to the hooks of an account: asks for a job where one is missing, too much, or was not looked at for a day. Makes
/// no request itself.
pub(crate) async fn keep(engine: &Engine, account_id: i64) -> store::Result<()> {
    let Some(account) = engine.store().account(account_id).await? else { return Ok(()) };
    if account.state != AccountState::Active || !are_possible(engine, account.host_kind, &account.host_url) {
        return Ok(());
    }
    if Hooks::of(engine, &account).await?.want_attention(engine).await? {
        enqueue(engine, &[RegisterHook::new(account.host_id, Of::Account(account.id))]).await?;
    }
    Ok(())
}

/// Repositories are linked to an account or unlinked from it, as part of a transaction: has those of their hooks looked at
/// that there are. [`keep`] is to follow once it is committed.
pub(crate) async fn relinked(tx: &mut WriteTx, repositories: &[i64], now: Millis) -> store::Result<()> {
    let hooked = tx.repositories_with_hooks(repositories).await?;
    let jobs: Vec<_> =
        hooked.into_iter().map(|(id, host_id)| (RegisterHook::new(host_id, Of::Repository(id)), now)).collect();
    queue::enqueue_all_at(tx, &jobs, now).await
}

/// Tries again to make a hook that is not registered, because somebody asked.
pub(super) async fn try_again(engine: &Engine, hook: &Hook) -> store::Result<()> {
    match Of::what(hook) {
        Some(of) => enqueue(engine, &[RegisterHook::new(hook.host_id, of)]).await,
        None => Ok(()),
    }
}

/// An event came with a wrong secret. The forge tells nobody which secret a hook has, so it is given the right one with a
/// new hook: at most once an hour, as anybody who knows the address can send nonsense to it.
pub(super) async fn suspect(engine: &Engine, hook: &Hook) -> store::Result<()> {
    let looked_at_long_ago = hook.checked_at.is_some_and(|at| engine.clock().now() - at >= SUSPECT_AFTER);
    match Of::what(hook) {
        Some(of) if hook.state == HookState::Registered && looked_at_long_ago => {
            enqueue(engine, &[RegisterHook { anew: true, ..RegisterHook::new(hook.host_id, of) }]).await
        }
        _ => Ok(()),
    }
}

async fn enqueue(engine: &Engine, jobs: &[RegisterHook]) -> store::Result<()> {
    let now = engine.clock().now();
    let jobs: Vec<_> = jobs.iter().map(|job| (job.clone(), now)).collect();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue_all_at(&mut tx, &jobs, now).await?;
    tx.commit().await
}

/// The hooks of an account and what it links.
struct Hooks {
    group: Option<Hook>,
    /// Of its linked repositories.
    own: Vec<Hook>,
    linked: Vec<Repository>,
    account_id: i64,
}

impl Hooks {
    async fn of(engine: &Engine, account: &Account) -> store::Result<Self> {
        let (mut group, mut own) = (None, Vec::new());
        let linked = engine.store().linked_repositories(account.id).await?;
        let ids: HashSet<i64> = linked.iter().map(|repository| repository.id).collect();
        for hook in engine.store().hooks_of_account(account.id).await? {
            match hook.repository_id {
                None => group = Some(hook),
                // Those of repositories that the forge hides for now are as they were when they come back.
                Some(id) if ids.contains(&id) => own.push(hook),
                Some(_) => {}
            }
        }
        Ok(Self { group, own, linked, account_id: account.id })
    }

    async fn want_attention(&self, engine: &Engine) -> store::Result<bool> {
        if self.linked.is_empty() {
            return Ok(self.group.is_some());
        }
        if self.group.iter().chain(&self.own).any(|hook| is_stale(engine, hook)) {
            return Ok(true);
        }
        if self.group.as_ref().is_some_and(|hook| hook.state == HookState::Registered) {
            return Ok(!self.own.is_empty());
        }
        Ok(!self.unheard(engine).await?.is_empty())
    }

    /// The linked repositories that nothing tells of.
    async fn unheard(&self, engine: &Engine) -> store::Result<Vec<i64>> {
        let mut told = engine.store().repositories_told_by_groups(self.account_id, None).await?;
        told.extend(self.own.iter().filter_map(|hook| hook.repository_id));
        Ok(self.linked.iter().map(|repository| repository.id).filter(|id| !told.contains(id)).collect())
    }

    /// Whether group hooks of other accounts tell of everything that this one links.
    async fn told_by_others(&self, engine: &Engine) -> store::Result<bool> {
        let told = engine.store().repositories_told_by_groups(self.account_id, Some(self.account_id)).await?;
        Ok(self.linked.iter().all(|repository| told.contains(&repository.id)))
    }
}

/// Whether a hook is to be looked at: not yet or not for a day, or it was registered for another address.
fn is_stale(engine: &Engine, hook: &Hook) -> bool {
    let now = engine.clock().now();
    let is_fresh = hook.checked_at.is_some_and(|at| now - at < CHECK_AGAIN);
    let moved = hook.state == HookState::Registered && hook.url != address(engine, hook).map(String::from);
    !is_fresh || moved
}

impl RegisterHook {
    const fn new(host_id: i64, of: Of) -> Self {
        Self { host_id, of, anew: false }
    }
}

impl Of {
    fn what(hook: &Hook) -> Option<Self> {
        hook.account_id.map(Self::Account).or(hook.repository_id.map(Self::Repository))
    }
}

impl queue::Job for RegisterHook {
    type Context = Engine;
    const KIND: &'static str = "register_hook";

    fn dedup_key(&self) -> String {
        let anew = if self.anew { ":anew" } else { "" };
        match self.of {
            Of::Account(id) => format!("account:{id}{anew}"),
            Of::Repository(id) => format!("repository:{id}{anew}"),
        }
    }

    /// One at a time for a host: whether a repository needs a hook depends on the hooks above it, and no forge is asked
    /// for a thousand hooks at once.
    fn resource_key(&self) -> String {
        format!("hooks:{}", self.host_id)
    }

    fn lane(&self) -> JobLane {
        LANE
    }

    /// After what brings news.
    fn priority(&self) -> i64 {
        -1
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        if let Some(until) = settle::host_pause(&engine, self.host_id).await? {
            return settle::later(&engine, &lease, &self, until).await;
        }
        let outcome = match self.of {
            Of::Account(id) => self.see_to_account(&engine, id).await,
            Of::Repository(id) => self.see_to_repository(&engine, id, lease.job().attempts >= ATTEMPTS).await,
        };
        self.settle(&engine, &lease, outcome).await
    }
}

impl RegisterHook {
    async fn settle(self, engine: &Engine, lease: &Lease, outcome: Result<(), Failure>) -> Result<(), JobError> {
        let Err(failure) = outcome else { return Ok(()) };
        if let Some(until) = settle::host_wait(engine, self.host_id, &failure).await? {
            return settle::later(engine, lease, &self, until).await;
        }
        match failure {
            Failure::Pointless => Ok(()),
            Failure::Interrupted => settle::later(engine, lease, &self, engine.clock().now()).await,
            Failure::Store(error) => Err(error.into()),
            Failure::NeedsAuthorisation { owner, .. } => settle::refused(engine, owner, &failure).await,
            failure if failure.is_transient() && lease.job().attempts < ATTEMPTS => Err(settle::job_error(failure)),
            failure => {
                tracing::warn!(host_id = self.host_id, %failure, "a hook could not be looked after");
                Ok(())
            }
        }
    }

    async fn see_to_account(&self, engine: &Engine, account_id: i64) -> Result<(), Failure> {
        let account = engine.store().account(account_id).await?.ok_or(Failure::Pointless)?;
        if account.state != AccountState::Active || !are_possible(engine, account.host_kind, &account.host_url) {
            return Ok(());
        }
        let hooks = Hooks::of(engine, &account).await?;
        let session = Session::new(engine, account.clone());
        if hooks.linked.is_empty() || hooks.told_by_others(engine).await? {
            if let Some(hook) = &hooks.group {
                at_forge::forget(engine, &session, hook).await?;
                forget(engine, hook).await?;
            }
            return Ok(self.look_at(engine, &hooks.own).await?);
        }
        if account.kind == AccountKind::Group && self.group_hook(engine, &session).await? {
            return Ok(self.look_at(engine, &hooks.own).await?);
        }
        let stale = hooks.own.iter().filter(|hook| is_stale(engine, hook)).filter_map(|hook| hook.repository_id);
        let wanting = hooks.unheard(engine).await?.into_iter().chain(stale);
        let jobs: Vec<_> = wanting.map(|id| Self::new(self.host_id, Of::Repository(id))).collect();
        Ok(enqueue(engine, &jobs).await?)
    }

    /// Has hooks of repositories looked at that may be too much by now.
    async fn look_at(&self, engine: &Engine, hooks: &[Hook]) -> store::Result<()> {
        let jobs: Vec<_> = hooks.iter().filter_map(Of::what).map(|of| Self::new(self.host_id, of)).collect();
        enqueue(engine, &jobs).await
    }

    /// Registers the hook of the account's group; false where the forge does not let us: only owners may, and not every
    /// GitLab has such hooks (GitLab contract §5.10).
    async fn group_hook(&self, engine: &Engine, session: &Session) -> Result<bool, Failure> {
        let hook = ensure(engine, HookOf::Account(session.account().id), self.host_id).await?;
        match at_forge::register(engine, session, &hook, &session.account().forge_id, self.anew).await {
            Ok(()) => Ok(true),
            Err(Failure::Forge(error)) if !error.is_transient() => {
                tracing::debug!(account_id = session.account().id, %error, "no group hook");
                forget(engine, &hook).await?;
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn see_to_repository(&self, engine: &Engine, id: i64, last: bool) -> Result<(), Failure> {
        let repository = engine.store().repository(id).await?.ok_or(Failure::Pointless)?;
        if !are_possible(engine, repository.host_kind, &repository.host_url) {
            return Ok(());
        }
        let is_linked = engine.store().repository_is_linked(id).await?;
        if !is_linked || is_covered(engine, id).await? {
            return at_forge::take_back(engine, id, last).await;
        }
        let hook = ensure(engine, HookOf::Repository(id), repository.host_id).await?;
        let Err(failure) = self.repository_hook(engine, &hook, &repository).await else { return Ok(()) };
        let Failure::Forge(error) = &failure else { return Err(failure) };
        // A hook that exists goes on working while the forge cannot be asked about it.
        let is_missing = last && hook.state != HookState::Registered;
        if error.is_transient() && (!is_missing || failure.paused_until(engine.clock().now()).is_some()) {
            return Err(failure);
        }
        let told = sentences::hooks::manual(error, address(engine, &hook).as_ref());
        tracing::info!(repository_id = id, kind = error.kind(), "a hook could not be registered");
        let mut tx = engine.store().begin_write(Lane::Live).await?;
        tx.hook_manual(&hook.id, error.kind(), &told, engine.clock().now()).await?;
        Ok(tx.commit().await?)
    }

    /// With the first account that may; those that link the repository are asked first.
    async fn repository_hook(&self, engine: &Engine, hook: &Hook, repository: &Repository) -> Result<(), Failure> {
        let mut refused = None;
        for session in at_forge::sessions(engine, repository.id).await? {
            match at_forge::register(engine, &session, hook, &repository.forge_id, self.anew).await {
                Err(failure) if at_forge::is_refusal(&failure) => refused = refused.or(Some(failure)),
                outcome => return outcome,
            }
        }
        Err(refused.unwrap_or(Failure::Pointless))
    }
}
