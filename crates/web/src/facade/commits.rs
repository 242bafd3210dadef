//! Commits.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use model::ObjectId;
use serde_json::Value;
use store::facade::FacadeCommit;
use sync::facade::Wanted;

use super::entities::commit;
use super::refusal::Refusal;
use super::scope::{Named, PathParameters};
use crate::state::AppState;

/// How long Jira may wait for a commit that no sync has brought yet.
const DEADLINE: Duration = Duration::from_secs(20);
/// The longest revision that is looked up, in bytes.
const LONGEST: usize = 1024;

const NO_COMMIT: Refusal = Refusal::NotFound(Some("Commit"));

/// One commit, by its id, the unique beginning of it, or a branch.
pub async fn one(
    State(state): State<AppState>,
    named: Named,
    parameters: PathParameters,
) -> Result<Json<Value>, Refusal> {
    let revision = parameters.get("revision")?;
    if revision.len() > LONGEST {
        return Err(NO_COMMIT);
    }
    let mut found = found(&state, named.repository.id, revision).await?.ok_or(NO_COMMIT)?;
    if found.statistics.is_none() && found.linked {
        count_lines(&state, &named, &mut found).await?;
    }
    Ok(Json(commit(&named.caller, &named.base(), &named.repository, &found)))
}

/// The commit, fetched now if the import has not come to it.
async fn found(state: &AppState, repository_id: i64, revision: &str) -> Result<Option<FacadeCommit>, Refusal> {
    if let Some(found) = state.store().facade_commit(repository_id, revision).await? {
        return Ok(Some(found));
    }
    let Ok(id) = revision.parse::<ObjectId>() else { return Ok(None) };
    match sync::facade::fetch_now(state.engine(), repository_id, Wanted::Commit(&id), DEADLINE).await? {
        true => Ok(state.store().facade_commit(repository_id, revision).await?),
        false => Ok(None),
    }
}

/// Asks the forge how many lines a commit changes, as long as the token has waited little.
async fn count_lines(state: &AppState, named: &Named, found: &mut FacadeCommit) -> Result<(), Refusal> {
    let (token_id, now) = (named.caller.visitor().token_id, state.now());
    let Some(left) = state.facade_budget.left(token_id, now) else { return Ok(()) };
    let begun = Instant::now();
    let (engine, repository_id) = (state.engine(), named.repository.id);
    found.statistics = sync::facade::statistics_of(engine, repository_id, found.id, &found.commit.id, left).await?;
    state.facade_budget.spend(token_id, begun.elapsed(), now);
    Ok(())
}
