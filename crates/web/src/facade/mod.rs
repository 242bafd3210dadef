//! The GitHub-compatible door: what Jira's own connector asks of a "GitHub Enterprise" is answered here from the store.
//!
//! Paths and answers are those of GitLab's facade (GitLab contract §2–4) with what GitHub's schema adds. Everything a token
//! opens goes through the store's methods that take its grant, so nothing is answered that its forge user may not see.
//! `docs/facade.md` lists the choices.

mod agent;
pub mod allowed;
mod branches;
mod budget;
mod caller;
mod comments;
mod commits;
mod entities;
mod events;
mod hooks;
mod names;
mod oauth;
mod paging;
mod pulls;
mod query;
mod rate_limit;
mod redirects;
mod refusal;
mod repositories;
mod scope;
mod users;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, any, get, post};

use crate::state::AppState;

pub use allowed::AllowedRedirect;
pub(crate) use budget::Budget;
pub(crate) use redirects::follow;
pub(crate) use refusal::Refusal;

/// What `[facade]` of the configuration says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where browsers may be sent back to with a code, and which web hooks are called.
    pub allowed_redirects: Vec<AllowedRedirect>,
    /// Whether only callers that name themselves Jira's connector are answered.
    pub require_user_agent: bool,
}

impl Settings {
    /// Nobody may be sent back anywhere, and only Jira is answered.
    #[must_use]
    pub const fn new() -> Self {
        Self { allowed_redirects: Vec::new(), require_user_agent: true }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// What stands before every path for a Jira whose Host URL ends in `/-/jira` (GitLab ≤ 11.2).
const LEGACY: &str = "/-/jira";

/// What programs ask: REST v3, and the exchange of a code for a token.
pub(crate) fn router() -> Router<AppState> {
    Router::new().merge(programs("")).merge(programs(LEGACY))
}

/// What browsers pass through: the way to the forge and back.
pub(crate) fn pages() -> Router<AppState> {
    let mut routes = Router::new().route("/oauth/callback", get(oauth::callback));
    for prefix in ["", LEGACY] {
        routes = routes
            .route(&format!("{prefix}/login/oauth/authorize"), get(oauth::authorize))
            .route(&format!("{prefix}/login/oauth/callback"), get(oauth::callback));
    }
    routes
}

/// Whether a path (without our prefix) is answered in the facade's own shapes, errors included.
pub(crate) fn answers(path: &str) -> bool {
    let path = path.strip_prefix(LEGACY).unwrap_or(path);
    path == "/api/v3" || path.starts_with("/api/v3/")
}

fn programs(prefix: &str) -> Router<AppState> {
    let root = format!("{prefix}/api/v3");
    let mut routes = Router::new()
        .route(&format!("{prefix}/login/oauth/access_token"), post(oauth::access_token))
        .route(&root, any(gone))
        .route(&format!("{root}/"), any(gone))
        .route(&format!("{root}/{{*rest}}"), any(gone));
    for (path, answered) in lists().into_iter().chain(repository()).chain(everywhere()) {
        routes = routes.route(&format!("{root}{path}"), answered);
    }
    routes
}

type Routes = Vec<(&'static str, MethodRouter<AppState>)>;

fn lists() -> Routes {
    vec![
        ("/orgs/{account}/repos", read(repositories::of_organisation)),
        ("/users/{account}/repos", read(repositories::of_user)),
        ("/user/repos", read(repositories::of_caller)),
        ("/user", read(users::caller)),
        ("/users/{account}", read(users::named)),
        ("/rate_limit", read(rate_limit::show)),
    ]
}

fn repository() -> Routes {
    vec![
        ("/repos/{owner}/{name}", read(repositories::one)),
        ("/repos/{owner}/{name}/branches", read(branches::list)),
        ("/repos/{owner}/{name}/commits/{revision}", read(commits::one)),
        ("/repos/{owner}/{name}/pulls", read(pulls::list)),
        ("/repos/{owner}/{name}/pulls/{id}", read(pulls::one)),
        ("/repos/{owner}/{name}/pulls/{id}/commits", read(pulls::commits)),
        ("/repos/{owner}/{name}/pulls/{id}/comments", read(comments::of_review)),
        ("/repos/{owner}/{name}/issues/{id}/comments", read(comments::list)),
        ("/repos/{owner}/{name}/events", read(events::list)),
        ("/repos/{owner}/{name}/hooks", read(hooks::list).post(hooks::add)),
        ("/repos/{owner}/{name}/hooks/{id}", read(hooks::one).delete(hooks::remove)),
    ]
}

/// What a Jira whose Host URL ends in `/-/jira` takes for a repository: everything that the token opens.
fn everywhere() -> Routes {
    vec![
        ("/repos/-/jira/pulls", read(pulls::list_everywhere)),
        ("/repos/-/jira/pulls/{id}", read(pulls::one_everywhere)),
        ("/repos/-/jira/pulls/{id}/commits", read(pulls::commits_everywhere)),
        ("/repos/-/jira/pulls/{id}/comments", read(comments::of_review_everywhere)),
        ("/repos/-/jira/issues/{id}/comments", read(comments::list_everywhere)),
        ("/repos/-/jira/events", read(events::list_everywhere)),
    ]
}

/// A route that is only read; other methods are as undefined as other paths.
fn read<T: 'static, H: Handler<T, AppState>>(handler: H) -> MethodRouter<AppState> {
    get(handler).fallback(gone)
}

/// 410 for everything that is not defined (GitLab contract §2.3).
async fn gone() -> Refusal {
    Refusal::Undefined
}
