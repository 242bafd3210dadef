//! Plain pages, for people to see what arrived: the projects with their issues, and an issue. Whoever can reach them may read
//! them, as this is a sandbox.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::App;

mod issue;
mod projects;

/// The routes of the pages.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(projects::all))
        .route("/browse/{key}", get(browse))
        .route("/login.jsp", get(log_in))
        .route("/status", get(status))
        .route("/style.css", get(style))
}

/// What every page has: a title, the server's address, whether it is drawn anew every two seconds.
pub(super) struct Shell {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) follow: bool,
}

impl Shell {
    pub(super) fn new(app: &App, title: &str) -> Self {
        Self { title: title.to_owned(), url: app.url.clone(), follow: false }
    }
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "jira/message.html")]
struct Message<'a> {
    shell: Shell,
    text: &'a str,
}

/// `GET /browse/{key}`: a project or an issue.
async fn browse(
    State(app): State<Arc<App>>,
    axum::extract::Path(key): axum::extract::Path<String>,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Response {
    let follow = query.as_deref().is_some_and(|query| query.split('&').any(|part| part.starts_with("follow")));
    issue::show(&app, &key, follow).or_else(|| projects::show(&app, &key)).unwrap_or_else(|| not_found(&app))
}

/// `GET /login.jsp`: what a client sees that is sent to log in.
async fn log_in(State(app): State<Arc<App>>) -> Response {
    page(&Message { shell: Shell::new(&app, "Log in"), text: "Welcome to the sandbox Jira. Its pages need no log-in." })
}

/// `GET /status`: what load balancers, and probes for a renamed site, ask.
async fn status() -> Response {
    Json(json!({ "state": "RUNNING" })).into_response()
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css")], include_str!("../../../templates/style.css")).into_response()
}

/// What has no route.
pub(crate) async fn missing(State(app): State<Arc<App>>) -> Response {
    not_found(&app)
}

fn not_found(app: &App) -> Response {
    let text = "The page could not be found.";
    (StatusCode::NOT_FOUND, page(&Message { shell: Shell::new(app, "Oops, you've found a dead link."), text }))
        .into_response()
}

/// Writes a page out.
pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
