//! Branches.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use sync::facade::Wanted;

use super::entities::branch;
use super::paging::Paging;
use super::refusal::Refusal;
use super::scope::Named;
use crate::state::AppState;

/// How long Jira may wait for branches that no sync has brought yet.
const DEADLINE: Duration = Duration::from_secs(20);

/// The branches in the order of their names' bytes.
pub async fn list(State(state): State<AppState>, named: Named) -> Result<Response, Refusal> {
    let (caller, repository) = (&named.caller, &named.repository);
    if repository.synced_at.is_none() {
        sync::facade::fetch_now(state.engine(), repository.id, Wanted::Branches, DEADLINE).await?;
    }
    let paging = Paging::of(caller.query());
    let page = state.store().facade_branches(repository.id, paging.offset(), paging.limit()).await?;
    let base = named.base();
    let items = page.items.iter().map(|(name, head)| branch(caller, &base, name, head)).collect();
    Ok(paging.answer(caller, items, page.total))
}
