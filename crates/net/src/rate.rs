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

/// What an answer says about the rest of a server's allowance (`RateLimit-…`, GitLab contract §6; `X-RateLimit-…`,
/// GitHub's REST, "Rate limits").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allowance {
    /// Requests that may still be sent in this window.
    remaining: i64,
    /// All requests of this window.
    all: i64,
    /// When the next window begins.
    reset: Millis,
}

impl Allowance {
    /// None where a header is missing or makes no sense. `RateLimit-Limit` is given for a minute, whatever the window;
    /// what was used and what is left are of the window itself.
    fn from_headers(headers: &HeaderMap, now: Millis) -> Option<Self> {
        let header = |name: String| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        let number = |word: &str| header(format!("ratelimit-{word}")).or_else(|| header(format!("x-ratelimit-{word}")));
        let remaining = number("remaining")?.max(0);
        let all = match number("observed") {
            Some(observed) => remaining.saturating_add(observed.max(0)),
            None => number("limit")?,
        };
        let reset = Retry::At(number("reset")?.saturating_mul(1000)).until(now);
        (all >= remaining && reset > now).then_some(Self { remaining, all, reset })
    }

    /// Whether at most `percent` of it is left.
    const fn is_down_to(&self, percent: i64) -> bool {
        self.remaining.saturating_mul(100) <= self.all.saturating_mul(percent)
    }
}

/// Remembers for each host (name and port) until when it wants no request, and how much of its allowance is left. A
/// clone shares the memory.
#[derive(Debug, Clone, Default)]
pub struct RateGate(Arc<Mutex<HashMap<String, Standing>>>);

#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    paused_until: Option<Millis>,
    allowance: Option<Allowance>,
}

impl RateGate {
    /// Notes what an answer of `host` says; returns the pause it asks for.
    pub fn record(&self, host: &str, headers: &HeaderMap, status: StatusCode, now: Millis) -> Option<Millis> {
        if let Some(allowance) = Allowance::from_headers(headers, now) {
            self.change(host, |standing| standing.allowance = Some(allowance));
        }
        let until = rate_limit(headers, status, now)?;
        self.pause(host, until);
        Some(until)
    }

    /// Closes the gate of `host` until `until`; an earlier, longer pause stays.
    pub fn pause(&self, host: &str, until: Millis) {
        self.change(host, |standing| standing.paused_until = standing.paused_until.max(Some(until)));
    }

    /// Until when `host` must not be asked; none: the gate is open.
    #[must_use]
    pub fn paused_until(&self, host: &str, now: Millis) -> Option<Millis> {
        self.standing(host)?.paused_until.filter(|until| *until > now)
    }

    /// Until when at most `percent` of the allowance of `host` is left, by its last answer: who can wait leaves that to
    /// those who cannot. None: there is more, or the host tells nothing about it.
    #[must_use]
    pub fn reserve_until(&self, host: &str, percent: i64, now: Millis) -> Option<Millis> {
        let allowance = self.standing(host)?.allowance?;
        (allowance.reset > now && allowance.is_down_to(percent)).then_some(allowance.reset)
    }

    fn standing(&self, host: &str) -> Option<Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host).copied()
    }

    fn change(&self, host: &str, change: impl FnOnce(&mut Standing)) {
        let mut standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(standings.entry(host.to_owned()).or_default());
    }
}
