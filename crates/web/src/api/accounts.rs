//! `/accounts`.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use store::accounts::AccountSummary;
use store::{Host, Viewer};
use utoipa::ToSchema;

use super::account_shapes::{Account, AccountRepositoryShape};
use super::body::Body;
use super::mode::{SyncMode, SyncParameters};
use crate::account_facts::AccountFacts;
use crate::account_standing::Standings;
use crate::bearer::ApiToken;
use crate::outlook::Outlook;
use crate::problem::Problem;
use crate::state::AppState;

/// The accounts that the caller may see.
#[utoipa::path(get, path = "/accounts", tag = "accounts", responses((status = 200, body = [Account])))]
pub async fn list_accounts(State(state): State<AppState>, caller: ApiToken) -> Result<Json<Vec<Account>>, Problem> {
    let summaries = state.store().account_summaries(caller.viewer).await?;
    let hosts = state.store().hosts().await?;
    let standings = Standings::read(&state).await?;
    let mut accounts = Vec::with_capacity(summaries.len());
    for summary in summaries {
        accounts.push(shape(&state, &caller, summary, &hosts, &standings).await?);
    }
    Ok(Json(accounts))
}

/// One account.
#[utoipa::path(
    get, path = "/accounts/{id}", tag = "accounts", params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, body = Account), (status = 404, body = Problem))
)]
pub async fn show_account(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<Account>, Problem> {
    Ok(Json(shown(&state, &caller, id).await?))
}

/// What can be changed of an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// Whether new repositories are linked.
    auto_link: Option<bool>,
    /// Whether smart commits are on for new repositories.
    smart_commits: Option<bool>,
}

/// Change an account's switches.
#[utoipa::path(
    patch, path = "/accounts/{id}", tag = "accounts", params(("id" = i64, Path, description = "The account's id")),
    request_body = AccountChange,
    responses((status = 200, body = Account), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn change_account(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
    Body(change): Body<AccountChange>,
) -> Result<Json<Account>, Problem> {
    caller.require_admin()?;
    let account = summary(&state, caller.viewer, id).await?.account;
    let auto_link = change.auto_link.unwrap_or(account.auto_link);
    let smart_commits = change.smart_commits.unwrap_or(account.smart_commits);
    state.store().account_set_switches(id, auto_link, smart_commits).await?;
    Ok(Json(shown(&state, &caller, id).await?))
}

/// Remove an account, and the repositories that no other account reaches.
#[utoipa::path(
    delete, path = "/accounts/{id}", tag = "accounts", params(("id" = i64, Path, description = "The account's id")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn remove_account(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    summary(&state, caller.viewer, id).await?;
    sync::request::remove_account(state.engine(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read the project list anew and bring every linked repository up to date, all at once.
#[utoipa::path(
    post, path = "/accounts/{id}/refresh", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id"), SyncParameters),
    responses(
        (status = 202, description = "It will be done; the events at /api/v1/events tell how far it is"),
        (status = 400, description = "The mode is unknown", body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub async fn refresh_account(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
    Query(parameters): Query<SyncParameters>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    summary(&state, caller.viewer, id).await?;
    match parameters.mode {
        SyncMode::Soft => sync::request::refresh_account(state.engine(), id).await?,
        SyncMode::Full => sync::request::full_sync_account(state.engine(), id).await?,
    }
    Ok(StatusCode::ACCEPTED)
}

/// The repositories of an account, newest activity first.
#[utoipa::path(
    get, path = "/accounts/{id}/repositories", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, body = [AccountRepositoryShape]), (status = 404, body = Problem))
)]
pub async fn list_account_repositories(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<Vec<AccountRepositoryShape>>, Problem> {
    summary(&state, caller.viewer, id).await?;
    let rows = state.store().account_repositories(caller.viewer, id).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.repository.id).collect();
    let outlook = Outlook::of_account(&state, id, &ids).await?;
    let administrator = caller.is_admin();
    Ok(Json(rows.into_iter().map(|row| AccountRepositoryShape::new(row, &outlook, administrator)).collect()))
}

/// The JSON of an account, if the caller may see it.
pub async fn shown(state: &AppState, caller: &ApiToken, id: i64) -> Result<Account, Problem> {
    let summary = summary(state, caller.viewer, id).await?;
    let (hosts, standings) = (state.store().hosts().await?, Standings::read(state).await?);
    shape(state, caller, summary, &hosts, &standings).await
}

async fn shape(
    state: &AppState,
    caller: &ApiToken,
    summary: AccountSummary,
    hosts: &[Host],
    standings: &Standings,
) -> Result<Account, Problem> {
    let facts = AccountFacts::of(state, &summary.account, hosts, state.now()).await?;
    let standing = standings.of(&summary.account);
    Ok(Account::new(summary, facts, standing, caller.is_admin()))
}

/// The account, if the viewer may see it.
pub async fn summary(state: &AppState, viewer: Viewer, id: i64) -> Result<AccountSummary, Problem> {
    let summaries = state.store().account_summaries(viewer).await?;
    summaries.into_iter().find(|summary| summary.account.id == id).ok_or_else(Problem::not_found)
}
