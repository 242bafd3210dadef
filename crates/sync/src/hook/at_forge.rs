//! What is asked of the forge about one hook.

use forge::{HookAddress, HookTarget};
use model::HookScope;
use store::{AccountState, Hook, HookOf, Lane};

use super::{address, forget as forget_row};
use crate::Engine;
use crate::failure::Failure;
use crate::sentences::hooks as sentences;
use crate::session::Session;

/// Registers a hook where it is not, repairs it where it was changed, and keeps what the forge calls it.
pub(super) async fn register(
    engine: &Engine,
    session: &Session,
    hook: &Hook,
    forge_id: &str,
    anew: bool,
) -> Result<(), Failure> {
    let url = address(engine, hook).ok_or(Failure::Pointless)?;
    if anew && let Some(known) = &hook.forge_id {
        session.ask(|forge| async move { forge.hook_remove(target(hook, forge_id), known).await }).await?;
    }
    let known = hook.forge_id.as_deref().filter(|_| !anew);
    let told = &HookAddress { url: url.clone(), secret: hook.secret.clone() };
    let registered =
        session.ask(|forge| async move { forge.hook_register(target(hook, forge_id), told, known).await }).await?;
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tx.hook_registered(&hook.id, &registered.forge_id, url.as_str(), now).await?;
    if registered.disabled {
        tx.hook_manual(&hook.id, "network", &sentences::switched_off(&url), now).await?;
    }
    Ok(tx.commit().await?)
}

/// Removes a hook at the forge, where there is one.
pub(super) async fn forget(engine: &Engine, session: &Session, hook: &Hook) -> Result<(), Failure> {
    let Some(known) = &hook.forge_id else { return Ok(()) };
    let forge_id = &match hook.repository_id {
        Some(id) => engine.store().repository(id).await?.ok_or(Failure::Pointless)?.forge_id,
        None => session.account().forge_id.clone(),
    };
    session.ask(|forge| async move { forge.hook_remove(target(hook, forge_id), known).await }).await
}

/// Removes the hook of a repository, at the forge as far as it lets us. `last`: it is not tried again.
pub(super) async fn take_back(engine: &Engine, repository_id: i64, last: bool) -> Result<(), Failure> {
    let Some(hook) = engine.store().hook_of(HookOf::Repository(repository_id)).await? else { return Ok(()) };
    for session in sessions(engine, repository_id).await? {
        match forget(engine, &session, &hook).await {
            Ok(()) => break,
            Err(failure) if last || is_refusal(&failure) => {
                tracing::warn!(hook = hook.id, %failure, "a hook stays at the forge");
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(forget_row(engine, &hook).await?)
}

/// Sessions of the accounts that see a repository and are authorised, those that link it first.
pub(super) async fn sessions(engine: &Engine, repository_id: i64) -> store::Result<Vec<Session>> {
    let mut sessions = Vec::new();
    for id in engine.store().repository_accounts(repository_id).await? {
        let account = engine.store().account(id).await?;
        sessions.extend(account.filter(|it| it.state == AccountState::Active).map(|it| Session::new(engine, it)));
    }
    Ok(sessions)
}

/// Whether another account may be let do what this one was not.
pub(super) fn is_refusal(failure: &Failure) -> bool {
    match failure {
        Failure::Forge(error) => !error.is_transient(),
        Failure::NeedsAuthorisation { .. } => true,
        _ => false,
    }
}

pub(super) const fn target<'a>(hook: &Hook, forge_id: &'a str) -> HookTarget<'a> {
    match hook.scope {
        HookScope::Repository => HookTarget::Repository(forge_id),
        HookScope::Group => HookTarget::Group(forge_id),
    }
}
