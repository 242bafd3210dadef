//! "Connect a Jira": the values to copy into Jira's own form, and an application without an account.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use model::HostKind;
use model::secret::{ExposeSecret, SecretString};
use serde::Deserialize;
use store::Viewer;
use store::facade::PlacedApplication;
use sync::connect::{self, Keys};

use crate::frame::{AdministratorPage, Frame, PageResult, draw_with_status, redirect};
use crate::sentences::Sentence;
use crate::state::AppState;
use crate::view::forge_links;

use super::add_account::sentence_of;

/// Where the page is.
const PATH: &str = "/accounts/connect-jira";

#[derive(Template)]
#[template(path = "connect_jira.html")]
struct ConnectJiraPage {
    frame: Frame,
    applications: Vec<ApplicationRow>,
    /// What stands in `[facade] allowed_redirects`.
    allowed: Vec<String>,
    address: HostAddress,
    form: Fields,
    error: Option<(Option<&'static str>, Sentence)>,
}

/// What Jira is told as Host URL.
struct HostAddress {
    url: String,
    /// Whether Jira would ask another address: it drops port and path.
    is_dropped: bool,
    /// Whether it is `public_url`.
    is_configured: bool,
}

/// An application that a Jira can connect with.
struct ApplicationRow {
    id: i64,
    title: &'static str,
    place: String,
    client_id: String,
    /// Shown only after a click.
    secret: Option<String>,
    /// Accounts of its host: what Jira can be told as team or user.
    accounts: Vec<String>,
}

/// What goes back into the form after an error: everything but the secret.
#[derive(Default)]
struct Fields {
    host_url: String,
    client_id: String,
}

#[derive(Deserialize)]
pub struct Submitted {
    #[serde(default)]
    host_url: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: SecretString,
}

#[derive(Deserialize)]
pub struct Which {
    application: i64,
}

impl ConnectJiraPage {
    fn error_at(&self, field: &str) -> Option<&Sentence> {
        self.error.as_ref().filter(|(at, _)| *at == Some(field)).map(|(_, sentence)| sentence)
    }

    fn has_error_at(&self, field: &str) -> bool {
        self.error_at(field).is_some()
    }

    fn error_elsewhere(&self) -> Option<&Sentence> {
        self.error.as_ref().filter(|(at, _)| at.is_none()).map(|(_, sentence)| sentence)
    }
}

/// The page.
pub async fn show(State(state): State<AppState>, page: AdministratorPage) -> PageResult {
    drawn(&state, page.frame, StatusCode::OK, Fields::default(), None, None).await
}

/// The page with the secret of one application.
pub async fn show_secret(
    State(state): State<AppState>,
    page: AdministratorPage,
    Form(which): Form<Which>,
) -> PageResult {
    drawn(&state, page.frame, StatusCode::OK, Fields::default(), None, Some(which.application)).await
}

/// Keeps an application that belongs to no account.
pub async fn add_application(
    State(state): State<AppState>,
    page: AdministratorPage,
    Form(submitted): Form<Submitted>,
) -> PageResult {
    let Submitted { host_url, client_id, client_secret } = submitted;
    let keys = Keys { client_id: client_id.clone(), client_secret };
    let callback = page.frame.visit.address.absolute("/oauth/callback");
    match connect::add_application(state.engine(), HostKind::Gitlab, &host_url, &keys, &callback).await {
        Ok(_) => Ok(redirect(&page.frame, PATH)),
        Err(error) => {
            let told = (error.field().map(connect::Field::as_str), sentence_of(&error));
            let fields = Fields { host_url, client_id };
            drawn(&state, page.frame, StatusCode::UNPROCESSABLE_ENTITY, fields, Some(told), None).await
        }
    }
}

async fn drawn(
    state: &AppState,
    frame: Frame,
    status: StatusCode,
    form: Fields,
    error: Option<(Option<&'static str>, Sentence)>,
    shown_secret: Option<i64>,
) -> PageResult {
    let accounts = state.store().accounts(Viewer::Everything).await?;
    let known = state.store().applications().await?;
    let row = |placed: PlacedApplication| {
        let (title, place) = forge_links::host_title(placed.host_kind, &placed.host_url);
        let application = placed.application;
        let on_it = accounts.iter().filter(|account| account.host_id == application.host_id);
        ApplicationRow {
            id: application.id,
            title,
            place,
            secret: (shown_secret == Some(application.id)).then(|| application.secret.expose_secret().to_owned()),
            accounts: on_it.map(|account| account.path.replace('/', "@")).collect(),
            client_id: application.client_id,
        }
    };
    let applications = known.into_iter().map(row).collect();
    let allowed = state.options().facade.allowed_redirects.iter().map(|one| one.as_str().to_owned()).collect();
    let address = HostAddress::of(&frame);
    draw_with_status(status, &ConnectJiraPage { frame, applications, allowed, address, form, error })
}

impl HostAddress {
    fn of(frame: &Frame) -> Self {
        let address = &frame.visit.address;
        let has_port = url::Url::parse(address.origin()).is_ok_and(|url| url.port().is_some());
        Self {
            url: address.absolute(""),
            is_dropped: has_port || !address.prefix().is_empty(),
            is_configured: address.is_configured(),
        }
    }
}
