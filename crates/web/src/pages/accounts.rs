//! The list of accounts.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use crate::account_standing::Standings;
use crate::frame::{Frame, PageResult, ReaderPage, draw, draw_leaving};
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

/// The accounts that the visitor may see, by their names.
pub async fn show(State(state): State<AppState>, page: ReaderPage) -> PageResult {
    let summaries = state.store().account_summaries(page.viewer()).await?;
    let hosts = state.store().hosts().await?;
    let standings = Standings::read(&state).await?;
    let now = page.frame.visit.now;
    let mut accounts = Vec::with_capacity(summaries.len());
    for summary in summaries {
        accounts.push(AccountView::of(&state, summary, &hosts, &standings, now).await?);
    }
    accounts.sort_by_cached_key(|account: &AccountView| (account.name.to_lowercase(), account.id));
    let mut frame = page.frame;
    frame.reload_seconds = accounts.iter().any(AccountView::is_moving).then_some(RELOAD_SECONDS);
    let leaves = accounts.iter().any(|account| account.needs_authorisation);
    let page = AccountsPage { frame, accounts };
    // The button at an account that is to be authorised again leads on to the forge's consent page.
    if leaves { draw_leaving(StatusCode::OK, &page) } else { draw(&page) }
}
