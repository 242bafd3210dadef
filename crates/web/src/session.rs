//! Log-ins of people: who is looking at a page.

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use model::Millis;
use model::secret::{ExposeSecret, random_token, token_hash};
use store::Viewer;
use store::users::{Role, User};

use crate::cookies;
use crate::error::PageError;
use crate::sentences;
use crate::state::AppState;
use crate::visit::{Visit, Visited};

/// How long a log-in lasts.
const LIFE_SECONDS: i64 = 30 * 24 * 60 * 60;

/// A signed-in person. As an extractor it sends everybody else to the log-in (or to the set-up, before there is a
/// first user).
#[derive(Debug, Clone)]
pub struct CurrentUser(pub User);

/// A signed-in administrator. As an extractor it sends strangers to the log-in and refuses readers.
#[derive(Debug, Clone)]
pub struct Administrator(pub User);

/// Whose eyes a user looks through: administrators see everything.
#[must_use]
pub const fn viewer(user: &User) -> Viewer {
    match user.role {
        Role::Admin => Viewer::Everything,
        Role::Reader => Viewer::User(user.id),
    }
}

impl CurrentUser {
    /// Whose eyes the user looks through.
    #[must_use]
    pub const fn viewer(&self) -> Viewer {
        viewer(&self.0)
    }
}

/// The person of a visit, if signed in and not disabled.
///
/// # Errors
/// When the store does not answer.
pub async fn user_of(state: &AppState, visit: &Visit) -> store::Result<Option<User>> {
    match &visit.session {
        Some(token) => state.store().session_user(&token_hash(token.expose_secret()), visit.now).await,
        None => Ok(None),
    }
}

/// Signs a person in: a new session, its token in the answer's cookie.
pub async fn begin(state: &AppState, visit: &Visit, user_id: i64, response: &mut Response) -> store::Result<()> {
    let token = random_token("");
    let now: Millis = visit.now;
    state.store().session_insert(&token_hash(token.expose_secret()), user_id, now, now + LIFE_SECONDS * 1000).await?;
    cookies::set(response, &visit.address, cookies::SESSION, token.expose_secret(), LIFE_SECONDS);
    Ok(())
}

/// Signs out: the session ends at both sides.
pub async fn end(state: &AppState, visit: &Visit, response: &mut Response) -> store::Result<()> {
    if let Some(token) = &visit.session {
        state.store().session_delete(&token_hash(token.expose_secret())).await?;
    }
    cookies::set(response, &visit.address, cookies::SESSION, "", 0);
    Ok(())
}

/// A path of ours that a form or a link may send the browser back to; anything else becomes `/`.
pub fn local_path(path: &str) -> &str {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
    if local { path } else { "/" }
}

impl FromRequestParts<AppState> for CurrentUser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Visited(visit) = Visited::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        match user_of(state, &visit).await {
            Ok(Some(user)) => Ok(Self(user)),
            Ok(None) => Err(to_log_in(state, &visit, &parts.method).await.unwrap_or_else(IntoResponse::into_response)),
            Err(error) => Err(PageError::from(error).into_response()),
        }
    }
}

impl FromRequestParts<AppState> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let CurrentUser(user) = CurrentUser::from_request_parts(parts, state).await?;
        match user.role {
            Role::Admin => Ok(Self(user)),
            Role::Reader => Err(PageError::forbidden(sentences::administrators_only()).into_response()),
        }
    }
}

async fn to_log_in(state: &AppState, visit: &Visit, method: &Method) -> Result<Response, PageError> {
    if state.store().users_count().await? == 0 {
        return Ok(Redirect::to(&visit.address.path("/setup")).into_response());
    }
    let mut path = visit.address.path("/login");
    if *method == Method::GET && visit.target != "/" {
        let next: String = url::form_urlencoded::byte_serialize(visit.target.as_bytes()).collect();
        path = format!("{path}?next={next}");
    }
    Ok(Redirect::to(&path).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("/issues/ABC-1?after=3", "/issues/ABC-1?after=3")]
    #[case("//evil.example.com", "/")]
    #[case("https://evil.example.com", "/")]
    #[case("/\\evil.example.com", "/")]
    #[case("/a\r\nSet-Cookie: x", "/")]
    #[case("", "/")]
    fn only_paths_of_ours_are_gone_back_to(#[case] asked: &str, #[case] gone_to: &str) {
        assert_eq!(local_path(asked), gone_to);
    }
}
