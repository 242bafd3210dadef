//! What administrators do with one repository of an account.

use axum::Form;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
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

/// The repository that an administrator's address names, which is one of the account's.
pub struct Chosen {
    frame: Frame,
    account_id: i64,
    repository_id: i64,
}

impl Chosen {
    /// Back to where the button was.
    fn back(&self, target: &str) -> Response {
        redirect(&self.frame, local_path(target))
    }
}

impl FromRequestParts<AppState> for Chosen {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let AdministratorPage { frame, .. } = AdministratorPage::from_request_parts(parts, state).await?;
        let Path((account_id, repository_id)) =
            Path::<(i64, i64)>::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let accounts = state.store().repository_accounts(repository_id).await.map_err(PageError::from);
        if accounts.map_err(IntoResponse::into_response)?.contains(&account_id) {
            Ok(Self { frame, account_id, repository_id })
        } else {
            Err(PageError::not_found().into_response())
        }
    }
}

/// Links or unlinks it.
pub async fn link(State(state): State<AppState>, chosen: Chosen, Form(form): Form<Link>) -> PageResult {
    request::set_linked(state.engine(), chosen.account_id, chosen.repository_id, form.linked).await?;
    Ok(chosen.back(&form.back))
}

/// Syncs it: what is new, or everything from scratch.
pub async fn sync(State(state): State<AppState>, chosen: Chosen, Form(form): Form<Thoroughness>) -> PageResult {
    let mode = if form.mode == "full" { Mode::Full } else { Mode::Soft };
    request::sync_repository(state.engine(), chosen.repository_id, mode).await?;
    Ok(chosen.back(&form.back))
}

/// Stops or resumes syncing it.
pub async fn pause(State(state): State<AppState>, chosen: Chosen, Form(form): Form<Pause>) -> PageResult {
    if form.paused {
        request::pause_repository(state.engine(), chosen.repository_id).await?;
    } else {
        request::resume_repository(state.engine(), chosen.repository_id).await?;
    }
    Ok(chosen.back(&form.back))
}

/// Lets commands in its commit messages count, or not.
pub async fn set_smart_commits(
    State(state): State<AppState>,
    chosen: Chosen,
    Form(form): Form<SmartCommits>,
) -> PageResult {
    state.store().repository_set_smart_commits(chosen.account_id, chosen.repository_id, form.smart_commits).await?;
    Ok(chosen.back(&form.back))
}

/// Lets what waits for it go before everything else that waits.
pub async fn forward(State(state): State<AppState>, chosen: Chosen, Form(form): Form<Back>) -> PageResult {
    request::forward_repository(state.engine(), chosen.repository_id).await?;
    Ok(chosen.back(&form.back))
}

/// Asks the forge to send an event to its web hook; it arrives like any other.
pub async fn test_hook(State(state): State<AppState>, chosen: Chosen, Form(form): Form<Back>) -> PageResult {
    hook::test(state.engine(), chosen.repository_id).await?;
    Ok(chosen.back(&form.back))
}
