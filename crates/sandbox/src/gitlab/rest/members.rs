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

/// `GET /groups/:id/members/all/:user_id`
pub(super) async fn one_of_group(ask: Ask) -> Answer {
    let (group, wanted) = (ask.group()?.id, UserId(ask.number("user_id")?));
    ask.user()?;
    ask.read(|state| found(&ask, state, wanted, state.group_membership(wanted, group)))
}

/// `GET /projects/:id/members/all/:user_id`
pub(super) async fn one_of_project(ask: Ask) -> Answer {
    let (project, wanted) = (ask.project()?, UserId(ask.number("user_id")?));
    ask.user()?;
    ask.read(|state| found(&ask, state, wanted, state.project_membership(wanted, &project)))
}

fn found(ask: &Ask, state: &State, user: UserId, level: Option<AccessLevel>) -> Answer {
    let level = level.ok_or(RestError::NotFound("Member"))?;
    Ok(Json(shape(ask, state, user, level)).into_response())
}

/// `POST /groups/:id/members`
pub(super) async fn add_to_group(ask: Ask) -> Answer {
    let place = owned_group(&ask)?;
    add(&ask, place)
}

/// `POST /projects/:id/members`
pub(super) async fn add_to_project(ask: Ask) -> Answer {
    let place = maintained_project(&ask)?;
    add(&ask, place)
}

/// `PUT /groups/:id/members/:user_id`
pub(super) async fn change_in_group(ask: Ask) -> Answer {
    let place = owned_group(&ask)?;
    change(&ask, place)
}

/// `PUT /projects/:id/members/:user_id`
pub(super) async fn change_in_project(ask: Ask) -> Answer {
    let place = maintained_project(&ask)?;
    change(&ask, place)
}

/// `DELETE /groups/:id/members/:user_id`
pub(super) async fn remove_from_group(ask: Ask) -> Answer {
    let place = owned_group(&ask)?;
    remove(&ask, place)
}

/// `DELETE /projects/:id/members/:user_id`
pub(super) async fn remove_from_project(ask: Ask) -> Answer {
    let place = maintained_project(&ask)?;
    remove(&ask, place)
}

/// The group of the path, for its owners.
fn owned_group(ask: &Ask) -> Result<Place, RestError> {
    let (group, by) = (ask.group()?.id, ask.user()?);
    let owns = ask.read(|state| state.group_level(by, group)) >= Some(AccessLevel::Owner);
    owns.then_some(Place::Group(group)).ok_or(RestError::Forbidden)
}

/// The project of the path, for its maintainers.
fn maintained_project(ask: &Ask) -> Result<Place, RestError> {
    let project = ask.project()?;
    ask.with_role(&project, AccessLevel::Maintainer)?;
    Ok(Place::Project(project.id))
}

fn change(ask: &Ask, place: Place) -> Answer {
    let (user, level) = (member(ask, place)?, wanted_level(ask)?);
    ask.app.model.add_member(place, user, level);
    Ok(Json(ask.read(|state| shape(ask, state, user, level))).into_response())
}

fn remove(ask: &Ask, place: Place) -> Answer {
    ask.app.model.remove_member(place, member(ask, place)?);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The direct member whom the path names.
fn member(ask: &Ask, place: Place) -> Result<UserId, RestError> {
    let user = UserId(ask.number("user_id")?);
    let is_member = ask.read(|state| state.members.contains_key(&(place, user)));
    is_member.then_some(user).ok_or(RestError::NotFound("Member"))
}

fn wanted_level(ask: &Ask) -> Result<AccessLevel, RestError> {
    let level = ask.params.number("access_level")?.and_then(AccessLevel::from_number);
    level.ok_or_else(|| RestError::Parameter("access_level does not have a valid value".to_owned()))
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
    let level = wanted_level(ask)?;
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
