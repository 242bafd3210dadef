//! Namespaces: groups and users alike.

use axum::Json;
use axum::response::IntoResponse;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::Lens;
use crate::gitlab::model::{AccessLevel, Namespace, State, UserId};

/// `GET /namespaces`: one's own, and the groups one is a member of; for an administrator, all.
pub(super) async fn list(ask: Ask) -> Answer {
    let user = ask.user()?;
    let search = ask.params.text("search").unwrap_or_default().to_lowercase();
    ask.read(|state| {
        let users = state.users.keys().filter(|id| **id == user || state.is_admin(user)).map(|id| Namespace::User(*id));
        let groups =
            state.groups.keys().filter(|id| state.group_level(user, **id).is_some()).map(|id| Namespace::Group(*id));
        let found = |namespace: &Namespace| state.namespace_path(*namespace).to_lowercase().contains(&search);
        let namespaces: Vec<Namespace> = users.chain(groups).filter(found).collect();
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        paged(&ask, &namespaces, |namespace| lens.namespace(*namespace))
    })
}

/// `GET /namespaces/:id`, by number or full path.
pub(super) async fn one(ask: Ask) -> Answer {
    let user = ask.user()?;
    let id = ask.capture("id");
    let shape = ask.read(|state| {
        let by_id = id.parse().ok().and_then(|id| state.namespace_by_id(id));
        let namespace = by_id.or_else(|| state.namespace_by_path(id)).filter(|it| is_visible(state, user, *it))?;
        Some(Lens { state, url: &ask.app.url, viewer: ask.viewer }.namespace(namespace))
    });
    shape.map(|shape| Json(shape).into_response()).ok_or(RestError::NotFound("Namespace"))
}

fn is_visible(state: &State, user: UserId, namespace: Namespace) -> bool {
    match namespace {
        Namespace::User(id) => id == user || state.is_admin(user),
        Namespace::Group(id) => state.group_level(user, id) >= Some(AccessLevel::Minimal),
    }
}
