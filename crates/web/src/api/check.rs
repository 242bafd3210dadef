//! The check of the way to a forge.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::HostKind;
use model::secret::SecretString;
use serde::Deserialize;
use sync::SyncError;
use sync::check::Target;
use sync::connect::Keys;
use utoipa::ToSchema;

use super::accounts::summary;
use super::body::Body;
use super::report_shapes::Report;
use crate::bearer::ApiToken;
use crate::check_run::Turn;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;

/// What to check. Nothing of it is kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckTarget {
    /// `gitlab`, `github` or `folder`.
    host_kind: String,
    /// The host's address, or the folder.
    host_url: String,
    /// The path of a group, subgroup, organisation or user.
    path: Option<String>,
    /// A personal, group or project access token.
    token: Option<String>,
    /// The OAuth application's id, together with its secret …
    client_id: Option<String>,
    /// … which GitLab calls Secret.
    client_secret: Option<String>,
    /// The last step to take, such as `tls`; all of them without it.
    until: Option<String>,
}

/// How far to check.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckReach {
    /// The last step to take, such as `tls`; all of them without it.
    until: Option<String>,
}

/// Check the way to a forge step by step, before anything is connected; that may take two minutes.
#[utoipa::path(
    post, path = "/check", tag = "check", request_body = CheckTarget,
    responses(
        (status = 200, body = Report), (status = 400, description = "There is no such kind or step", body = Problem),
        (status = 403, body = Problem), (status = 503, description = "Enough checks are running", body = Problem)
    )
)]
pub async fn check(
    State(state): State<AppState>,
    caller: ApiToken,
    Body(asked): Body<CheckTarget>,
) -> Result<Json<Report>, Problem> {
    caller.require_admin()?;
    let kind: HostKind = asked.host_kind.parse().map_err(|_| {
        Problem::bad_request(sentences::parameter_not_understood("host_kind is not gitlab, github or folder"))
    })?;
    known_step(asked.until.as_deref())?;
    let _turn = turn(&state)?;
    let keys = asked.client_id.zip(asked.client_secret);
    let application = keys.map(|(client_id, secret)| Keys { client_id, client_secret: SecretString::from(secret) });
    let target = Target {
        kind,
        host_url: asked.host_url,
        account: asked.path.filter(|path| !path.trim().is_empty()),
        token: asked.token.map(SecretString::from),
        application,
        redirect_uri: None,
    };
    let found = sync::check::typed(state.engine(), &target, asked.until.as_deref(), None).await;
    Ok(Json(Report::from(found)))
}

/// Check the way of an account that is connected, with what it is connected by; that may take two minutes.
#[utoipa::path(
    post, path = "/accounts/{id}/check", tag = "check", params(("id" = i64, Path, description = "The account's id")),
    request_body = CheckReach,
    responses(
        (status = 200, body = Report), (status = 400, description = "There is no such step", body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 503, description = "Enough checks are running", body = Problem)
    )
)]
pub async fn check_account(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
    Body(reach): Body<CheckReach>,
) -> Result<Json<Report>, Problem> {
    caller.require_admin()?;
    known_step(reach.until.as_deref())?;
    summary(&state, caller.viewer, id).await?;
    let _turn = turn(&state)?;
    match sync::check::stored(state.engine(), id, reach.until.as_deref(), None).await {
        Ok(found) => Ok(Json(Report::from(found))),
        Err(SyncError::Missing(_)) => Err(Problem::not_found()),
        Err(error) => Err(error.into()),
    }
}

fn known_step(until: Option<&str>) -> Result<(), Problem> {
    match until {
        Some(until) if !sync::check::STAGES.contains(&until) => {
            let all = sync::check::STAGES.join(", ");
            Err(Problem::bad_request(sentences::parameter_not_understood(&format!("until is none of {all}"))))
        }
        _ => Ok(()),
    }
}

fn turn(state: &AppState) -> Result<Turn, Problem> {
    let busy = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, sentences::checks_busy());
    state.checks.enter().ok_or_else(busy)
}
