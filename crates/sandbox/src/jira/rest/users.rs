//! Users: oneself, one, and those whom a text finds.

use axum::Json;
use axum::response::IntoResponse;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::Page;
use crate::jira::model::{Refusal, State, User, UserQuery};
use crate::jira::{Deployment, sentences};

/// The most users that are told at once.
pub(super) const MOST: usize = 1_000;

/// `GET /myself`
pub(super) async fn myself(ask: Ask) -> Answer {
    let id = ask.user()?;
    let shape = ask.look(|lens| lens.user_in_full(id));
    Ok(Json(shape).into_response())
}

/// `GET /user`: by `username` or `key`, in Cloud by `accountId`.
pub(super) async fn one(ask: Ask) -> Answer {
    ask.user()?;
    let deployment = ask.deployment();
    let (name, key) = match deployment {
        Deployment::DataCenter => (ask.param("username"), ask.param("key")),
        Deployment::Cloud => (None, ask.param("accountId")),
    };
    let Some(text) = name.or(key) else {
        return Err(Refusal::not_found(sentences::NO_USERNAME).into());
    };
    let find = |state: &State| {
        let by_name = name.and_then(|name| state.user_by_login(name));
        by_name.or_else(|| key.and_then(|key| state.user_by_key(key))).map(|user| user.id)
    };
    let id = ask.read(find).ok_or_else(|| Refusal::not_found(sentences::no_user(deployment, text)))?;
    let shape = ask.look(|lens| lens.user_in_full(id));
    Ok(Json(shape).into_response())
}

/// `GET /user/search`: by `username`, in Cloud by `query`.
pub(super) async fn search(ask: Ask) -> Answer {
    ask.user()?;
    let text = match ask.deployment() {
        Deployment::DataCenter => ask.param("username").ok_or_else(|| Refusal::invalid(sentences::NO_USERNAME)),
        Deployment::Cloud => ask.param("query").ok_or_else(|| Refusal::invalid(sentences::NO_QUERY)),
    }?;
    let flag = |name: &str, default: bool| ask.param(name).map_or(default, |text| text == "true");
    // Cloud finds those who may not log in as well, and tells so.
    let inactive = flag("includeInactive", ask.deployment() == Deployment::Cloud);
    let query = UserQuery { text, active: flag("includeActive", true), inactive };
    told(&ask, |state| state.find_users(query))
}

/// One page of users.
pub(super) fn told(ask: &Ask, find: impl FnOnce(&State) -> Vec<&User>) -> Answer {
    let page = Page::of(ask, 50, MOST)?;
    let found: Vec<_> = ask.read(|state| find(state).iter().map(|user| user.id).collect());
    let shapes: Vec<_> = ask.look(|lens| page.cut(&found).iter().map(|id| lens.user(*id)).collect());
    Ok::<_, RestError>(Json(shapes).into_response())
}
