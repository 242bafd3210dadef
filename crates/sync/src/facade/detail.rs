//! What the facade tells beside what every sync brings: asked of the forge once, within a deadline, and kept.

use std::time::Duration;

use model::{Note, ObjectId, Statistics};
use store::facade::FacadePull;
use store::{Lane, NotesState};

use crate::failure::Failure;
use crate::session::Session;
use crate::{Engine, SyncError, statistics};

/// How many lines a commit added and removed: from the store, else asked of the forge once. None where the forge cannot tell,
/// or did not within `deadline`: it is asked again next time. Who asks may see the commit.
///
/// # Errors
/// When the store does not answer; a forge that fails is "not yet", never an error.
pub async fn statistics_of(
    engine: &Engine,
    repository_id: i64,
    commit_id: i64,
    commit: &ObjectId,
    deadline: Duration,
) -> Result<Option<Statistics>, SyncError> {
    statistics::of_commit(engine, repository_id, commit_id, commit, deadline).await
}

/// Reads the comments of a merge request where it changed since they were read; the store has them afterwards, or, where
/// the forge did not answer within `deadline`, those of before.
///
/// # Errors
/// When the store does not answer; a forge that fails is "not yet", never an error.
pub async fn notes(
    engine: &Engine,
    repository_id: i64,
    pull: &FacadePull,
    deadline: Duration,
) -> Result<(), SyncError> {
    let Some(state) = engine.store().merge_request_notes_state(pull.id).await? else { return Ok(()) };
    if state.noted_at.is_some_and(|noted_at| noted_at >= state.updated_at) {
        return Ok(());
    }
    let told = tokio::time::timeout(deadline, ask(engine, repository_id, &state)).await;
    let Ok(Ok(Some(notes))) = told else {
        tracing::debug!(repository_id, number = state.number, "no comments were told in time");
        return Ok(());
    };
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tx.merge_request_notes_put(pull.id, &notes, state.updated_at).await?;
    Ok(tx.commit().await?)
}

/// None where nothing may be asked now.
async fn ask(engine: &Engine, repository_id: i64, state: &NotesState) -> Result<Option<Vec<Note>>, Failure> {
    if state.comment_count <= 0 {
        return Ok(Some(Vec::new()));
    }
    let Some(repository) = engine.store().repository(repository_id).await? else { return Ok(None) };
    let paused = engine.store().host(repository.host_id).await?.and_then(|host| host.paused_until);
    if paused.is_some_and(|until| until > engine.clock().now()) {
        return Ok(None);
    }
    let session = Session::for_repository(engine, repository_id).await?;
    let (id, number) = (&repository.forge_id, state.number);
    Ok(Some(session.ask(|forge| async move { forge.notes(id, number).await }).await?))
}
