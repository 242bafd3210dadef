//! How much there is of an issue, by host.

use model::{HostKind, Millis};

use super::IssueQuery;
use crate::{Result, Store};

/// What one host has of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostCounts {
    /// The host.
    pub host_id: i64,
    /// Its kind.
    pub host_kind: HostKind,
    /// Its URL.
    pub host_url: String,
    /// Commits; one that is in several repositories of the host counts once.
    pub commits: i64,
    /// Branches.
    pub branches: i64,
    /// Open merge requests.
    pub open: i64,
    /// Merged ones.
    pub merged: i64,
    /// Declined ones.
    pub declined: i64,
    /// When the newest commit was written.
    pub last_commit_at: Option<Millis>,
    /// When a branch last moved.
    pub last_branch_at: Option<Millis>,
    /// When a merge request last changed.
    pub last_merge_request_at: Option<Millis>,
}

impl Store {
    /// What each host has of an issue; hosts with nothing are left out.
    pub async fn issue_counts(&self, query: &IssueQuery) -> Result<Vec<HostCounts>> { todo!() }
}
