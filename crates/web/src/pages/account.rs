//! One account: its header, its repositories, who may see it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use store::Viewer;
use store::users::Role;

use crate::account_standing::Standings;
use crate::error::PageError;
use crate::frame::{Frame, PageResult, ReaderPage, draw, draw_leaving};
use crate::outlook::Outlook;
use crate::state::AppState;
use crate::view::activity::Activity;

use super::account_jira::{self, JiraToken};
use super::account_listing::{Asked, Listing};
use super::account_rows::Row;
use super::account_view::AccountView;
use super::accounts::RELOAD_SECONDS;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    account: AccountView,
    activity: Activity,
    listing: Listing,
    shown: Vec<Row>,
    readers: Option<Vec<Reader>>,
    /// How many linked repositories a web hook calls for; none where the host has no hooks.
    hooked: Option<Hooked>,
    /// Which Jiras read it through the facade; none for readers, and where no forge's user could let one in.
    jira_tokens: Option<Vec<JiraToken>>,
}

impl AccountPage {
    /// Where this page lies.
    fn address(&self) -> String {
        self.frame.link(&format!("/accounts/{}", self.account.id))
    }

    /// Where the forms of a repository lie.
    fn forms_of(&self, row: &Row) -> String {
        self.frame.link(&format!("/accounts/{}/repositories/{}", self.account.id, row.id))
    }
}

struct Hooked {
    registered: usize,
    linked: usize,
}

struct Reader {
    id: i64,
    name: String,
    login: String,
    chosen: bool,
}

/// One account, if the visitor may see it.
pub async fn show(
    State(state): State<AppState>,
    page: ReaderPage,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let account = view_of(&state, &page.frame, page.viewer(), id).await?;
    let activity = Activity::of(&state, page.viewer(), id, page.frame.visit.now).await?;
    let list = state.store().account_repository_list(page.viewer(), id).await?;
    let linked: Vec<i64> = list.iter().filter(|row| row.linked).map(|row| row.id).collect();
    let listing = Listing::of(list, &asked);
    let readers = match page.viewer() {
        Viewer::Everything => Some(readers(&state, id).await?),
        Viewer::User(_) => None,
    };
    let jira_tokens = match page.viewer() {
        Viewer::Everything if account.is_authorised => Some(account_jira::tokens(&state, id).await?),
        _ => None,
    };
    let viewer = page.viewer();
    let mut frame = page.frame;
    frame.reload_seconds = account.is_moving().then_some(RELOAD_SECONDS);
    let now = frame.visit.now;
    let repositories = state.store().account_repositories_among(viewer, id, &listing.ids).await?;
    let outlook = Outlook::of_account(&state, id, &listing.ids).await?;
    let hooked = account.has_hooks.then(|| Hooked::of(&outlook, linked));
    let pause = account.host_pause.as_ref();
    let shown = repositories.into_iter().map(|row| Row::new(row, &outlook, pause, now)).collect();
    let leaves = account.needs_authorisation;
    let page = AccountPage { frame, account, activity, listing, shown, readers, hooked, jira_tokens };
    // Its button leads on to the forge's consent page.
    if leaves { draw_leaving(StatusCode::OK, &page) } else { draw(&page) }
}

impl Hooked {
    fn of(outlook: &Outlook, linked: Vec<i64>) -> Self {
        Self { linked: linked.len(), registered: outlook.hooked(linked) }
    }
}

/// The account, or "not found" where the visitor may not see it.
pub async fn view_of(state: &AppState, frame: &Frame, viewer: Viewer, id: i64) -> Result<AccountView, PageError> {
    let summaries = state.store().account_summaries(viewer).await?;
    let summary = summaries.into_iter().find(|summary| summary.account.id == id).ok_or_else(PageError::not_found)?;
    let hosts = state.store().hosts().await?;
    let standings = Standings::read(state).await?;
    AccountView::of(state, summary, &hosts, &standings, frame.visit.now).await
}

/// Every reader, and whether a restricted account names them.
async fn readers(state: &AppState, account_id: i64) -> Result<Vec<Reader>, PageError> {
    let chosen = state.store().account_readers(account_id).await?;
    let users = state.store().users().await?.into_iter().filter(|user| user.role == Role::Reader && !user.disabled);
    Ok(users
        .map(|user| Reader { chosen: chosen.contains(&user.id), id: user.id, name: user.name, login: user.login })
        .collect())
}
