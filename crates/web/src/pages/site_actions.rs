//! What administrators do with a site.

use axum::Form;
use axum::extract::{Path, State};
use serde::Deserialize;
use sync::site;

use crate::frame::{AdministratorPage, PageResult, redirect};
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub struct Pause {
    paused: bool,
}

/// Tests a site, step by step.
pub async fn test(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    site::test(state.engine(), id).await?;
    Ok(redirect(&page.frame, &format!("/sites/{id}#test")))
}

/// Reads the projects of a site again.
pub async fn read_projects(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    site::refresh_projects(state.engine(), id).await?;
    Ok(redirect(&page.frame, &format!("/sites/{id}")))
}

/// Tells a site nothing, or goes on.
pub async fn pause(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Pause>,
) -> PageResult {
    if form.paused {
        site::pause(state.engine(), id).await?;
    } else {
        site::resume(state.engine(), id).await?;
    }
    Ok(redirect(&page.frame, &format!("/sites/{id}")))
}
