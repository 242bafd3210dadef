//! All pages and the forms on them.

mod account;
mod account_actions;
mod account_authorise;
mod account_bulk;
mod account_hooks;
mod account_jira;
mod account_listing;
mod account_rows;
mod account_view;
mod accounts;
mod add_account;
mod check;
mod commit_files;
mod connect;
mod connect_jira;
mod deliveries;
mod explain;
mod home;
mod invite;
mod issue;
mod issue_lists;
mod issue_repositories;
mod issue_rows;
mod log_in;
mod own_password;
mod paging;
mod receipts;
mod repository_actions;
mod search;
mod servers;
mod set_up;
mod site;
mod site_actions;
mod site_fields;
mod site_form;
mod site_people;
mod site_removal;
mod site_view;
mod sites;
mod theme;
mod users;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

pub use add_account::sentence_of;
pub use connect::{Returned, callback as connect_callback};
pub use receipts::words as words_of_receipt;

/// The routes of all pages.
pub fn router() -> Router<AppState> {
    Router::new().merge(gate()).merge(account_pages()).merge(site_pages()).merge(issue_pages())
}

/// Where people paste files: these take more than other routes.
pub fn pasting_router() -> Router<AppState> {
    Router::new()
        .route("/sites/{id}/people/file", post(site_people::put_file))
        .route("/servers/read", get(servers::show).post(servers::read))
        .route("/servers/trust", get(servers::show).post(servers::trust))
}

fn gate() -> Router<AppState> {
    Router::new()
        .route("/setup", get(set_up::show).post(set_up::submit))
        .route("/login", get(log_in::show).post(log_in::submit))
        .route("/logout", post(log_in::log_out))
        .route("/invite/{token}", get(invite::show).post(invite::submit))
        .route("/password", get(own_password::show).post(own_password::submit))
        .route("/theme", post(theme::submit))
        .route("/servers", get(servers::show))
        .route("/servers/distrust", post(servers::distrust))
        .route("/servers/proxy", post(servers::set_proxy))
        .route("/deliveries", get(deliveries::show))
        .route("/deliveries/retry", post(deliveries::retry_all))
        .route("/deliveries/{id}/retry", post(deliveries::retry))
        .route("/receipts/{id}/retry", post(receipts::retry))
        .route("/users", get(users::show).post(users::invite))
        .route("/users/{id}/link", post(users::new_link))
        .route("/users/{id}/role", post(users::set_role))
        .route("/users/{id}/disabled", post(users::set_disabled))
}

fn account_pages() -> Router<AppState> {
    Router::new()
        .route("/check", get(check::show).post(check::run))
        .route("/accounts", get(accounts::show))
        .route("/accounts/new", get(add_account::show).post(add_account::submit))
        .route("/accounts/new/confirm", get(connect::confirmation).post(connect::confirm))
        .route("/accounts/new/cancel", post(connect::cancel))
        .route("/accounts/connect-jira", get(connect_jira::show).post(connect_jira::add_application))
        .route("/accounts/connect-jira/secret", post(connect_jira::show_secret))
        .route("/accounts/{id}", get(account::show))
        .route("/accounts/{id}/check", post(check::run_account))
        .route("/accounts/{id}/jira-tokens/{token_id}/revoke", post(account_jira::revoke))
        .route("/accounts/{id}/remove", get(account_actions::ask_removal).post(account_actions::remove))
        .route("/accounts/{id}/refresh", post(account_actions::refresh))
        .route("/accounts/{id}/pause", post(account_actions::pause))
        .route("/accounts/{id}/switches", post(account_actions::set_switches))
        .route("/accounts/{id}/readers", post(account_actions::set_readers))
        .route("/accounts/{id}/repositories/link", get(account_bulk::ask).post(account_bulk::link))
        .route("/accounts/{id}/authorise", get(account_authorise::show).post(account_authorise::submit))
        .route("/accounts/{id}/token", post(account_authorise::submit_token))
        .route("/accounts/{id}/hooks", get(account_hooks::show))
        .route("/accounts/{id}/hooks/events/{event_id}/replay", post(account_hooks::replay))
        .nest("/accounts/{id}/repositories/{repository_id}", repository_forms())
}

fn site_pages() -> Router<AppState> {
    Router::new()
        .route("/sites", get(sites::show).post(site_form::add))
        .route("/sites/new", get(site_form::show))
        .route("/sites/{id}", get(site::show).post(site_form::change))
        .route("/sites/{id}/test", post(site_actions::test))
        .route("/sites/{id}/refresh", post(site_actions::read_projects))
        .route("/sites/{id}/pause", post(site_actions::pause))
        .route("/sites/{id}/remove", get(site_removal::ask).post(site_removal::remove))
        .route("/sites/{id}/people", get(site_people::download).post(site_people::put))
        .route("/sites/{id}/people/{person_id}/remove", post(site_people::remove))
}

fn repository_forms() -> Router<AppState> {
    Router::new()
        .route("/link", post(repository_actions::link))
        .route("/sync", post(repository_actions::sync))
        .route("/pause", post(repository_actions::pause))
        .route("/smart-commits", post(repository_actions::set_smart_commits))
        .route("/forward", post(repository_actions::forward))
        .route("/hook/test", post(repository_actions::test_hook))
}

fn issue_pages() -> Router<AppState> {
    Router::new()
        .route("/", get(home::show))
        .route("/search", get(search::show))
        .route("/explain", get(explain::show))
        .route("/issues/{key}", get(issue::show))
        .route("/issues/{key}/commits/{object_id}/files", get(commit_files::show))
}
