//! Lines and files of a commit: from the store, else asked of the forge once and kept.

use std::time::Duration;

use model::{ObjectId, Statistics};
use store::Viewer;

use crate::failure::Failure;
use crate::session::Session;
use crate::{Engine, SyncError};

/// What a commit changed. None where the viewer may not see the commit in this repository, where the forge cannot
/// tell, or where it did not answer within `deadline` (it is asked again next time).
///
/// # Errors
/// When the store does not answer; a forge that fails is "not yet", never an error.
pub async fn statistics(
    engine: &Engine,
    viewer: Viewer,
    repository_id: i64,
    commit: &ObjectId,
    deadline: Duration,
) -> Result<Option<Statistics>, SyncError> {
    let store = engine.store();
    if !store.repository_visible(viewer, repository_id).await? {
        return Ok(None);
    }
    let Some(stored) = store.commit(commit).await? else { return Ok(None) };
    let shown_in = store.commit_repositories(viewer, stored.id).await?;
    if !shown_in.iter().any(|repository| repository.id == repository_id) {
        return Ok(None);
    }
    of_commit(engine, repository_id, stored.id, commit, deadline).await
}

/// What a commit of a repository changed, by its inner id, whoever asks.
pub(crate) async fn of_commit(
    engine: &Engine,
    repository_id: i64,
    commit_id: i64,
    commit: &ObjectId,
    deadline: Duration,
) -> Result<Option<Statistics>, SyncError> {
    let store = engine.store();
    if let Some(known) = store.statistics(commit_id).await? {
        return Ok(Some(known));
    }
    let asked = tokio::time::timeout(deadline, ask(engine, repository_id, commit)).await;
    let Ok(Ok(told)) = asked else {
        tracing::debug!(repository_id, %commit, "the forge told nothing about the commit in time");
        return Ok(None);
    };
    if let Some(told) = &told {
        store.statistics_put(commit_id, told).await?;
    }
    Ok(told)
}

async fn ask(engine: &Engine, repository_id: i64, commit: &ObjectId) -> Result<Option<Statistics>, Failure> {
    let Some(repository) = engine.store().repository(repository_id).await? else { return Ok(None) };
    if !forge::capabilities(repository.host_kind, &repository.host_url).statistics {
        return Ok(None);
    }
    let paused = engine.store().host(repository.host_id).await?.and_then(|host| host.paused_until);
    if paused.is_some_and(|until| until > engine.clock().now()) {
        return Ok(None);
    }
    let session = Session::for_repository(engine, repository_id).await?;
    let id = &repository.forge_id;
    Ok(Some(session.ask(|forge| async move { forge.statistics(id, commit).await }).await?))
}
