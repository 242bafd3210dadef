//! Calls that fail on purpose.

use std::ops::RangeInclusive;

use http::{Method, StatusCode};

use crate::gitlab::model::ProjectId;
use crate::path_pattern;

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// This status is answered, nothing is done.
    Status(StatusCode),
    /// Too many requests: nothing is done.
    TooMany(TooMany),
    /// Everything is done, then half of the answer's body comes, as if it were the whole.
    HalfAnswer,
    /// No answer comes until the caller gives up; nothing is done.
    Silence,
    /// The connection is closed before anything is done.
    DropConnection,
    /// Everything is done, then the connection is closed instead of an answer.
    DropAnswer,
}

/// An answer with status 429 (GitLab contract §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// Whether the body is JSON; else text.
    pub json: bool,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// In how many seconds the window ends, as the headers `RateLimit-*` tell; none: they are absent.
    pub rate_limit_reset: Option<u64>,
}

impl TooMany {
    /// Of an instance's throttle: text, all headers.
    #[must_use]
    pub const fn throttle(seconds: u64) -> Self {
        Self { json: false, retry_after: Some(seconds), rate_limit_reset: Some(seconds) }
    }

    /// Of an endpoint's own limit: JSON, `Retry-After` alone.
    #[must_use]
    pub const fn endpoint(seconds: u64) -> Self {
        Self { json: true, retry_after: Some(seconds), rate_limit_reset: None }
    }

    /// Of an endpoint's own limit in an older GitLab: text, no header that tells how long to wait.
    #[must_use]
    pub const fn old_endpoint() -> Self {
        Self { json: false, retry_after: None, rate_limit_reset: None }
    }

    /// The same without `Retry-After`.
    #[must_use]
    pub const fn without_retry_after(self) -> Self {
        Self { retry_after: None, ..self }
    }
}

/// Calls that are to fail.
#[derive(Debug, Clone)]
pub struct Failure {
    calls: Calls,
    numbers: RangeInclusive<u64>,
    how: How,
}

/// Which calls.
#[derive(Debug, Clone)]
enum Calls {
    /// Those of a path, and perhaps a method.
    Path(String),
    /// Those of REST about a project.
    Rest(ProjectId),
    /// Those of git to a project.
    Git(ProjectId),
}

/// A call as failures look at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// The project that REST is asked about.
    pub(crate) rest: Option<ProjectId>,
    /// The project that git asks for.
    pub(crate) git: Option<ProjectId>,
}

impl Failure {
    /// The n-th call from now on (1 is the next) of a path; `*` in the pattern stands for any text, and a method may come
    /// first: `POST /oauth/token`, `/api/v4/projects/*/merge_requests`.
    #[must_use]
    pub fn nth(pattern: &str, n: u64, how: How) -> Self {
        Self { calls: Calls::Path(pattern.to_owned()), numbers: n..=n, how }
    }

    /// Every call of such a path from now on.
    #[must_use]
    pub fn every(pattern: &str, how: How) -> Self {
        Self { calls: Calls::Path(pattern.to_owned()), numbers: 1..=u64::MAX, how }
    }

    /// Every call of REST about one project from now on, by id or path.
    #[must_use]
    pub fn rest_of(project: ProjectId, how: How) -> Self {
        Self { calls: Calls::Rest(project), numbers: 1..=u64::MAX, how }
    }

    /// Every call of git to one project from now on.
    #[must_use]
    pub fn git_of(project: ProjectId, how: How) -> Self {
        Self { calls: Calls::Git(project), numbers: 1..=u64::MAX, how }
    }

    /// The same for the first so many calls only.
    #[must_use]
    pub fn times(self, calls: u64) -> Self {
        Self { numbers: 1..=calls, ..self }
    }

    pub(crate) fn concerns(&self, asked: Asked<'_>) -> bool {
        match &self.calls {
            Calls::Path(pattern) => path_pattern::concerns(pattern, asked.method, asked.path),
            Calls::Rest(project) => asked.rest == Some(*project),
            Calls::Git(project) => asked.git == Some(*project),
        }
    }

    /// How the call with this number fails, if it does.
    pub(crate) fn how(&self, number: u64) -> Option<How> {
        self.numbers.contains(&number).then_some(self.how)
    }
}
