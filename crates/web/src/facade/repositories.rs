//! Lists of repositories, and one of them.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use store::Repository;
use sync::facade::FacadeError;

use super::caller::Caller;
use super::entities::{Extent, Person, PersonKind, repository};
use super::names;
use super::paging::Paging;
use super::refusal::Refusal;
use super::scope::{Named, PathParameters};
use crate::state::AppState;

/// How long the first list of an account may take: Jira waits for sixty seconds.
const DEADLINE: Duration = Duration::from_secs(50);

/// The repositories of a group; there are none of an organisation that is a person.
pub async fn of_organisation(
    State(state): State<AppState>,
    caller: Caller,
    parameters: PathParameters,
) -> Result<Response, Refusal> {
    let (owner, path) = account(&state, &caller, &parameters).await?;
    match owner.kind {
        PersonKind::Organization => list(&state, &caller, &owner, &path).await,
        PersonKind::User => Err(Refusal::NotFound(Some("Namespace"))),
    }
}

/// The repositories of a group or of a personal namespace.
pub async fn of_user(
    State(state): State<AppState>,
    caller: Caller,
    parameters: PathParameters,
) -> Result<Response, Refusal> {
    let (owner, path) = account(&state, &caller, &parameters).await?;
    list(&state, &caller, &owner, &path).await
}

/// Nothing, as at GitLab: Jira asks for it besides the two lists above.
pub async fn of_caller(_: Caller) -> Json<Value> {
    Json(json!([]))
}

/// One repository.
pub async fn one(State(state): State<AppState>, named: Named) -> Result<Json<Value>, Refusal> {
    let owner = owner(&state, &named.repository, &named.owner).await?;
    Ok(Json(drawn(&state, &named.caller, &named.repository, &owner).await?))
}

/// The account that the path names, made if nobody added it yet: how it is called to the caller, and its path.
async fn account(state: &AppState, caller: &Caller, parameters: &PathParameters) -> Result<(Person, String), Refusal> {
    let missing = || Refusal::NotFound(Some("Namespace"));
    let path = names::namespace_path(parameters.get("account")?).ok_or_else(missing)?;
    let found = sync::facade::account(state.engine(), caller.visitor(), &path, DEADLINE).await;
    let account = found.map_err(account_refusal)?.ok_or_else(missing)?;
    Ok((Person::account(&account, &names::encoded(&account.path)), account.path))
}

fn account_refusal(error: FacadeError) -> Refusal {
    match error {
        FacadeError::Store(error) => error.into(),
        error => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the forge did not tell of an account that Jira asked for"
            );
            Refusal::Status(StatusCode::BAD_GATEWAY)
        }
    }
}

async fn list(state: &AppState, caller: &Caller, owner: &Person, path: &str) -> Result<Response, Refusal> {
    let paging = Paging::of(caller.query());
    let (grant, offset, limit) = (caller.grant().id, paging.offset(), paging.limit());
    let page = state.store().facade_repositories(grant, path, offset, limit).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for repository in &page.items {
        items.push(drawn(state, caller, repository, owner).await?);
    }
    Ok(paging.answer(caller, items, page.total))
}

/// A repository with its parent. One whose parent the token does not open is no fork: Jira would ask for the parent, and
/// drop the whole list where there is none.
async fn drawn(state: &AppState, caller: &Caller, drawn: &Repository, owner: &Person) -> Result<Value, Refusal> {
    let parent = match &drawn.fork_of {
        Some(forge_id) => state.store().repository_by_forge_id(drawn.host_id, forge_id).await?,
        None => None,
    };
    let parent = match parent {
        Some(parent) => state.store().facade_repository(caller.grant().id, &parent.path).await?,
        None => None,
    };
    let parent = parent.map(|parent| {
        let owner = Person::namespace(names::root_of(&parent.path));
        repository(caller, &parent, &owner, Extent::default())
    });
    Ok(repository(caller, drawn, owner, Extent { parent }))
}

/// The owner of a repository for a caller who asked by `asked`, with what is known of the account of that path.
pub async fn owner(state: &AppState, repository: &Repository, asked: &str) -> Result<Person, Refusal> {
    let login = names::owner_of(&repository.path, asked);
    let path = login.replace('@', "/");
    let account = state.store().account_by_path(repository.host_kind, &repository.host_url, &path).await?;
    Ok(account.map_or_else(|| Person::namespace(&login), |account| Person::account(&account, &login)))
}
