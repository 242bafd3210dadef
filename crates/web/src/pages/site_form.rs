//! "Add a Jira", and the settings of one.

use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use sync::site::{self, SiteError};

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw_with_status, redirect};
use crate::state::AppState;

use super::site::{Notes, drawn};
use super::site_fields::{FieldError, Fields, FormView, Submitted};
use super::site_view::present;

#[derive(Template)]
#[template(path = "site_new.html")]
struct AddSitePage {
    frame: Frame,
    form: FormView,
}

/// The empty form.
pub async fn show(State(state): State<AppState>, page: AdministratorPage) -> PageResult {
    draw_form(&state, page.frame, Fields::default(), None).await
}

/// Adds a site and leads to its page, which tells what its test found.
pub async fn add(State(state): State<AppState>, page: AdministratorPage, RawForm(form): RawForm) -> PageResult {
    let submitted = Submitted::read(&form, None);
    let form = match submitted.form(None) {
        Ok(form) => form,
        Err(error) => return draw_form(&state, page.frame, submitted.fields, Some(error)).await,
    };
    match site::add(state.engine(), &form).await {
        Ok(added) => Ok(redirect(&page.frame, &format!("/sites/{}", added.id))),
        Err(error) => {
            let error = refused(error, &submitted.fields)?;
            draw_form(&state, page.frame, submitted.fields, Some(error)).await
        }
    }
}

/// Changes a site; it is tested by what it has then.
pub async fn change(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    RawForm(form): RawForm,
) -> PageResult {
    let site = present(&state, id).await?;
    let submitted = Submitted::read(&form, Some(&site));
    let error = match submitted.form(Some(&site)) {
        Ok(form) => match site::update(state.engine(), id, &form).await {
            Ok(()) => {
                site::test(state.engine(), id).await?;
                return Ok(redirect(&page.frame, &format!("/sites/{id}")));
            }
            Err(error) => refused(error, &submitted.fields)?,
        },
        Err(error) => error,
    };
    let form = FormView::new(&state, submitted.fields, true, Some(error)).await?;
    let notes = Notes { form: Some(form), ..Notes::default() };
    drawn(&state, page.frame, site, notes).await
}

/// What belongs to the form; other failures are pages of their own.
fn refused(error: SiteError, fields: &Fields) -> Result<FieldError, PageError> {
    match error {
        SiteError::Store(_) | SiteError::Sync(_) | SiteError::Missing => Err(error.into()),
        error => Ok(FieldError::of(&error, fields)),
    }
}

async fn draw_form(state: &AppState, frame: Frame, fields: Fields, error: Option<FieldError>) -> PageResult {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = FormView::new(state, fields, false, error).await?;
    draw_with_status(status, &AddSitePage { frame, form })
}
