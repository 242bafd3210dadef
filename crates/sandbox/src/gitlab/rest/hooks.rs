//! Web hooks of projects and groups (GitLab contract §5.10).

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::Value;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::hook as shape;
use crate::gitlab::model::{AccessLevel, Hook, HookChange, HookEvent, HookId, HookPlace, ModelError};

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
    Ok(Json(told(&ask, &find(&ask, project(&ask)?)?)).into_response())
}

/// `GET /groups/:id/hooks/:hook_id`
pub(super) async fn one_of_group(ask: Ask) -> Answer {
    Ok(Json(told(&ask, &find(&ask, group(&ask)?)?)).into_response())
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

/// The project of the path, for its maintainers.
pub(super) fn project(ask: &Ask) -> Result<HookPlace, RestError> {
    let project = ask.project()?;
    ask.with_role(&project, AccessLevel::Maintainer)?;
    Ok(HookPlace::Project(project.id))
}

/// The group of the path, for its owners, where groups have hooks.
pub(super) fn group(ask: &Ask) -> Result<HookPlace, RestError> {
    match ask.app.switches.refused_group_hooks() {
        Some(StatusCode::FORBIDDEN) => return Err(RestError::Forbidden),
        Some(status) => return Err(RestError::Error(status, "404 Not Found".to_owned())),
        None => {}
    }
    let (group, user) = (ask.group()?.id, ask.user()?);
    let owns = ask.read(|state| state.group_level(user, group)) == Some(AccessLevel::Owner);
    owns.then_some(HookPlace::Group(group)).ok_or(RestError::Forbidden)
}

/// A hook as it is told.
pub(super) fn told(ask: &Ask, hook: &Hook) -> Value {
    shape::hook(hook, &ask.app.model.settings(), ask.app.model.now())
}

pub(super) fn list(ask: &Ask, place: HookPlace) -> Answer {
    paged(ask, &ask.app.model.hooks_at(place), |hook| told(ask, hook))
}

pub(super) fn find(ask: &Ask, place: HookPlace) -> Result<Hook, RestError> {
    let hook = ask.app.model.hook(HookId(ask.number("hook_id")?));
    hook.filter(|hook| hook.place == place).ok_or(RestError::NotFound(""))
}

pub(super) fn create(ask: &Ask, place: HookPlace) -> Answer {
    let change = change(ask)?;
    if change.url.is_none() {
        return Err(RestError::Parameter("url is missing".to_owned()));
    }
    let id = ask.app.model.create_hook(place, change).map_err(refused)?;
    let hook = ask.app.model.hook(id).ok_or(RestError::NotFound(""))?;
    Ok((StatusCode::CREATED, Json(told(ask, &hook))).into_response())
}

pub(super) fn update(ask: &Ask, place: HookPlace) -> Answer {
    let hook = find(ask, place)?;
    if ask.params.is_empty() {
        return Err(RestError::message(StatusCode::BAD_REQUEST, "No parameters provided"));
    }
    ask.app.model.update_hook(hook.id, change(ask)?).map_err(refused)?;
    Ok(Json(told(ask, &find(ask, place)?)).into_response())
}

pub(super) fn delete(ask: &Ask, place: HookPlace) -> Answer {
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
        signing_token: params.text("signing_token"),
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
