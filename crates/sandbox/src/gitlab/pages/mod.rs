//! Plain pages: signing in, registering applications, making users, and something to open behind every link.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use tower_http::csrf::CsrfLayer;

use super::{App, git_http};
use session::Visitor;

pub(crate) mod session;

mod account;
mod applications;
mod avatar;
mod browse;
mod code;
mod merge_request;
mod users;

/// The routes of the pages; what is no other route is a project's address, or git's.
pub(crate) fn router() -> Router<Arc<App>> {
    let forms = Router::new()
        .route("/users/sign_in", get(account::sign_in_page).post(account::sign_in))
        .route("/users/sign_out", get(account::sign_out_page).post(account::sign_out))
        .route("/-/user_settings/profile", get(account::profile))
        .route("/-/profile", get(account::profile))
        .route("/-/user_settings/applications", get(applications::list).post(applications::create))
        .route("/-/profile/applications", get(applications::list).post(applications::create))
        .route("/oauth/applications", get(applications::list).post(applications::create))
        .route("/admin/users/new", get(users::form))
        .route("/admin/users", get(users::form).post(users::create))
        .layer(CsrfLayer::new());
    Router::new()
        .merge(forms)
        .route("/", get(browse::home))
        .route("/-/style.css", get(style))
        .route("/-/avatar/{id}", get(avatar::avatar))
        .fallback(anything)
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css")], include_str!("../../../templates/style.css")).into_response()
}

/// What has no route of its own: git's requests, groups, users, projects and what is in them.
async fn anything(State(app): State<Arc<App>>, request: Request) -> Response {
    if git_http::is_git_path(request.uri().path()) {
        return git_http::serve(app, request).await;
    }
    let (mut parts, _) = request.into_parts();
    let Ok(visitor) = Visitor::from_request_parts(&mut parts, &app).await;
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    browse::anything(&app, &visitor, parts.uri.path()).await
}

/// What every page has: a title, and who is signed in.
pub(crate) struct Shell {
    pub(crate) title: String,
    /// Login and name.
    pub(crate) user: Option<(String, String)>,
    pub(crate) admin: bool,
}

impl Shell {
    pub(crate) fn new(title: &str, visitor: &Visitor) -> Self {
        let user = visitor.user.as_ref();
        Self {
            title: title.to_owned(),
            user: user.map(|user| (user.login.clone(), user.name.clone())),
            admin: user.is_some_and(|user| user.admin),
        }
    }
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    shell: Shell,
    text: &'a str,
}

/// Writes a page out.
pub(crate) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page that says one thing, with status 200 as GitLab's OAuth errors have.
pub(crate) fn message(visitor: &Visitor, title: &str, text: &str) -> Response {
    page(&Message { shell: Shell::new(title, visitor), text })
}

/// The page for what does not exist, or not for this visitor.
pub(crate) fn missing(visitor: &Visitor) -> Response {
    let text = "The page could not be found, or you may not see it.";
    (StatusCode::NOT_FOUND, message(visitor, "Page not found", text)).into_response()
}

/// Sends the browser on.
pub(crate) fn found(to: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(to) else { return StatusCode::BAD_REQUEST.into_response() };
    (StatusCode::FOUND, [(LOCATION, location)]).into_response()
}
