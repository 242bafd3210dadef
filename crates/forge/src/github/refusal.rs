//! What a host means by an answer that is not 2xx.

use http::{HeaderMap, StatusCode};
use model::Millis;

use crate::github::shapes::Refusal;
use crate::{HookRefusal, Problem, TokenFault, sentences};

/// How long a secondary limit lasts that does not say so, in milliseconds: GitHub asks for at least a minute.
const SECONDARY: Millis = 60_000;
/// The longest reason of a refusal that is passed on, in characters.
const MAX_REASON: usize = 200;

/// The problem that an answer stands for. `body` may be anything, also a proxy's HTML page; none of it is passed on, save
/// the bounded reason for which a web hook is refused.
#[must_use]
pub fn problem(status: StatusCode, headers: &HeaderMap, body: &[u8], path: &str, now: Millis) -> Problem {
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    if let Some(until) = pause(status, headers, &refusal, now) {
        return Problem::RateLimited { until: Some(until) };
    }
    match status.as_u16() {
        401 => Problem::Unauthorised(token_fault(&refusal)),
        403 => forbidden(headers, &refusal),
        404 if lacks_scope(headers) => Problem::InsufficientScope,
        404 => Problem::NotFound,
        409 if refusal.says("is empty") => Problem::NotAvailable,
        410 => Problem::NotAvailable,
        422 if is_about_hooks(path) => hook_refused(&refusal),
        429 => Problem::RateLimited { until: None },
        451 => Problem::Forbidden,
        408 | 409 | 500.. => Problem::Server(status.as_u16()),
        other => Problem::Data(sentences::unexpected_status(other)),
    }
}

/// Until when the host wants no request: the primary limit is told by headers, the secondary one at times by words alone.
fn pause(status: StatusCode, headers: &HeaderMap, refusal: &Refusal, now: Millis) -> Option<Millis> {
    if !matches!(status.as_u16(), 403 | 429 | 503) {
        return None;
    }
    net::rate_limit(headers, status, now).or_else(|| {
        let is_limit = refusal.says("rate limit") || refusal.says("abuse detection");
        is_limit.then_some(now.saturating_add(SECONDARY))
    })
}

fn is_about_hooks(path: &str) -> bool {
    path.split('/').rev().take(3).any(|segment| segment == "hooks")
}

/// GitLab's copy says why; GitHub says "Bad credentials" to everything.
fn token_fault(refusal: &Refusal) -> TokenFault {
    if refusal.says("revoked") {
        TokenFault::Revoked
    } else if refusal.says("expired") {
        TokenFault::Expired
    } else {
        TokenFault::Invalid
    }
}

fn forbidden(headers: &HeaderMap, refusal: &Refusal) -> Problem {
    let sso = headers.get("x-github-sso").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let closed = ["saml enforcement", "access restrictions", "forbids access via", "must grant your"];
    if sso.trim_start().starts_with("required") || closed.iter().any(|words| refusal.says(words)) {
        return Problem::ClosedByOrganisation;
    }
    if refusal.error.as_deref() == Some("insufficient_scope") || lacks_scope(headers) {
        return Problem::InsufficientScope;
    }
    let of_user = ["account was suspended", "account has been", "terms of service"];
    if of_user.iter().any(|words| refusal.says(words)) { Problem::Blocked } else { Problem::Forbidden }
}

/// Whether the token has none of the scopes that would have been accepted. Only classic tokens tell theirs.
fn lacks_scope(headers: &HeaderMap) -> bool {
    let scopes = |name: &str| Some(headers.get(name)?.to_str().ok()?.split(',').map(str::trim));
    let (Some(accepted), Some(granted)) = (scopes("x-accepted-oauth-scopes"), scopes("x-oauth-scopes")) else {
        return false;
    };
    let granted: Vec<&str> = granted.collect();
    let mut accepted = accepted.filter(|scope| !scope.is_empty()).peekable();
    accepted.peek().is_some() && !accepted.any(|scope| granted.contains(&scope))
}

/// A 422 about a hook. The reason is the only thing that tells one from another.
fn hook_refused(refusal: &Refusal) -> Problem {
    let why = if refusal.says("more than") || refusal.says("maximum") {
        HookRefusal::Full
    } else if ["url", "host", "reachable", "redirect"].iter().any(|word| refusal.says(word)) {
        HookRefusal::Address
    } else {
        HookRefusal::Other
    };
    let said = refusal.reasons().collect::<Vec<_>>().join("; ");
    let said: String = said.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    let mut short: String = said.trim().chars().take(MAX_REASON).collect();
    if short.len() < said.trim().len() {
        short.push('…');
    }
    Problem::HookRefused { why, said: short }
}
