//! What the end of a job means for its host, account and repository.

use model::Millis;
use queue::{Job, JobError, Lease};
use store::{AccountState, Lane, Repository, RepositoryState};

use crate::credential::Owner;
use crate::failure::Failure;
use crate::{Engine, circuit, sentences};

/// Why a host is paused ([`store::Host::paused_reason`]): it said that too many requests came.
pub(crate) const RATE_LIMIT: &str = "rate_limit";

/// How long a job waits for a cache that is being packed, or that another job fetches into: one whose lease ran out goes on
/// until its next sign of life.
pub(crate) const CACHE_BUSY: Millis = 5_000;

/// Until when nothing is to be asked of a host.
pub(crate) async fn host_pause(engine: &Engine, host_id: i64) -> Result<Option<Millis>, JobError> {
    match engine.store().host(host_id).await? {
        Some(host) => circuit::wait(engine, &host).await,
        None => Ok(None),
    }
}

/// What a failure means for its host: until when the job has to wait through no fault of its own. None: the failure is
/// the job's.
pub(crate) async fn host_wait(engine: &Engine, host_id: i64, failure: &Failure) -> Result<Option<Millis>, JobError> {
    if let Failure::Reserved { until } = failure {
        return Ok(Some(*until));
    }
    if failure.is_outage() {
        return circuit::outage(engine, host_id).await;
    }
    if failure.is_refusal() {
        circuit::answered(engine, host_id).await?;
    }
    let until = failure.paused_until(engine.clock().now());
    if let Some(until) = until {
        tracing::info!(host_id, until, "the host asks for a pause");
        engine.store().host_pause(host_id, Some(until), Some(RATE_LIMIT)).await?;
    }
    Ok(until)
}

/// Lets the same job wait again until `at`, as a new one: waiting is no failed attempt.
pub(crate) async fn later<J: Job>(engine: &Engine, lease: &Lease, job: &J, at: Millis) -> Result<(), JobError> {
    let now = engine.clock().now();
    let mut tx = lease.begin_write(Lane::Live).await?;
    queue::enqueue_at(&mut tx, job, at.max(now), now).await?;
    Ok(tx.commit().await?)
}

/// Keeps what is wrong with an account.
pub(crate) async fn account_failed(engine: &Engine, account_id: i64, failure: &Failure) -> Result<(), JobError> {
    if let Failure::NeedsAuthorisation { owner, .. } = failure {
        return refused(engine, *owner, failure).await;
    }
    let text = sentences::of_failure(failure);
    tracing::warn!(account_id, kind = failure.kind(), "refreshing the account failed");
    Ok(engine.store().account_set_error(account_id, Some((failure.kind(), &text))).await?)
}

/// The forge no longer accepts a credential: whoever is let in by it needs to be authorised again.
pub(crate) async fn refused(engine: &Engine, owner: Owner, failure: &Failure) -> Result<(), JobError> {
    let (kind, text) = (failure.kind(), sentences::of_failure(failure));
    tracing::warn!(?owner, kind, "a credential is no longer accepted");
    let account_id = match owner {
        Owner::Account(id) => id,
        Owner::Grant(id) => {
            let mut tx = engine.store().begin_write(Lane::Live).await?;
            tx.facade_grant_refused(id, kind, &text).await?;
            return Ok(tx.commit().await?);
        }
    };
    engine.store().account_set_state(account_id, AccountState::NeedsAuthorisation).await?;
    Ok(engine.store().account_set_error(account_id, Some((kind, &text))).await?)
}

/// Ends the first import of an account once each of its linked repositories was imported, has failed, or is paused.
pub(crate) async fn end_first_import(engine: &Engine, account_id: i64) -> store::Result<()> {
    let Some(account) = engine.store().account(account_id).await? else { return Ok(()) };
    if account.imported_at.is_some() || account.listed_at.is_none() {
        return Ok(());
    }
    let linked = engine.store().linked_repositories(account_id).await?;
    if !linked.iter().all(was_tried) {
        return Ok(());
    }
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tx.account_import_ended(account_id, engine.clock().now()).await?;
    tx.commit().await
}

fn was_tried(repository: &Repository) -> bool {
    let is_settled = repository.paused || repository.imported_at.is_some();
    is_settled || matches!(repository.state, RepositoryState::Failed | RepositoryState::Empty)
}

/// The queue's word for a failure that the job does not settle itself.
pub(crate) fn job_error(failure: Failure) -> JobError {
    match failure {
        Failure::Store(error) => error.into(),
        failure => JobError::retry(sentences::of_failure(&failure)),
    }
}
