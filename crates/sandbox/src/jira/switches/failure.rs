//! Calls that fail on purpose.

use std::ops::RangeInclusive;

use http::{Method, StatusCode};

use crate::path_pattern;

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// This status is answered with an error as Jira words it, nothing is done.
    Status(StatusCode),
    /// Too many requests: nothing is done.
    TooMany(TooMany),
    /// A page with status 200, as of something in front of Jira: nothing is done.
    Html,
    /// The browser is sent to the log-in page: nothing is done.
    LogIn,
    /// Status 200 and an error in the body: nothing is done.
    ErrorInside,
    /// Everything is done, then half of the answer's body comes, as if it were the whole.
    HalfAnswer,
    /// No answer comes until the caller gives up; nothing is done.
    Silence,
    /// Everything is done, then no answer comes until the caller gives up.
    SilenceAfter,
    /// The connection is closed before anything is done.
    DropConnection,
    /// Everything is done, then the connection is closed instead of an answer.
    DropAnswer,
}

/// An answer with status 429 (devinfo contract §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// In how many seconds the window ends, as `X-RateLimit-Reset` tells.
    pub reset_in: Option<u64>,
    /// `RateLimit-Reason`.
    pub reason: Option<Reason>,
}

impl TooMany {
    /// Come back after so many seconds, for a reason.
    #[must_use]
    pub const fn after(seconds: u64, reason: Reason) -> Self {
        Self { retry_after: Some(seconds), reset_in: Some(seconds), reason: Some(reason) }
    }

    /// Nothing tells when to come back.
    #[must_use]
    pub const fn bare() -> Self {
        Self { retry_after: None, reset_in: None, reason: None }
    }
}

/// Which limit was hit (devinfo contract §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `jira-quota-global-based`
    GlobalQuota,
    /// `jira-quota-tenant-based`
    TenantQuota,
    /// `jira-burst-based`
    Burst,
    /// `jira-per-issue-on-write`
    PerIssueOnWrite,
}

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::GlobalQuota => "jira-quota-global-based",
            Self::TenantQuota => "jira-quota-tenant-based",
            Self::Burst => "jira-burst-based",
            Self::PerIssueOnWrite => "jira-per-issue-on-write",
        }
    }
}

/// Calls that are to fail.
#[derive(Debug, Clone)]
pub struct Failure {
    pattern: String,
    numbers: RangeInclusive<u64>,
    how: How,
}

impl Failure {
    /// The n-th call from now on (1 is the next) of a path below the context path; `*` in the pattern stands for any text, and
    /// a method may come first: `POST /rest/api/2/issue/*/comment`.
    #[must_use]
    pub fn nth(pattern: &str, n: u64, how: How) -> Self {
        Self { pattern: pattern.to_owned(), numbers: n..=n, how }
    }

    /// Every call of such a path from now on.
    #[must_use]
    pub fn every(pattern: &str, how: How) -> Self {
        Self { pattern: pattern.to_owned(), numbers: 1..=u64::MAX, how }
    }

    /// The same for the first so many calls only.
    #[must_use]
    pub fn times(self, calls: u64) -> Self {
        Self { numbers: 1..=calls, ..self }
    }

    pub(crate) fn concerns(&self, method: &Method, path: &str) -> bool {
        path_pattern::concerns(&self.pattern, method, path)
    }

    /// How the call with this number fails, if it does.
    pub(crate) fn how(&self, number: u64) -> Option<How> {
        self.numbers.contains(&number).then_some(self.how)
    }
}
