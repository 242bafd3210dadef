//! What a project's script is made of.

use model::Millis;

use super::people::Person;
use crate::gitlab::model::Visibility;
use crate::gitlab::repositories::MergeMethod;

/// So many hours before now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ago(u32);

/// Days and hours before now.
pub(super) const fn ago(days: u32, hours: u32) -> Ago {
    Ago(days * 24 + hours)
}

impl Ago {
    /// The time, seen from `now`.
    pub(super) fn before(self, now: Millis) -> Millis {
        now - Millis::from(self.0) * 3_600_000
    }
}

/// A project and what happened in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script {
    /// The full path of its group.
    pub(super) group: &'static str,
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) visibility: Visibility,
    pub(super) commits: &'static [Commit],
    pub(super) proposals: &'static [Proposal],
}

/// A commit at the end of a branch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Commit {
    pub(super) branch: &'static str,
    /// The branch that this one is made from with this commit.
    pub(super) from: Option<&'static str>,
    pub(super) by: Person,
    pub(super) at: Ago,
    pub(super) message: &'static str,
    /// The files that it touches.
    pub(super) files: &'static [&'static str],
}

/// A commit on a branch that exists, or the very first one.
pub(super) const fn on(
    branch: &'static str,
    by: Person,
    at: Ago,
    message: &'static str,
    files: &'static [&'static str],
) -> Commit {
    Commit { branch, from: None, by, at, message, files }
}

impl Commit {
    /// Lets the commit be the first one of its branch.
    pub(super) const fn from(self, branch: &'static str) -> Self {
        Self { from: Some(branch), ..self }
    }
}

/// A merge request into `main` and what became of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proposal {
    pub(super) source: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) by: Person,
    pub(super) at: Ago,
    pub(super) reviewers: &'static [Person],
    pub(super) happenings: &'static [(Ago, Person, Happening)],
}

/// A merge request without reviewers to which nothing happened yet.
pub(super) const fn propose(by: Person, at: Ago, source: &'static str, title: &'static str) -> Proposal {
    Proposal { source, title, description: "", by, at, reviewers: &[], happenings: &[] }
}

impl Proposal {
    /// With a description.
    pub(super) const fn saying(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// With reviewers.
    pub(super) const fn asking(self, reviewers: &'static [Person]) -> Self {
        Self { reviewers, ..self }
    }

    /// With what happened to it, oldest first.
    pub(super) const fn then(self, happenings: &'static [(Ago, Person, Happening)]) -> Self {
        Self { happenings, ..self }
    }
}

/// Something that somebody did to a merge request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Happening {
    Comment(&'static str),
    Approve,
    Unapprove,
    Merge(MergeMethod),
    /// Merged, and the source branch is gone.
    MergeAndDelete(MergeMethod),
    Close,
    Reopen,
    /// The merge request itself is deleted; the ref of its head stays, as in GitLab.
    Delete,
}
