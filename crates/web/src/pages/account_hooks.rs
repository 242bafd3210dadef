//! The web hooks of an account, and what they told: the inbox.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use model::Millis;
use model::secret::ExposeSecret;
use serde::Deserialize;
use store::{AccountRepository, Hook, HookState, InboxEvent, Viewer};
use sync::hook;

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, ReaderPage, draw, redirect};
use crate::outlook::Outlook;
use crate::state::AppState;
use crate::view::lozenge::Lozenge;

use super::account::view_of;
use super::account_view::AccountView;

/// How many events are looked at, the newest first.
const MOST_EVENTS: i64 = 500;
/// How many hooks and how many events are shown; the rest is found by searching.
const MOST_SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "account_hooks.html")]
struct HooksPage {
    frame: Frame,
    account: AccountView,
    has_address: bool,
    query: String,
    linked: usize,
    registered: usize,
    hooks: Vec<HookRow>,
    hooks_all: usize,
    events: Vec<EventRow>,
    events_all: usize,
    kept_days: u64,
}

/// A hook that needs a look: the group's, and each that is not registered.
struct HookRow {
    place: String,
    lozenge: Lozenge,
    last_event_at: Option<Millis>,
    error: Option<String>,
    /// What an administrator pastes at the forge; none for readers, and where nothing is to be pasted.
    paste: Option<Paste>,
}

struct Paste {
    element: String,
    url: String,
    secret: String,
}

struct EventRow {
    id: i64,
    received_at: Millis,
    event: String,
    place: String,
    lozenge: Lozenge,
    outcome: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Debug, Deserialize)]
pub struct Which {
    #[serde(default)]
    q: String,
}

/// The hooks and events of an account, if the visitor may see it.
pub async fn show(
    State(state): State<AppState>,
    page: ReaderPage,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let account = view_of(&state, &page.frame, page.viewer(), id).await?;
    if !account.has_hooks {
        return Err(PageError::not_found());
    }
    let query: String = asked.q.trim().chars().take(200).collect();
    let repositories = state.store().account_repositories(page.viewer(), id).await?;
    let paths: HashMap<i64, &str> =
        repositories.iter().map(|row| (row.repository.id, row.repository.path.as_str())).collect();
    let linked: Vec<i64> = linked(&repositories).collect();
    let outlook = Outlook::of_account(&state, id, &linked).await?;
    let shows_secrets = page.viewer() == Viewer::Everything;
    let place = |repository: Option<i64>| place(&paths, &account, repository);
    let wanted = |text: &str| text.to_lowercase().contains(&query.to_lowercase());
    let hooks: Vec<HookRow> = noteworthy(&outlook, &linked)
        .map(|hook| HookRow::new(&state, hook, place(hook.repository_id), shows_secrets))
        .filter(|row| wanted(&row.place))
        .collect();
    let events = state.store().inbox_of_account(page.viewer(), id, MOST_EVENTS).await?;
    let events: Vec<EventRow> = events
        .into_iter()
        .map(|event| EventRow { place: place(event.repository_id), ..EventRow::from(event) })
        .filter(|row| wanted(&row.place) || wanted(&row.event) || row.outcome.as_deref().is_some_and(wanted))
        .collect();
    draw(&HooksPage {
        has_address: state.engine().options().public_url.is_some(),
        kept_days: days(state.engine().options().inbox_age),
        linked: linked.len(),
        registered: outlook.hooked(linked),
        hooks_all: hooks.len(),
        hooks: hooks.into_iter().take(MOST_SHOWN).collect(),
        events_all: events.len(),
        events: events.into_iter().take(MOST_SHOWN).collect(),
        frame: page.frame,
        query,
        account,
    })
}

/// Works an event off once more.
pub async fn replay(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, event_id)): Path<(i64, i64)>,
    axum::Form(which): axum::Form<Which>,
) -> PageResult {
    let event = state.store().inbox_event(event_id).await?.ok_or_else(PageError::not_found)?;
    if !belongs(&state, &event, id).await? {
        return Err(PageError::not_found());
    }
    hook::replay(state.engine(), event_id).await?;
    let query: String = url::form_urlencoded::byte_serialize(which.q.as_bytes()).collect();
    let query = if query.is_empty() { query } else { format!("?q={query}") };
    Ok(redirect(&page.frame, &format!("/accounts/{id}/hooks{query}")))
}

async fn belongs(state: &AppState, event: &InboxEvent, account_id: i64) -> Result<bool, PageError> {
    Ok(match event.repository_id {
        Some(id) => state.store().repository_accounts(id).await?.contains(&account_id),
        None => event.account_id == Some(account_id),
    })
}

fn linked(repositories: &[AccountRepository]) -> impl Iterator<Item = i64> {
    repositories.iter().filter(|row| row.linked).map(|row| row.repository.id)
}

/// The group's hook, and the own hooks that are not registered where the group's does not stand for them.
fn noteworthy<'a>(outlook: &'a Outlook, linked: &'a [i64]) -> impl Iterator<Item = &'a Hook> {
    let own = linked.iter().filter_map(|id| outlook.hook(*id)).filter(|hook| hook.repository_id.is_some());
    outlook.group_hook().into_iter().chain(own.filter(|hook| hook.state != HookState::Registered))
}

fn place(paths: &HashMap<i64, &str>, account: &AccountView, repository: Option<i64>) -> String {
    match repository {
        None => format!("group {}", account.path),
        Some(id) => paths.get(&id).map_or_else(|| "a repository that is gone".to_owned(), |path| (*path).to_owned()),
    }
}

impl HookRow {
    fn new(state: &AppState, hook: &Hook, place: String, shows_secrets: bool) -> Self {
        let paste = (shows_secrets && hook.state == HookState::Manual).then(|| hook::address(state.engine(), hook));
        Self {
            place,
            lozenge: Lozenge::hook(Some(hook)),
            last_event_at: hook.last_event_at,
            // It quotes the address to paste.
            error: hook.error.clone().filter(|_| shows_secrets),
            paste: paste.flatten().map(|url| Paste {
                element: format!("hook-{}", hook.repository_id.unwrap_or_default()),
                url: url.into(),
                secret: hook.secret.expose_secret().to_owned(),
            }),
        }
    }
}

impl From<InboxEvent> for EventRow {
    fn from(event: InboxEvent) -> Self {
        Self {
            id: event.id,
            received_at: event.received_at,
            place: String::new(),
            lozenge: Lozenge::event(event.state),
            outcome: event.outcome,
            event: event.event,
        }
    }
}

fn days(age: Duration) -> u64 {
    age.as_secs().div_ceil(24 * 60 * 60)
}
