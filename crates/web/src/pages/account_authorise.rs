//! Letting an account in again: by the application that it has, by another, or by an access token. Everything else of
//! the account stays as it is.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use model::secret::SecretString;
use serde::Deserialize;
use store::Viewer;
use sync::connect::{self, ConnectError, Keys};

use crate::end_date::end_of_token;
use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw_leaving, redirect};
use crate::sentences::{self, Sentence};
use crate::state::AppState;

use super::account::view_of;
use super::account_view::AccountView;
use super::add_account::sentence_of;

#[derive(Template)]
#[template(path = "account_authorise.html")]
struct AuthorisePage {
    frame: Frame,
    account: AccountView,
    client_id: String,
    ends_on: String,
    error: Option<FormError>,
}

struct FormError {
    field: &'static str,
    sentence: Sentence,
}

#[derive(Deserialize)]
pub struct Application {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: SecretString,
    /// Whether another application is meant than the one that the account has.
    #[serde(default)]
    another: bool,
}

#[derive(Deserialize)]
pub struct Token {
    #[serde(default)]
    token: SecretString,
    /// The day on which it ends (2026-12-31), where the forge does not tell.
    #[serde(default)]
    ends_on: String,
}

impl AuthorisePage {
    /// The error that belongs to a field.
    fn error_at(&self, field: &str) -> Option<&Sentence> {
        self.error.as_ref().filter(|error| error.field == field).map(|error| &error.sentence)
    }

    fn has_error_at(&self, field: &str) -> bool {
        self.error_at(field).is_some()
    }

    /// The error that belongs to none of the fields here.
    fn error_elsewhere(&self) -> Option<&Sentence> {
        const FIELDS: [&str; 4] = ["client_id", "client_secret", "token", "ends_on"];
        self.error.as_ref().filter(|error| !FIELDS.contains(&error.field)).map(|error| &error.sentence)
    }
}

/// The ways to let it in.
pub async fn show(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let account = authorised_account(&state, &page.frame, id).await?;
    let (client_id, ends_on) = (String::new(), String::new());
    draw_leaving(StatusCode::OK, &AuthorisePage { frame: page.frame, account, client_id, ends_on, error: None })
}

/// Sends the browser to the forge's consent page.
pub async fn submit(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Application>,
) -> PageResult {
    let account = authorised_account(&state, &page.frame, id).await?;
    let client_id = form.client_id.clone();
    let keys = form.another.then_some(Keys { client_id: form.client_id, client_secret: form.client_secret });
    let callback = page.frame.visit.address.absolute("/oauth/callback");
    match connect::begin_again(state.engine(), id, keys, &callback, page.user.id).await {
        Ok(url) => Ok(Redirect::to(url.as_str()).into_response()),
        Err(error) => {
            let error = Some(form_error(&error));
            with_error(&AuthorisePage { frame: page.frame, account, client_id, ends_on: String::new(), error })
        }
    }
}

/// Puts an access token in place of what lets it in now.
pub async fn submit_token(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Token>,
) -> PageResult {
    let account = authorised_account(&state, &page.frame, id).await?;
    let replaced = match end_of_token(&form.ends_on, page.frame.visit.now) {
        Ok(end) => {
            connect::replace_token(state.engine(), id, &form.token, end).await.map_err(|error| form_error(&error))
        }
        Err(_) => Err(FormError { field: "ends_on", sentence: sentences::token_end_not_understood() }),
    };
    match replaced {
        Ok(()) => Ok(redirect(&page.frame, &format!("/accounts/{id}"))),
        Err(error) => {
            let (client_id, error) = (String::new(), Some(error));
            with_error(&AuthorisePage { frame: page.frame, account, client_id, ends_on: form.ends_on, error })
        }
    }
}

fn form_error(error: &ConnectError) -> FormError {
    let field = error.field().map_or("", connect::Field::as_str);
    FormError { field, sentence: sentence_of(error) }
}

fn with_error(page: &AuthorisePage) -> PageResult {
    draw_leaving(StatusCode::UNPROCESSABLE_ENTITY, page)
}

/// An account that somebody has to let in: a folder is none.
async fn authorised_account(state: &AppState, frame: &Frame, id: i64) -> Result<AccountView, PageError> {
    let account = view_of(state, frame, Viewer::Everything, id).await?;
    if account.is_authorised { Ok(account) } else { Err(PageError::not_found()) }
}
