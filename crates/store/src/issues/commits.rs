//! The commits of an issue.

use std::collections::HashMap;
use std::sync::Arc;

use model::{EntityKind, Millis, ObjectId, Statistics};
use sqlx::AssertSqlSafe;

use super::visible::{Placed, Range};
use super::{Cursor, IssueQuery, PageOf, RepositoryRef};
use crate::commits::Source;
use crate::database::read;
use crate::rows::{JsonText, Word};
use crate::sql::{CHUNK, commit_columns, numbers, with_texts};
use crate::{Result, Store, StoredCommit};

/// A commit that names an issue.
#[derive(Debug, Clone)]
pub struct IssueCommit {
    /// The commit.
    pub commit: Arc<StoredCommit>,
    /// The repository it is shown under: the first linked one that is not a fork.
    pub repository: Arc<RepositoryRef>,
    /// The other linked repositories that have it.
    pub also_in: Vec<Arc<RepositoryRef>>,
    /// Nothing in any of these repositories leads to it any more.
    pub unreachable: bool,
    /// What it changed, once asked for.
    pub statistics: Option<Statistics>,
}

#[derive(sqlx::FromRow)]
struct Body {
    #[sqlx(flatten)]
    commit: StoredCommit,
    #[sqlx(try_from = "Word<Source>")]
    source: Source,
}

#[derive(sqlx::FromRow)]
struct StatisticsRow {
    commit_id: i64,
    #[sqlx(try_from = "JsonText<Statistics>")]
    statistics: Statistics,
}

/// What commits of an issue changed, as far as anybody asked. Key $1, from the place ($2, $3) on to ($4, $5).
const STATISTICS: &str = "SELECT s.commit_id, s.statistics \
     FROM issue_link l JOIN commit_statistics s ON s.commit_id = l.entity_id \
     WHERE l.issue_key = $1 AND l.kind = 'commit' \
     AND (l.sort_at, l.entity_id) <= ($2, $3) AND (l.sort_at, l.entity_id) >= ($4, $5)";

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
        let mut commits = self.commits_by_ids(&ids).await?;
        let mut statistics = self.commit_statistics_of(query, &page.items).await?;
        let show = |placed: Placed| {
            let mut repositories = placed.repositories.into_iter();
            Some(IssueCommit {
                commit: commits.remove(&placed.cursor.entity_id)?,
                repository: repositories.next()?,
                also_in: repositories.collect(),
                unreachable: placed.unreachable,
                statistics: statistics.remove(&placed.cursor.entity_id),
            })
        };
        Ok(PageOf { items: page.items.into_iter().filter_map(show).collect(), next: page.next })
    }

    async fn commits_by_ids(&self, ids: &[i64]) -> Result<HashMap<i64, Arc<StoredCommit>>> {
        let cached = ids.iter().filter_map(|id| Some((*id, self.commit_cache().get(*id)?)));
        let mut commits: HashMap<i64, Arc<StoredCommit>> = cached.collect();
        let missing: Vec<i64> = ids.iter().filter(|id| !commits.contains_key(id)).copied().collect();
        for chunk in missing.chunks(CHUNK) {
            let columns = commit_columns!();
            let ids = numbers(chunk);
            let sql = format!("SELECT {columns}, c.source FROM git_commit c WHERE c.id IN ({ids})");
            let rows: Vec<Body> = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            for Body { commit, source } in rows {
                let commit = Arc::new(commit);
                if source == Source::Git {
                    self.commit_cache().keep(&commit);
                }
                commits.insert(commit.id, commit);
            }
        }
        Ok(commits)
    }

    /// What these commits of an issue, which follow each other, changed.
    async fn commit_statistics_of(&self, query: &IssueQuery, placed: &[Placed]) -> Result<HashMap<i64, Statistics>> {
        let (Some(first), Some(last)) = (placed.first(), placed.last()) else { return Ok(HashMap::new()) };
        let rows: Vec<StatisticsRow> = read!(self, |db| sqlx::query_as(STATISTICS)
            .bind(query.key.as_str())
            .bind(first.cursor.sort_at)
            .bind(first.cursor.entity_id)
            .bind(last.cursor.sort_at)
            .bind(last.cursor.entity_id)
            .fetch_all(db))?;
        Ok(rows.into_iter().map(|row| (row.commit_id, row.statistics)).collect())
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
