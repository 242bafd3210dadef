//! The first page: a search box and what happened lately.

use askama::Template;
use axum::extract::State;
use model::Millis;
use store::AccountSummary;

use crate::frame::{Frame, PageResult, ReaderPage, draw};
use crate::state::AppState;
use crate::view::number::counted;

/// How many issues are listed.
const ISSUES: i64 = 24;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    issues: Vec<(String, Millis)>,
    accounts: usize,
    summary: String,
}

/// The first page.
pub async fn show(State(state): State<AppState>, page: ReaderPage) -> PageResult {
    let viewer = page.viewer();
    let accounts = state.store().account_summaries(viewer).await?;
    let issues = state.store().issue_keys_recent(viewer, ISSUES).await?;
    draw(&HomePage { frame: page.frame, issues, accounts: accounts.len(), summary: summary(&accounts) })
}

fn summary(accounts: &[AccountSummary]) -> String {
    let sum = |count: fn(&AccountSummary) -> i64| accounts.iter().map(count).sum::<i64>();
    let under_way = sum(|account| account.waiting + account.syncing);
    let failed = sum(|account| account.failed);
    let mut words = vec![
        counted(sum(|account| account.repositories), "repository", "repositories"),
        format!("{} linked", sum(|account| account.linked)),
    ];
    words.extend((under_way > 0).then(|| format!("{under_way} being synced")));
    words.extend((failed > 0).then(|| format!("{failed} failed")));
    words.join(", ")
}
