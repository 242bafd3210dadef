//! The way back from the forge: the callback, and the confirmation before an account exists.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use model::AccountKind;
use serde::Deserialize;
use sync::connect::{self, Confirmation, ConnectError, Outcome, Warning};

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw, redirect};
use crate::sentences::{self, Sentence};
use crate::state::AppState;
use crate::view::forge_links;
use crate::view::person::Initials;

use super::add_account::{confirmation_path, sentence_of};

#[derive(Template)]
#[template(path = "connect_confirm.html")]
struct ConfirmPage<'a> {
    frame: Frame,
    title: &'static str,
    place: String,
    kind_word: &'static str,
    initials: Initials<'a>,
    warning: Option<Sentence>,
    confirmation: &'a Confirmation,
}

/// What a forge sends back with the browser (RFC 6749 §4.1.2). A forge that keeps the query of the redirect address and adds
/// its own sends the state twice.
#[derive(Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct Returned {
    /// What was given along.
    pub state: String,
    /// After consent.
    pub code: Option<String>,
    /// Without.
    pub error: Option<String>,
    /// The forge's own words.
    pub error_description: Option<String>,
}

impl From<Vec<(String, String)>> for Returned {
    /// Of a parameter that is there twice, the first counts.
    fn from(pairs: Vec<(String, String)>) -> Self {
        let first = |name: &str| pairs.iter().find(|(told, _)| told == name).map(|(_, value)| value.clone());
        Self {
            state: first("state").unwrap_or_default(),
            code: first("code"),
            error: first("error"),
            error_description: first("error_description"),
        }
    }
}

#[derive(Deserialize)]
pub struct Which {
    state: String,
}

/// The browser comes back from the forge.
pub async fn callback(
    State(state): State<AppState>,
    page: AdministratorPage,
    Query(returned): Query<Returned>,
) -> PageResult {
    let outcome = match (returned.code, returned.error) {
        (Some(code), None) => Outcome::Code(code),
        (_, Some(error)) => Outcome::Denied { error, description: returned.error_description },
        (None, None) => return Err(PageError::bad_request(sentences::malformed())),
    };
    let finished = connect::finish(state.engine(), &returned.state, outcome, page.user.id).await;
    let confirmation = finished.map_err(|error| page_error(&error))?;
    if let Some(account_id) = confirmation.existing.filter(|_| confirmation.done) {
        return Ok(redirect(&page.frame, &format!("/accounts/{account_id}")));
    }
    Ok(redirect(&page.frame, &confirmation_path(&confirmation.state)))
}

/// Shows who authorised what, before anything is imported.
pub async fn confirmation(
    State(state): State<AppState>,
    page: AdministratorPage,
    Query(which): Query<Which>,
) -> PageResult {
    let found = connect::confirmation(state.engine(), &which.state, page.user.id).await;
    let confirmation = found.map_err(|error| page_error(&error))?;
    let (title, place) = forge_links::host_title(confirmation.kind, &confirmation.host_url);
    draw(&ConfirmPage {
        frame: page.frame,
        title,
        place,
        kind_word: match confirmation.account.kind {
            AccountKind::Group => "group",
            AccountKind::User => "personal namespace",
            AccountKind::Folder => "folder",
        },
        initials: Initials(&confirmation.authorised_by.name),
        warning: confirmation.warning.map(warning_sentence),
        confirmation: &confirmation,
    })
}

/// Makes the account; its import begins.
pub async fn confirm(State(state): State<AppState>, page: AdministratorPage, Form(which): Form<Which>) -> PageResult {
    let made = connect::confirm(state.engine(), &which.state, page.user.id).await;
    let id = made.map_err(|error| page_error(&error))?;
    Ok(redirect(&page.frame, &format!("/accounts/{id}")))
}

/// Forgets it.
pub async fn cancel(State(state): State<AppState>, page: AdministratorPage, Form(which): Form<Which>) -> PageResult {
    let cancelled = connect::cancel(state.engine(), &which.state, page.user.id).await;
    cancelled.map_err(|error| page_error(&error))?;
    Ok(redirect(&page.frame, "/accounts"))
}

fn warning_sentence(warning: Warning) -> Sentence {
    match warning {
        Warning::Administrator => sentences::authorised_by_administrator(),
        Warning::Person => sentences::authorised_by_person(),
    }
}

fn page_error(error: &ConnectError) -> PageError {
    let status = match error {
        ConnectError::AccountExists { .. } => StatusCode::CONFLICT,
        ConnectError::StateMismatch | ConnectError::AccountGone => StatusCode::GONE,
        ConnectError::Denied { .. } => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_GATEWAY,
    };
    PageError::new(status, sentence_of(error))
}
