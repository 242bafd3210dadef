//! What administrators do with one repository of an account.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use sync::{Mode, hook, request};

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, redirect};
use crate::session::local_path;
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub struct Link {
    linked: bool,
    #[serde(default)]
    back: String,
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
    #[serde(default)]
    back: String,
}

#[derive(Debug, Deserialize)]
pub struct SmartCommits {
    smart_commits: bool,
    #[serde(default)]
    back: String,
}

#[derive(Debug, Deserialize)]
pub struct Back {
    #[serde(default)]
    back: String,
}

/// Links or unlinks it.
pub async fn link(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, repository_id)): Path<(i64, i64)>,
    Form(form): Form<Link>,
) -> PageResult {
    check_belongs(&state, id, repository_id).await?;
    request::set_linked(state.engine(), id, repository_id, form.linked).await?;
    Ok(to_where_it_was(&page.frame, &form.back))
}

/// Syncs it: what is new, or everything from scratch.
pub async fn sync(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, repository_id)): Path<(i64, i64)>,
    Form(form): Form<Thoroughness>,
) -> PageResult {
    check_belongs(&state, id, repository_id).await?;
    let mode = if form.mode == "full" { Mode::Full } else { Mode::Soft };
    request::sync_repository(state.engine(), repository_id, mode).await?;
    Ok(to_where_it_was(&page.frame, &form.back))
}

/// Stops or resumes syncing it.
pub async fn pause(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, repository_id)): Path<(i64, i64)>,
    Form(form): Form<Pause>,
) -> PageResult {
    check_belongs(&state, id, repository_id).await?;
    if form.paused {
        request::pause_repository(state.engine(), repository_id).await?;
    } else {
        request::resume_repository(state.engine(), repository_id).await?;
    }
    Ok(to_where_it_was(&page.frame, &form.back))
}

/// Lets commands in its commit messages count, or not.
pub async fn set_smart_commits(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, repository_id)): Path<(i64, i64)>,
    Form(form): Form<SmartCommits>,
) -> PageResult {
    check_belongs(&state, id, repository_id).await?;
    state.store().repository_set_smart_commits(id, repository_id, form.smart_commits).await?;
    Ok(to_where_it_was(&page.frame, &form.back))
}

/// Lets what waits for it go before everything else that waits.
pub async fn forward(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, repository_id)): Path<(i64, i64)>,
    Form(form): Form<Back>,
) -> PageResult {
    check_belongs(&state, id, repository_id).await?;
    request::forward_repository(state.engine(), repository_id).await?;
    Ok(to_where_it_was(&page.frame, &form.back))
}

/// Asks the forge to send an event to its web hook; it arrives like any other.
pub async fn test_hook(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, repository_id)): Path<(i64, i64)>,
    Form(form): Form<Back>,
) -> PageResult {
    check_belongs(&state, id, repository_id).await?;
    hook::test(state.engine(), repository_id).await?;
    Ok(to_where_it_was(&page.frame, &form.back))
}

async fn check_belongs(state: &AppState, account_id: i64, repository_id: i64) -> Result<(), PageError> {
    let accounts = state.store().repository_accounts(repository_id).await?;
    if accounts.contains(&account_id) { Ok(()) } else { Err(PageError::not_found()) }
}

fn to_where_it_was(frame: &Frame, back: &str) -> Response {
    redirect(frame, local_path(back))
}
