//! Permissions: one's own, and who has some.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::users;
use crate::jira::model::{Permission, ProjectId, Refusal, RefusalKind, UserQuery};
use crate::jira::{Deployment, sentences};

/// The permission to administer the site, which is no project's.
const ADMINISTER: &str = "ADMINISTER";

/// `GET /mypermissions`: of a project or issue, or anywhere at all.
pub(super) async fn mine(ask: Ask) -> Answer {
    let wanted = ask.words("permissions");
    if ask.deployment() == Deployment::Cloud && wanted.is_empty() {
        return Err(Refusal::invalid("The 'permissions' query parameter is required.").into());
    }
    if let Some(unknown) = wanted.iter().find(|key| **key != ADMINISTER && Permission::parse(key).is_none()) {
        return Err(Refusal::invalid(format!("Unrecognized permission: {unknown}")).into());
    }
    let place = place(&ask)?;
    let has = |permission: Permission| {
        ask.read(|state| match place {
            Some(project) => state.may(ask.viewer, project, permission),
            None => state.projects.keys().any(|project| state.may(ask.viewer, *project, permission)),
        })
    };
    let is_admin = ask.viewer.and_then(|id| ask.app.model.user(id)).is_some_and(|user| user.admin);
    let mut told = Map::new();
    for permission in Permission::ALL {
        told.insert(permission.key().to_owned(), shape(permission, has(permission)));
    }
    told.insert(
        ADMINISTER.to_owned(),
        json!({
            "id": "0",
            "key": ADMINISTER,
            "name": "Jira Administrators",
            "type": "GLOBAL",
            "description": "Ability to perform most administration functions.",
            "havePermission": is_admin,
        }),
    );
    if !wanted.is_empty() {
        let keys: Vec<_> = wanted.iter().map(|key| Permission::parse(key).map_or(*key, |known| known.key())).collect();
        told.retain(|key, _| keys.contains(&key.as_str()));
    }
    Ok(Json(json!({ "permissions": told })).into_response())
}

fn shape(permission: Permission, has: bool) -> Value {
    json!({
        "id": permission.id(),
        "key": permission.key(),
        "name": permission.name(),
        "type": "PROJECT",
        "description": format!("{} in this project.", permission.name()),
        "havePermission": has,
    })
}

/// The project of `projectKey` or `issueKey`, when the viewer may see it.
fn place(ask: &Ask) -> Result<Option<ProjectId>, RestError> {
    if let Some(key) = ask.param("issueKey") {
        let issue = ask.read(|state| state.visible_issue(key, ask.viewer, ask.deployment()).cloned())?;
        return Ok(Some(issue.project));
    }
    let Some(key) = ask.param("projectKey") else { return Ok(None) };
    let found = ask.read(|state| state.project_by_key(key).map(|(project, _)| project.id));
    found.map(Some).ok_or_else(|| Refusal::not_found(sentences::no_project(key)).into())
}

/// `GET /user/permission/search`: who is found by a text and has all of some permissions. Only for those who administer the
/// project or the site.
pub(super) async fn holders(ask: Ask) -> Answer {
    let user = ask.user()?;
    if !ask.app.model.settings().permission_search {
        return Err(RestError::NoRoute("/rest/api/2/user/permission/search".to_owned()));
    }
    let wanted = ask.words("permissions");
    if wanted.is_empty() {
        return Err(Refusal::invalid(sentences::NO_PERMISSIONS).into());
    }
    let parse = |key: &str| Permission::parse(key).ok_or_else(|| Refusal::invalid(sentences::no_such_permission(key)));
    let wanted = wanted.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let project = place(&ask)?.ok_or_else(|| Refusal::invalid(sentences::NO_PLACE))?;
    if !ask.read(|state| state.may(Some(user), project, Permission::AdministerProjects)) {
        return Err(Refusal::of(RefusalKind::Forbidden, sentences::NOT_ADMIN).into());
    }
    let name = if ask.deployment() == Deployment::Cloud { "query" } else { "username" };
    let query = UserQuery { text: ask.param(name).unwrap_or_default(), active: true, inactive: false };
    users::told(&ask, |state| {
        let mut found = state.find_users(query);
        found.retain(|user| wanted.iter().all(|permission| state.may(Some(user.id), project, *permission)));
        found
    })
}
