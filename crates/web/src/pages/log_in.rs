//! Logging in and out.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::secret::SecretString;
use serde::Deserialize;
use store::users::User;

use crate::error::PageError;
use crate::frame::{Frame, PageResult, draw, draw_with_status, redirect};
use crate::sentences::{self, Sentence};
use crate::session::{self, local_path};
use crate::state::AppState;
use crate::visit::{Visit, Visited};

#[derive(Template)]
#[template(path = "login.html")]
struct LogInPage {
    frame: Frame,
    login: String,
    next: String,
    error: Option<Sentence>,
}

#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub struct Credentials {
    login: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

/// The form; who is signed in already goes on.
pub async fn show(State(state): State<AppState>, Visited(visit): Visited, Query(query): Query<Next>) -> PageResult {
    let frame = Frame::new(visit.clone(), None);
    if session::user_of(&state, &visit).await?.is_some() {
        return Ok(redirect(&frame, local_path(&query.next)));
    }
    if state.store().users_count().await? == 0 {
        return Ok(redirect(&frame, "/setup"));
    }
    draw(&LogInPage { frame, login: String::new(), next: query.next, error: None })
}

/// Checks log-in and password; failures are counted by address and log-in.
pub async fn submit(
    State(state): State<AppState>,
    Visited(visit): Visited,
    Form(form): Form<Credentials>,
) -> PageResult {
    let page = |error| LogInPage {
        frame: Frame::new(visit.clone(), None),
        login: form.login.clone(),
        next: form.next.clone(),
        error: Some(error),
    };
    let login = form.login.trim();
    if let Some(until) = state.throttle.wait_until(visit.client, login, visit.now) {
        let minutes = (until - visit.now).div_euclid(60_000) + 1;
        return draw_with_status(StatusCode::TOO_MANY_REQUESTS, &page(sentences::log_in_throttled(minutes)));
    }
    match check(&state, &visit, login, form.password.clone()).await? {
        Some(user) => {
            let frame = Frame::new(visit.clone(), None);
            let mut response = redirect(&frame, local_path(&form.next));
            session::begin(&state, &visit, user.id, &mut response).await?;
            Ok(response)
        }
        None => draw_with_status(StatusCode::UNAUTHORIZED, &page(sentences::log_in_failed())),
    }
}

/// The user, if the password fits and the user is not disabled. Unknown users cost the same work.
async fn check(
    state: &AppState,
    visit: &Visit,
    login: &str,
    password: SecretString,
) -> Result<Option<User>, PageError> {
    state.throttle.attempted(visit.client, login, visit.now);
    let (user, hash) = state.store().user_by_login(login).await?.unzip();
    let fits = state.passwords.verify(password, hash.flatten()).await?;
    let user = user.filter(|user| fits && !user.disabled);
    if user.is_some() {
        state.throttle.succeeded(visit.client, login);
    }
    Ok(user)
}

/// Ends the session.
pub async fn log_out(State(state): State<AppState>, Visited(visit): Visited) -> PageResult {
    let mut response: Response = Redirect::to(&visit.address.path("/login")).into_response();
    session::end(&state, &visit, &mut response).await?;
    Ok(response)
}
