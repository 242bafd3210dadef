//! How often the host was called for what, and how long that took.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Probe,
    AccessToken,
    OrganisationRepositories,
    UserRepositories,
    OwnRepositories,
    Repository,
    Branches,
    Commit,
    Events,
    PullRequests,
    PullRequest,
    PullRequestCommits,
    IssueComments,
    ReviewComments,
    RateLimit,
    HookList,
    HookAdd,
    HookRemove,
    User,
    TokenOwner,
}

impl Kind {
    /// Its name in reports.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Probe => "account probe",
            Self::AccessToken => "access token",
            Self::OrganisationRepositories => "organisation repositories",
            Self::UserRepositories => "user repositories",
            Self::OwnRepositories => "own repositories",
            Self::Repository => "repository",
            Self::Branches => "branches",
            Self::Commit => "commit",
            Self::Events => "events",
            Self::PullRequests => "pull requests",
            Self::PullRequest => "pull request",
            Self::PullRequestCommits => "pull request commits",
            Self::IssueComments => "issue comments",
            Self::ReviewComments => "review comments",
            Self::RateLimit => "rate limit",
            Self::HookList => "hook list",
            Self::HookAdd => "hook add",
            Self::HookRemove => "hook remove",
            Self::User => "user",
            Self::TokenOwner => "token owner",
        }
    }
}

/// All calls so far.
#[derive(Debug, Default)]
pub(super) struct Calls(Mutex<BTreeMap<Kind, Made>>);

#[derive(Debug, Default)]
struct Made {
    failed: u64,
    bytes: u64,
    took: Vec<Duration>,
}

/// What calls for one thing came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// How many there were.
    pub count: u64,
    /// How many of them had no answer, or one of status 400 and above.
    pub failed: u64,
    /// The bytes of the answers' bodies.
    pub bytes: u64,
    /// How long they took, one added to the other.
    pub seconds: f64,
    /// What half of them did not exceed.
    pub median_ms: f64,
    /// What 99 % of them did not exceed.
    pub p99_ms: f64,
    /// The longest.
    pub slowest_ms: f64,
}

impl Calls {
    /// Notes a call: what it was for, how long it took, and the length of its answer's body; none: it failed.
    pub(super) fn add(&self, kind: Kind, took: Duration, bytes: u64, failed: bool) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let made = calls.entry(kind).or_default();
        made.failed += u64::from(failed);
        made.bytes += bytes;
        made.took.push(took);
    }

    /// How many there were of all kinds.
    pub(super) fn count(&self) -> u64 {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.values().map(|made| made.took.len() as u64).sum()
    }

    /// What they came to, by the name of their kind.
    pub(super) fn figures(&self) -> BTreeMap<String, Figures> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().map(|(kind, made)| (kind.name().to_owned(), made.figures())).collect()
    }

    /// Begins anew.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Made {
    fn figures(&self) -> Figures {
        let mut sorted = self.took.clone();
        sorted.sort_unstable();
        let milliseconds = |share: usize| {
            let rank = (sorted.len() * share).div_ceil(100).saturating_sub(1);
            sorted.get(rank).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
        };
        Figures {
            count: sorted.len() as u64,
            failed: self.failed,
            bytes: self.bytes,
            seconds: sorted.iter().sum::<Duration>().as_secs_f64(),
            median_ms: milliseconds(50),
            p99_ms: milliseconds(99),
            slowest_ms: milliseconds(100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_nine_of_a_hundred_did_not_exceed_it() {
        let calls = Calls::default();
        for milliseconds in (1..=100).rev() {
            calls.add(Kind::Commit, Duration::from_millis(milliseconds), 10, milliseconds == 7);
        }
        let figures = calls.figures().remove("commit").unwrap();
        assert_eq!((figures.count, figures.failed, figures.bytes), (100, 1, 1_000));
        assert!((figures.median_ms - 50.0).abs() < 1e-6);
        assert!((figures.p99_ms - 99.0).abs() < 1e-6);
        assert!((figures.slowest_ms - 100.0).abs() < 1e-6);
    }
}
