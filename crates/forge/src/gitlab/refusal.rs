//! What a GitLab means by an answer that is not 2xx (GitLab contract §2.2, §5.2, §6).

use http::{HeaderMap, StatusCode, header};
use model::Millis;
use serde_json::Value;

use crate::gitlab::shapes::Refusal;
use crate::{HookRefusal, Problem, TokenFault, sentences};

/// The problem that an answer stands for. `body` may be anything, also a proxy's HTML page; none of it is passed on.
#[must_use]
pub fn problem(status: StatusCode, headers: &HeaderMap, body: &[u8], now: Millis) -> Problem {
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    match status.as_u16() {
        401 => Problem::Unauthorised(token_fault(&refusal.unwrap_or_default(), headers)),
        403 => refusal.map_or(Problem::Forbidden, |refusal| forbidden(&refusal)),
        404 | 410 => not_found(&refusal.unwrap_or_default()),
        429 => Problem::RateLimited { until: net::rate_limit(headers, status, now) },
        503 if headers.contains_key(header::RETRY_AFTER) => {
            Problem::RateLimited { until: net::rate_limit(headers, status, now) }
        }
        408 | 409 | 500.. => Problem::Server(status.as_u16()),
        other => Problem::Data(sentences::unexpected_status(other)),
    }
}

/// Whether this is GitLab's own "403 Forbidden", not a proxy's: on a list of merge requests it says that they are
/// switched off (GitLab contract §5.7).
#[must_use]
pub fn is_gitlabs_own_forbidden(body: &[u8]) -> bool {
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    refusal.and_then(|refusal| refusal.message).is_some_and(|message| message.starts_with("403"))
}

/// The longest reason of a refusal that is passed on, in characters.
const MAX_REASON: usize = 200;

/// Whether a request was about web hooks: only there a 422 is an answer to what somebody set up (GitLab contract §5.10).
#[must_use]
pub fn is_about_hooks(path: &str) -> bool {
    path.split('/').rev().take(4).any(|segment| segment == "hooks")
}

/// Whether a refusal closes one endpoint and not the host: GitLab lets a hook be tested five times a minute (GitLab
/// contract §5.10, §6), and nothing else has to wait for that.
#[must_use]
pub fn is_of_this_endpoint_alone(status: StatusCode, headers: &HeaderMap, path: &str) -> bool {
    let of_the_host = headers.contains_key("ratelimit-limit") || headers.contains_key("ratelimit-name");
    status == StatusCode::TOO_MANY_REQUESTS
        && !of_the_host
        && is_about_hooks(path)
        && path.ends_with("/test/push_events")
}

/// A 422 about a hook. The reason is the only thing that tells one from another.
#[must_use]
pub fn hook_refused(body: &[u8]) -> Problem {
    let said = reason(body);
    let words = said.to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| words.contains(mark));
    let why = if has(&["maximum number"]) {
        HookRefusal::Full
    } else if has(&["invalid url", "url is", "url:", "local network", "localhost", "blocked"]) {
        HookRefusal::Address
    } else if has(&["ensure the"]) {
        HookRefusal::NothingToTell
    } else {
        HookRefusal::Other
    };
    Problem::HookRefused { why, said }
}

/// What GitLab says in `error` or `message`, be it a text, a list, or texts by field; empty where it says nothing.
fn reason(body: &[u8]) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return String::new() };
    let mut said = Vec::new();
    for field in ["error", "message"] {
        texts(fields.get(field), "", &mut said);
    }
    let said: String = said.join("; ").chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    let mut short: String = said.trim().chars().take(MAX_REASON).collect();
    if short.len() < said.trim().len() {
        short.push('…');
    }
    short
}

/// Collects the texts in `value`, each after the name of its field; `base` is no field but the whole.
fn texts(value: Option<&Value>, field: &str, said: &mut Vec<String>) {
    match value {
        Some(Value::String(text)) if matches!(field, "" | "base") => said.push(text.clone()),
        Some(Value::String(text)) => said.push(format!("{field} {text}")),
        Some(Value::Array(items)) => items.iter().for_each(|item| texts(Some(item), field, said)),
        Some(Value::Object(fields)) => fields.iter().for_each(|(name, value)| texts(Some(value), name, said)),
        _ => {}
    }
}

/// The text is the only thing that tells an expired token from a revoked one; it also stands in `WWW-Authenticate`.
fn token_fault(refusal: &Refusal, headers: &HeaderMap) -> TokenFault {
    let header = headers.get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = refusal.error_description.as_deref().unwrap_or(header).to_ascii_lowercase();
    if said.contains("revoked") {
        TokenFault::Revoked
    } else if said.contains("expired") {
        TokenFault::Expired
    } else {
        TokenFault::Invalid
    }
}

fn forbidden(refusal: &Refusal) -> Problem {
    if refusal.error.as_deref() == Some("insufficient_scope") {
        return Problem::InsufficientScope;
    }
    let said = refusal.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let about_the_user = ["your account", "terms of service"].iter().any(|words| said.contains(words));
    if about_the_user { Problem::Blocked } else { Problem::Forbidden }
}

/// Only a visible project says that its *repository* is missing: the feature is off, or nothing was ever pushed
/// (GitLab contract §5.5).
fn not_found(refusal: &Refusal) -> Problem {
    match refusal.message.as_deref() {
        Some("404 Repository Not Found") => Problem::NotAvailable,
        _ => Problem::NotFound,
    }
}
