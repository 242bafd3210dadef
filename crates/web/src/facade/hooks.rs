//! Web hooks: Jira registers two in each repository, and is called after each change.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use store::facade::FacadeHook;
use sync::SyncError;
use sync::facade::{LONGEST_HOOK_URL, MOST_HOOKS};
use url::Url;

use super::entities::hook;
use super::refusal::Refusal;
use super::scope::{NamedForHooks, PathParameters};
use crate::state::AppState;

/// How many kinds of events one may name.
const MOST_EVENTS: usize = 50;
/// The longest name of an event, in bytes.
const LONGEST_EVENT: usize = 100;

/// What a caller wants to be called by (`POST …/hooks` of GitHub).
#[derive(Debug, Deserialize)]
struct Wanted {
    name: Option<String>,
    active: Option<bool>,
    events: Option<Vec<String>>,
    config: Option<Config>,
}

#[derive(Debug, Deserialize)]
struct Config {
    url: Option<String>,
    content_type: Option<String>,
    secret: Option<String>,
}

/// A web hook that can be made.
struct Checked {
    url: Url,
    events: Vec<String>,
    json: bool,
    active: bool,
}

/// The web hooks that this user has in the repository.
pub async fn list(State(state): State<AppState>, named: NamedForHooks) -> Result<Json<Value>, Refusal> {
    let NamedForHooks(named) = named;
    let base = named.base();
    let hooks = state.store().facade_hooks(named.repository.id, named.caller.grant().id).await?;
    Ok(Json(hooks.iter().map(|one| hook(&named.caller, &base, one)).collect()))
}

/// One of them.
pub async fn one(
    State(state): State<AppState>,
    named: NamedForHooks,
    parameters: PathParameters,
) -> Result<Json<Value>, Refusal> {
    let NamedForHooks(named) = named;
    let id: i64 = parameters.number("id")?.parse().map_err(|_| Refusal::NotFound(None))?;
    let hooks = state.store().facade_hooks(named.repository.id, named.caller.grant().id).await?;
    let found = hooks.iter().find(|one| one.id == id).ok_or(Refusal::NotFound(None))?;
    Ok(Json(hook(&named.caller, &named.base(), found)))
}

/// Registers a web hook.
pub async fn add(
    State(state): State<AppState>,
    named: NamedForHooks,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let NamedForHooks(named) = named;
    let wanted = checked(&state, &headers, &body)?;
    let known = state.store().facade_hooks(named.repository.id, named.caller.grant().id).await?;
    refuse_known(&known, &wanted)?;
    let (engine, visitor) = (state.engine(), named.caller.visitor());
    let Checked { url, events, json, active } = wanted;
    let made = sync::facade::hook_add(engine, visitor, named.repository.id, &url, events, json, active).await;
    let made = made.map_err(|error| match error {
        SyncError::Told { sentence } => invalid("config", &sentence),
        error => error.into(),
    })?;
    Ok((StatusCode::CREATED, Json(hook(&named.caller, &named.base(), &made))).into_response())
}

/// Removes a web hook of this user.
pub async fn remove(
    State(state): State<AppState>,
    named: NamedForHooks,
    parameters: PathParameters,
) -> Result<StatusCode, Refusal> {
    let NamedForHooks(named) = named;
    let id: i64 = parameters.number("id")?.parse().map_err(|_| Refusal::NotFound(None))?;
    let removed = sync::facade::hook_remove(state.engine(), named.caller.visitor(), named.repository.id, id).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::NotFound(None)) }
}

fn checked(state: &AppState, headers: &HeaderMap, body: &[u8]) -> Result<Checked, Refusal> {
    let kind = headers.get(CONTENT_TYPE).map_or(Ok("application/json"), |value| value.to_str());
    if !kind.is_ok_and(|kind| kind.to_ascii_lowercase().contains("json")) {
        return Err(Refusal::UnsupportedBody);
    }
    let value: Value = serde_json::from_slice(body).map_err(|_| Refusal::NotJson)?;
    let wanted: Wanted =
        serde_json::from_value(value).map_err(|_| invalid("config", "it has another shape than GitHub's"))?;
    if wanted.name.is_some_and(|name| name != "web") {
        return Err(invalid("name", "only \"web\" is known"));
    }
    let config = wanted.config.ok_or_else(|| invalid("config", "it is missing"))?;
    if config.secret.is_some_and(|secret| !secret.is_empty()) {
        return Err(invalid("secret", "calls are not signed here: register the web hook without a secret"));
    }
    let json = match config.content_type.as_deref() {
        None | Some("form") => false,
        Some("json") => true,
        Some(_) => return Err(invalid("content_type", "only \"json\" and \"form\" are known")),
    };
    Ok(Checked {
        url: target(state, config.url.as_deref())?,
        events: events(wanted.events)?,
        json,
        active: wanted.active.unwrap_or(true),
    })
}

/// The address to call: only where browsers may be sent back to as well.
fn target(state: &AppState, url: Option<&str>) -> Result<Url, Refusal> {
    let text =
        url.filter(|url| url.len() <= LONGEST_HOOK_URL).ok_or_else(|| invalid("url", "it is missing or too long"))?;
    let url = Url::parse(text).map_err(|_| invalid("url", "it is no address"))?;
    if state.options().facade.allowed_redirects.iter().any(|allowed| allowed.covers(&url)) {
        return Ok(url);
    }
    tracing::warn!(
        origin = url.origin().ascii_serialization(),
        "a web hook was refused: its address is not in [facade] allowed_redirects"
    );
    Err(invalid("url", "it is not in [facade] allowed_redirects of Dovetail's configuration"))
}

fn events(events: Option<Vec<String>>) -> Result<Vec<String>, Refusal> {
    let events = events.unwrap_or_else(|| vec!["push".to_owned()]);
    let is_name = |event: &String| {
        let letters = event.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        event == "*" || (!event.is_empty() && event.len() <= LONGEST_EVENT && letters)
    };
    match events.len() {
        1..=MOST_EVENTS if events.iter().all(is_name) => Ok(events),
        _ => Err(invalid("events", "they are names such as \"push\" and \"pull_request\"")),
    }
}

fn refuse_known(known: &[FacadeHook], wanted: &Checked) -> Result<(), Refusal> {
    if known.iter().any(|one| one.url == wanted.url.as_str() && one.json == wanted.json) {
        return Err(invalid("url", "Hook already exists on this repository"));
    }
    if known.len() >= MOST_HOOKS {
        return Err(invalid("url", "there are 20 web hooks in this repository already"));
    }
    Ok(())
}

fn invalid(field: &'static str, message: &str) -> Refusal {
    Refusal::Invalid { resource: "Hook", field, message: message.to_owned() }
}
