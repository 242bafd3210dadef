//! Reading the lists that an answer stands on, within the request: an account's repositories, and a grant's memberships.

use std::time::Duration;

use model::Millis;
use queue::Job as _;
use store::facade::{Grant, GrantState};
use store::{Account, AccountState, Lane};
use tokio::time::Instant;

use super::memberships::RefreshMemberships;
use super::{FacadeError, waiting};
use crate::connect::ConnectError;
use crate::refresh::RefreshAccount;
use crate::{Engine, Mode};

/// Lists that were read within the last minute are fresh: Jira asks twice in a row.
const FRESH: Millis = 60_000;
/// How long is waited for lists that were read before; after that, what they said is served.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads both lists again where they are not fresh. Lists that were never read are waited for until `deadline`.
///
/// # Errors
/// [`FacadeError::Forge`] where a list that was never read cannot be.
pub(super) async fn read(
    engine: &Engine,
    account: &Account,
    grant_id: i64,
    deadline: Instant,
) -> Result<(), FacadeError> {
    let Some(grant) = engine.store().facade_grant(grant_id).await? else { return Ok(()) };
    let now = engine.clock().now();
    let is_fresh = |at: Option<Millis>| at.is_some_and(|at| now - at < FRESH);
    let is_first = account.listed_at.is_none() || grant.listed_at.is_none();
    if is_fresh(account.listed_at) && is_fresh(grant.listed_at) {
        return Ok(());
    }
    if !is_first && is_paused(engine, account.host_id, now).await? {
        return Ok(());
    }
    enqueue(engine, account, &grant, now).await?;
    let deadline = if is_first { deadline } else { deadline.min(Instant::now() + PATIENCE) };
    let ids = (account.id, grant_id);
    let read = waiting::until(engine, deadline, || ended(engine, ids, now)).await?;
    match read {
        Some(Ended::Read) => Ok(()),
        _ if !is_first => Ok(()),
        Some(Ended::Failed(why)) => Err(unread(account, why)),
        None => Err(unread(account, NOT_IN_TIME.to_owned())),
    }
}

const NOT_IN_TIME: &str = "It did not answer in time.";

fn unread(account: &Account, reason: String) -> FacadeError {
    FacadeError::Forge(ConnectError::Unreachable { host_url: account.host_url.clone(), reason })
}

async fn is_paused(engine: &Engine, host_id: i64, now: Millis) -> store::Result<bool> {
    let host = engine.store().host(host_id).await?;
    Ok(host.and_then(|host| host.paused_until).is_some_and(|until| until > now))
}

async fn enqueue(engine: &Engine, account: &Account, grant: &Grant, now: Millis) -> store::Result<()> {
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    if account.state == AccountState::Active {
        let mode = if account.listed_at.is_none() { Mode::Soft } else { Mode::Branches };
        queue::enqueue(&mut tx, &RefreshAccount { account_id: account.id, mode }, now).await?;
    }
    queue::enqueue(&mut tx, &RefreshMemberships { grant_id: grant.id }, now).await?;
    tx.commit().await
}

/// How the reading ended.
enum Ended {
    Read,
    Failed(String),
}

/// Whether both lists were read since `since`, or nobody is at it any more.
async fn ended(
    engine: &Engine,
    (account_id, grant_id): (i64, i64),
    since: Millis,
) -> Result<Option<Ended>, FacadeError> {
    let store = engine.store();
    // Before looking at what they write: what ends in between has written it.
    let is_under_way = is_under_way(engine, account_id, grant_id).await?;
    let (account, grant) = (store.account(account_id).await?, store.facade_grant(grant_id).await?);
    let (Some(account), Some(grant)) = (account, grant) else { return Ok(Some(Ended::Failed(String::new()))) };
    let is_read = |at: Option<Millis>| at.is_some_and(|at| at >= since);
    let account_is_read = is_read(account.listed_at) || account.state != AccountState::Active;
    if account_is_read && (is_read(grant.listed_at) || grant.state != GrantState::Active) {
        return Ok(Some(Ended::Read));
    }
    Ok((!is_under_way).then(|| Ended::Failed(account.error.unwrap_or_default())))
}

async fn is_under_way(engine: &Engine, account_id: i64, grant_id: i64) -> store::Result<bool> {
    let (store, now) = (engine.store(), engine.clock().now());
    let memberships = RefreshMemberships { grant_id };
    if store.job_is_active(RefreshMemberships::KIND, &memberships.dedup_key(), now).await? {
        return Ok(true);
    }
    for mode in [Mode::Soft, Mode::Branches] {
        let list = RefreshAccount { account_id, mode };
        if store.job_is_active(RefreshAccount::KIND, &list.dedup_key(), now).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
