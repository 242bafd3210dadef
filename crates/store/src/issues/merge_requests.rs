//! The merge requests of an issue.

use model::{ForgeUser, MergeRequestState, Millis, Reviewer};

use super::{Cursor, IssueQuery, PageOf, RepositoryRef};
use crate::{Result, Store};

/// A merge request that names an issue.
#[derive(Debug, Clone)]
pub struct IssueMergeRequest {
    /// Inner id.
    pub id: i64,
    /// The number people see.
    pub number: i64,
    /// The forge's own id over all repositories.
    pub forge_id: String,
    /// Title.
    pub title: String,
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
    /// The repository that the source branch is in, where the viewer may see it.
    pub source_repository: Option<RepositoryRef>,
    /// Its page.
    pub web_url: String,
    /// Comments by people.
    pub comment_count: i64,
    /// Who reviews it.
    pub reviewers: Vec<Reviewer>,
    /// Opened.
    pub created_at: Millis,
    /// Last changed.
    pub updated_at: Millis,
    /// Merged.
    pub merged_at: Option<Millis>,
    /// The repository it is in.
    pub repository: RepositoryRef,
}

impl Store {
    /// The merge requests of an issue, last changed first; `limit` none: all.
    pub async fn issue_merge_requests(
        &self,
        query: &IssueQuery,
        after: Option<Cursor>,
        limit: Option<i64>,
    ) -> Result<PageOf<IssueMergeRequest>> { todo!() }
}
