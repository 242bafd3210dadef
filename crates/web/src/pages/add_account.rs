//! "Add account": one form, checked before the browser leaves for the forge.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use model::secret::{ExposeSecret as _, SecretString};
use model::{HostKind, Millis};
use serde::Deserialize;
use sync::check::Target;
use sync::connect::{self, Begun, ConnectError, Keys, Method};

use crate::end_date::{NotADayToCome, end_of_token};
use crate::frame::{AdministratorPage, Frame, PageResult, draw_leaving, redirect};
use crate::sentences::{self, Sentence};
use crate::state::AppState;

use super::check::Fields as CheckFields;

/// A card of the form: what it chooses.
struct Card {
    word: &'static str,
    kind: HostKind,
    /// The host's address, where the card alone says it.
    url: Option<&'static str>,
}

const CARDS: [Card; 5] = [
    Card { word: "gitlab", kind: HostKind::Gitlab, url: None },
    Card { word: "gitlab.com", kind: HostKind::Gitlab, url: Some("https://gitlab.com") },
    Card { word: "github", kind: HostKind::Github, url: None },
    Card { word: "github.com", kind: HostKind::Github, url: Some("https://github.com") },
    Card { word: "folder", kind: HostKind::Folder, url: Some("") },
];

#[derive(Template)]
#[template(path = "account_new.html")]
struct AddAccountPage {
    frame: Frame,
    form: Fields,
    error: Option<FormError>,
    existing: Option<i64>,
}

/// What goes back into the form after an error: everything but secrets.
#[derive(Debug, Clone)]
struct Fields {
    host: String,
    host_url: String,
    path: String,
    folder: String,
    method: String,
    client_id: String,
    ends_on: String,
    auto_link: bool,
    smart_commits: bool,
}

struct FormError {
    field: Option<&'static str>,
    sentence: Sentence,
}

#[derive(Deserialize)]
pub struct Submitted {
    #[serde(default)]
    host: String,
    #[serde(default)]
    host_url: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    folder: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: SecretString,
    #[serde(default)]
    token: SecretString,
    /// The day on which the token ends (2026-12-31), where the forge does not tell.
    #[serde(default)]
    ends_on: String,
    #[serde(default)]
    auto_link: bool,
    #[serde(default)]
    smart_commits: bool,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            host: "gitlab".to_owned(),
            host_url: String::new(),
            path: String::new(),
            folder: String::new(),
            method: "oauth".to_owned(),
            client_id: String::new(),
            ends_on: String::new(),
            auto_link: true,
            smart_commits: true,
        }
    }
}

impl AddAccountPage {
    /// The error that belongs to a field.
    fn error_at(&self, field: &str) -> Option<&Sentence> {
        self.error.as_ref().filter(|error| error.field == Some(field)).map(|error| &error.sentence)
    }

    fn has_error_at(&self, field: &str) -> bool {
        self.error_at(field).is_some()
    }

    /// The error that belongs to no field.
    fn error_elsewhere(&self) -> Option<&Sentence> {
        self.error.as_ref().filter(|error| error.field.is_none()).map(|error| &error.sentence)
    }

    const fn has_errors(&self) -> bool {
        self.error.is_some()
    }
}

/// A text that was filled in.
fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A secret that was filled in.
fn filled_secret(secret: SecretString) -> Option<SecretString> {
    Some(secret).filter(|secret| !secret.expose_secret().trim().is_empty())
}

impl Submitted {
    fn card(&self) -> &'static Card {
        CARDS.iter().find(|card| card.word == self.host).unwrap_or(&CARDS[0])
    }

    /// What a check looks at, and what its form shows again: the form need not be complete for that.
    pub fn target(self, redirect_uri: String) -> (Target, CheckFields) {
        let card = self.card();
        let folder = filled(&self.folder).unwrap_or_else(|| self.host_url.clone());
        let typed = if card.kind == HostKind::Folder { folder } else { self.host_url };
        let host_url = card.url.filter(|url| !url.is_empty()).map_or_else(|| typed.clone(), str::to_owned);
        let account = filled(&self.path);
        let fields =
            CheckFields { host: card.word.to_owned(), host_url: typed, path: self.path, client_id: self.client_id };
        let application = filled(&fields.client_id)
            .zip(filled_secret(self.client_secret))
            .map(|(client_id, client_secret)| Keys { client_id, client_secret });
        let token = filled_secret(self.token);
        let redirect_uri = Some(redirect_uri);
        (Target { kind: card.kind, host_url, account, token, application, redirect_uri }, fields)
    }

    /// What the engine is asked, if it can be, and what the form shows again after an error.
    fn split(self, now: Millis) -> (Result<connect::Form, FormError>, Fields) {
        let card = self.card();
        let fields = Fields {
            host: self.host,
            host_url: self.host_url,
            path: self.path,
            folder: self.folder,
            method: self.method,
            client_id: self.client_id,
            ends_on: self.ends_on,
            auto_link: self.auto_link,
            smart_commits: self.smart_commits,
        };
        let kind = card.kind;
        let host_url = card.url.unwrap_or(&fields.host_url).to_owned();
        let authorised = sync::capabilities(kind, &host_url).oauth;
        let path = if authorised { &fields.path } else { &fields.folder }.clone();
        let method = match fields.method.as_str() {
            _ if !authorised => Method::None,
            "token" => match end_of_token(&fields.ends_on, now) {
                Ok(ends_at) => Method::Token { token: self.token, ends_at },
                Err(NotADayToCome) => return (Err(FormError::at_the_end_date()), fields),
            },
            _ => Method::OAuth { client_id: fields.client_id.clone(), client_secret: self.client_secret },
        };
        let (auto_link, smart_commits) = (fields.auto_link, fields.smart_commits);
        (Ok(connect::Form { kind, host_url, path, method, auto_link, smart_commits }), fields)
    }
}

impl FormError {
    fn at_the_end_date() -> Self {
        Self { field: Some("ends_on"), sentence: sentences::token_end_not_understood() }
    }
}

/// The empty form.
pub async fn show(page: AdministratorPage) -> PageResult {
    drawn(&AddAccountPage { frame: page.frame, form: Fields::default(), error: None, existing: None })
}

/// Checks the form and sends the browser to the forge's consent page, or to the confirmation.
pub async fn submit(
    State(state): State<AppState>,
    page: AdministratorPage,
    Form(submitted): Form<Submitted>,
) -> PageResult {
    let (form, fields) = submitted.split(page.frame.visit.now);
    let form = match form {
        Ok(form) => form,
        Err(error) => return with_error(page.frame, fields, error, None),
    };
    let callback = page.frame.visit.address.absolute("/oauth/callback");
    match connect::begin(state.engine(), form, &callback, page.user.id).await {
        Ok(Begun::Authorise { url }) => Ok(Redirect::to(url.as_str()).into_response()),
        Ok(Begun::Confirm { state }) => Ok(redirect(&page.frame, &confirmation_path(&state))),
        Ok(Begun::Added { account_id }) => Ok(redirect(&page.frame, &format!("/accounts/{account_id}"))),
        Err(error) => {
            let existing = match &error {
                ConnectError::AccountExists { id, .. } => Some(*id),
                _ => None,
            };
            let field = error.field().map(connect::Field::as_str);
            with_error(page.frame, fields, FormError { field, sentence: sentence_of(&error) }, existing)
        }
    }
}

/// Where a connection is confirmed.
pub fn confirmation_path(state: &str) -> String {
    let state: String = url::form_urlencoded::byte_serialize(state.as_bytes()).collect();
    format!("/accounts/new/confirm?state={state}")
}

/// What an error of the engine says on a page.
pub fn sentence_of(error: &ConnectError) -> Sentence {
    Sentence::new(error.happened(), error.cause(), error.remedy())
}

fn with_error(frame: Frame, form: Fields, error: FormError, existing: Option<i64>) -> PageResult {
    drawn(&AddAccountPage { frame, form, error: Some(error), existing })
}

fn drawn(page: &AddAccountPage) -> PageResult {
    draw_leaving(if page.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, page)
}
