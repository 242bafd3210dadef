//! The commits of an issue.

use model::{Millis, Statistics};

use super::{Cursor, IssueQuery, PageOf, RepositoryRef};
use crate::{Result, Store, StoredCommit};

/// A commit that names an issue.
#[derive(Debug, Clone)]
pub struct IssueCommit {
    /// The commit.
    pub commit: StoredCommit,
    /// The repository it is shown under: the first linked one that is not a fork.
    pub repository: RepositoryRef,
    /// The other linked repositories that have it.
    pub also_in: Vec<RepositoryRef>,
    /// Nothing in any of these repositories leads to it any more.
    pub unreachable: bool,
    /// What it changed, once asked for.
    pub statistics: Option<Statistics>,
}

impl Store {
    /// The commits of an issue, newest first; `limit` none: all.
    pub async fn issue_commits(&self, query: &IssueQuery, after: Option<Cursor>, limit: Option<i64>) -> Result<PageOf<IssueCommit>> { todo!() }

    /// When the commits of an issue were written, since `since`, oldest first.
    pub async fn issue_activity(&self, query: &IssueQuery, since: Millis) -> Result<Vec<Millis>> { todo!() }
}
