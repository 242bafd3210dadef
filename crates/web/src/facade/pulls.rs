//! Merge requests.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use store::Repository;
use store::facade::{FacadePull, PullFilter, PullSort, PullState, PullsOf};

use super::caller::Caller;
use super::entities::{Target, commit, pull};
use super::paging::Paging;
use super::query::Query;
use super::refusal::Refusal;
use super::repositories::owner;
use super::scope::{self, Named, PathParameters};
use crate::state::AppState;

/// The merge requests that go to a repository, as the parameters ask (GitHub's defaults: open ones, newest first).
pub async fn list(State(state): State<AppState>, named: Named) -> Result<Response, Refusal> {
    let filter = filter(PullsOf::Repository(named.repository.id), named.caller.query());
    page(&state, &named.caller, filter).await
}

/// The merge requests of everything that the token opens.
pub async fn list_everywhere(State(state): State<AppState>, caller: Caller) -> Result<Response, Refusal> {
    let filter = filter(PullsOf::Grant(caller.grant().id), caller.query());
    page(&state, &caller, filter).await
}

/// One merge request, by its id over all repositories.
pub async fn one(
    State(state): State<AppState>,
    named: Named,
    parameters: PathParameters,
) -> Result<Json<Value>, Refusal> {
    let found = scope::pull(&state, named.repository.id, &parameters).await?;
    drawn(&state, &named.caller, &named.repository, found).await
}

/// The same in whichever repository it is.
pub async fn one_everywhere(
    State(state): State<AppState>,
    caller: Caller,
    parameters: PathParameters,
) -> Result<Json<Value>, Refusal> {
    let (repository, found) = scope::pull_everywhere(&state, &caller, &parameters).await?;
    drawn(&state, &caller, &repository, found).await
}

/// Its commits, the oldest first.
pub async fn commits(
    State(state): State<AppState>,
    named: Named,
    parameters: PathParameters,
) -> Result<Response, Refusal> {
    let found = scope::pull(&state, named.repository.id, &parameters).await?;
    commits_of(&state, &named.caller, &named.repository, &found).await
}

/// The same in whichever repository it is.
pub async fn commits_everywhere(
    State(state): State<AppState>,
    caller: Caller,
    parameters: PathParameters,
) -> Result<Response, Refusal> {
    let (repository, found) = scope::pull_everywhere(&state, &caller, &parameters).await?;
    commits_of(&state, &caller, &repository, &found).await
}

/// What Jira's parameters ask for.
fn filter(of: PullsOf, query: &Query) -> PullFilter {
    let state = match query.get("state") {
        Some("all") => PullState::All,
        Some("closed") => PullState::Closed,
        _ => PullState::Open,
    };
    let sort = match query.get("sort") {
        Some("updated") => PullSort::Updated,
        _ => PullSort::Created,
    };
    let descending = match query.get("direction") {
        Some("asc") => false,
        Some("desc") => true,
        _ => sort == PullSort::Created,
    };
    PullFilter { of, state, sort, descending }
}

async fn page(state: &AppState, caller: &Caller, filter: PullFilter) -> Result<Response, Refusal> {
    let paging = Paging::of(caller.query());
    let mut found = state.store().facade_pulls(filter, paging.offset(), paging.limit()).await?;
    hide_sources(state, caller, &mut found.items).await?;
    let targets = targets(state, caller, &found.items).await?;
    let drawn = |one: &FacadePull| Some(pull(caller, targets.get(&one.repository_id)?, one, None));
    let items = found.items.iter().filter_map(drawn).collect();
    Ok(paging.answer(caller, items, found.total))
}

/// Leaves out the repositories that merge requests come from where the token does not open them: then a fork looks like one
/// that is gone.
pub async fn hide_sources(state: &AppState, caller: &Caller, pulls: &mut [FacadePull]) -> Result<(), Refusal> {
    let mut seen = HashMap::new();
    for pull in pulls {
        let Some(id) = pull.source.as_ref().map(|source| source.id).filter(|id| *id != pull.repository_id) else {
            continue;
        };
        let sees = match seen.get(&id) {
            Some(sees) => *sees,
            None => state.store().facade_sees(caller.grant().id, id).await?,
        };
        seen.insert(id, sees);
        if !sees {
            pull.source = None;
        }
    }
    Ok(())
}

/// The repositories that these go to.
pub async fn targets(state: &AppState, caller: &Caller, pulls: &[FacadePull]) -> Result<HashMap<i64, Target>, Refusal> {
    let mut targets = HashMap::new();
    for pull in pulls {
        if targets.contains_key(&pull.repository_id) {
            continue;
        }
        if let Some(repository) = state.store().repository(pull.repository_id).await? {
            targets.insert(pull.repository_id, target(state, caller, &repository).await?);
        }
    }
    Ok(targets)
}

/// The repository that a merge request goes to.
pub async fn target(state: &AppState, caller: &Caller, repository: &Repository) -> Result<Target, Refusal> {
    Ok(Target::new(caller, repository, owner(state, repository, "").await?))
}

async fn drawn(
    state: &AppState,
    caller: &Caller,
    repository: &Repository,
    mut found: FacadePull,
) -> Result<Json<Value>, Refusal> {
    hide_sources(state, caller, std::slice::from_mut(&mut found)).await?;
    let commits = state.store().facade_pull_commits(found.id, 0, 1).await?.total;
    Ok(Json(pull(caller, &target(state, caller, repository).await?, &found, Some(commits))))
}

async fn commits_of(
    state: &AppState,
    caller: &Caller,
    repository: &Repository,
    found: &FacadePull,
) -> Result<Response, Refusal> {
    let paging = Paging::of(caller.query());
    let page = state.store().facade_pull_commits(found.id, paging.offset(), paging.limit()).await?;
    let base = target(state, caller, repository).await?.base;
    let items = page.items.iter().map(|one| commit(caller, &base, repository, one)).collect();
    Ok(paging.answer(caller, items, page.total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("", PullState::Open, PullSort::Created, true)]
    #[case("state=all&sort=created&direction=asc", PullState::All, PullSort::Created, false)]
    #[case("state=all&sort=updated&direction=desc", PullState::All, PullSort::Updated, true)]
    #[case("state=closed&sort=updated", PullState::Closed, PullSort::Updated, false)]
    #[case("state=%00&sort=;&direction=up", PullState::Open, PullSort::Created, true)]
    fn parameters_are_those_of_github(
        #[case] query: &str,
        #[case] state: PullState,
        #[case] sort: PullSort,
        #[case] descending: bool,
    ) {
        let query = Query::of(&format!("/x?{query}").parse().unwrap());

        let filter = filter(PullsOf::Repository(1), &query);

        assert_eq!((filter.state, filter.sort, filter.descending), (state, sort, descending));
    }
}
