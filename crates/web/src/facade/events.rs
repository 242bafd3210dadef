//! Events: what Jira's soft sync looks through for merge requests that changed.

use axum::extract::State;
use axum::response::Response;
use store::facade::{FacadePull, PullFilter, PullSort, PullState, PullsOf};

use super::caller::Caller;
use super::entities::event;
use super::paging::Paging;
use super::pulls::{hide_sources, targets};
use super::refusal::Refusal;
use super::scope::Named;
use crate::state::AppState;

/// The events of a repository, the newest first.
pub async fn list(State(state): State<AppState>, named: Named) -> Result<Response, Refusal> {
    page(&state, &named.caller, PullsOf::Repository(named.repository.id)).await
}

/// The events of everything that the token opens.
pub async fn list_everywhere(State(state): State<AppState>, caller: Caller) -> Result<Response, Refusal> {
    page(&state, &caller, PullsOf::Grant(caller.grant().id)).await
}

async fn page(state: &AppState, caller: &Caller, of: PullsOf) -> Result<Response, Refusal> {
    let paging = Paging::of(caller.query());
    let filter = PullFilter { of, state: PullState::All, sort: PullSort::Updated, descending: true };
    let mut found = state.store().facade_pulls(filter, paging.offset(), paging.limit()).await?;
    hide_sources(state, caller, &mut found.items).await?;
    let targets = targets(state, caller, &found.items).await?;
    let drawn = |changed: &FacadePull| Some(event(caller, targets.get(&changed.repository_id)?, changed, None));
    let items = found.items.iter().filter_map(drawn).collect();
    Ok(paging.answer(caller, items, found.total))
}
