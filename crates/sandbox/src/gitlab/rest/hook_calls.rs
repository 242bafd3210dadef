//! Calls of web hooks: tests, the log, repetitions (GitLab contract §5.10).

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::hooks::{find, group, project};
use super::paging::paged;
use super::shapes::hook as shape;
use crate::gitlab::hooks::Delivery;
use crate::gitlab::limits::INTERVAL_SECONDS;
use crate::gitlab::model::{HookEvent, HookPlace};

/// How often a user may have the hooks of one place called in a minute.
const MOST_A_MINUTE: u64 = 5;
/// The longest page of the log.
const MOST_EVENTS: u64 = 20;
/// How long calls are kept, in milliseconds: seven days.
const KEPT: i64 = 7 * 24 * 60 * 60 * 1000;

/// `POST /projects/:id/hooks/:hook_id/test/:trigger`
pub(super) async fn test_of_project(ask: Ask) -> Answer {
    test(&ask, project(&ask)?).await
}

/// `POST /groups/:id/hooks/:hook_id/test/:trigger`
pub(super) async fn test_of_group(ask: Ask) -> Answer {
    test(&ask, group(&ask)?).await
}

/// `GET /projects/:id/hooks/:hook_id/events`
pub(super) async fn events_of_project(ask: Ask) -> Answer {
    events(&ask, project(&ask)?)
}

/// `GET /groups/:id/hooks/:hook_id/events`
pub(super) async fn events_of_group(ask: Ask) -> Answer {
    events(&ask, group(&ask)?)
}

/// `POST /projects/:id/hooks/:hook_id/events/:event_id/resend`
pub(super) async fn resend_of_project(ask: Ask) -> Answer {
    resend(&ask, project(&ask)?).await
}

/// `POST /groups/:id/hooks/:hook_id/events/:event_id/resend`
pub(super) async fn resend_of_group(ask: Ask) -> Answer {
    resend(&ask, group(&ask)?).await
}

async fn test(ask: &Ask, place: HookPlace) -> Answer {
    let hook = find(ask, place)?;
    let trigger = ask.capture("trigger");
    if !HookEvent::ALL.iter().any(|event| event.field() == trigger) {
        return Err(RestError::Parameter("trigger does not have a valid value".to_owned()));
    }
    limited(ask, "test", place)?;
    let outcome = ask.app.hooks.test(hook.id, trigger).await;
    outcome.map_err(|problem| RestError::message(StatusCode::UNPROCESSABLE_ENTITY, &problem.to_string()))?;
    Ok((StatusCode::CREATED, Json(json!({ "message": "201 Created" }))).into_response())
}

/// The calls of the last seven days, newest first; `status` narrows them to a status or a kind of status.
fn events(ask: &Ask, place: HookPlace) -> Answer {
    let hook = find(ask, place)?;
    if ask.params.number("per_page")?.is_some_and(|size| size == 0 || size > MOST_EVENTS) {
        return Err(RestError::Parameter("per_page does not have a valid value".to_owned()));
    }
    let wanted = ask.params.list("status").unwrap_or_default();
    let from = ask.app.model.now().saturating_sub(KEPT);
    let mut calls = ask.app.hooks.deliveries();
    calls.retain(|call| call.hook == hook.id && call.sent_at >= from && fits(call, &wanted));
    calls.reverse();
    paged(ask, &calls, shape::delivery)
}

fn fits(call: &Delivery, wanted: &[String]) -> bool {
    let status = call.status.unwrap_or(500);
    let is = |word: &String| match word.as_str() {
        "successful" => (200..400).contains(&status),
        "client_failure" => (400..500).contains(&status),
        "server_failure" => status >= 500,
        number => number == status.to_string(),
    };
    wanted.is_empty() || wanted.iter().any(is)
}

async fn resend(ask: &Ask, place: HookPlace) -> Answer {
    let hook = find(ask, place)?;
    limited(ask, "resend", place)?;
    let id = ask.number("event_id")?;
    let here = ask.app.hooks.deliveries().iter().any(|call| call.id == id && call.hook == hook.id);
    if !here {
        return Err(RestError::NotFound(""));
    }
    let again = ask.app.hooks.resend(id).await;
    let again = again.map_err(|problem| RestError::message(StatusCode::UNPROCESSABLE_ENTITY, &problem.to_string()))?;
    match again.error {
        Some(error) => Err(RestError::message(StatusCode::UNPROCESSABLE_ENTITY, &error)),
        None => Ok((StatusCode::CREATED, Json(json!({ "response_status": again.status }))).into_response()),
    }
}

/// Lets a user do this five times a minute for the hooks of one place.
fn limited(ask: &Ask, what: &str, place: HookPlace) -> Result<(), RestError> {
    let caller = format!("{what} {place:?} {}", ask.user()?);
    let through = ask.app.limits.let_through(caller, MOST_A_MINUTE, ask.app.model.now());
    if through { Ok(()) } else { Err(RestError::TooOften(INTERVAL_SECONDS)) }
}
