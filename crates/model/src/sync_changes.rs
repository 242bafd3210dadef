//! What a full sync found different from what was stored.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How much a full sync changed. Zeros throughout: everything was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncChanges {
    /// Branches that were missing.
    pub branches_added: u64,
    /// Branches that the forge no longer has.
    pub branches_removed: u64,
    /// Commits that were missing.
    pub commits_added: u64,
    /// Commits that are no longer on a branch or in a merge request.
    pub commits_lost: u64,
    /// Merge requests that were missing.
    pub merge_requests_added: u64,
    /// Merge requests that the forge no longer has.
    pub merge_requests_removed: u64,
    /// Issue links that were missing.
    pub links_added: u64,
    /// Issue links that were too many.
    pub links_removed: u64,
}

impl SyncChanges {
    /// Whether nothing was changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for SyncChanges {
    fn add_assign(&mut self, more: Self) {
        self.branches_added += more.branches_added;
        self.branches_removed += more.branches_removed;
        self.commits_added += more.commits_added;
        self.commits_lost += more.commits_lost;
        self.merge_requests_added += more.merge_requests_added;
        self.merge_requests_removed += more.merge_requests_removed;
        self.links_added += more.links_added;
        self.links_removed += more.links_removed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_add_up() {
        let mut sum = SyncChanges::default();
        assert!(sum.is_empty());
        for _ in 0..2 {
            sum += SyncChanges {
                branches_added: 1,
                branches_removed: 2,
                commits_added: 3,
                commits_lost: 4,
                merge_requests_added: 5,
                merge_requests_removed: 6,
                links_added: 7,
                links_removed: 8,
            };
        }
        let json = r#"{"branches_added":2,"branches_removed":4,"commits_added":6,"commits_lost":8,"merge_requests_added":10,"merge_requests_removed":12,"links_added":14,"links_removed":16}"#;
        assert_eq!(serde_json::to_string(&sum).unwrap(), json);
        assert!(!sum.is_empty());
    }

    #[test]
    fn what_an_older_version_did_not_count_is_none() {
        let read: SyncChanges = serde_json::from_str(r#"{"links_added":3}"#).unwrap();
        assert_eq!(read, SyncChanges { links_added: 3, ..SyncChanges::default() });
    }
}
