//! The branches of an issue.

use model::{Millis, ObjectId};

use super::{Cursor, IssueQuery, PageOf, RepositoryRef};
use crate::{Result, Store, StoredCommit};

/// A branch that names an issue.
#[derive(Debug, Clone)]
pub struct IssueBranch {
    /// Inner id.
    pub id: i64,
    /// Its name without `refs/heads/`.
    pub name: String,
    /// The commit it points at.
    pub head: ObjectId,
    /// That commit, once it is in the store.
    pub head_commit: Option<StoredCommit>,
    /// When the head was last seen to change.
    pub moved_at: Millis,
    /// The repository it is in.
    pub repository: RepositoryRef,
}

impl Store {
    /// The branches of an issue, last moved first; `limit` none: all.
    pub async fn issue_branches(&self, query: &IssueQuery, after: Option<Cursor>, limit: Option<i64>) -> Result<PageOf<IssueBranch>> { todo!() }
}
