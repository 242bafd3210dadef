//! An event as it arrives: checked, kept, and answered before anything is done about it.

use std::str::FromStr;

use bytes::Bytes;
use model::HostKind;
use store::{Hook, Lane, NewInboxEvent, StoreError};

use super::{ID_LENGTH, WorkOffInbox, registration};
use crate::Engine;

/// The longest body that is taken, in bytes; forges send no longer ones (GitLab contract §7.1).
pub const LONGEST_BODY: usize = forge::MAX_HOOK_BODY;
/// The longest header that is kept, in characters.
const LONGEST_HEADER: usize = 500;
/// The headers that are kept: what tells of the delivery, and never what lets it in.
const KEPT_HEADERS: [&str; 11] = [
    "x-gitlab-event",
    "x-gitlab-event-uuid",
    "x-gitlab-webhook-uuid",
    "idempotency-key",
    "webhook-id",
    "webhook-timestamp",
    "x-github-event",
    "x-github-delivery",
    "x-github-hook-id",
    "content-type",
    "user-agent",
];

/// A call of a hook's address.
#[derive(Clone)]
pub struct Incoming<'a> {
    /// The kind of host in the address.
    pub kind: &'a str,
    /// The hook's id in the address.
    pub id: &'a str,
    /// Names, in any case, and values.
    pub headers: &'a [(String, String)],
    /// The body as it came; signatures are over its bytes.
    pub body: Bytes,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is in the inbox and will be worked off.
    Kept,
    /// It came before.
    Known,
}

/// Why an event was not taken. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum HookRefused {
    /// There is no such hook (any more).
    #[error("there is no such hook")]
    Unknown,
    /// Its secret or signature is wrong.
    #[error("the secret or the signature of the event is wrong")]
    Forbidden,
    /// Its body is longer than [`LONGEST_BODY`].
    #[error("the event is longer than 25 MB")]
    TooLarge,
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes an event in: checks that it comes from whom the secret was given to, keeps it, and has it worked off. Takes one
/// look-up and one short transaction.
///
/// # Errors
/// [`HookRefused`].
pub async fn receive(engine: &Engine, incoming: Incoming<'_>) -> Result<Received, HookRefused> {
    if incoming.body.len() > LONGEST_BODY {
        return Err(HookRefused::TooLarge);
    }
    let hook = find(engine, &incoming).await?;
    let (header, now) = (|name: &str| header(incoming.headers, name), engine.clock().now());
    if !forge::hook_verify(hook.host_kind, &header, &incoming.body, &hook.secret, now) {
        tracing::warn!(hook = hook.id, "an event with a wrong secret or signature was refused");
        registration::suspect(engine, &hook).await?;
        return Err(HookRefused::Forbidden);
    }
    let delivery_key = forge::hook_delivery_key(hook.host_kind, &header, &incoming.body);
    let event = NewInboxEvent {
        hook_id: hook.id,
        event: forge::hook_event(hook.host_kind, &header).chars().take(LONGEST_HEADER).collect(),
        delivery_key,
        headers: kept(incoming.headers),
        body: text(incoming.body),
    };
    let mut tx = engine.store().begin_write(Lane::Inbox).await?;
    match tx.inbox_put(&event, now).await {
        Ok(Some(_)) => {}
        Ok(None) => {
            tx.commit().await?;
            return Ok(Received::Known);
        }
        // It was taken back a moment ago.
        Err(StoreError::Missing { .. }) => return Err(HookRefused::Unknown),
        Err(error) => return Err(error.into()),
    }
    queue::enqueue(&mut tx, &WorkOffInbox {}, now).await?;
    tx.commit().await?;
    Ok(Received::Kept)
}

async fn find(engine: &Engine, incoming: &Incoming<'_>) -> Result<Hook, HookRefused> {
    let kind = HostKind::from_str(incoming.kind).map_err(|_| HookRefused::Unknown)?;
    let is_id = incoming.id.len() == ID_LENGTH && incoming.id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_id {
        return Err(HookRefused::Unknown);
    }
    let hook = engine.store().hook(incoming.id).await?;
    hook.filter(|hook| hook.host_kind == kind).ok_or(HookRefused::Unknown)
}

/// The first header with this name, in any case.
fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
}

fn kept(headers: &[(String, String)]) -> serde_json::Value {
    let keep = |name: &str| {
        let value: String = header(headers, name)?.chars().take(LONGEST_HEADER).collect();
        Some((name.to_owned(), serde_json::Value::String(without_nul(value))))
    };
    serde_json::Value::Object(KEPT_HEADERS.iter().filter_map(|name| keep(name)).collect())
}

/// A body that is no text is kept as far as it is: it will not be understood, and says so in its outcome.
fn text(body: Bytes) -> String {
    let text =
        String::from_utf8(body.into()).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    without_nul(text)
}

/// PostgreSQL's texts hold no NUL, and neither does JSON.
fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}
