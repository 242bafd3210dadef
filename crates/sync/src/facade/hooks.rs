//! Hooks that a Jira registers.

use store::Lane;
use store::facade::{FacadeHook, NewFacadeHook};
use url::Url;

use super::Visitor;
use crate::sentences::facade as sentences;
use crate::{Engine, SyncError};

/// The longest address of a hook that is taken, in bytes.
pub const LONGEST_HOOK_URL: usize = 2_048;
/// How many hooks a user may register for one repository; GitHub takes as many.
pub const MOST_HOOKS: usize = 20;
/// How many events a hook may name, and how long each may be.
const MOST_EVENTS: usize = 50;
const LONGEST_EVENT: usize = 100;

/// Registers a hook for the visitor's user; the same one again (address and kind of body) gets the new events. That the
/// address is allowed, the caller has seen to.
///
/// # Errors
/// [`SyncError::Missing`] where the visitor does not see the repository; [`SyncError::Told`] where the hook is too long, holds
/// a password, or is one too many.
pub async fn hook_add(
    engine: &Engine,
    visitor: &Visitor,
    repository_id: i64,
    url: &Url,
    events: Vec<String>,
    json: bool,
    active: bool,
) -> Result<FacadeHook, SyncError> {
    let (store, grant_id) = (engine.store(), visitor.grant.id);
    if !store.facade_sees(grant_id, repository_id).await? {
        return Err(SyncError::Missing("repository"));
    }
    if url.as_str().len() > LONGEST_HOOK_URL
        || events.len() > MOST_EVENTS
        || events.iter().any(|event| event.len() > LONGEST_EVENT)
    {
        return Err(told(sentences::HOOK_TOO_LONG));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(told(sentences::HOOK_WITH_PASSWORD));
    }
    let known = store.facade_hooks(repository_id, grant_id).await?;
    let is_known = known.iter().any(|hook| hook.url == url.as_str() && hook.json == json);
    if known.len() >= MOST_HOOKS && !is_known {
        return Err(told(sentences::TOO_MANY_HOOKS));
    }
    let hook = NewFacadeHook { repository_id, grant_id, url: url.to_string(), events, json, active };
    let mut tx = store.begin_write(Lane::Live).await?;
    let kept = tx.facade_hook_put(&hook, engine.clock().now()).await?;
    tx.commit().await?;
    Ok(kept)
}

fn told(sentence: &str) -> SyncError {
    SyncError::Told { sentence: sentence.to_owned() }
}

/// Forgets a hook of the visitor's user; false where there is none.
///
/// # Errors
/// When the store does not answer.
pub async fn hook_remove(
    engine: &Engine,
    visitor: &Visitor,
    repository_id: i64,
    hook_id: i64,
) -> Result<bool, SyncError> {
    Ok(engine.store().facade_hook_remove(hook_id, repository_id, visitor.grant.id).await?)
}
