//! The button *Test*: the forge is asked to send an event now.

use store::{Hook, HookOf, HookState};

use super::{are_possible, at_forge, cover, registration};
use crate::failure::Failure;
use crate::sentences::hooks as sentences;
use crate::session::Session;
use crate::{Engine, SyncError};

/// Asks the forge to send a test event for a repository; it arrives as any other and is seen in the inbox. A hook that is
/// not registered is tried to be registered again.
///
/// # Errors
/// [`SyncError::Missing`] without such a repository; [`SyncError::Told`] says why no event comes.
pub async fn test(engine: &Engine, repository_id: i64) -> Result<(), SyncError> {
    let repository = engine.store().repository(repository_id).await?.ok_or(SyncError::Missing("repository"))?;
    if !are_possible(engine, repository.host_kind, &repository.host_url) {
        let has_hooks = forge::capabilities(repository.host_kind, &repository.host_url).hooks;
        return Err(told(if has_hooks { sentences::NO_ADDRESS } else { sentences::NO_HOOKS }));
    }
    let Some(hook) = hook_of(engine, repository_id).await? else { return Err(told(sentences::NO_HOOK)) };
    let Some(known) = hook.forge_id.as_deref().filter(|_| hook.state == HookState::Registered) else {
        registration::try_again(engine, &hook).await?;
        return Err(told(&sentences::trying_again(hook.error.as_deref())));
    };
    let mut refused = Failure::Pointless;
    for session in sessions(engine, &hook).await? {
        match send(&session, &hook, &repository.forge_id, known).await {
            Ok(()) => return Ok(()),
            Err(Failure::Store(error)) => return Err(error.into()),
            Err(failure) => refused = failure,
        }
    }
    Err(told(&sentences::no_test(&refused)))
}

async fn hook_of(engine: &Engine, repository_id: i64) -> store::Result<Option<Hook>> {
    match engine.store().hook_of(HookOf::Repository(repository_id)).await? {
        Some(hook) => Ok(Some(hook)),
        None => cover::of_repository(engine, repository_id).await,
    }
}

/// Sessions that may know the hook: of its account, or of those that see its repository.
async fn sessions(engine: &Engine, hook: &Hook) -> Result<Vec<Session>, SyncError> {
    if let Some(id) = hook.account_id {
        let account = engine.store().account(id).await?;
        return Ok(account.map(|account| Session::new(engine, account)).into_iter().collect());
    }
    match hook.repository_id {
        Some(id) => Ok(at_forge::sessions(engine, id).await?),
        None => Ok(Vec::new()),
    }
}

async fn send(session: &Session, hook: &Hook, repository: &str, known: &str) -> Result<(), Failure> {
    let group = session.account().forge_id.clone();
    let forge_id = if hook.account_id.is_some() { group.as_str() } else { repository };
    session.ask(|forge| async move { forge.hook_test(at_forge::target(hook, forge_id), known).await }).await
}

fn told(sentence: &str) -> SyncError {
    SyncError::Told { sentence: sentence.to_owned() }
}
