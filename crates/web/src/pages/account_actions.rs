//! What administrators do with an account.

use askama::Template;
use axum::Form;
use axum::extract::{Path, RawForm, State};
use axum::response::Response;
use serde::Deserialize;
use store::Viewer;
use sync::request;

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw, redirect};
use crate::sentences::account_pages;
use crate::state::AppState;

use super::account::view_of;
use super::account_view::AccountView;

#[derive(Template)]
#[template(path = "account_remove.html")]
struct RemovePage {
    frame: Frame,
    account: AccountView,
    /// What disappears from issues, one thing a line.
    goes: Vec<String>,
    /// That something stays.
    stays: Option<String>,
    /// The name of each site that it serves, and what that is to forget.
    withdrawn: Vec<(String, String)>,
}

#[derive(Debug, Deserialize)]
pub struct Thoroughness {
    #[serde(default)]
    mode: String,
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

/// Asks whether the account shall really go, and says what goes with it.
pub async fn ask_removal(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let account = view_of(&state, &page.frame, Viewer::Everything, id).await?;
    let removal = state.store().account_removal(id).await?;
    let mut withdrawn = Vec::with_capacity(account.standing.sites.len());
    for site in &account.standing.sites {
        let withdrawal = state.store().account_withdrawal(id, site.id).await?;
        withdrawn.push((site.name.clone(), account_pages::withdrawn(&withdrawal, site.paused)));
    }
    let (goes, stays) = (account_pages::removed(&removal), account_pages::staying(removal.staying));
    draw(&RemovePage { frame: page.frame, account, goes, stays, withdrawn })
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

fn to_account(frame: &Frame, id: i64) -> Response {
    redirect(frame, &format!("/accounts/{id}"))
}
