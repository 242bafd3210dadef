//! Users.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::Lens;
use crate::gitlab::model::{NewUser, User, UserId};

/// `GET /user`
pub(super) async fn current(ask: Ask) -> Answer {
    let id = ask.user()?;
    let shape = ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        state.users.get(&id).map(|user| lens.user_in_full(user, user.admin))
    });
    shape.map(|shape| Json(shape).into_response()).ok_or(RestError::NotFound("User"))
}

/// `GET /users`: by exact login, by a search in login, name and (for administrators) e-mail, or all.
pub(super) async fn list(ask: Ask) -> Answer {
    let (login, search) = (ask.params.text("username"), ask.params.text("search"));
    if login.is_none() {
        ask.user()?;
    }
    ask.read(|state| {
        let admin = ask.viewer.is_some_and(|user| state.is_admin(user));
        let fits = |user: &&User| {
            login.as_deref().is_none_or(|login| user.login.eq_ignore_ascii_case(login))
                && search.as_deref().is_none_or(|text| found(user, text, admin))
        };
        let mut users: Vec<&User> = state.users.values().filter(fits).collect();
        users.reverse();
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        paged(&ask, &users, |user| if admin { lens.user_in_full(user, true) } else { lens.user_basic(user.id) })
    })
}

fn found(user: &User, text: &str, admin: bool) -> bool {
    let text = text.to_lowercase();
    let holds = |field: &str| field.to_lowercase().contains(&text);
    holds(&user.login) || holds(&user.name) || (admin && user.email.eq_ignore_ascii_case(&text))
}

/// `GET /users/:id`
pub(super) async fn one(ask: Ask) -> Answer {
    ask.user()?;
    let id = UserId(ask.number("id")?);
    let shape = ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        let user = state.users.get(&id)?;
        let admin = ask.viewer.is_some_and(|viewer| state.is_admin(viewer));
        Some(if admin { lens.user_in_full(user, true) } else { lens.user(user) })
    });
    shape.map(|shape| Json(shape).into_response()).ok_or(RestError::NotFound("User"))
}

/// `POST /users`: administrators only.
pub(super) async fn create(ask: Ask) -> Answer {
    let by = ask.user()?;
    if !ask.read(|state| state.is_admin(by)) {
        return Err(RestError::Forbidden);
    }
    let new = NewUser {
        email: ask.params.required("email")?,
        login: ask.params.required("username")?,
        name: ask.params.required("name")?,
        password: ask.params.text("password").unwrap_or_default(),
        admin: ask.params.flag("admin", false)?,
    };
    let id = ask.app.model.create_user(new).map_err(conflict)?;
    let shape = ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        state.users.get(&id).map(|user| lens.user_in_full(user, true))
    });
    Ok((StatusCode::CREATED, Json(shape)).into_response())
}

/// A login or e-mail that is taken is 409 here.
fn conflict(error: crate::gitlab::model::ModelError) -> RestError {
    match error {
        crate::gitlab::model::ModelError::Invalid { field, problem } if problem.contains("taken") => {
            let name = if field == "email" { "Email" } else { "Username" };
            RestError::message(StatusCode::CONFLICT, &format!("{name} {problem}"))
        }
        other => other.into(),
    }
}
