//! One-time links of invitations and lost passwords.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::secret::{ExposeSecret, SecretString, token_hash};
use serde::Deserialize;
use store::users::{Purpose, User};

use crate::error::PageError;
use crate::frame::{Frame, PageResult, draw, draw_with_status, redirect};
use crate::password;
use crate::sentences;
use crate::session;
use crate::state::AppState;
use crate::visit::{Visit, Visited};

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    frame: Frame,
    token: String,
    user: User,
    password_error: Option<&'static str>,
}

#[derive(Deserialize)]
pub struct NewPassword {
    password: SecretString,
    repeated: SecretString,
}

/// The form for a password.
pub async fn show(State(state): State<AppState>, Visited(visit): Visited, Path(token): Path<String>) -> PageResult {
    let user = invited(&state, &visit, &token).await?;
    draw(&InvitePage { frame: Frame::new(visit, None), token, user, password_error: None })
}

/// Sets the password, uses the link up and signs in.
pub async fn submit(
    State(state): State<AppState>,
    Visited(visit): Visited,
    Path(token): Path<String>,
    Form(form): Form<NewPassword>,
) -> PageResult {
    let user = invited(&state, &visit, &token).await?;
    let frame = Frame::new(visit.clone(), None);
    if let Err(refused) = password::accept(form.password.expose_secret(), form.repeated.expose_secret()) {
        let password_error = Some(sentences::password_refused(refused));
        let page = InvitePage { frame, token, user, password_error };
        return draw_with_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let hash = state.passwords.hash(form.password).await?;
    if state.store().invitation_take(&token_hash(&token), visit.now).await?.is_none() {
        return Err(spent());
    }
    state.store().user_set_password(user.id, &hash).await?;
    let mut response = redirect(&frame, "/");
    session::begin(&state, &visit, user.id, &mut response).await?;
    Ok(response)
}

async fn invited(state: &AppState, visit: &Visit, token: &str) -> Result<User, PageError> {
    let link = state.store().invitation(&token_hash(token), visit.now).await?.ok_or_else(spent)?;
    let user_id = link.user_id.filter(|_| link.purpose != Purpose::Setup).ok_or_else(spent)?;
    state.store().user(user_id).await?.filter(|user| !user.disabled).ok_or_else(spent)
}

fn spent() -> PageError {
    PageError::new(StatusCode::GONE, sentences::link_spent())
}
