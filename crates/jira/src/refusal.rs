//! What an answer that is none means: by its status, its headers, and at last its body.

use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use model::Millis;
use net::NetError;
use serde_json::Value;
use url::{Position, Url};

use crate::{JiraError, Problem, timestamp, words};

/// The longest pause that an answer can impose: one hour and a minute, so that a wrong header stops nothing for good.
const LONGEST_PAUSE: Millis = 61 * 60 * 1000;

/// An answer without success, its body read as far as it may be.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
    /// Whether credentials were sent.
    pub logged_in: bool,
    /// Whether a change was asked for.
    pub changes: bool,
}

impl Refusal<'_> {
    /// The error that it is.
    pub fn error(&self, now: Millis) -> JiraError {
        let retry_at = matches!(self.status.as_u16(), 429 | 503).then(|| retry_at(self.headers, now)).flatten();
        JiraError {
            problem: self.problem(),
            status: Some(self.status.as_u16()),
            words: words::of_body(self.body),
            may_have_acted: self.changes && self.status.is_server_error(),
            retry_at,
        }
    }

    fn problem(&self) -> Problem {
        match self.status.as_u16() {
            401 | 403 if self.wants_captcha() => Problem::Captcha,
            401 => Problem::Unauthorised,
            403 if self.header("x-seraph-loginreason").contains("AUTHENTICATED_FAILED") => Problem::Unauthorised,
            // An old Jira does not know personal access tokens and takes the request for one of nobody.
            400 | 403 | 404 if self.logged_in && self.header("x-ausername") == "anonymous" => Problem::Unauthorised,
            403 => Problem::Forbidden,
            404 => Problem::NotFound,
            408 | 500..=599 => Problem::Unavailable,
            413 => Problem::TooLarge,
            429 => Problem::RateLimited,
            400..=499 => Problem::Refused,
            _ => Problem::Unreadable,
        }
    }

    fn wants_captcha(&self) -> bool {
        self.header("x-seraph-loginreason").contains("AUTHENTICATION_DENIED")
            || self.header("x-authentication-denied-reason").starts_with("CAPTCHA")
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A redirect: to a page to log in, or to where the site is now. What it names is told without query and user.
pub fn redirected(from: &Url, status: StatusCode, headers: &HeaderMap) -> JiraError {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let to = location.and_then(|location| from.join(location).ok());
    let problem =
        if to.as_ref().is_some_and(|to| is_log_in(from, to)) { Problem::LogInPage } else { Problem::Redirected };
    let named =
        to.map(|to| format!("{}{}", &to[..Position::BeforeUsername], &to[Position::BeforeHost..Position::AfterPath]));
    JiraError {
        status: Some(status.as_u16()),
        words: named.as_deref().and_then(words::clean),
        ..JiraError::of(problem)
    }
}

/// Whether an address is one to log in: a path of Jira's own, Atlassian's, or one of the usual single sign-ons.
fn is_log_in(from: &Url, to: &Url) -> bool {
    const WORDS: [&str; 8] = ["login", "log-in", "logon", "signin", "sign_in", "sign-in", "sso", "saml"];
    const HOSTS: [&str; 3] = ["id.", "sso.", "login."];
    let path = to.path().to_ascii_lowercase();
    let elsewhere = to.host_str() != from.host_str();
    let by_host = elsewhere && to.host_str().is_some_and(|host| HOSTS.iter().any(|begin| host.starts_with(begin)));
    // What stands in both paths (a project called LOGIN) is no sign.
    let asked = from.path().to_ascii_lowercase();
    let is_word = |segment: &str| WORDS.iter().any(|word| segment.starts_with(word));
    by_host || (path.split('/').any(is_word) && !path.ends_with(&asked))
}

/// When Jira may be asked again: `Retry-After` (seconds or a date) and `X-RateLimit-Reset` (ISO 8601), the later one
/// (devinfo contract §6).
fn retry_at(headers: &HeaderMap, now: Millis) -> Option<Millis> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let after = text("retry-after").and_then(|text| match text.parse::<i64>() {
        Ok(seconds) => Some(now.saturating_add(seconds.max(0).saturating_mul(1_000))),
        Err(_) => jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp().as_millisecond()),
    });
    let reset = text("x-ratelimit-reset").and_then(|text| timestamp::read(text).or_else(|| minutes(text)));
    let wished = after.into_iter().chain(reset).max()?;
    Some(wished.clamp(now, now.saturating_add(LONGEST_PAUSE)))
}

/// Atlassian's documentation has times without seconds as well: `2026-03-01T12:00Z`.
fn minutes(text: &str) -> Option<Millis> {
    let with_seconds = format!("{}:00Z", text.strip_suffix('Z')?);
    with_seconds.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// Whether a 429 is about this one issue rather than the whole site (devinfo contract §6).
pub fn is_about_one_issue(headers: &HeaderMap) -> bool {
    headers.get("ratelimit-reason").is_some_and(|reason| reason == "jira-per-issue-on-write")
}

/// Whether Jira itself says that there is no such thing, and not a proxy, or an address that this Jira does not have.
pub fn is_jiras_own_not_found(error: &JiraError, body: &[u8]) -> bool {
    let says = |json: Value| words::has_errors(&json);
    error.problem == Problem::NotFound && serde_json::from_slice(body).is_ok_and(says)
}

/// No answer, or none that came whole.
pub fn network(error: &NetError, changes: bool) -> JiraError {
    let sent = !matches!(
        error,
        NetError::Dns { .. }
            | NetError::Refused { .. }
            | NetError::Tls { .. }
            | NetError::Proxy { .. }
            | NetError::Private { .. }
            | NetError::Settings(_)
    );
    let problem = if matches!(error, NetError::TooLarge { .. }) { Problem::Unreadable } else { Problem::Network };
    JiraError { words: words::clean(&error.to_string()), ..JiraError::of(problem) }.perhaps_done(changes && sent)
}
