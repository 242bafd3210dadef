//! Server-sent events at `/api/v1/events`: how far every account is, as it moves.
//!
//! Each event is named `progress` and carries the accounts that changed or run and that the caller may see. The numbers come from the
//! engine's memory; the store is only asked, now and then, what the caller may see.

use std::collections::HashSet;
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
    links: u64,
    rate_per_second: f64,
    last_repository: Option<&'a str>,
    eta_seconds: Option<u64>,
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

/// Which accounts a caller sees, and since when that is known.
struct Sight {
    accounts: HashSet<i64>,
    known_at: Millis,
}

async fn sight(state: &AppState, viewer: Viewer) -> store::Result<Sight> {
    let accounts = state.store().accounts(viewer).await?;
    Ok(Sight { accounts: accounts.into_iter().map(|account| account.id).collect(), known_at: state.now() })
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
            .filter(|(id, _)| self.sight.accounts.contains(id))
            .map(|(id, account)| line(*id, account))
            .collect();
        lines.sort_by_key(|line| line.account);
        Event::default().event("progress").json_data(&lines).ok()
    }
}

fn line(id: i64, account: &AccountProgress) -> Line<'_> {
    Line {
        account: id,
        running: account.running,
        repositories_done: account.repositories_done,
        repositories_total: account.repositories_total,
        commits: account.commits,
        commits_total: account.commits_total,
        links: account.links,
        rate_per_second: account.rate_per_second,
        last_repository: account.last_repository.as_deref(),
        eta_seconds: account.eta_seconds,
    }
}
