//! `/accounts/{id}/activity`.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::summary;
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::activity::Activity;

/// What was written in an account in the last 90 days.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountActivity {
    /// How many commits were written in all of them.
    pub commits: i64,
    /// How many links to issues these commits have.
    pub links: i64,
    /// All the days, oldest first; the last one is today.
    pub days: Vec<ActivityOfDay>,
}

/// What was written on one day of UTC.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityOfDay {
    /// The day, such as `2026-11-22`.
    pub date: String,
    /// How many commits their authors wrote on it. One that is in several repositories of the account counts once.
    pub commits: i64,
    /// How many links to issues these commits have.
    pub links: i64,
}

/// Commits and links to issues of an account, day by day, over the last 90 days.
#[utoipa::path(
    get, path = "/accounts/{id}/activity", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, body = AccountActivity), (status = 404, body = Problem))
)]
pub async fn show_activity(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<AccountActivity>, Problem> {
    summary(&state, caller.viewer, id).await?;
    let activity = Activity::of(&state, caller.viewer, id, state.now()).await?;
    let days = activity.days().iter();
    Ok(Json(AccountActivity {
        commits: activity.commits(),
        links: activity.links(),
        days: days.map(|day| ActivityOfDay { date: day.date(), commits: day.commits, links: day.links }).collect(),
    }))
}
