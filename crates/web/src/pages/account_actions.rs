//! What administrators do with an account and its repositories.

use askama::Template;
use axum::Form;
use axum::extract::{Path, RawForm, State};
use axum::response::Response;
use serde::Deserialize;
use store::Viewer;
use sync::{Mode, request};

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw, redirect};
use crate::session::local_path;
use crate::state::AppState;

use super::account::view_of;
use super::account_view::AccountView;

#[derive(Template)]
#[template(path = "account_remove.html")]
struct RemovePage {
    frame: Frame,
    account: AccountView,
}

#[derive(Debug, Deserialize)]
pub struct Thoroughness {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    back: String,
}

#[derive(Debug, Deserialize)]
pub struct Pause {
    paused: bool,
}

#[derive(Debug, Deserialize)]
pub struct Switches {
    auto_link: Option<bool>,
    smart_commits: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub struct Link {
    linked: bool,
    #[serde(default)]
    back: String,
}

/// Asks whether the account shall really go.
pub async fn ask_removal(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let account = view_of(&state, &page.frame, Viewer::Everything, id).await?;
    draw(&RemovePage { frame: page.frame, account })
}

/// Removes the account.
pub async fn remove(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    request::remove_account(state.engine(), id).await?;
    Ok(redirect(&page.frame, "/accounts"))
}

/// Reads the repository list again and syncs what is linked.
pub async fn refresh(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Thoroughness>,
) -> PageResult {
    match form.mode.as_str() {
        "full" => request::full_sync_account(state.engine(), id).await?,
        _ => request::refresh_account(state.engine(), id).await?,
    }
    Ok(to_account(&page.frame, id))
}

/// Stops or resumes refreshing.
pub async fn pause(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Pause>,
) -> PageResult {
    if form.paused {
        request::pause(state.engine(), id).await?;
    } else {
        request::resume(state.engine(), id).await?;
    }
    Ok(to_account(&page.frame, id))
}

/// Sets what happens with new repositories; a switch that the form does not name stays.
pub async fn set_switches(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Switches>,
) -> PageResult {
    let account = state.store().account(id).await?.ok_or_else(PageError::not_found)?;
    let auto_link = form.auto_link.unwrap_or(account.auto_link);
    let smart_commits = form.smart_commits.unwrap_or(account.smart_commits);
    state.store().account_set_switches(id, auto_link, smart_commits).await?;
    Ok(to_account(&page.frame, id))
}

/// Opens the account to everybody, or limits it to chosen readers.
pub async fn set_readers(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    RawForm(form): RawForm,
) -> PageResult {
    state.store().account(id).await?.ok_or_else(PageError::not_found)?;
    let mut restricted = false;
    let mut readers = Vec::new();
    for (name, value) in url::form_urlencoded::parse(&form) {
        match name.as_ref() {
            "restricted" => restricted = value == "true",
            "reader" => readers.extend(value.parse::<i64>()),
            _ => {}
        }
    }
    state.store().account_restrict(id, restricted, &readers).await?;
    Ok(to_account(&page.frame, id))
}

/// Links or unlinks a repository.
pub async fn link(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, repository_id)): Path<(i64, i64)>,
    Form(form): Form<Link>,
) -> PageResult {
    check_belongs(&state, id, repository_id).await?;
    request::set_linked(state.engine(), id, repository_id, form.linked).await?;
    Ok(redirect(&page.frame, local_path(&form.back)))
}

/// Syncs one repository: what is new, or everything from scratch.
pub async fn sync(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, repository_id)): Path<(i64, i64)>,
    Form(form): Form<Thoroughness>,
) -> PageResult {
    check_belongs(&state, id, repository_id).await?;
    let mode = if form.mode == "full" { Mode::Full } else { Mode::Soft };
    request::sync_repository(state.engine(), repository_id, mode).await?;
    Ok(redirect(&page.frame, local_path(&form.back)))
}

async fn check_belongs(state: &AppState, account_id: i64, repository_id: i64) -> Result<(), PageError> {
    let accounts = state.store().repository_accounts(repository_id).await?;
    if accounts.contains(&account_id) { Ok(()) } else { Err(PageError::not_found()) }
}

fn to_account(frame: &Frame, id: i64) -> Response {
    redirect(frame, &format!("/accounts/{id}"))
}
