//! Groups.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::Value;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::Lens;
use crate::gitlab::model::{AccessLevel, Group, GroupId, State, Visibility};

/// `GET /groups`
pub(super) async fn list(ask: Ask) -> Answer {
    let top_level = ask.params.flag("top_level_only", false)?;
    let owned = ask.params.flag("owned", false)?;
    answer(&ask, |state, group| {
        let level = ask.viewer.and_then(|user| state.group_membership(user, group.id));
        (!top_level || group.parent.is_none()) && (!owned || level == Some(AccessLevel::Owner))
    })
}

/// `GET /groups/:id`
pub(super) async fn one(ask: Ask) -> Answer {
    let group = ask.group()?;
    Ok(Json(shape(&ask, &group)).into_response())
}

/// `GET /groups/:id/subgroups`: those right below.
pub(super) async fn subgroups(ask: Ask) -> Answer {
    let above = ask.group()?.id;
    answer(&ask, |_, group| group.parent == Some(above))
}

/// `GET /groups/:id/descendant_groups`: all below.
pub(super) async fn descendants(ask: Ask) -> Answer {
    let above = ask.group()?.id;
    answer(&ask, |state, group| group.id != above && state.ancestry(group.id).any(|it| it.id == above))
}

/// `POST /groups`
pub(super) async fn create(ask: Ask) -> Answer {
    let user = ask.user()?;
    let (path, name) = (ask.params.required("path")?, ask.params.required("name")?);
    let parent = ask.params.number("parent_id")?.map(GroupId);
    if let Some(parent) = parent
        && ask.read(|state| state.group_level(user, parent)) < Some(AccessLevel::Maintainer)
    {
        return Err(RestError::Forbidden);
    }
    let word = ask.params.text("visibility").unwrap_or_else(|| "private".to_owned());
    let visibility = Visibility::parse(&word)
        .ok_or_else(|| RestError::Parameter("visibility does not have a valid value".to_owned()))?;
    let id = ask.app.model.create_group(&path, &name, parent, visibility, user)?;
    let group = ask.app.model.group(id).ok_or(RestError::NotFound("Group"))?;
    Ok((StatusCode::CREATED, Json(shape(&ask, &group))).into_response())
}

/// `PUT /groups/:id`: name, path, visibility.
pub(super) async fn update(ask: Ask) -> Answer {
    let (group, user) = (ask.group()?, ask.user()?);
    if ask.read(|state| state.group_level(user, group.id)) < Some(AccessLevel::Owner) {
        return Err(RestError::Forbidden);
    }
    let (name, path) = (ask.params.text("name"), ask.params.text("path"));
    let word = ask.params.word("visibility", &["private", "internal", "public"])?;
    let model = &ask.app.model;
    if name.is_some() || path.is_some() {
        model.rename_group(group.id, path.as_ref().unwrap_or(&group.path), name.as_ref().unwrap_or(&group.name))?;
    }
    if let Some(visibility) = word.and_then(Visibility::parse) {
        model.set_group_visibility(group.id, visibility);
    }
    let group = model.group(group.id).ok_or(RestError::NotFound("Group"))?;
    Ok(Json(shape(&ask, &group)).into_response())
}

fn shape(ask: &Ask, group: &Group) -> Value {
    ask.read(|state| Lens { state, url: &ask.app.url, viewer: ask.viewer }.group(group))
}

/// The visible groups that are wanted, by name.
fn answer(ask: &Ask, wanted: impl Fn(&State, &Group) -> bool) -> Answer {
    let search = ask.params.text("search").unwrap_or_default().to_lowercase();
    ask.read(|state| {
        let fits = |group: &&Group| {
            state.can_see_group(ask.viewer, group)
                && wanted(state, group)
                && (group.path.to_lowercase().contains(&search) || group.name.to_lowercase().contains(&search))
        };
        let mut groups: Vec<&Group> = state.groups.values().filter(fits).collect();
        groups.sort_by_key(|group| (group.name.to_lowercase(), group.id));
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        paged(ask, &groups, |group| lens.group(group))
    })
}
