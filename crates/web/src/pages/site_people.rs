//! Who authors are in the Jira of a site: one by one, and as a file.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, redirect};
use crate::people_file;
use crate::sentences::site_pages;
use crate::state::AppState;

use super::site::{Notes, PastedFile, TypedPerson, drawn};
use super::site_view::present;

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    written: String,
    #[serde(default)]
    jira_user: String,
}

#[derive(Deserialize)]
pub struct Pasted {
    #[serde(default)]
    file: String,
}

/// Adds a person, or says something else of one.
pub async fn put(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> PageResult {
    let site = present(&state, id).await?;
    match people_file::person(&typed.kind, &typed.written, &typed.jira_user) {
        Ok(person) => {
            state.store().person_alias_put(id, &[person], page.frame.visit.now).await?;
            Ok(to_people(&page.frame, id))
        }
        Err(wrong) => {
            let error = site_pages::person_refused(wrong);
            let Typed { kind, written, jira_user } = typed;
            let person = Some(TypedPerson { kind, written, jira_user, error });
            drawn(&state, page.frame, site, Notes { person, ..Notes::default() }).await
        }
    }
}

/// Keeps everybody of a file, or nobody.
pub async fn put_file(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(pasted): Form<Pasted>,
) -> PageResult {
    let site = present(&state, id).await?;
    match people_file::read(&pasted.file) {
        Ok(people) => {
            state.store().person_alias_put(id, &people, page.frame.visit.now).await?;
            Ok(to_people(&page.frame, id))
        }
        Err(refused) => {
            let file = Some(PastedFile { text: pasted.file, error: site_pages::file_refused(&refused) });
            drawn(&state, page.frame, site, Notes { file, ..Notes::default() }).await
        }
    }
}

/// Forgets a person.
pub async fn remove(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, person_id)): Path<(i64, i64)>,
) -> PageResult {
    present(&state, id).await?;
    state.store().person_alias_delete(id, person_id).await?;
    Ok(to_people(&page.frame, id))
}

/// Everybody as a file.
pub async fn download(State(state): State<AppState>, _: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    present(&state, id).await?;
    let people = state.store().person_aliases(id).await?;
    let file = people_file::write(&people).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a file of people could not be written");
        PageError::internal()
    })?;
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"people.csv\"")];
    Ok((headers, file).into_response())
}

fn to_people(frame: &Frame, id: i64) -> Response {
    redirect(frame, &format!("/sites/{id}#people"))
}
