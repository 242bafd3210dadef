//! Web hooks, and the events that they told.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::secret::ExposeSecret;
use serde::Serialize;
use store::{HookState, InboxEvent};
use utoipa::ToSchema;

use super::accounts::summary;
use super::repositories::changeable;
use super::shapes::instant;
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::state::AppState;

/// How many events an answer has at the most, the newest first.
const MOST_EVENTS: i64 = 200;

/// The web hooks of an account and what they told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hooks {
    /// The group's hook, and those of the repositories that the account links.
    hooks: Vec<HookShape>,
    /// What came in, the newest first, at most 200; kept for seven days.
    events: Vec<HookEventShape>,
}

/// A web hook.
#[derive(Debug, Serialize, ToSchema)]
pub struct HookShape {
    /// `repository` or `group`.
    scope: String,
    /// The repository; null for a group's.
    repository_id: Option<i64>,
    /// `waiting` (being made), `registered`, or `manual` (it could not be made; a person can paste it).
    state: String,
    /// Why it could not be made, in words; only administrators are told.
    error: Option<String>,
    /// When the forge was last asked for it.
    checked_at: Option<String>,
    /// When its last event came.
    last_event_at: Option<String>,
    /// What the forge called that event.
    last_event: Option<String>,
    /// For administrators, where it has to be pasted: its address.
    url: Option<String>,
    /// For administrators, where it has to be pasted: its secret token.
    secret: Option<String>,
}

/// An event that came in.
#[derive(Debug, Serialize, ToSchema)]
pub struct HookEventShape {
    /// Its id, for a replay.
    id: i64,
    /// What the forge calls it.
    event: String,
    /// The repository whose hook it came by; null for a group's.
    repository_id: Option<i64>,
    /// When it came.
    received_at: Option<String>,
    /// `waiting`, `done`, `ignored` or `failed`.
    state: String,
    /// What became of it, in words.
    outcome: Option<String>,
    /// When it was worked off.
    worked_at: Option<String>,
}

impl HookShape {
    fn new(state: &AppState, hook: store::Hook, administrator: bool) -> Self {
        let paste = administrator && hook.state == HookState::Manual;
        let url = paste.then(|| sync::hook::address(state.engine(), &hook)).flatten();
        Self {
            scope: hook.scope.to_string(),
            repository_id: hook.repository_id,
            state: hook.state.as_str().to_owned(),
            // It quotes the address to paste.
            error: hook.error.filter(|_| administrator),
            checked_at: hook.checked_at.and_then(instant),
            last_event_at: hook.last_event_at.and_then(instant),
            last_event: hook.last_event,
            url: url.map(Into::into),
            secret: paste.then(|| hook.secret.expose_secret().to_owned()),
        }
    }
}

impl From<InboxEvent> for HookEventShape {
    fn from(event: InboxEvent) -> Self {
        Self {
            id: event.id,
            event: event.event,
            repository_id: event.repository_id,
            received_at: instant(event.received_at),
            state: event.state.as_str().to_owned(),
            outcome: event.outcome,
            worked_at: event.worked_at.and_then(instant),
        }
    }
}

/// The web hooks of an account, and the events that came in.
#[utoipa::path(
    get, path = "/accounts/{id}/hooks", tag = "hooks", params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, body = Hooks), (status = 404, body = Problem))
)]
pub async fn list_hooks(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<Hooks>, Problem> {
    summary(&state, caller.viewer, id).await?;
    let administrator = caller.is_admin();
    let hooks = state.store().hooks_of_account(id).await?;
    let events = state.store().inbox_of_account(caller.viewer, id, MOST_EVENTS).await?;
    Ok(Json(Hooks {
        hooks: hooks.into_iter().map(|hook| HookShape::new(&state, hook, administrator)).collect(),
        events: events.into_iter().map(Into::into).collect(),
    }))
}

/// Work an event off once more, as if it had just come. It does no harm: an event only says where to look.
#[utoipa::path(
    post, path = "/hook-events/{id}/replay", tag = "hooks",
    params(("id" = i64, Path, description = "The event's id, as in an account's `hooks`")),
    responses(
        (status = 202, description = "It waits to be worked off"), (status = 403, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub async fn replay_hook_event(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    sync::hook::replay(state.engine(), id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Ask the forge to send an event to a repository's web hook; it arrives like any other. One that is not registered is tried to be
/// registered again.
#[utoipa::path(
    post, path = "/repositories/{id}/hook/test", tag = "hooks",
    params(("id" = i64, Path, description = "The repository's id")),
    responses(
        (status = 202, description = "The forge sends one"), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "No event comes, and why", body = Problem)
    )
)]
pub async fn test_hook(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    changeable(&state, &caller, id).await?;
    sync::hook::test(state.engine(), id).await?;
    Ok(StatusCode::ACCEPTED)
}
