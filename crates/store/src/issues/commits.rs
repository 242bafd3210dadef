//! The commits of an issue.

use std::collections::HashMap;

use model::{EntityKind, Millis, ObjectId, Statistics};
use sqlx::AssertSqlSafe;

use super::visible::{Placed, Range};
use super::{Cursor, IssueQuery, PageOf, RepositoryRef};
use crate::database::read;
use crate::rows::MaybeJsonText;
use crate::sql::{CHUNK, commit_columns, numbers, with_texts};
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

#[derive(sqlx::FromRow)]
struct Body {
    #[sqlx(flatten)]
    commit: StoredCommit,
    #[sqlx(try_from = "MaybeJsonText<Statistics>")]
    statistics: Option<Statistics>,
}

impl Store {
    /// The commits of an issue, newest first; `limit` none: all.
    pub async fn issue_commits(
        &self,
        query: &IssueQuery,
        after: Option<Cursor>,
        limit: Option<i64>,
    ) -> Result<PageOf<IssueCommit>> {
        let page = self.placed(query, Range::page(EntityKind::Commit, after, limit)).await?;
        let ids: Vec<i64> = page.items.iter().map(|placed| placed.cursor.entity_id).collect();
        let mut bodies = self.commit_bodies(&ids).await?;
        let show = |placed: Placed| {
            let mut repositories = placed.repositories.into_iter();
            let Body { commit, statistics } = bodies.remove(&placed.cursor.entity_id)?;
            Some(IssueCommit {
                commit,
                repository: repositories.next()?,
                also_in: repositories.collect(),
                unreachable: placed.unreachable,
                statistics,
            })
        };
        Ok(PageOf { items: page.items.into_iter().filter_map(show).collect(), next: page.next })
    }

    async fn commit_bodies(&self, ids: &[i64]) -> Result<HashMap<i64, Body>> {
        let mut bodies = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let columns = commit_columns!();
            let ids = numbers(chunk);
            let sql = format!(
                "SELECT {columns}, s.statistics FROM git_commit c \
                 LEFT JOIN commit_statistics s ON s.commit_id = c.id WHERE c.id IN ({ids})"
            );
            let rows: Vec<Body> = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            bodies.extend(rows.into_iter().map(|body| (body.commit.id, body)));
        }
        Ok(bodies)
    }

    /// The commits with these object ids, as far as they are in the store.
    pub(crate) async fn commits_by_object_ids(&self, ids: &[&ObjectId]) -> Result<HashMap<ObjectId, StoredCommit>> {
        const SQL: &str = concat!("SELECT ", commit_columns!(), " FROM git_commit c WHERE c.object_id IN ");
        let mut commits = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let texts = || chunk.iter().map(|id| id.as_str());
            let rows: Vec<StoredCommit> = read!(self, |db| async {
                with_texts!(SQL, texts()).build_query_as().persistent(false).fetch_all(db).await
            })?;
            commits.extend(rows.into_iter().map(|commit| (commit.object_id.clone(), commit)));
        }
        Ok(commits)
    }

    /// When the commits of an issue were written, since `since`, oldest first.
    pub async fn issue_activity(&self, query: &IssueQuery, since: Millis) -> Result<Vec<Millis>> {
        let page = self.placed(query, Range { since, ..Range::all(EntityKind::Commit) }).await?;
        Ok(page.items.iter().rev().map(|placed| placed.cursor.sort_at).collect())
    }
}
