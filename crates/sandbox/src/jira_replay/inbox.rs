//! Where the host's hooks call Jira.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::account::Account;
use super::hooks::INBOX;

/// The longest body that is taken, in bytes: GitHub's own limit.
const LARGEST: usize = 25 << 20;

/// What kind of content a call has: all that Jira looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// A form: changesets are synchronised.
    Form,
    /// JSON: pull requests are synchronised.
    Json,
    /// Anything else is refused.
    Other,
}

/// A call of a hook.
#[derive(Debug, Clone)]
pub struct Received {
    /// The number of the repository in this Jira.
    pub repository: i64,
    /// What made Jira do something.
    pub content: Content,
    /// What Jira does not look at.
    pub headers: HeaderMap,
    /// What Jira does not look at either.
    pub body: String,
}

/// A server on this machine at `/rest/bitbucket/1.0/repository/{id}/sync`. Dropping it stops it.
#[derive(Debug)]
pub struct Inbox {
    url: String,
    state: Arc<Receiving>,
    worked_off: AtomicUsize,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Receiving {
    received: watch::Sender<Vec<Received>>,
    off: AtomicBool,
}

impl Inbox {
    /// Starts on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> std::io::Result<Self> {
        let state = Arc::new(Receiving { received: watch::Sender::new(Vec::new()), off: AtomicBool::new(false) });
        let router = Router::new()
            .route(&format!("{INBOX}/{{id}}/sync"), post(take))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(async move {
            // With a listener that never fails, serving ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, state, worked_off: AtomicUsize::new(0), serving })
    }

    /// Jira's address, for [`JiraOptions::new`](super::JiraOptions::new).
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Switches synchronisation off, when calls are answered with 503, or on again.
    pub fn switch_off(&self, off: bool) {
        self.state.off.store(off, Ordering::Relaxed);
    }

    /// All calls so far, those that were refused among them.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state.received.borrow().clone()
    }

    /// How many calls had this content.
    #[must_use]
    pub fn count(&self, content: Content) -> usize {
        self.state.received.borrow().iter().filter(|call| call.content == content).count()
    }

    /// Waits until so many calls had this content.
    pub async fn wait_for(&self, content: Content, count: usize) {
        let enough = |calls: &Vec<Received>| calls.iter().filter(|call| call.content == content).count() >= count;
        // The sender lives as long as this inbox.
        let _ = self.state.received.subscribe().wait_for(enough).await;
    }

    /// Waits for the next call that nobody worked off yet.
    pub async fn next(&self) -> Option<Received> {
        let at = self.worked_off.fetch_add(1, Ordering::Relaxed);
        let mut changes = self.state.received.subscribe();
        let calls = changes.wait_for(|calls| calls.len() > at).await.ok()?;
        calls.get(at).cloned()
    }

    /// Lets an account do what the calls so far ask for; how many there were.
    pub async fn work_off(&self, account: &mut Account) -> usize {
        let calls = self.received();
        let from = self.worked_off.swap(calls.len(), Ordering::Relaxed).min(calls.len());
        for call in &calls[from..] {
            account.hook_called(call.repository, call.content).await;
        }
        calls.len() - from
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Answers at once; what a call asks for is done later. An unknown repository is not told apart.
async fn take(
    State(state): State<Arc<Receiving>>,
    Path(repository): Path<i64>,
    headers: HeaderMap,
    body: bytes::Bytes,
) -> Response {
    if state.off.load(Ordering::Relaxed) {
        let status = json!({ "status-code": 503, "message": "Synchronization is disabled" });
        return (StatusCode::SERVICE_UNAVAILABLE, Json(status)).into_response();
    }
    let content = content(&headers);
    let body = String::from_utf8_lossy(&body).into_owned();
    state.received.send_modify(|calls| calls.push(Received { repository, content, headers, body }));
    match content {
        Content::Form | Content::Json => StatusCode::OK.into_response(),
        Content::Other => StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
    }
}

fn content(headers: &HeaderMap) -> Content {
    let header = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => Content::Form,
        "application/json" => Content::Json,
        _ => Content::Other,
    }
}
