//! What misbehaves on purpose, so that a client can be shown the bad days of a real server.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};
use model::Millis;

use super::model::{Model, ProjectId};

/// The switches of a server; all off at the start. Clones share them.
#[derive(Debug, Clone)]
pub struct Switches {
    model: Arc<Model>,
    set: Arc<Mutex<Set>>,
}

#[derive(Debug, Default)]
struct Set {
    latency: Duration,
    rate_limit: Option<RateLimit>,
    windows: HashMap<String, (Millis, u64)>,
    failures: Vec<(Failure, u64)>,
    without_repository: HashSet<ProjectId>,
    redirects: HashMap<ProjectId, String>,
    filters_off: bool,
    git_http_off: bool,
}

/// So many requests in a window of time, for each caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests that are let through.
    pub limit: u64,
    /// The length of the window; windows begin at multiples of it since the epoch.
    pub window: Duration,
}

/// Where a caller stands in the present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: RateLimit,
    /// Requests of this window, this one included.
    pub(crate) observed: u64,
    /// When the window ends.
    pub(crate) reset: Millis,
}

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// This status is answered, nothing is done.
    Status(StatusCode),
    /// The connection is closed before anything is done.
    DropConnection,
    /// Everything is done, then the connection is closed instead of an answer.
    DropAnswer,
}

/// Calls that are to fail.
#[derive(Debug, Clone)]
pub struct Failure {
    pattern: String,
    calls: RangeInclusive<u64>,
    how: How,
}

impl Failure {
    /// The n-th call from now on (1 is the next) of a path; `*` in the pattern stands for any text, and a method may come
    /// first: `POST /oauth/token`, `/api/v4/projects/*/merge_requests`.
    #[must_use]
    pub fn nth(pattern: &str, n: u64, how: How) -> Self {
        Self { pattern: pattern.to_owned(), calls: n..=n, how }
    }

    /// Every call from now on.
    #[must_use]
    pub fn every(pattern: &str, how: How) -> Self {
        Self { pattern: pattern.to_owned(), calls: 1..=u64::MAX, how }
    }

    fn concerns(&self, method: &Method, path: &str) -> bool {
        let pattern = self.pattern.split_once(' ');
        let (wanted, pattern) = pattern.map_or((None, self.pattern.as_str()), |(wanted, path)| (Some(wanted), path));
        wanted.is_none_or(|wanted| wanted == method.as_str()) && matches(pattern, path)
    }
}

/// Whether a path fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut left) = path.strip_prefix(head) else { return false };
    loop {
        if matches(rest, left) {
            return true;
        }
        let Some(character) = left.chars().next() else { return false };
        left = &left[character.len_utf8()..];
    }
}

impl Switches {
    pub(crate) fn new(model: Arc<Model>) -> Self {
        Self { model, set: Arc::default() }
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every request wait.
    pub fn latency(&self, latency: Duration) {
        self.set().latency = latency;
    }

    /// Limits requests of the API, of OAuth tokens and of git (GitLab contract §6); none lifts the limit.
    pub fn rate_limit(&self, limit: Option<RateLimit>) {
        let mut set = self.set();
        set.rate_limit = limit;
        set.windows.clear();
    }

    /// Makes calls fail.
    pub fn fail(&self, failure: Failure) {
        self.set().failures.push((failure, 0));
    }

    /// Takes every [`Failure`] back.
    pub fn fail_no_more(&self) {
        self.set().failures.clear();
    }

    /// Ends the life of every OAuth access token; refresh tokens stay good.
    pub fn expire_tokens(&self) {
        self.model.expire_oauth_tokens();
    }

    /// Revokes every OAuth token with its refresh token.
    pub fn revoke_tokens(&self) {
        self.model.revoke_oauth_tokens();
    }

    /// Switches the merge requests of a project off: their addresses answer 403.
    pub fn merge_requests_off(&self, project: ProjectId) {
        self.model.set_merge_requests_enabled(project, false);
    }

    /// Lets a project be without a repository: 404 over REST and git.
    pub fn no_repository(&self, project: ProjectId) {
        self.set().without_repository.insert(project);
    }

    /// Takes object filters away from git over HTTP.
    pub fn no_filters(&self) {
        self.set().filters_off = true;
    }

    /// Takes git over HTTP away.
    pub fn no_git_http(&self) {
        self.set().git_http_off = true;
    }

    /// Sends git's requests for a project to this address, with 301.
    pub fn redirect(&self, project: ProjectId, to: &str) {
        self.set().redirects.insert(project, to.to_owned());
    }

    /// Whether git over HTTP is off.
    #[must_use]
    pub fn git_http_off(&self) -> bool {
        self.set().git_http_off
    }

    /// Whether git over HTTP has no object filters.
    #[must_use]
    pub fn filters_off(&self) -> bool {
        self.set().filters_off
    }

    /// Where git's requests for this project are sent.
    #[must_use]
    pub fn redirect_of(&self, project: ProjectId) -> Option<String> {
        self.set().redirects.get(&project).cloned()
    }

    /// Whether the project is without a repository.
    #[must_use]
    pub fn has_no_repository(&self, project: ProjectId) -> bool {
        self.set().without_repository.contains(&project)
    }

    pub(crate) fn present_latency(&self) -> Duration {
        self.set().latency
    }

    /// Counts a request of a caller, when there is a limit.
    pub(crate) fn count(&self, caller: &str, now: Millis) -> Option<Standing> {
        let mut set = self.set();
        let limit = set.rate_limit?;
        let window = i64::try_from(limit.window.as_millis()).unwrap_or(i64::MAX).max(1);
        let start = now - now.rem_euclid(window);
        let counted = set.windows.entry(caller.to_owned()).or_insert((start, 0));
        if counted.0 != start {
            *counted = (start, 0);
        }
        counted.1 += 1;
        Some(Standing { limit, observed: counted.1, reset: start.saturating_add(window) })
    }

    /// How this request is to fail, if it is; counts it for every failure that concerns it.
    pub(crate) fn failure(&self, method: &Method, path: &str) -> Option<How> {
        let mut found = None;
        for (failure, calls) in self.set().failures.iter_mut().filter(|(it, _)| it.concerns(method, path)) {
            *calls += 1;
            if failure.calls.contains(calls) {
                found = found.or(Some(failure.how));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("/api/v4/projects/*/merge_requests", "/api/v4/projects/7/merge_requests"));
        assert!(matches("*", ""));
        assert!(matches("/a*b*c", "/abbc"));
        assert!(!matches("/api/v4/projects/*/merge_requests", "/api/v4/projects/7/merge_requests/1"));
        assert!(!matches("/api", "/api/v4"));
    }

    #[test]
    fn a_method_may_come_first() {
        let failure = Failure::nth("POST /oauth/token", 1, How::DropAnswer);
        assert!(failure.concerns(&Method::POST, "/oauth/token"));
        assert!(!failure.concerns(&Method::GET, "/oauth/token"));
    }
}
