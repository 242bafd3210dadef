//! The account that a Jira names: there already, or made by its first request.

use std::time::Duration;

use forge::{ForgeError, Problem};
use model::{AccountKind, ForgeAccount};
use store::facade::{Grant, GrantState};
use store::{Account, AccountState, Lane, NewAccount, StoreError, Viewer};
use tokio::time::{Instant, timeout_at};

use super::{FacadeError, RefreshMemberships, Visitor, lists};
use crate::connect::ConnectError;
use crate::failure::Failure;
use crate::refresh::RefreshAccount;
use crate::session::Way;
use crate::{Engine, Mode};

/// The account at `path`, in any case: made where the visitor's user can see that group or user and nobody added it yet. Its
/// list of repositories, and the list of the visitor's memberships, are read before this returns, where they are not of the
/// last minute; what was read before is served where the forge does not answer in time. None: there is no such group or
/// user, or the visitor's user cannot see it.
///
/// # Errors
/// [`FacadeError::Forge`] where the forge does not answer within `deadline`, or not at all.
pub async fn account(
    engine: &Engine,
    visitor: &Visitor,
    path: &str,
    deadline: Duration,
) -> Result<Option<Account>, FacadeError> {
    let path = path.trim_matches('/');
    if !is_path(path) || visitor.grant.state != GrantState::Active {
        return Ok(None);
    }
    let deadline = Instant::now() + deadline;
    let late = |_| too_late(&visitor.grant);
    let found = timeout_at(deadline, find(engine, &visitor.grant, path)).await.map_err(late)??;
    let Some(account) = found else { return Ok(None) };
    lists::read(engine, &account, visitor.grant.id, deadline).await?;
    Ok(engine.store().account(account.id).await?.filter(|account| account.state != AccountState::Removing))
}

fn too_late(grant: &Grant) -> FacadeError {
    let reason = "It did not answer in time.".to_owned();
    FacadeError::Forge(ConnectError::Unreachable { host_url: grant.host_url.clone(), reason })
}

/// The longest path that is asked for.
const LONGEST_PATH: usize = 1_024;

/// Whether it may be the path of a group or user at all: what forges allow in them, and nothing that means something in
/// addresses.
fn is_path(path: &str) -> bool {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.chars().all(is_allowed);
    path.len() <= LONGEST_PATH && path.split('/').all(is_segment)
}

async fn find(engine: &Engine, grant: &Grant, path: &str) -> Result<Option<Account>, FacadeError> {
    let store = engine.store();
    if let Some(known) = store.account_by_path(grant.host_kind, &grant.host_url, path).await? {
        if known.state == AccountState::Removing {
            return Ok(None);
        }
        let opens_something = store.facade_repositories(grant.id, &known.path, 0, 0).await?.total > 0;
        let is_seen = opens_something || there(engine, grant, path).await?.is_some();
        return Ok(is_seen.then_some(known));
    }
    let Some(there) = there(engine, grant, path).await? else { return Ok(None) };
    if let Some(known) = known_otherwise(engine, grant, &there).await? {
        return Ok((known.state != AccountState::Removing).then_some(known));
    }
    if !is_worth_adding(engine, grant, &there).await? {
        return Ok(None);
    }
    make(engine, grant, &there).await
}

/// What the forge shows the grant's user at this path.
async fn there(engine: &Engine, grant: &Grant, path: &str) -> Result<Option<ForgeAccount>, FacadeError> {
    let way = Way::of_grant(engine, grant);
    match way.ask(|forge| async move { forge.account(path).await }).await {
        Ok(there) => Ok(Some(there).filter(|there| there.path.eq_ignore_ascii_case(path))),
        Err(Failure::Forge(ForgeError {
            problem: Problem::NotFound | Problem::Forbidden | Problem::IsProject { .. } | Problem::PathEmpty,
            ..
        })) => Ok(None),
        Err(failure) => Err(of_failure(engine, grant, failure).await),
    }
}

/// The account that was added when it had another path.
async fn known_otherwise(engine: &Engine, grant: &Grant, there: &ForgeAccount) -> store::Result<Option<Account>> {
    let accounts = engine.store().accounts(Viewer::Everything).await?;
    let same = |known: &Account| {
        known.host_id == grant.host_id && (known.kind, &known.forge_id) == (there.kind, &there.forge_id)
    };
    Ok(accounts.into_iter().find(same))
}

/// Everybody sees every user of a forge: somebody else's is only added where the grant's user is a member of something there.
async fn is_worth_adding(engine: &Engine, grant: &Grant, there: &ForgeAccount) -> Result<bool, FacadeError> {
    if there.kind != AccountKind::User || there.forge_id == grant.user.forge_id {
        return Ok(true);
    }
    let way = Way::of_grant(engine, grant);
    match way.ask(|forge| async move { forge.repositories(there).await }).await {
        Ok(repositories) => Ok(!repositories.is_empty()),
        Err(Failure::Forge(ForgeError { problem: Problem::NotFound | Problem::Forbidden, .. })) => Ok(false),
        Err(failure) => Err(of_failure(engine, grant, failure).await),
    }
}

/// Makes the account, and has both lists read. Smart commits are off: a Jira that reads the commits runs them itself.
async fn make(engine: &Engine, grant: &Grant, there: &ForgeAccount) -> Result<Option<Account>, FacadeError> {
    let new = NewAccount {
        host_id: grant.host_id,
        application_id: Some(grant.application_id),
        path: there.path.clone(),
        name: there.name.clone(),
        kind: there.kind,
        forge_id: there.forge_id.clone(),
        web_url: there.web_url.clone(),
        auto_link: true,
        smart_commits: false,
    };
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let id = match tx.account_insert(&new, now).await {
        // Somebody was faster.
        Err(StoreError::AccountExists { id }) => return Ok(engine.store().account(id).await?),
        inserted => inserted?,
    };
    tx.account_granted(id, grant.id).await?;
    queue::enqueue(&mut tx, &RefreshAccount { account_id: id, mode: Mode::Soft }, now).await?;
    queue::enqueue(&mut tx, &RefreshMemberships { grant_id: grant.id }, now).await?;
    tx.commit().await?;
    tracing::info!(account_id = id, path = there.path, "a Jira asked for an account, which was added");
    Ok(engine.store().account(id).await?)
}

/// A failure within a request. A pair that is refused is noted.
async fn of_failure(engine: &Engine, grant: &Grant, failure: Failure) -> FacadeError {
    if let Failure::NeedsAuthorisation { owner, .. } = &failure
        && let Err(error) = crate::settle::refused(engine, *owner, &failure).await
    {
        tracing::warn!(%error, "that a grant is refused could not be noted");
    }
    match failure {
        Failure::Store(error) => FacadeError::Store(error),
        Failure::Forge(error) => FacadeError::Forge(ConnectError::of_host(error, &grant.host_url, true)),
        Failure::OAuth(error) => FacadeError::Forge(ConnectError::OAuth(error)),
        Failure::NeedsAuthorisation { .. } => FacadeError::Forge(ConnectError::TokenRefused),
        _ => too_late(grant),
    }
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn a_path_is_made_of_segments_that_forges_allow() {
        for path in ["platform", "platform/backend.v2", "a-b/c_d/E"] {
            assert!(is_path(path), "{path}");
        }
        let long = "a".repeat(1_025);
        for path in ["", "a//b", "..", "a/../b", "a/.", "https://git.example.com/a", "a b", "a%2Fb", "a\0b", "ä", &long]
        {
            assert!(!is_path(path), "{path}");
        }
    }
}
