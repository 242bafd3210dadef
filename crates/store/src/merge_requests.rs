//! Merge requests, their commits and reviewers.

use model::{Mention, MergeRequest, MergeRequestState, Millis, ObjectId, Reviewer};

use crate::rows::{MaybeWord, Word};
use crate::{Result, Store, WriteTx};

/// A merge request to write.
#[derive(Debug, Clone)]
pub struct NewMergeRequest {
    /// The merge request.
    pub merge_request: MergeRequest,
    /// Where its commits begin: they are `head --not base`.
    pub base: Option<ObjectId>,
    /// Whether head and base are final (it was merged).
    pub frozen: bool,
    /// Its commits, newest first; none leaves them as they are. Those that the store does not know are left out.
    pub commits: Option<Vec<ObjectId>>,
    /// What its title, description and source branch name.
    pub mentions: Vec<Mention>,
}

/// What a sync needs to know of a merge request of the store.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredMergeRequest {
    /// Inner id.
    pub id: i64,
    /// The number people see.
    pub number: i64,
    /// Its state.
    #[sqlx(try_from = "Word<MergeRequestState>")]
    pub state: MergeRequestState,
    /// Its newest commit.
    #[sqlx(try_from = "MaybeWord<ObjectId>")]
    pub head: Option<ObjectId>,
    /// Where its commits begin.
    #[sqlx(try_from = "MaybeWord<ObjectId>")]
    pub base: Option<ObjectId>,
    /// Whether head and base are final.
    pub frozen: bool,
    /// When it last changed.
    pub updated_at: Millis,
    /// The `updated_at` for which its reviewers were read.
    pub reviewed_at: Option<Millis>,
    /// When the forge first denied that it exists.
    pub gone_at: Option<Millis>,
}

impl WriteTx {
    /// Writes merge requests. What one names is what its texts name and what the messages of its commits name; issue links
    /// follow the texts, so an edited title adds and removes links. Answers how many links were not there before.
    pub async fn merge_requests_put(
        &mut self,
        repository_id: i64,
        merge_requests: &[NewMergeRequest],
        rule_version: i64,
        now: Millis,
    ) -> Result<u64> { todo!() }

    /// Writes who reviews it, read when it had last changed at `updated_at`.
    pub async fn merge_request_reviewed(
        &mut self,
        repository_id: i64,
        number: i64,
        reviewers: &[Reviewer],
        updated_at: Millis,
    ) -> Result<()> { todo!() }

    /// Marks merge requests that the forge says do not exist; they lose their issue links.
    pub async fn merge_requests_gone(&mut self, repository_id: i64, numbers: &[i64], now: Millis) -> Result<()> { todo!() }
}

impl Store {
    /// The merge requests of a repository in order of their numbers, gone ones included.
    pub async fn merge_request_heads(&self, repository_id: i64) -> Result<Vec<StoredMergeRequest>> { todo!() }

    /// Numbers of merge requests with issue links whose reviewers were not read since they changed, newest change first.
    pub async fn merge_requests_to_review(&self, repository_id: i64, limit: i64) -> Result<Vec<i64>> { todo!() }
}
