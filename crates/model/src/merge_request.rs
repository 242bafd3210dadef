//! Merge requests (GitHub's pull requests are merge requests here).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::mention::{UnknownWord, words};
use crate::{ForgeUser, Millis, ObjectId};

/// The state in Jira's three words (GitLab contract §5.7, "Mapping to Jira's pull-request states").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeRequestState {
    /// Opened or locked.
    Open,
    /// Merged.
    Merged,
    /// Closed without merging.
    Declined,
}

words!(MergeRequestState { Open = "open", Merged = "merged", Declined = "declined" });

/// Someone asked to review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewer {
    /// Who.
    pub user: ForgeUser,
    /// Whether they approved.
    pub approved: bool,
}

/// A merge request as a forge tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRequest {
    /// The forge's own id over all repositories.
    pub forge_id: String,
    /// The number people see, unique in the target repository (GitLab's `iid`).
    pub number: i64,
    /// The forge's id of the target repository.
    pub repository_forge_id: String,
    /// Title.
    pub title: String,
    /// Description; empty when none.
    pub description: String,
    /// State.
    pub state: MergeRequestState,
    /// Whether it is a draft.
    pub draft: bool,
    /// Who opened it.
    pub author: ForgeUser,
    /// The branch it comes from.
    pub source_branch: String,
    /// The branch it goes to.
    pub target_branch: String,
    /// The forge's id of the source repository; none when the fork is gone.
    pub source_repository_forge_id: Option<String>,
    /// Its newest commit; none while the forge prepares it.
    pub head: Option<ObjectId>,
    /// The merge commit, once merged with one.
    pub merge_commit: Option<ObjectId>,
    /// The squash commit, once merged with one.
    pub squash_commit: Option<ObjectId>,
    /// Its page.
    pub web_url: String,
    /// Comments by people.
    pub comment_count: i64,
    /// Reviewers that the list itself tells; approvals come on their own ([`Reviewer`]).
    pub reviewers: Vec<Reviewer>,
    /// Opened.
    pub created_at: Millis,
    /// Last changed; the watermark of the list.
    pub updated_at: Millis,
    /// Merged.
    pub merged_at: Option<Millis>,
    /// Closed.
    pub closed_at: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_the_same_in_text_and_in_json() {
        for state in [MergeRequestState::Open, MergeRequestState::Merged, MergeRequestState::Declined] {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.to_string());
        }
    }
}
