//! What single servers need that others do not: authorities to trust, a proxy.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::secret::SecretString;
use serde::Deserialize;
use sync::servers::{self, Authority, Server, ServerAddress, ServerError, ServerProxy};

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw, draw_with_status, redirect};
use crate::sentences::Sentence;
use crate::sentences::server_pages::{address_refused, day, refused};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "servers.html")]
struct ServersPage {
    frame: Frame,
    servers: Vec<ServerView>,
    /// What is written into both forms.
    server: String,
    notes: Notes,
}

/// What was typed and not taken, and why. A proxy is not shown again, as it may hold a password.
#[derive(Default)]
struct Notes {
    authority: Option<(String, Sentence)>,
    proxy: Option<Sentence>,
}

impl ServersPage {
    fn pem(&self) -> &str {
        self.notes.authority.as_ref().map_or("", |(pem, _)| pem)
    }
}

struct ServerView {
    address: String,
    authorities: Vec<AuthorityView>,
    proxy: String,
}

struct AuthorityView {
    subject: String,
    issuer: Option<String>,
    since: String,
    until: String,
    fingerprint: String,
}

impl From<&Authority> for AuthorityView {
    fn from(authority: &Authority) -> Self {
        Self {
            subject: authority.subject.clone(),
            issuer: (authority.issuer != authority.subject).then(|| authority.issuer.clone()),
            since: day(authority.not_before),
            until: day(authority.not_after),
            fingerprint: authority.fingerprint.clone(),
        }
    }
}

impl From<Server> for ServerView {
    fn from(server: Server) -> Self {
        Self {
            address: server.address.to_string(),
            authorities: server.authorities.iter().map(AuthorityView::from).collect(),
            proxy: proxy_words(&server.proxy),
        }
    }
}

fn proxy_words(proxy: &ServerProxy) -> String {
    let none = if *proxy == ServerProxy::Direct { "none" } else { "as for all servers" };
    proxy.shown().unwrap_or_else(|| none.to_owned())
}

#[derive(Template)]
#[template(path = "server_trust.html")]
struct TrustPage {
    frame: Frame,
    address: String,
    authorities: Vec<AuthorityView>,
    pem: String,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    server: String,
}

#[derive(Deserialize)]
pub struct Handed {
    #[serde(default)]
    server: String,
    #[serde(default)]
    pem: String,
}

#[derive(Deserialize)]
pub struct Distrusted {
    server: String,
    fingerprint: String,
}

#[derive(Deserialize)]
pub struct ChosenProxy {
    #[serde(default)]
    server: String,
    #[serde(default)]
    route: String,
    #[serde(default)]
    url: String,
}

/// All of them.
pub async fn show(State(state): State<AppState>, page: AdministratorPage, Query(asked): Query<Asked>) -> PageResult {
    drawn(&state, page.frame, asked.server, StatusCode::OK, Notes::default()).await
}

async fn drawn(state: &AppState, frame: Frame, server: String, status: StatusCode, notes: Notes) -> PageResult {
    let servers = servers::list(state.engine()).await?.into_iter().map(ServerView::from).collect();
    draw_with_status(status, &ServersPage { frame, servers, server, notes })
}

/// Shows what a file holds, to be compared before it is trusted; nothing is kept.
pub async fn read(State(state): State<AppState>, page: AdministratorPage, Form(handed): Form<Handed>) -> PageResult {
    let Ok(address) = handed.server.parse::<ServerAddress>() else {
        return authority_refused(&state, page.frame, handed, address_refused()).await;
    };
    match servers::read(state.engine(), &handed.pem) {
        Ok(authorities) => {
            let pem = authorities.iter().map(|authority| authority.pem.as_str()).collect();
            let authorities = authorities.iter().map(AuthorityView::from).collect();
            draw(&TrustPage { frame: page.frame, address: address.to_string(), authorities, pem })
        }
        Err(error) => {
            let sentence = refused(&ServerError::Authority(error));
            authority_refused(&state, page.frame, handed, sentence).await
        }
    }
}

/// Trusts them, now that they were compared.
pub async fn trust(State(state): State<AppState>, page: AdministratorPage, Form(handed): Form<Handed>) -> PageResult {
    let Ok(address) = handed.server.parse::<ServerAddress>() else {
        return authority_refused(&state, page.frame, handed, address_refused()).await;
    };
    match servers::trust(state.engine(), &address, &handed.pem).await {
        Ok(()) => Ok(redirect(&page.frame, "/servers")),
        Err(ServerError::Sync(error)) => Err(error.into()),
        Err(error) => authority_refused(&state, page.frame, handed, refused(&error)).await,
    }
}

async fn authority_refused(state: &AppState, frame: Frame, handed: Handed, why: Sentence) -> PageResult {
    let notes = Notes { authority: Some((handed.pem, why)), ..Notes::default() };
    drawn(state, frame, handed.server, StatusCode::UNPROCESSABLE_ENTITY, notes).await
}

/// Trusts an authority for a server no more.
pub async fn distrust(
    State(state): State<AppState>,
    page: AdministratorPage,
    Form(form): Form<Distrusted>,
) -> PageResult {
    let address = form.server.parse::<ServerAddress>().map_err(|_| PageError::not_found())?;
    servers::distrust(state.engine(), &address, &form.fingerprint).await?;
    Ok(redirect(&page.frame, "/servers"))
}

/// Says how requests to a server go.
pub async fn set_proxy(
    State(state): State<AppState>,
    page: AdministratorPage,
    Form(form): Form<ChosenProxy>,
) -> PageResult {
    match kept_proxy(&state, &page.frame, &form).await {
        Ok(response) => Ok(response),
        Err(ServerError::Sync(error)) => Err(error.into()),
        Err(error) => proxy_refused(&state, page.frame, form.server, refused(&error)).await,
    }
}

async fn kept_proxy(state: &AppState, frame: &Frame, form: &ChosenProxy) -> Result<Response, ServerError> {
    let address = form.server.parse::<ServerAddress>().map_err(|_| ServerError::Address)?;
    let proxy = match form.route.as_str() {
        "direct" => ServerProxy::Direct,
        "through" => ServerProxy::Through(servers::read_proxy(&SecretString::from(form.url.as_str()))?),
        _ => ServerProxy::Usual,
    };
    servers::set_proxy(state.engine(), &address, proxy).await?;
    Ok(redirect(frame, "/servers"))
}

async fn proxy_refused(state: &AppState, frame: Frame, server: String, why: Sentence) -> PageResult {
    let notes = Notes { proxy: Some(why), ..Notes::default() };
    drawn(state, frame, server, StatusCode::UNPROCESSABLE_ENTITY, notes).await
}
