//! What misbehaves on purpose, so that a client can be shown the bad days of a real Jira.

mod failure;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::model::Millis;
use http::Method;

use super::limits::{Counts, Standing};
use super::model::{EmailVisibility, Model};
use crate::doors::{Doorkeeper, Host};

pub use failure::{Failure, How, Reason, TooMany};

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
    lane_limits: [Option<RateLimit>; 2],
    counts: Counts,
    failures: Vec<(Failure, u64)>,
    renamed_to: Option<String>,
}

/// So many requests in a window of time, for each caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests that are let through.
    pub requests: u64,
    /// The length of the window; windows begin at multiples of it since the epoch.
    pub window: Duration,
}

/// Which bulk writes of development information (their `operationType`): each kind has a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// `NORMAL`
    Normal,
    /// `BACKFILL`
    Backfill,
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

    /// Limits all requests of the APIs; none lifts the limit.
    pub fn rate_limit(&self, limit: Option<RateLimit>) {
        let mut set = self.set();
        set.rate_limit = limit;
        set.counts = Counts::default();
    }

    /// Limits bulk writes of one kind; none lifts the limit.
    pub fn lane_limit(&self, lane: Lane, limit: Option<RateLimit>) {
        let mut set = self.set();
        set.lane_limits[lane as usize] = limit;
        set.counts = Counts::default();
    }

    /// Makes calls fail.
    pub fn fail(&self, failure: Failure) {
        self.set().failures.push((failure, 0));
    }

    /// Takes every [`Failure`] back.
    pub fn fail_no_more(&self) {
        self.set().failures.clear();
    }

    /// Gives the site another address: from now on what is asked of this one is redirected there, GET or not (devinfo contract
    /// §2). The gateway, which knows the site by its cloud id, goes on. None: the site is back.
    pub fn renamed_to(&self, url: Option<&str>) {
        self.set().renamed_to = url.map(|url| url.trim_end_matches('/').to_owned());
    }

    /// Switches time tracking off or on.
    pub fn time_tracking(&self, on: bool) {
        self.model.change_settings(|settings| settings.time_tracking = on);
    }

    /// Shows e-mail addresses, masks them, or hides them.
    pub fn emails(&self, visibility: EmailVisibility) {
        self.model.change_settings(|settings| settings.emails = visibility);
    }

    /// Takes the search of users by permission away, which newer Jiras may do.
    pub fn no_permission_search(&self) {
        self.model.change_settings(|settings| settings.permission_search = false);
    }

    /// Refuses pull requests with status `DRAFT`, which the schema does not have.
    pub fn no_drafts(&self) {
        self.model.change_settings(|settings| settings.drafts = false);
    }

    /// Takes bodies of development information up to so many bytes.
    pub fn largest_body(&self, bytes: usize) {
        self.model.change_settings(|settings| settings.largest_body = bytes);
    }

    /// Ends the life of every OAuth access token of development information.
    pub fn expire_access_tokens(&self) {
        self.model.expire_access_tokens();
    }

    /// Lets the host go down, or come up again, and returns once it has. Connections that are open are cut.
    pub async fn host(&self, host: Host) {
        self.doorkeeper.bring(host).await;
    }

    /// Ends all that goes wrong on the way: latency, limits, failures, the rename. What is set in Jira itself (time tracking,
    /// e-mails, …) stays, and so does a host that is down.
    pub fn all_well(&self) {
        *self.set() = Set::default();
    }

    pub(crate) fn present_latency(&self) -> Duration {
        self.set().latency
    }

    pub(crate) fn present_rename(&self) -> Option<String> {
        self.set().renamed_to.clone()
    }

    /// Counts a request of a caller, when there is a limit.
    pub(crate) fn count(&self, caller: &str, now: Millis) -> Option<Standing> {
        let mut set = self.set();
        let limit = set.rate_limit?;
        Some(set.counts.count(caller, limit, now))
    }

    /// Counts a bulk write, when there is a limit for its kind.
    pub(crate) fn count_bulk(&self, lane: Lane, now: Millis) -> Option<Standing> {
        let mut set = self.set();
        let limit = set.lane_limits[lane as usize]?;
        Some(set.counts.count(&format!("{lane:?}"), limit, now))
    }

    /// How this request is to fail, if it is; counts it for every failure that concerns it.
    pub(crate) fn failure(&self, method: &Method, path: &str) -> Option<How> {
        let mut found = None;
        for (failure, calls) in self.set().failures.iter_mut().filter(|(it, _)| it.concerns(method, path)) {
            *calls += 1;
            found = found.or(failure.how(*calls));
        }
        found
    }
}
