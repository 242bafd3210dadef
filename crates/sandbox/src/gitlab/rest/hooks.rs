//! Web hooks of projects and groups (GitLab contract §5.10).

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::hook as shape;
use crate::gitlab::limits::INTERVAL_SECONDS;
use crate::gitlab::model::{AccessLevel, Hook, HookChange, HookEvent, HookId, ModelError, Place};

/// How often a user may have the hooks of one place called in a minute.
const MOST_A_MINUTE: u64 = 5;

/// `GET /projects/:id/hooks`
pub(super) async fn of_project(ask: Ask) -> Answer {
    list(&ask, project(&ask)?)
}

/// `GET /groups/:id/hooks`
pub(super) async fn of_group(ask: Ask) -> Answer {
    list(&ask, group(&ask)?)
}

/// `GET /projects/:id/hooks/:hook_id`
pub(super) async fn one_of_project(ask: Ask) -> Answer {
    Ok(Json(shape::hook(&find(&ask, project(&ask)?)?)).into_response())
}

/// `GET /groups/:id/hooks/:hook_id`
pub(super) async fn one_of_group(ask: Ask) -> Answer {
    Ok(Json(shape::hook(&find(&ask, group(&ask)?)?)).into_response())
}

/// `POST /projects/:id/hooks`
pub(super) async fn create_at_project(ask: Ask) -> Answer {
    create(&ask, project(&ask)?)
}

/// `POST /groups/:id/hooks`
pub(super) async fn create_at_group(ask: Ask) -> Answer {
    create(&ask, group(&ask)?)
}

/// `PUT /projects/:id/hooks/:hook_id`
pub(super) async fn update_at_project(ask: Ask) -> Answer {
    update(&ask, project(&ask)?)
}

/// `PUT /groups/:id/hooks/:hook_id`
pub(super) async fn update_at_group(ask: Ask) -> Answer {
    update(&ask, group(&ask)?)
}

/// `DELETE /projects/:id/hooks/:hook_id`
pub(super) async fn delete_at_project(ask: Ask) -> Answer {
    delete(&ask, project(&ask)?)
}

/// `DELETE /groups/:id/hooks/:hook_id`
pub(super) async fn delete_at_group(ask: Ask) -> Answer {
    delete(&ask, group(&ask)?)
}

/// `POST /projects/:id/hooks/:hook_id/test/:trigger`
pub(super) async fn test_of_project(ask: Ask) -> Answer {
    test(&ask, project(&ask)?).await
}

/// `POST /groups/:id/hooks/:hook_id/test/:trigger`
pub(super) async fn test_of_group(ask: Ask) -> Answer {
    test(&ask, group(&ask)?).await
}

async fn test(ask: &Ask, place: Place) -> Answer {
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

/// Lets a user do this five times a minute for the hooks of one place.
fn limited(ask: &Ask, what: &str, place: Place) -> Result<(), RestError> {
    let caller = format!("{what} {place:?} {}", ask.user()?);
    let through = ask.app.limits.let_through(caller, MOST_A_MINUTE, ask.app.model.now());
    if through { Ok(()) } else { Err(RestError::TooOften(INTERVAL_SECONDS)) }
}

/// The project of the path, for its maintainers.
fn project(ask: &Ask) -> Result<Place, RestError> {
    let project = ask.project()?;
    ask.with_role(&project, AccessLevel::Maintainer)?;
    Ok(Place::Project(project.id))
}

/// The group of the path, for its owners.
fn group(ask: &Ask) -> Result<Place, RestError> {
    let (group, user) = (ask.group()?.id, ask.user()?);
    let owns = ask.read(|state| state.group_level(user, group)) == Some(AccessLevel::Owner);
    owns.then_some(Place::Group(group)).ok_or(RestError::Forbidden)
}

fn list(ask: &Ask, place: Place) -> Answer {
    paged(ask, &ask.app.model.hooks_at(place), shape::hook)
}

fn find(ask: &Ask, place: Place) -> Result<Hook, RestError> {
    let hook = ask.app.model.hook(HookId(ask.number("hook_id")?));
    hook.filter(|hook| hook.place == place).ok_or(RestError::NotFound(""))
}

fn create(ask: &Ask, place: Place) -> Answer {
    let change = change(ask)?;
    if change.url.is_none() {
        return Err(RestError::Parameter("url is missing".to_owned()));
    }
    let id = ask.app.model.create_hook(place, change).map_err(refused)?;
    let hook = ask.app.model.hook(id).ok_or(RestError::NotFound(""))?;
    Ok((StatusCode::CREATED, Json(shape::hook(&hook))).into_response())
}

fn update(ask: &Ask, place: Place) -> Answer {
    let hook = find(ask, place)?;
    if ask.params.is_empty() {
        return Err(RestError::message(StatusCode::BAD_REQUEST, "No parameters provided"));
    }
    ask.app.model.update_hook(hook.id, change(ask)?).map_err(refused)?;
    Ok(Json(shape::hook(&find(ask, place)?)).into_response())
}

fn delete(ask: &Ask, place: Place) -> Answer {
    let hook = find(ask, place)?;
    ask.app.model.delete_hook(hook.id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn refused(error: ModelError) -> RestError {
    match error {
        ModelError::Invalid { field: "url", problem } => RestError::Error(StatusCode::UNPROCESSABLE_ENTITY, problem),
        other => other.into(),
    }
}

fn change(ask: &Ask) -> Result<HookChange, RestError> {
    let params = &ask.params;
    let mut events = Vec::new();
    for event in HookEvent::ALL {
        if let Some(on) = params.boolean(event.field())? {
            events.push((*event, on));
        }
    }
    Ok(HookChange {
        url: params.text("url"),
        token: params.text("token"),
        name: params.text("name"),
        description: params.text("description"),
        events,
        branch_filter: params.text("push_events_branch_filter"),
        verify_tls: params.boolean("enable_ssl_verification")?,
        custom_headers: params.value("custom_headers").and_then(headers),
    })
}

fn headers(value: &Value) -> Option<Vec<(String, String)>> {
    let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    value
        .as_array()
        .map(|items| items.iter().filter_map(|item| Some((text(item, "key")?, text(item, "value")?))).collect())
}
