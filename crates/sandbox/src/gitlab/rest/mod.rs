//! REST v4 (GitLab contract §5): thin handlers that read the model and the repositories and write GitLab's JSON.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use http::StatusCode;
use serde_json::json;

use super::App;
use error::RestError;

pub(crate) mod ask;
pub(crate) mod error;
pub(crate) mod params;
pub(crate) mod shapes;

mod approvals;
mod branches;
mod commit_comments;
mod commits;
mod compare;
mod group_projects;
mod groups;
mod hook_calls;
mod hooks;
mod instance;
mod members;
mod merge_request_lists;
mod merge_request_writes;
mod merge_requests;
mod namespaces;
mod notes;
mod paging;
mod project_lists;
mod project_writes;
mod projects;
mod system_hooks;
mod tokens;
mod users;

/// The routes below `/api`.
pub(crate) fn router() -> Router<Arc<App>> {
    let v4 = people().merge(places()).merge(code()).merge(merge_requests_routes()).merge(hook_routes());
    Router::new()
        .nest("/api/v4", v4)
        .route("/api/v3", any(gone))
        .route("/api/v3/{*rest}", any(gone))
        .route("/api/{*rest}", any(unknown))
}

fn people() -> Router<Arc<App>> {
    Router::new()
        .route("/user", get(users::current))
        .route("/users", get(users::list).post(users::create))
        .route("/users/{id}", get(users::one))
        .route("/users/{id}/projects", get(project_lists::of_user))
        .route("/personal_access_tokens/self", get(tokens::itself))
        .route("/metadata", get(instance::metadata))
        .route("/version", get(instance::version))
}

fn places() -> Router<Arc<App>> {
    Router::new()
        .route("/groups", get(groups::list).post(groups::create))
        .route("/groups/{id}", get(groups::one).put(groups::update))
        .route("/groups/{id}/subgroups", get(groups::subgroups))
        .route("/groups/{id}/descendant_groups", get(groups::descendants))
        .route("/groups/{id}/projects", get(group_projects::list))
        .route("/groups/{id}/members", get(members::of_group).post(members::add_to_group))
        .route("/groups/{id}/members/all", get(members::all_of_group))
        .route("/groups/{id}/members/all/{user_id}", get(members::one_of_group))
        .route("/groups/{id}/members/{user_id}", put(members::change_in_group).delete(members::remove_from_group))
        .route("/namespaces", get(namespaces::list))
        .route("/namespaces/{id}", get(namespaces::one))
        .route("/projects", get(project_lists::all).post(project_writes::create))
        .route("/projects/{id}", get(projects::one).put(project_writes::update).delete(project_writes::delete))
        .route("/projects/{id}/archive", post(project_writes::archive))
        .route("/projects/{id}/unarchive", post(project_writes::unarchive))
        .route("/projects/{id}/transfer", put(project_writes::transfer))
        .route("/projects/{id}/fork", post(project_writes::fork))
        .route("/projects/{id}/members", get(members::of_project).post(members::add_to_project))
        .route("/projects/{id}/members/all", get(members::all_of_project))
        .route("/projects/{id}/members/all/{user_id}", get(members::one_of_project))
        .route("/projects/{id}/members/{user_id}", put(members::change_in_project).delete(members::remove_from_project))
}

fn code() -> Router<Arc<App>> {
    Router::new()
        .route("/projects/{id}/repository/branches", get(branches::list).post(branches::create))
        .route("/projects/{id}/repository/branches/{branch}", get(branches::one).delete(branches::delete))
        .route("/projects/{id}/repository/tags", get(branches::tags))
        .route("/projects/{id}/repository/commits", get(commits::list))
        .route("/projects/{id}/repository/commits/{sha}", get(commits::one))
        .route("/projects/{id}/repository/commits/{sha}/diff", get(commits::diff))
        .route("/projects/{id}/repository/commits/{sha}/refs", get(commits::refs))
        .route(
            "/projects/{id}/repository/commits/{sha}/comments",
            get(commit_comments::list).post(commit_comments::create),
        )
        .route("/projects/{id}/repository/compare", get(compare::compare))
}

fn merge_requests_routes() -> Router<Arc<App>> {
    const ONE: &str = "/projects/{id}/merge_requests/{iid}";
    let below = |name: &str| format!("{ONE}/{name}");
    let one = get(merge_requests::one).put(merge_request_writes::update).delete(merge_request_writes::delete);
    Router::new()
        .route("/merge_requests", get(merge_request_lists::all))
        .route("/groups/{id}/merge_requests", get(merge_request_lists::of_group))
        .route("/projects/{id}/merge_requests", get(merge_request_lists::of_project).post(merge_request_writes::create))
        .route(ONE, one)
        .route(&below("commits"), get(merge_requests::commits))
        .route(&below("diffs"), get(merge_requests::diffs))
        .route(&below("reviewers"), get(approvals::reviewers))
        .route(&below("approvals"), get(approvals::approvals))
        .route(&below("approve"), post(approvals::approve))
        .route(&below("unapprove"), post(approvals::unapprove))
        .route(&below("merge"), put(merge_request_writes::merge))
        .route(&below("notes"), get(notes::list).post(notes::create))
        .route(&below("notes/{note_id}"), get(notes::one).put(notes::update).delete(notes::delete))
}

fn hook_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/projects/{id}/hooks", get(hooks::of_project).post(hooks::create_at_project))
        .route(
            "/projects/{id}/hooks/{hook_id}",
            get(hooks::one_of_project).put(hooks::update_at_project).delete(hooks::delete_at_project),
        )
        .route("/groups/{id}/hooks", get(hooks::of_group).post(hooks::create_at_group))
        .route(
            "/groups/{id}/hooks/{hook_id}",
            get(hooks::one_of_group).put(hooks::update_at_group).delete(hooks::delete_at_group),
        )
        .route("/projects/{id}/hooks/{hook_id}/test/{trigger}", post(hook_calls::test_of_project))
        .route("/groups/{id}/hooks/{hook_id}/test/{trigger}", post(hook_calls::test_of_group))
        .route("/projects/{id}/hooks/{hook_id}/events", get(hook_calls::events_of_project))
        .route("/groups/{id}/hooks/{hook_id}/events", get(hook_calls::events_of_group))
        .route("/projects/{id}/hooks/{hook_id}/events/{event_id}/resend", post(hook_calls::resend_of_project))
        .route("/groups/{id}/hooks/{hook_id}/events/{event_id}/resend", post(hook_calls::resend_of_group))
        .route("/hooks", get(system_hooks::list).post(system_hooks::create))
        .route("/hooks/{hook_id}", get(system_hooks::one).put(system_hooks::update).delete(system_hooks::delete))
}

/// What every path below the GitHub-compatible API answers since GitLab 16.6 (GitLab contract §2.3).
async fn gone() -> Response {
    let text = "API V3 is no longer supported. Use API V4 instead.";
    (StatusCode::GONE, Json(json!({ "error": text }))).into_response()
}

async fn unknown() -> RestError {
    RestError::Error(StatusCode::NOT_FOUND, "404 Not Found".to_owned())
}
