//! When a server wants to be left alone, and until when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use model::Millis;

/// When a server says that it may be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// After this long (`Retry-After: 30`).
    In(Duration),
    /// At this time (`RateLimit-Reset: 1700000000`).
    At(Millis),
}

/// The longest pause that a server can impose: one hour and a minute, so that a wrong header never stops a host for good.
const LONGEST: Millis = 61 * 60 * 1000;
/// What a refusal without any header means: GitLab's windows are one minute (GitLab contract, rate limits).
const UNTOLD: Duration = Duration::from_secs(60);

impl Retry {
    /// Reads the wish of an answer: a 429, a 503 with `Retry-After`, or a spent allowance (`RateLimit-Remaining: 0`).
    #[must_use]
    pub fn from_headers(headers: &HeaderMap, status: StatusCode) -> Option<Self> {
        let refused = status == StatusCode::TOO_MANY_REQUESTS;
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        let may_say_when = refused || matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::FORBIDDEN);
        if may_say_when && let Some(seconds) = number("retry-after") {
            return Some(Self::In(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))));
        }
        let spent = [("ratelimit-remaining", "ratelimit-reset"), ("x-ratelimit-remaining", "x-ratelimit-reset")]
            .into_iter()
            .find(|(remaining, _)| number(remaining) == Some(0));
        match spent.and_then(|(_, reset)| number(reset)) {
            Some(seconds) => Some(Self::At(seconds.saturating_mul(1000))),
            None => refused.then_some(Self::In(UNTOLD)),
        }
    }

    /// The moment meant, seen from `now`; never more than about an hour away.
    #[must_use]
    pub fn until(self, now: Millis) -> Millis {
        let wished = match self {
            Self::In(pause) => now.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(LONGEST)),
            Self::At(moment) => moment,
        };
        wished.clamp(now, now.saturating_add(LONGEST))
    }
}

/// Until when a server wants no request, by what it answered; none: go on.
#[must_use]
pub fn rate_limit(headers: &HeaderMap, status: StatusCode, now: Millis) -> Option<Millis> {
    Retry::from_headers(headers, status).map(|retry| retry.until(now))
}

/// Remembers for each host (name and port) until when it wants no request. A clone shares the memory.
#[derive(Debug, Clone, Default)]
pub struct RateGate(Arc<Mutex<HashMap<String, Millis>>>);

impl RateGate {
    /// Notes what an answer of `host` says; returns the pause it asks for.
    pub fn record(&self, host: &str, headers: &HeaderMap, status: StatusCode, now: Millis) -> Option<Millis> {
        let until = rate_limit(headers, status, now)?;
        self.pause(host, until);
        Some(until)
    }

    /// Closes the gate of `host` until `until`; an earlier, longer pause stays.
    pub fn pause(&self, host: &str, until: Millis) {
        let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = pauses.entry(host.to_owned()).or_insert(until);
        *entry = (*entry).max(until);
    }

    /// Until when `host` must not be asked; none: the gate is open.
    #[must_use]
    pub fn paused_until(&self, host: &str, now: Millis) -> Option<Millis> {
        let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pauses.retain(|_, until| *until > now);
        pauses.get(host).copied()
    }
}
