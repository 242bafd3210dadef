//! `/repositories`.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use sync::Mode;
use utoipa::ToSchema;

use super::account_shapes::RepositoryShape;
use super::accounts::summary;
use super::body::Body;
use super::mode::{SyncMode, SyncParameters};
use crate::bearer::ApiToken;
use crate::outlook::Outlook;
use crate::problem::Problem;
use crate::state::AppState;

/// One repository.
#[utoipa::path(
    get, path = "/repositories/{id}", tag = "repositories",
    params(("id" = i64, Path, description = "The repository's id")),
    responses((status = 200, body = RepositoryShape), (status = 404, body = Problem))
)]
pub async fn show_repository(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<RepositoryShape>, Problem> {
    require_visible(&state, &caller, id).await?;
    let repository = state.store().repository(id).await?.ok_or_else(Problem::not_found)?;
    let outlook = Outlook::of_repository(&state, caller.viewer, id).await?;
    Ok(Json(RepositoryShape::new(repository, &outlook, caller.is_admin())))
}

/// Bring a repository up to date now.
#[utoipa::path(
    post, path = "/repositories/{id}/sync", tag = "repositories",
    params(("id" = i64, Path, description = "The repository's id"), SyncParameters),
    responses(
        (status = 202, description = "It will be done"),
        (status = 400, description = "The mode is unknown", body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub async fn sync_repository(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
    Query(parameters): Query<SyncParameters>,
) -> Result<StatusCode, Problem> {
    changeable(&state, &caller, id).await?;
    let mode = match parameters.mode {
        SyncMode::Soft => Mode::Soft,
        SyncMode::Full => Mode::Full,
    };
    sync::request::sync_repository(state.engine(), id, mode).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Stop syncing a repository until it is resumed: what runs stops at its next step, what waits is dropped.
#[utoipa::path(
    post, path = "/repositories/{id}/pause", tag = "repositories",
    params(("id" = i64, Path, description = "The repository's id")),
    responses(
        (status = 204, description = "It is paused"), (status = 403, body = Problem), (status = 404, body = Problem)
    )
)]
pub async fn pause_repository(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    changeable(&state, &caller, id).await?;
    sync::request::pause_repository(state.engine(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Go on with a paused repository, beginning with a sync.
#[utoipa::path(
    post, path = "/repositories/{id}/resume", tag = "repositories",
    params(("id" = i64, Path, description = "The repository's id")),
    responses(
        (status = 204, description = "It is not paused (any more)"), (status = 403, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub async fn resume_repository(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    changeable(&state, &caller, id).await?;
    sync::request::resume_repository(state.engine(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let a repository go first among all that wait to be imported or synced.
#[utoipa::path(
    post, path = "/repositories/{id}/forward", tag = "repositories",
    params(("id" = i64, Path, description = "The repository's id")),
    responses(
        (status = 202, description = "It is next"), (status = 403, body = Problem), (status = 404, body = Problem)
    )
)]
pub async fn forward_repository(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    changeable(&state, &caller, id).await?;
    sync::request::forward_repository(state.engine(), id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Whether an account imports a repository.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Whether it is imported and shown.
    linked: bool,
    /// Whether commands in its commit messages count; left out, that stays as it is.
    smart_commits: Option<bool>,
}

/// Link or unlink a repository of an account, and let its smart commits count or not.
#[utoipa::path(
    put, path = "/accounts/{account}/repositories/{id}", tag = "repositories",
    params(
        ("account" = i64, Path, description = "The account's id"),
        ("id" = i64, Path, description = "The repository's id")
    ),
    request_body = Link,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn link_repository(
    State(state): State<AppState>,
    caller: ApiToken,
    Path((account, id)): Path<(i64, i64)>,
    Body(link): Body<Link>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    summary(&state, caller.viewer, account).await?;
    if !state.store().repository_accounts(id).await?.contains(&account) {
        return Err(Problem::not_found());
    }
    if let Some(on) = link.smart_commits {
        state.store().repository_set_smart_commits(account, id, on).await?;
    }
    sync::request::set_linked(state.engine(), account, id, link.linked).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses callers that may not change a repository, or not see it.
///
/// # Errors
/// [`Problem`] 403 and 404.
pub async fn changeable(state: &AppState, caller: &ApiToken, id: i64) -> Result<(), Problem> {
    caller.require_admin()?;
    require_visible(state, caller, id).await
}

async fn require_visible(state: &AppState, caller: &ApiToken, id: i64) -> Result<(), Problem> {
    if state.store().repository_visible(caller.viewer, id).await? { Ok(()) } else { Err(Problem::not_found()) }
}
