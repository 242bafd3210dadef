//! The branches of an issue.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::{EntityKind, Millis, ObjectId};
use sqlx::AssertSqlSafe;

use super::visible::{Placed, Range};
use super::{Cursor, IssueQuery, PageOf, RepositoryRef};
use crate::database::read;
use crate::sql::{CHUNK, numbers};
use crate::{Result, Store, StoredBranch, StoredCommit};

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
    pub repository: Arc<RepositoryRef>,
}

impl Store {
    /// The branches of an issue, last moved first; `limit` none: all.
    pub async fn issue_branches(
        &self,
        query: &IssueQuery,
        after: Option<Cursor>,
        limit: Option<i64>,
    ) -> Result<PageOf<IssueBranch>> {
        let page = self.placed(query, Range::page(EntityKind::Branch, after, limit)).await?;
        let ids: Vec<i64> = page.items.iter().map(|placed| placed.cursor.entity_id).collect();
        let mut branches = self.branches_by_ids(&ids).await?;
        let heads: BTreeSet<&ObjectId> = branches.values().map(|branch| &branch.head).collect();
        let heads: Vec<&ObjectId> = heads.into_iter().collect();
        let commits = self.commits_by_object_ids(&heads).await?;
        let show = |placed: Placed| {
            let branch = branches.remove(&placed.cursor.entity_id)?;
            Some(IssueBranch {
                id: branch.id,
                name: branch.name,
                head_commit: commits.get(&branch.head).cloned(),
                head: branch.head,
                moved_at: branch.moved_at,
                repository: placed.repositories.into_iter().next()?,
            })
        };
        Ok(PageOf { items: page.items.into_iter().filter_map(show).collect(), next: page.next })
    }

    async fn branches_by_ids(&self, ids: &[i64]) -> Result<HashMap<i64, StoredBranch>> {
        let mut branches = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!(
                "SELECT id, name, head, moved_at, first_seen_at, gone_at FROM branch WHERE id IN ({})",
                numbers(chunk)
            );
            let rows: Vec<StoredBranch> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            branches.extend(rows.into_iter().map(|branch| (branch.id, branch)));
        }
        Ok(branches)
    }
}
