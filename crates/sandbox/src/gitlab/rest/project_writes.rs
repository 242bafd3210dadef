//! Making and changing projects.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::projects::shape;
use crate::gitlab::model::{AccessLevel, ModelError, Namespace, State, UserId, Visibility};

/// `POST /projects`
pub(super) async fn create(ask: Ask) -> Answer {
    let user = ask.user()?;
    let (name, path) = (ask.params.text("name"), ask.params.text("path"));
    let path = path.clone().or_else(|| name.clone()).ok_or_else(missing_name)?;
    let name = name.unwrap_or_else(|| path.clone());
    let namespace = match ask.params.number("namespace_id")? {
        None => ask.read(|state| state.namespace_path(Namespace::User(user))),
        Some(id) => {
            let found = ask.read(|state| {
                let namespace = state.namespace_by_id(id)?;
                Some((state.namespace_path(namespace), may_create(state, user, namespace)))
            });
            match found {
                Some((path, true)) => path,
                _ => return Err(RestError::NotFound("Namespace")),
            }
        }
    };
    let visibility = visibility(&ask)?.unwrap_or(Visibility::Private);
    let id = ask.app.model.create_project(&namespace, &path, &name, visibility, user).await?;
    Ok((StatusCode::CREATED, Json(shape(&ask, id)?)).into_response())
}

fn missing_name() -> RestError {
    RestError::Parameter("name, path are missing, at least one parameter must be provided".to_owned())
}

fn visibility(ask: &Ask) -> Result<Option<Visibility>, RestError> {
    let word = ask.params.word("visibility", &["private", "internal", "public"])?;
    Ok(word.and_then(Visibility::parse))
}

fn may_create(state: &State, user: UserId, namespace: Namespace) -> bool {
    match namespace {
        Namespace::User(owner) => owner == user,
        Namespace::Group(group) => state.group_level(user, group) >= Some(AccessLevel::Developer),
    }
}

/// `PUT /projects/:id`: name, path, default branch, visibility, merge requests on or off.
pub(super) async fn update(ask: Ask) -> Answer {
    let project = ask.project()?;
    ask.with_role(&project, AccessLevel::Maintainer)?;
    let model = &ask.app.model;
    let (name, path) = (ask.params.text("name"), ask.params.text("path"));
    let enabled = ask.params.boolean("merge_requests_enabled")?;
    let access = ask.params.word("merge_requests_access_level", &["disabled", "private", "enabled"])?;
    if name.is_some() || path.is_some() {
        model.rename_project(
            project.id,
            path.as_ref().unwrap_or(&project.path),
            name.as_ref().unwrap_or(&project.name),
        )?;
    }
    if let Some(branch) = ask.params.text("default_branch") {
        model.set_default_branch(project.id, &branch).await.map_err(|error| match error {
            ModelError::Invalid { field: "base", problem } => {
                RestError::Message(StatusCode::BAD_REQUEST, json!({ "base": [problem] }))
            }
            other => other.into(),
        })?;
    }
    if let Some(visibility) = visibility(&ask)? {
        model.set_visibility(project.id, visibility);
    }
    if let Some(enabled) = enabled.or(access.map(|access| access != "disabled")) {
        model.set_merge_requests_enabled(project.id, enabled);
    }
    Ok(Json(shape(&ask, project.id)?).into_response())
}

/// `DELETE /projects/:id`: gone at once, without GitLab's days of grace.
pub(super) async fn delete(ask: Ask) -> Answer {
    let project = ask.project()?;
    ask.with_role(&project, AccessLevel::Owner)?;
    ask.app.model.delete_project(project.id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "message": "202 Accepted" }))).into_response())
}

/// `POST /projects/:id/archive`
pub(super) async fn archive(ask: Ask) -> Answer {
    set_archived(&ask, true)
}

/// `POST /projects/:id/unarchive`
pub(super) async fn unarchive(ask: Ask) -> Answer {
    set_archived(&ask, false)
}

fn set_archived(ask: &Ask, archived: bool) -> Answer {
    let project = ask.project()?;
    ask.with_role(&project, AccessLevel::Owner)?;
    ask.app.model.archive(project.id, archived);
    Ok((StatusCode::CREATED, Json(shape(ask, project.id)?)).into_response())
}

/// `PUT /projects/:id/transfer`: `namespace` is a number or a full path.
pub(super) async fn transfer(ask: Ask) -> Answer {
    let project = ask.project()?;
    let user = ask.with_role(&project, AccessLevel::Owner)?;
    let to = ask.params.required("namespace")?;
    let found = ask.read(|state| {
        let by_id = to.parse().ok().and_then(|id| state.namespace_by_id(id));
        let namespace = by_id.or_else(|| state.namespace_by_path(&to));
        namespace.filter(|it| may_create(state, user, *it)).map(|namespace| state.namespace_path(namespace))
    });
    let path = found.ok_or(RestError::NotFound("Namespace"))?;
    ask.app.model.transfer_project(project.id, &path)?;
    Ok(Json(shape(&ask, project.id)?).into_response())
}

/// `POST /projects/:id/fork`: into `namespace_id`, `namespace_path` or one's own namespace, under another `path` and `name` if
/// given.
pub(super) async fn fork(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let user = ask.user()?;
    let own = || ask.read(|state| state.namespace_path(Namespace::User(user)));
    let by_id = ask.params.number("namespace_id")?;
    let by_id = by_id.map(|id| {
        ask.read(|state| state.namespace_by_id(id).map(|namespace| state.namespace_path(namespace)).unwrap_or_default())
    });
    let to = by_id.or_else(|| ask.params.text("namespace_path")).unwrap_or_else(own);
    let allowed = ask.read(|state| state.namespace_by_path(&to).is_some_and(|it| may_create(state, user, it)));
    if !allowed {
        return Err(RestError::NotFound("Target Namespace"));
    }
    let (path, name) = (ask.params.text("path"), ask.params.text("name"));
    let names = (path.as_deref().unwrap_or(&project.path), name.as_deref().unwrap_or(&project.name));
    let id = ask.app.model.fork_project_as(project.id, &to, names, user).await.map_err(|error| match error {
        ModelError::Invalid { problem, .. } if problem.contains("taken") => RestError::Message(
            StatusCode::CONFLICT,
            json!(["Name has already been taken", "Path has already been taken"]),
        ),
        other => other.into(),
    })?;
    Ok((StatusCode::CREATED, Json(shape(&ask, id)?)).into_response())
}
