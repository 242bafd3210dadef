//! What a GitLab means by an answer that is not 2xx (GitLab contract §2.2, §5.2, §6).

use http::{HeaderMap, StatusCode, header};
use model::Millis;

use crate::gitlab::shapes::Refusal;
use crate::{Problem, TokenFault, sentences};

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
