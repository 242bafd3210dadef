//! Comments on merge requests.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use store::Repository;
use store::facade::FacadePull;

use super::caller::Caller;
use super::entities::comment;
use super::paging::Paging;
use super::pulls::target;
use super::refusal::Refusal;
use super::scope::{self, Named, PathParameters};
use crate::state::AppState;

/// How long Jira may wait for comments that were not read yet.
const DEADLINE: Duration = Duration::from_secs(20);

/// The comments of people on a merge request, those on its lines included (GitLab contract §3.4).
pub async fn list(
    State(state): State<AppState>,
    named: Named,
    parameters: PathParameters,
) -> Result<Response, Refusal> {
    let pull = scope::pull(&state, named.repository.id, &parameters).await?;
    page(&state, &named.caller, &named.repository, &pull).await
}

/// The same in whichever repository it is.
pub async fn list_everywhere(
    State(state): State<AppState>,
    caller: Caller,
    parameters: PathParameters,
) -> Result<Response, Refusal> {
    let (repository, pull) = scope::pull_everywhere(&state, &caller, &parameters).await?;
    page(&state, &caller, &repository, &pull).await
}

/// None: those on lines stand among the others, as at GitLab.
pub async fn of_review(
    State(state): State<AppState>,
    named: Named,
    parameters: PathParameters,
) -> Result<Json<Value>, Refusal> {
    scope::pull(&state, named.repository.id, &parameters).await?;
    Ok(Json(json!([])))
}

/// The same in whichever repository it is.
pub async fn of_review_everywhere(
    State(state): State<AppState>,
    caller: Caller,
    parameters: PathParameters,
) -> Result<Json<Value>, Refusal> {
    scope::pull_everywhere(&state, &caller, &parameters).await?;
    Ok(Json(json!([])))
}

async fn page(
    state: &AppState,
    caller: &Caller,
    repository: &Repository,
    pull: &FacadePull,
) -> Result<Response, Refusal> {
    sync::facade::notes(state.engine(), repository.id, pull, DEADLINE).await?;
    let paging = Paging::of(caller.query());
    let notes = state.store().facade_notes(pull.id, paging.offset(), paging.limit()).await?;
    let target = target(state, caller, repository).await?;
    let items = notes.items.iter().map(|note| comment(caller, &target, pull, note)).collect();
    Ok(paging.answer(caller, items, notes.total))
}
