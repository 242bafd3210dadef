//! What misbehaves on purpose, so that a client can be shown the bad days of a real server.

mod failure;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};
use model::Millis;

use super::git_http;
use super::model::{Deliveries, Model, ProjectId};
use crate::doors::{Doorkeeper, Host};
use failure::Asked;

pub use failure::{Failure, How, TooMany};

/// The switches of a server; all off at the start. Clones share them.
#[derive(Debug, Clone)]
pub struct Switches {
    model: Arc<Model>,
    set: Arc<Mutex<Set>>,
    doorkeeper: Arc<Doorkeeper>,
}

#[derive(Debug, Default)]
struct Set {
    latency: Duration,
    rate_limit: Option<RateLimit>,
    limit_answer: LimitAnswer,
    windows: HashMap<String, (Millis, u64)>,
    failures: Vec<(Failure, u64)>,
    without_repository: HashSet<ProjectId>,
    corrupt_packs: HashSet<ProjectId>,
    group_hooks_refused: Option<StatusCode>,
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

/// What is answered above a [`RateLimit`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LimitAnswer {
    /// An instance's throttle: text, `Retry-After`, and the headers `RateLimit-*`, which ordinary answers have too.
    #[default]
    Throttle,
    /// An endpoint's own limit: JSON and `Retry-After`; ordinary answers say nothing of it.
    Endpoint,
    /// An endpoint's own limit in an older GitLab: text, and nothing that tells how long to wait.
    OldEndpoint,
}

/// Where a caller stands in the present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: RateLimit,
    /// Requests of this window, this one included.
    pub(crate) observed: u64,
    /// When the window ends.
    pub(crate) reset: Millis,
    /// What is answered above the limit.
    pub(crate) answer: LimitAnswer,
}

impl Switches {
    pub(crate) fn new(model: Arc<Model>, doorkeeper: Arc<Doorkeeper>) -> Self {
        Self { model, set: Arc::default(), doorkeeper }
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

    /// Says what is answered above the limit.
    pub fn rate_limit_answer(&self, answer: LimitAnswer) {
        self.set().limit_answer = answer;
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

    /// Damages every pack that git fetches from a project.
    pub fn corrupt_pack(&self, project: ProjectId) {
        self.set().corrupt_packs.insert(project);
    }

    /// Takes the hooks of groups away: with 404, as in an edition that has none, or with 403.
    pub fn no_group_hooks(&self, status: StatusCode) {
        self.set().group_hooks_refused = Some(status);
    }

    /// Refuses hooks to local addresses, as GitLab does until an administrator allows them. Those that are there go on.
    pub fn no_local_hooks(&self) {
        self.model.change_settings(|settings| settings.local_hooks = false);
    }

    /// Lets hooks that fail go on for ever.
    pub fn no_hook_disabling(&self) {
        self.model.change_settings(|settings| settings.hook_disabling = false);
    }

    /// Becomes a GitLab 19.1, whose hooks can be signed (GitLab contract §7.2).
    pub fn signing_tokens(&self) {
        self.model.change_settings(|settings| settings.signing_tokens = true);
    }

    /// Becomes an older GitLab, whose calls of hooks carry nothing that tells a repetition from another event.
    pub fn no_delivery_ids(&self) {
        self.model.change_settings(|settings| settings.delivery_ids = false);
    }

    /// Says what happens to calls of hooks about what happens from now on: they go out at once, twice, never, or are held back
    /// for [`Hooks::release`](super::hooks::Hooks::release).
    pub fn deliveries(&self, deliveries: Deliveries) {
        self.model.change_settings(|settings| settings.deliveries = deliveries);
    }

    /// Lets the host go down, or come up again, and returns once it has. Connections that are open are cut.
    pub async fn host(&self, host: Host) {
        self.doorkeeper.bring(host).await;
    }

    /// Ends all that goes wrong on the way: latency, limits, failures, damaged packs, missing repositories, git without filters
    /// or none, redirects, calls of hooks that are lost, doubled or held back from now on. What is set in GitLab itself (merge
    /// requests off, versions, hooks of groups) stays, and so does a host that is down.
    pub fn all_well(&self) {
        let mut set = self.set();
        *set = Set { group_hooks_refused: set.group_hooks_refused, ..Set::default() };
        drop(set);
        self.deliveries(Deliveries::AtOnce);
    }

    /// How hooks of groups are refused, if they are.
    #[must_use]
    pub fn refused_group_hooks(&self) -> Option<StatusCode> {
        self.set().group_hooks_refused
    }

    /// Whether packs of this project are damaged.
    #[must_use]
    pub fn corrupts_pack(&self, project: ProjectId) -> bool {
        self.set().corrupt_packs.contains(&project)
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
        let (observed, answer) = (counted.1, set.limit_answer);
        Some(Standing { limit, observed, reset: start.saturating_add(window), answer })
    }

    /// How this request is to fail, if it is; counts it for every failure that concerns it.
    pub(crate) fn failure(&self, method: &Method, path: &str) -> Option<How> {
        if self.set().failures.is_empty() {
            return None;
        }
        let asked = Asked { method, path, rest: self.rest_project(path), git: self.git_project(path) };
        let mut found = None;
        for (failure, calls) in self.set().failures.iter_mut().filter(|(it, _)| it.concerns(asked)) {
            *calls += 1;
            found = found.or(failure.how(*calls));
        }
        found
    }

    /// The project that a path of REST is about, by id or encoded full path.
    fn rest_project(&self, path: &str) -> Option<ProjectId> {
        let segment = path.strip_prefix("/api/v4/projects/")?.split('/').next()?;
        if let Ok(id) = segment.parse() {
            return Some(ProjectId(id));
        }
        let (decoded, _) = url::form_urlencoded::parse(segment.as_bytes()).next()?;
        self.model.find_project(&decoded).map(|(project, _)| project.id)
    }

    /// The project that a path of git is about.
    fn git_project(&self, path: &str) -> Option<ProjectId> {
        self.model.find_project(git_http::project_of(path)?).map(|(project, _)| project.id)
    }
}
