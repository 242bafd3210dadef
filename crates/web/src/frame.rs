//! What stands around every page: header, navigation, colours, the request id.

use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use model::Millis;
use store::Viewer;
use store::users::{Role, User};

use crate::assets;
use crate::error::PageError;
use crate::session::{self, Administrator, CurrentUser};
use crate::state::AppState;
use crate::view::prose::Prose;
use crate::view::when::When;
use crate::visit::{Visit, Visited};

/// Everything comes from ourselves and nothing frames us, but forms may be sent on elsewhere.
const LEAVING_POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What a handler of a page answers.
pub type PageResult = Result<Response, PageError>;

/// What stands around a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The request it answers.
    pub visit: Arc<Visit>,
    /// Who is signed in.
    pub user: Option<User>,
    /// What stands in the search box.
    pub search: String,
    /// Reload by itself after so many seconds where scripts are off.
    pub reload_seconds: Option<u32>,
}

impl Frame {
    /// A frame for a visit whose person is already known.
    pub const fn new(visit: Arc<Visit>, user: Option<User>) -> Self {
        Self { visit, user, search: String::new(), reload_seconds: None }
    }

    /// A frame for a visit; when the store does not answer, one for a stranger.
    pub async fn for_error(state: &AppState, visit: &Arc<Visit>) -> Self {
        let user = session::user_of(state, visit).await.ok().flatten();
        Self::new(Arc::clone(visit), user)
    }

    /// A path of ours as the browser must ask for it.
    pub fn link(&self, path: &str) -> String {
        self.visit.address.path(path)
    }

    /// The path of an asset as the browser must ask for it.
    pub fn asset(&self, name: &str) -> String {
        self.link(&assets::path(name))
    }

    /// Whether an administrator is signed in.
    pub fn is_administrator(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.role == Role::Admin)
    }

    /// Whether the page belongs to that part of the navigation.
    pub fn is_in(&self, section: &str) -> bool {
        self.visit.target.split(['?', '/']).nth(1) == Some(section)
    }

    /// A time, told from the present. By reference, as templates hand fields on.
    pub fn when(&self, at: &Millis) -> When {
        When::new(*at, self.visit.now)
    }

    /// A sentence, with what is code in it shown so. By reference, as templates hand fields on.
    #[expect(clippy::unused_self, reason = "templates reach it by the frame")]
    pub fn prose<'t>(&self, text: &'t str) -> Prose<'t> {
        Prose(text)
    }
}

/// A signed-in person's page: who, and the frame around it.
#[derive(Debug, Clone)]
pub struct ReaderPage {
    /// The frame.
    pub frame: Frame,
    /// Who is looking.
    pub user: User,
}

impl ReaderPage {
    /// Whose eyes the page is drawn for.
    pub const fn viewer(&self) -> Viewer {
        session::viewer(&self.user)
    }
}

/// An administrator's page: who, and the frame around it.
#[derive(Debug, Clone)]
pub struct AdministratorPage {
    /// The frame.
    pub frame: Frame,
    /// Who is looking.
    pub user: User,
}

impl FromRequestParts<AppState> for ReaderPage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let CurrentUser(user) = CurrentUser::from_request_parts(parts, state).await?;
        Ok(Self { frame: frame_of(parts, state, &user).await?, user })
    }
}

impl FromRequestParts<AppState> for AdministratorPage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Administrator(user) = Administrator::from_request_parts(parts, state).await?;
        Ok(Self { frame: frame_of(parts, state, &user).await?, user })
    }
}

async fn frame_of(parts: &mut Parts, state: &AppState, user: &User) -> Result<Frame, Response> {
    let Visited(visit) = Visited::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
    Ok(Frame::new(visit, Some(user.clone())))
}

/// Draws a page.
pub fn draw(page: &impl Template) -> PageResult {
    draw_with_status(StatusCode::OK, page)
}

/// Draws a page that is not a success, such as a form with errors.
pub fn draw_with_status(status: StatusCode, page: &impl Template) -> PageResult {
    Ok((status, Html(page.render()?)).into_response())
}

/// Draws a page whose form goes on to the consent page of a forge, which the usual policy of forms would forbid.
pub fn draw_leaving(status: StatusCode, page: &impl Template) -> PageResult {
    let mut response = draw_with_status(status, page)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(LEAVING_POLICY));
    Ok(response)
}

/// Sends the browser to a path of ours, by GET.
pub fn redirect(frame: &Frame, path: &str) -> Response {
    axum::response::Redirect::to(&frame.link(path)).into_response()
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    error: &'a PageError,
}

/// Draws an error in the frame of every page.
pub fn draw_error(frame: Frame, error: &PageError) -> Response {
    let page = ErrorPage { frame, error };
    match page.render() {
        Ok(html) => (error.status, Html(html)).into_response(),
        Err(_) => (error.status, error.sentence.happened.to_string()).into_response(),
    }
}
