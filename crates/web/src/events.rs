//! Server-sent events at `/api/v1/events`: how far every account is, as it moves.
//!
//! Each event is named `progress` and carries the accounts that changed or run and that the caller may see. The numbers
//! come from the engine's memory, with the words in which pages show them, so that a page draws them without asking
//! again; the store is only asked, every ten seconds at most, what the caller may see.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use axum::routing::get;
use futures::Stream;
use model::Millis;
use serde::Serialize;
use store::Viewer;
use sync::progress::{AccountProgress, Progress};
use tokio::sync::watch;

use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::progress::ProgressView;

/// For how long what the caller may see is remembered: a withdrawn right ends within this, in milliseconds.
const SIGHT_LIFE: Millis = 10_000;

/// Its routes.
pub fn router() -> Router<AppState> {
    Router::new().route("/api/v1/events", get(events))
}

/// One account's numbers in an event.
#[derive(Debug, Serialize)]
struct Line<'a> {
    account: i64,
    running: bool,
    repositories_done: u64,
    repositories_total: u64,
    commits: u64,
    commits_total: u64,
    merge_requests: u64,
    links: u64,
    rate_per_second: f64,
    last_repository: Option<&'a str>,
    eta_seconds: Option<u64>,
    /// The same in words: "importing 17 of 42 repositories".
    sentence: String,
    /// "61,204 commits · 4,310/s · about 12 s left · last: zookeeper".
    numbers: String,
    /// How far a bar is …
    bar: u64,
    /// … and where it ends; at least one.
    bar_total: u64,
}

async fn events(
    State(state): State<AppState>,
    caller: ApiToken,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let progress = state.engine().progress();
    let watcher = Watcher { viewer: caller.viewer, sight: sight(&state, caller.viewer).await?, progress, state };
    let stream = futures::stream::unfold((watcher, true), |(mut watcher, first)| async move {
        let event = watcher.next(first).await?;
        Some((Ok(event), (watcher, false)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

/// Which accounts a caller sees, whether their first import has ended, and since when that is known.
struct Sight {
    accounts: HashMap<i64, bool>,
    known_at: Millis,
}

async fn sight(state: &AppState, viewer: Viewer) -> store::Result<Sight> {
    let accounts = state.store().accounts(viewer).await?;
    Ok(Sight {
        accounts: accounts.into_iter().map(|account| (account.id, account.imported_at.is_some())).collect(),
        known_at: state.now(),
    })
}

struct Watcher {
    state: AppState,
    viewer: Viewer,
    sight: Sight,
    progress: watch::Receiver<Arc<Progress>>,
}

impl Watcher {
    /// The next event; none once the server stops or the store no longer answers: the browser comes back by itself.
    async fn next(&mut self, first: bool) -> Option<Event> {
        if !first {
            let shutdown = self.state.shutdown().clone();
            tokio::select! {
                () = shutdown.cancelled() => return None,
                changed = self.progress.changed() => changed.ok()?,
            }
        }
        if self.state.now() - self.sight.known_at > SIGHT_LIFE {
            self.sight = sight(&self.state, self.viewer).await.ok()?;
        }
        let progress = Arc::clone(&self.progress.borrow_and_update());
        let mut lines: Vec<Line<'_>> = progress
            .accounts
            .iter()
            .filter_map(|(id, account)| Some(line(*id, *self.sight.accounts.get(id)?, account)))
            .collect();
        lines.sort_by_key(|line| line.account);
        Event::default().event("progress").json_data(&lines).ok()
    }
}

fn line(id: i64, imported: bool, account: &AccountProgress) -> Line<'_> {
    let shown = ProgressView::live(imported, account);
    Line {
        account: id,
        running: account.running,
        repositories_done: account.repositories_done,
        repositories_total: account.repositories_total,
        commits: account.commits,
        commits_total: account.commits_total,
        merge_requests: account.merge_requests,
        links: account.links,
        rate_per_second: account.rate_per_second,
        last_repository: account.last_repository.as_deref(),
        eta_seconds: account.eta_seconds,
        sentence: shown.sentence,
        numbers: shown.numbers,
        bar: shown.done,
        bar_total: shown.total,
    }
}
