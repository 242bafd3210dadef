//! REST `/api/v1`: accounts, repositories, issues, explain, sites, deliveries, users; documented by OpenAPI at `/api/v1/openapi.json`.
//!
//! Callers show a bearer token (`dovetail token create`) or the session of a browser. Tokens with the scope `read` may only read.
//! Errors are problem documents (RFC 9457).

mod account_activity;
pub mod account_shapes;
mod accounts;
mod authorise;
mod body;
mod check;
mod connect;
mod cursor;
mod deliveries;
mod explain;
mod hooks;
mod issues;
mod jira_tokens;
mod mode;
mod report_shapes;
mod repositories;
mod servers;
pub mod shapes;
mod site_people;
mod site_shapes;
mod sites;
mod users;

use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;
use crate::state::AppState;

/// Where all of it lies.
const ROOT: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dovetail",
        description = "Branches, commits and merge requests of a forge, on the issues they name.",
        license(name = "MIT")
    ),
    modifiers(&BearerTokens),
    security(("token" = [])),
)]
struct Document;

struct BearerTokens;

impl utoipa::Modify for BearerTokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// What may take minutes.
fn lasting() -> OpenApiRouter<AppState> {
    let below = OpenApiRouter::new().routes(routes!(check::check)).routes(routes!(check::check_account));
    OpenApiRouter::new().nest(ROOT, below)
}

fn documented() -> OpenApiRouter<AppState> {
    let below = OpenApiRouter::new()
        .routes(routes!(accounts::list_accounts, connect::add_account))
        .routes(routes!(accounts::show_account, accounts::change_account, accounts::remove_account))
        .routes(routes!(accounts::refresh_account))
        .routes(routes!(account_activity::show_activity))
        .routes(routes!(accounts::list_account_repositories))
        .routes(routes!(authorise::authorise_account))
        .routes(routes!(authorise::replace_token))
        .routes(routes!(jira_tokens::list_jira_tokens))
        .routes(routes!(jira_tokens::revoke_jira_token))
        .routes(routes!(hooks::list_hooks))
        .routes(routes!(hooks::replay_hook_event))
        .routes(routes!(repositories::link_repository))
        .routes(routes!(repositories::show_repository))
        .routes(routes!(repositories::sync_repository))
        .routes(routes!(repositories::pause_repository))
        .routes(routes!(repositories::resume_repository))
        .routes(routes!(repositories::forward_repository))
        .routes(routes!(hooks::test_hook))
        .routes(routes!(issues::list_issues))
        .routes(routes!(issues::show_issue))
        .routes(routes!(issues::list_commits))
        .routes(routes!(issues::list_branches))
        .routes(routes!(issues::list_merge_requests))
        .routes(routes!(explain::explain))
        .routes(routes!(deliveries::list_receipts))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(deliveries::retry_delivery))
        .routes(routes!(deliveries::retry_deliveries))
        .routes(routes!(sites::list_sites, sites::add_site))
        .routes(routes!(sites::show_site, sites::change_site, sites::remove_site))
        .routes(routes!(sites::test_site))
        .routes(routes!(sites::refresh_site))
        .routes(routes!(sites::list_site_projects))
        .routes(routes!(site_people::list_people, site_people::put_people))
        .routes(routes!(site_people::remove_person))
        .routes(routes!(servers::list_servers))
        .routes(routes!(servers::trust_authorities))
        .routes(routes!(servers::distrust_authority))
        .routes(routes!(servers::set_server_proxy))
        .routes(routes!(users::list_users, users::add_user))
        .routes(routes!(users::change_user))
        .routes(routes!(users::reset_user));
    OpenApiRouter::with_openapi(Document::openapi()).nest(ROOT, below)
}

/// Its routes.
pub fn router() -> Router<AppState> {
    let (routes, _) = documented().split_for_parts();
    let document = Json(document());
    routes
        .route("/api/v1/openapi.json", axum::routing::get(move || std::future::ready(document.clone())))
        .route("/api/v1/{*rest}", axum::routing::any(async || Problem::not_found()))
}

/// Those of its routes whose answers may take minutes to begin.
pub fn lasting_router() -> Router<AppState> {
    lasting().split_for_parts().0
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    documented().merge(lasting()).split_for_parts().1
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_as_reviewed() {
        insta::assert_json_snapshot!(super::document(), { ".info.version" => "[version]" });
    }
}
