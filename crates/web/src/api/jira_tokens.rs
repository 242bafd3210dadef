//! The tokens with which Jiras read an account through the facade.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use store::facade::{FacadeToken, Grant, GrantState};
use utoipa::ToSchema;

use super::accounts::summary;
use super::shapes::instant;
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::state::AppState;

/// A token with which a Jira reads an account through the facade. The token itself is kept nowhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct JiraToken {
    /// Its id, for revoking it.
    id: i64,
    /// The log-in of the forge's user who authorised it: it opens what that user sees.
    login: String,
    /// `active`, `revoked`, or `needs_authorisation` (the forge no longer lets its user in).
    state: &'static str,
    /// When it was made.
    created_at: Option<String>,
    /// When it was last used, to the minute.
    last_used_at: Option<String>,
    /// When it was revoked.
    revoked_at: Option<String>,
}

impl From<(FacadeToken, Grant)> for JiraToken {
    fn from((token, grant): (FacadeToken, Grant)) -> Self {
        let state = match (token.revoked_at, grant.state) {
            (Some(_), _) => "revoked",
            (None, GrantState::NeedsAuthorisation) => "needs_authorisation",
            (None, GrantState::Active) => "active",
        };
        Self {
            id: token.id,
            login: grant.user.login,
            state,
            created_at: instant(token.created_at),
            last_used_at: token.last_used_at.and_then(instant),
            revoked_at: token.revoked_at.and_then(instant),
        }
    }
}

/// The tokens with which Jiras read an account, the newest first.
#[utoipa::path(
    get, path = "/accounts/{id}/jira-tokens", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, body = [JiraToken]), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn list_jira_tokens(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<Vec<JiraToken>>, Problem> {
    summary(&state, caller.viewer, id).await?;
    caller.require_admin()?;
    let tokens = state.store().facade_tokens_of_account(id).await?;
    Ok(Json(tokens.into_iter().map(Into::into).collect()))
}

/// Revoke a token: its Jira is told 401 from then on. Revoking it again changes nothing.
#[utoipa::path(
    delete, path = "/accounts/{id}/jira-tokens/{token_id}", tag = "accounts",
    params(
        ("id" = i64, Path, description = "The account's id"),
        ("token_id" = i64, Path, description = "The token's id")
    ),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn revoke_jira_token(
    State(state): State<AppState>,
    caller: ApiToken,
    Path((id, token_id)): Path<(i64, i64)>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    summary(&state, caller.viewer, id).await?;
    let tokens = state.store().facade_tokens_of_account(id).await?;
    if !tokens.iter().any(|(token, _)| token.id == token_id) {
        return Err(Problem::not_found());
    }
    state.store().facade_token_revoke(token_id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
