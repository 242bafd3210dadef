//! The check of the way to a forge, as a page that grows step by step while the check runs.

use std::convert::Infallible;
use std::future::Future;

use askama::Template;
use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use store::Viewer;
use sync::SyncError;
use sync::check::{Report, Stage};
use url::form_urlencoded::byte_serialize;

use crate::check_run::{Seen, Turn, follow};
use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw};
use crate::sentences;
use crate::state::AppState;
use crate::view::lozenge::Lozenge;
use crate::view::prose::Prose;
use crate::view::report::{Step, as_text};

use super::account::view_of;
use super::add_account::Submitted;

/// Where the steps go in the page; what people type cannot contain it, as it is escaped.
const STEPS: &str = "<!--steps-->";

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    frame: Frame,
    form: Fields,
    subject: Option<Subject>,
}

/// What goes back into the form: everything but secrets.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    pub host: String,
    pub host_url: String,
    pub path: String,
    pub client_id: String,
}

/// What is checked.
struct Subject {
    words: String,
    /// The address of its server.
    host_url: String,
    /// The account, where it is one that is connected.
    account: Option<i64>,
}

impl CheckPage {
    fn is_of_account(&self) -> bool {
        self.subject.as_ref().is_some_and(|subject| subject.account.is_some())
    }

    /// What can be chosen: the word in the form, and what people call it.
    #[expect(clippy::unused_self, reason = "templates reach it by the page")]
    const fn hosts(&self) -> &[(&'static str, &'static str)] {
        &[
            ("gitlab", "GitLab Self-Managed"),
            ("gitlab.com", "GitLab.com"),
            ("github", "GitHub Enterprise, or an old GitLab"),
            ("github.com", "GitHub.com"),
            ("folder", "Git folder"),
        ]
    }
}

#[derive(Template)]
#[template(path = "check_verdict.html")]
struct VerdictPart<'a> {
    lozenge: Lozenge,
    failed: Option<Step>,
    text: &'a str,
    /// The page that helps where the certificate or the way is the trouble, and what the link says.
    help: Option<(String, &'static str)>,
}

/// The empty form.
pub async fn show(page: AdministratorPage) -> PageResult {
    let form = Fields { host: "gitlab".to_owned(), ..Fields::default() };
    draw(&CheckPage { frame: page.frame, form, subject: None })
}

/// Checks what was typed; nothing is kept.
pub async fn run(
    State(state): State<AppState>,
    page: AdministratorPage,
    Form(submitted): Form<Submitted>,
) -> PageResult {
    let turn = turn(&state)?;
    let callback = page.frame.visit.address.absolute("/oauth/callback");
    let (target, form) = submitted.target(callback);
    let host_url = target.host_url.trim().to_owned();
    let subject = Subject { words: host_url.clone(), host_url, account: None };
    let page = CheckPage { frame: page.frame, form, subject: Some(subject) };
    let engine = state.engine().clone();
    growing(&state, page, turn, async move |watch| Ok(sync::check::typed(&engine, &target, None, Some(&watch)).await))
}

/// Checks an account that is connected, with what it is connected by.
pub async fn run_account(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let account = view_of(&state, &page.frame, Viewer::Everything, id).await?;
    let turn = turn(&state)?;
    let engine = state.engine().clone();
    let host_url = state.store().account(id).await?.map(|kept| kept.host_url).unwrap_or_default();
    let subject = Subject { words: account.name, host_url, account: Some(id) };
    let page = CheckPage { frame: page.frame, form: Fields::default(), subject: Some(subject) };
    growing(&state, page, turn, async move |watch| sync::check::stored(&engine, id, None, Some(&watch)).await)
}

fn turn(state: &AppState) -> Result<Turn, PageError> {
    let busy = || PageError::new(StatusCode::SERVICE_UNAVAILABLE, sentences::checks_busy());
    state.checks.enter().ok_or_else(busy)
}

/// A page that is sent up to where its steps begin, then each step as it is taken, then the verdict and the rest.
fn growing<C, F>(state: &AppState, page: CheckPage, turn: Turn, check: C) -> PageResult
where
    C: FnOnce(tokio::sync::mpsc::UnboundedSender<Stage>) -> F + Send + 'static,
    F: Future<Output = Result<Report, SyncError>> + Send + 'static,
{
    let html = page.render()?;
    let (head, tail) = html.split_once(STEPS).ok_or_else(PageError::internal)?;
    let (head, tail) = (head.to_owned(), tail.to_owned());
    let servers = page.frame.link("/servers");
    let (words, host_url) = page.subject.map(|subject| (subject.words, subject.host_url)).unwrap_or_default();
    let help = Help { servers, host_url };
    let (sender, pieces) = unbounded();
    let shutdown = state.shutdown().clone();
    tokio::spawn(async move {
        let _turn = turn;
        let written = write(&sender, head, (&words, &help), tail, check);
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = written => {}
        }
    });
    Ok(streamed(Body::from_stream(pieces.map(Ok::<_, Infallible>))))
}

async fn write<C, F>(
    sender: &UnboundedSender<Bytes>,
    head: String,
    (words, help): (&str, &Help),
    tail: String,
    check: C,
) where
    C: FnOnce(tokio::sync::mpsc::UnboundedSender<Stage>) -> F,
    F: Future<Output = Result<Report, SyncError>>,
{
    let send = |html: String| sender.unbounded_send(Bytes::from(html)).is_ok();
    if !send(head) {
        return;
    }
    follow(check, |seen| match seen {
        Seen::Step(stage) => Step::new(stage).render().is_ok_and(send),
        Seen::End(Ok(report)) => send(format!("</ol>{}", verdict(words, help, &report))),
        Seen::End(Err(error)) => send(format!("</ol>{}", given_up(&error))),
    })
    .await;
    send(tail);
}

/// Where settings of the server are kept.
struct Help {
    servers: String,
    host_url: String,
}

impl Help {
    /// The page that helps where the certificate or the way is the trouble, and what the link to it says.
    fn after(&self, failed: &Stage) -> Option<(String, &'static str)> {
        let (part, words) = match failed.stage.as_str() {
            "tls" => ("authority", "Trust an authority for this server"),
            "proxy" | "tcp" => ("proxy", "Choose the proxy for this server"),
            _ => return None,
        };
        let server: String = byte_serialize(self.host_url.as_bytes()).collect();
        Some((format!("{}?server={server}#{part}", self.servers), words))
    }
}

fn verdict(words: &str, help: &Help, report: &Report) -> String {
    let text = as_text(words, report);
    let failed = report.first_failed();
    let help = failed.and_then(|stage| help.after(stage));
    let failed = failed.cloned().map(Step::new);
    let part = VerdictPart { lozenge: Lozenge::verdict(report.verdict), failed, text: &text, help };
    part.render().unwrap_or_default()
}

/// What stands in place of a verdict where the check itself could not go on.
fn given_up(error: &SyncError) -> String {
    tracing::error!(error = error as &dyn std::error::Error, "a check could not go on");
    format!("<p class=\"trouble\" role=\"alert\">{}</p>", Prose(&sentences::engine_failed().happened))
}

/// An answer whose pieces go out as they come: neither compressed here nor held back by a proxy.
fn streamed(body: Body) -> Response {
    const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_ENCODING, "identity"),
        (CACHE_CONTROL, "no-store"),
        (UNBUFFERED, "no"),
    ];
    (headers, body).into_response()
}
