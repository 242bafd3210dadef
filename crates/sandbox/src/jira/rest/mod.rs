//! REST v2, and v3 where Cloud has it: thin handlers that read and change the model and write Jira's JSON.

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

use super::App;

pub(crate) mod adf;
pub(crate) mod ask;
pub(crate) mod error;
pub(crate) mod shapes;

mod comments;
mod issues;
mod paging;
mod permissions;
mod projects;
mod properties;
mod remote_links;
mod server_info;
pub(crate) mod time;
mod transitions;
mod users;
mod worklogs;

/// The routes below `/rest/api`.
pub(crate) fn router() -> Router<Arc<App>> {
    let one = |path: &str| format!("/issue/{{issue}}{path}");
    let api = Router::new()
        .route("/serverInfo", get(server_info::server_info))
        .route("/configuration", get(server_info::configuration))
        .route("/myself", get(users::myself))
        .route("/mypermissions", get(permissions::mine))
        .route("/project", get(projects::list))
        .route("/project/search", get(projects::search))
        .route("/project/{project}", get(projects::one))
        .route("/user", get(users::one))
        .route("/user/search", get(users::search))
        .route("/user/permission/search", get(permissions::holders))
        .route(&one(""), get(issues::one))
        .route(&one("/changelog"), get(issues::changelog))
        .route(&one("/comment"), get(comments::list).post(comments::create))
        .route(&one("/comment/{id}"), get(comments::one))
        .route(&one("/worklog"), get(worklogs::list).post(worklogs::create))
        .route(&one("/worklog/{id}"), get(worklogs::one))
        .route(&one("/transitions"), get(transitions::list).post(transitions::execute))
        .route(&one("/properties"), get(properties::list))
        .route(&one("/properties/{key}"), get(properties::one).put(properties::set).delete(properties::delete))
        .route(
            &one("/remotelink"),
            get(remote_links::list).post(remote_links::put).delete(remote_links::delete_by_global_id),
        )
        .route(&one("/remotelink/{id}"), get(remote_links::one).delete(remote_links::delete))
        .fallback(ask::unknown);
    Router::new().nest("/rest/api/{version}", api).route("/rest/{*rest}", any(ask::unknown))
}
