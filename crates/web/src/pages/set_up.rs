//! The set-up: the first administrator, by a one-time link.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use model::secret::{ExposeSecret, SecretString, token_hash};
use serde::Deserialize;
use store::users::{Purpose, Role};

use crate::error::PageError;
use crate::frame::{Frame, PageResult, draw, draw_with_status, redirect};
use crate::login_name::log_in_name;
use crate::password;
use crate::sentences;
use crate::session;
use crate::state::AppState;
use crate::visit::{Visit, Visited};

#[derive(Template)]
#[template(path = "setup.html")]
struct SetUpPage {
    frame: Frame,
    token: String,
    login: String,
    login_error: Option<&'static str>,
    password_error: Option<&'static str>,
}

#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
pub struct First {
    token: String,
    login: String,
    password: SecretString,
    repeated: SecretString,
}

/// The form, for those who have the link.
pub async fn show(State(state): State<AppState>, Visited(visit): Visited, Query(link): Query<Link>) -> PageResult {
    check_link(&state, &visit, &link.token).await?;
    draw(&SetUpPage {
        frame: Frame::new(visit, None),
        token: link.token,
        login: String::new(),
        login_error: None,
        password_error: None,
    })
}

/// Makes the first administrator and signs in.
pub async fn submit(State(state): State<AppState>, Visited(visit): Visited, Form(form): Form<First>) -> PageResult {
    check_link(&state, &visit, &form.token).await?;
    let login = log_in_name(&form.login);
    let login_error = login.is_none().then_some(sentences::LOGIN_RULE);
    let accepted = password::accept(form.password.expose_secret(), form.repeated.expose_secret());
    let password_error = accepted.err().map(sentences::password_refused);
    let frame = Frame::new(visit.clone(), None);
    let Some(login) = login.filter(|_| password_error.is_none()) else {
        let page = SetUpPage { frame, token: form.token, login: form.login, login_error, password_error };
        return draw_with_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let hash = state.passwords.hash(form.password).await?;
    let taken = state.store().invitation_take(&token_hash(&form.token), visit.now).await?;
    if taken.is_none_or(|link| link.purpose != Purpose::Setup) {
        return Err(PageError::forbidden(sentences::setup_link_needed()));
    }
    let id = state.store().user_insert(&login, &login, Role::Admin, Some(&hash), visit.now).await?;
    let mut response = redirect(&frame, "/accounts");
    session::begin(&state, &visit, id, &mut response).await?;
    Ok(response)
}

async fn check_link(state: &AppState, visit: &Visit, token: &str) -> Result<(), PageError> {
    if state.store().users_count().await? > 0 {
        return Err(PageError::new(StatusCode::GONE, sentences::setup_done()));
    }
    let link = state.store().invitation(&token_hash(token), visit.now).await?;
    match link.map(|link| link.purpose) {
        Some(Purpose::Setup) => Ok(()),
        _ => Err(PageError::forbidden(sentences::setup_link_needed())),
    }
}
