//! The list of accounts.

use askama::Template;
use axum::extract::State;

use crate::frame::{Frame, PageResult, ReaderPage, draw};
use crate::state::AppState;

use super::account_view::AccountView;

/// How often the page loads itself again without scripts while something moves, in seconds.
pub const RELOAD_SECONDS: u32 = 5;

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    frame: Frame,
    accounts: Vec<AccountView>,
}

/// The accounts that the visitor may see.
pub async fn show(State(state): State<AppState>, page: ReaderPage) -> PageResult {
    let summaries = state.store().account_summaries(page.viewer()).await?;
    let hosts = state.store().hosts().await?;
    let now = page.frame.visit.now;
    let mut accounts = Vec::with_capacity(summaries.len());
    for summary in summaries {
        accounts.push(AccountView::of(&state, summary, &hosts, now).await?);
    }
    let mut frame = page.frame;
    frame.reload_seconds = accounts.iter().any(AccountView::is_moving).then_some(RELOAD_SECONDS);
    draw(&AccountsPage { frame, accounts })
}
