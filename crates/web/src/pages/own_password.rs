//! Changing one's own password.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use model::secret::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::frame::{Frame, PageResult, ReaderPage, draw, draw_with_status, redirect};
use crate::password;
use crate::sentences;
use crate::session;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    frame: Frame,
    login: String,
    current_error: Option<&'static str>,
    password_error: Option<&'static str>,
}

#[derive(Deserialize)]
pub struct Change {
    current: SecretString,
    password: SecretString,
    repeated: SecretString,
}

/// The form.
pub async fn show(page: ReaderPage) -> PageResult {
    draw(&PasswordPage { frame: page.frame, login: page.user.login, current_error: None, password_error: None })
}

/// Sets the password; other sessions of this person end. Wrong current passwords are throttled like log-ins.
pub async fn submit(State(state): State<AppState>, page: ReaderPage, Form(form): Form<Change>) -> PageResult {
    let ReaderPage { frame, user } = page;
    let visit = frame.visit.clone();
    if state.throttle.wait_until(visit.client, &user.login, visit.now).is_some() {
        let current_error = Some(sentences::WRONG_CURRENT_PASSWORD);
        let page = PasswordPage { frame, login: user.login, current_error, password_error: None };
        return draw_with_status(StatusCode::TOO_MANY_REQUESTS, &page);
    }
    state.throttle.attempted(visit.client, &user.login, visit.now);
    let known = state.store().user_by_login(&user.login).await?.and_then(|(_, hash)| hash);
    let fits = state.passwords.verify(form.current, known).await?;
    if fits {
        state.throttle.succeeded(visit.client, &user.login);
    }
    let current_error = (!fits).then_some(sentences::WRONG_CURRENT_PASSWORD);
    let accepted = password::accept(form.password.expose_secret(), form.repeated.expose_secret());
    let password_error = accepted.err().map(sentences::password_refused);
    if current_error.is_some() || password_error.is_some() {
        let page = PasswordPage { frame, login: user.login, current_error, password_error };
        return draw_with_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let hash = state.passwords.hash(form.password).await?;
    state.store().user_set_password(user.id, &hash).await?;
    let mut response = redirect(&frame, "/");
    session::begin(&state, &visit, user.id, &mut response).await?;
    Ok(response)
}
