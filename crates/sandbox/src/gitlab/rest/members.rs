//! Members of groups and projects.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::Lens;
use crate::gitlab::model::{AccessLevel, Place, State, UserId};

/// `GET /groups/:id/members`: the direct ones.
pub(super) async fn of_group(ask: Ask) -> Answer {
    let group = ask.group()?.id;
    ask.user()?;
    list(&ask, Place::Group(group))
}

/// `GET /projects/:id/members`: the direct ones.
pub(super) async fn of_project(ask: Ask) -> Answer {
    let project = ask.project()?.id;
    ask.user()?;
    list(&ask, Place::Project(project))
}

/// `GET /groups/:id/members/all`: with those of the groups above.
pub(super) async fn all_of_group(ask: Ask) -> Answer {
    let group = ask.group()?.id;
    ask.user()?;
    ask.read(|state| {
        let level = |user: &UserId| state.group_membership(*user, group).map(|level| (*user, level));
        answer(&ask, state, &state.users.keys().filter_map(level).collect::<Vec<_>>())
    })
}

/// `GET /projects/:id/members/all`: with those of the groups above and of shares.
pub(super) async fn all_of_project(ask: Ask) -> Answer {
    let project = ask.project()?;
    ask.user()?;
    ask.read(|state| {
        let level = |user: &UserId| state.project_membership(*user, &project).map(|level| (*user, level));
        answer(&ask, state, &state.users.keys().filter_map(level).collect::<Vec<_>>())
    })
}

/// `POST /groups/:id/members`
pub(super) async fn add_to_group(ask: Ask) -> Answer {
    let group = ask.group()?.id;
    let by = ask.user()?;
    if ask.read(|state| state.group_level(by, group)) < Some(AccessLevel::Owner) {
        return Err(RestError::Forbidden);
    }
    add(&ask, Place::Group(group))
}

/// `POST /projects/:id/members`
pub(super) async fn add_to_project(ask: Ask) -> Answer {
    let project = ask.project()?;
    ask.with_role(&project, AccessLevel::Maintainer)?;
    add(&ask, Place::Project(project.id))
}

fn list(ask: &Ask, place: Place) -> Answer {
    ask.read(|state| {
        let here = state.members.iter().filter(|((at, _), _)| *at == place).map(|((_, user), level)| (*user, *level));
        answer(ask, state, &here.collect::<Vec<_>>())
    })
}

fn answer(ask: &Ask, state: &State, members: &[(UserId, AccessLevel)]) -> Answer {
    paged(ask, members, |(user, level)| shape(ask, state, *user, *level))
}

fn add(ask: &Ask, place: Place) -> Answer {
    let id = ask.params.number("user_id")?;
    let user = UserId(id.ok_or_else(|| RestError::Parameter("user_id is missing".to_owned()))?);
    let level = ask.params.number("access_level")?.and_then(AccessLevel::from_number);
    let level = level.ok_or_else(|| RestError::Parameter("access_level does not have a valid value".to_owned()))?;
    if ask.app.model.user(user).is_none() {
        return Err(RestError::NotFound("User"));
    }
    if ask.read(|state| state.members.contains_key(&(place, user))) {
        return Err(RestError::message(StatusCode::CONFLICT, "Member already exists"));
    }
    ask.app.model.add_member(place, user, level);
    let shape = ask.read(|state| shape(ask, state, user, level));
    Ok((StatusCode::CREATED, Json(shape)).into_response())
}

fn shape(ask: &Ask, state: &State, user: UserId, level: AccessLevel) -> Value {
    let mut shape = Lens { state, url: &ask.app.url, viewer: ask.viewer }.user_basic(user);
    shape["access_level"] = json!(level.number());
    shape["expires_at"] = Value::Null;
    shape["membership_state"] = json!("active");
    shape
}
