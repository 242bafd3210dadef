//! Merge requests as the facade tells them: GitHub's pull requests, numbered by the forge's id over all repositories.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use model::{ForgeUser, MergeRequest, MergeRequestState, Millis, ObjectId, Reviewer};
use sqlx::AssertSqlSafe;

use super::{FacadeCommit, Page, by_forge_id, grant_sees};
use crate::database::read;
use crate::rows::{JsonText, MaybeWord, ObjectIds, Word};
use crate::sql::{CHUNK, is_storable, numbers, repository_columns};
use crate::{Repository, Result, Store};

/// A merge request as the facade tells it.
#[derive(Debug, Clone)]
pub struct FacadePull {
    /// Inner id.
    pub id: i64,
    /// The repository that it goes to.
    pub repository_id: i64,
    /// The merge request; merge and squash commit are not kept.
    pub merge_request: MergeRequest,
    /// The repository that it comes from, where the store has it. Where it is not [`FacadePull::repository_id`], ask
    /// [`Store::facade_sees`] before it is shown to anybody.
    pub source: Option<Repository>,
    /// When it was first seen here.
    pub first_seen_at: Millis,
}

/// Whose merge requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullsOf {
    /// Of one repository, by its inner id.
    Repository(i64),
    /// Of all repositories that a grant sees, by its inner id.
    Grant(i64),
}

/// In which states, in GitHub's words: what was merged is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullState {
    /// Open ones.
    Open,
    /// Merged and declined ones.
    Closed,
    /// Any.
    All,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullSort {
    /// Of their opening.
    Created,
    /// Of their last change.
    Updated,
}

/// Which merge requests, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullFilter {
    /// Whose.
    pub of: PullsOf,
    /// In which states.
    pub state: PullState,
    /// By what they are sorted.
    pub sort: PullSort,
    /// Whether the newest come first.
    pub descending: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    repository_id: i64,
    repository_forge_id: String,
    number: i64,
    forge_id: String,
    title: String,
    description: String,
    #[sqlx(try_from = "Word<MergeRequestState>")]
    state: MergeRequestState,
    draft: bool,
    #[sqlx(try_from = "JsonText<ForgeUser>")]
    author: ForgeUser,
    source_branch: String,
    target_branch: String,
    source_forge_id: Option<String>,
    source_repository_id: Option<i64>,
    #[sqlx(try_from = "MaybeWord<ObjectId>")]
    head: Option<ObjectId>,
    web_url: String,
    comment_count: i64,
    #[sqlx(try_from = "JsonText<Vec<Reviewer>>")]
    reviewers: Vec<Reviewer>,
    created_at: Millis,
    updated_at: Millis,
    merged_at: Option<Millis>,
    closed_at: Option<Millis>,
    first_seen_at: Millis,
}

impl Row {
    fn shown(self, sources: &HashMap<i64, Repository>) -> FacadePull {
        let merge_request = MergeRequest {
            forge_id: self.forge_id,
            number: self.number,
            repository_forge_id: self.repository_forge_id,
            title: self.title,
            description: self.description,
            state: self.state,
            draft: self.draft,
            author: self.author,
            source_branch: self.source_branch,
            target_branch: self.target_branch,
            source_repository_forge_id: self.source_forge_id,
            head: self.head,
            merge_commit: None,
            squash_commit: None,
            web_url: self.web_url,
            comment_count: self.comment_count,
            reviewers: self.reviewers,
            created_at: self.created_at,
            updated_at: self.updated_at,
            merged_at: self.merged_at,
            closed_at: self.closed_at,
        };
        let source = self.source_repository_id.and_then(|id| sources.get(&id).cloned());
        let (id, repository_id, first_seen_at) = (self.id, self.repository_id, self.first_seen_at);
        FacadePull { id, repository_id, merge_request, source, first_seen_at }
    }
}

const COLUMNS: &str = "m.id, m.repository_id, r.forge_id AS repository_forge_id, m.number, m.forge_id, m.title, \
     m.description, m.state, m.draft, m.author, m.source_branch, m.target_branch, m.source_forge_id, \
     s.id AS source_repository_id, m.head, m.web_url, m.comment_count, m.reviewers, m.created_at, m.updated_at, \
     m.merged_at, m.closed_at, m.first_seen_at";
const TABLES: &str = "FROM merge_request m JOIN repository r ON r.id = m.repository_id \
     LEFT JOIN repository s ON s.host_id = r.host_id AND s.forge_id = m.source_forge_id";

impl PullFilter {
    /// What is bound as $1, and the condition on `m` and `r`.
    fn condition(&self) -> (i64, String) {
        let (id, whose) = match self.of {
            PullsOf::Repository(id) => (id, "m.repository_id = $1"),
            PullsOf::Grant(id) => (id, grant_sees!("$1")),
        };
        let state = match self.state {
            PullState::Open => " AND m.state = 'open'",
            PullState::Closed => " AND m.state <> 'open'",
            PullState::All => "",
        };
        (id, format!("m.gone_at IS NULL AND {whose}{state}"))
    }

    /// The order, which is one and the same for equal times.
    fn order(&self) -> String {
        let time = match self.sort {
            PullSort::Created => "m.created_at",
            PullSort::Updated => "m.updated_at",
        };
        let direction = if self.descending { "DESC" } else { "ASC" };
        format!("{time} {direction}, m.id {direction}")
    }
}

impl Store {
    /// Merge requests that are not gone, a page at a time.
    pub async fn facade_pulls(&self, filter: PullFilter, offset: i64, limit: i64) -> Result<Page<FacadePull>> {
        let (id, condition) = filter.condition();
        let count = format!(
            "SELECT COUNT(*) FROM merge_request m JOIN repository r ON r.id = m.repository_id WHERE {condition}"
        );
        let sql = format!("SELECT {COLUMNS} {TABLES} WHERE {condition} ORDER BY {} LIMIT $3 OFFSET $2", filter.order());
        let total = read!(self, |db| sqlx::query_scalar(AssertSqlSafe(count)).bind(id).fetch_one(db))?;
        let rows: Vec<Row> = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id)
            .bind(offset.max(0))
            .bind(limit.max(0))
            .fetch_all(db))?;
        Ok(Page { items: self.with_sources(rows).await?, total })
    }

    /// The merge request of a repository with this id of the forge, unless it is gone.
    pub async fn facade_pull(&self, repository_id: i64, forge_id: &str) -> Result<Option<FacadePull>> {
        if !is_storable(forge_id) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT {COLUMNS} {TABLES} WHERE m.repository_id = $1 AND m.forge_id = $2 AND m.gone_at IS NULL \
             ORDER BY {} LIMIT 1",
            by_forge_id!("m.forge_id")
        );
        let rows: Vec<Row> =
            read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).bind(repository_id).bind(forge_id).fetch_all(db))?;
        Ok(self.with_sources(rows).await?.into_iter().next())
    }

    async fn with_sources(&self, rows: Vec<Row>) -> Result<Vec<FacadePull>> {
        let ids: BTreeSet<i64> = rows.iter().filter_map(|row| row.source_repository_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let mut sources = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!(
                "SELECT {} FROM repository r JOIN host h ON h.id = r.host_id WHERE r.id IN ({})",
                repository_columns!(),
                numbers(chunk)
            );
            let found: Vec<Repository> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            sources.extend(found.into_iter().map(|repository| (repository.id, repository)));
        }
        Ok(rows.into_iter().map(|row| row.shown(&sources)).collect())
    }

    /// The commits of a merge request, oldest first: each after its parents.
    pub async fn facade_pull_commits(
        &self,
        merge_request_id: i64,
        offset: i64,
        limit: i64,
    ) -> Result<Page<FacadeCommit>> {
        const SQL: &str = "SELECT c.id, c.object_id, c.parents, c.committed_at FROM merge_request_commit mc \
                           JOIN git_commit c ON c.id = mc.commit_id WHERE mc.merge_request_id = $1";
        let rows: Vec<Place> = read!(self, |db| sqlx::query_as(SQL).bind(merge_request_id).fetch_all(db))?;
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let (skip, take) = (usize::try_from(offset).unwrap_or(0), usize::try_from(limit).unwrap_or(0));
        let ids: Vec<i64> = oldest_first(&rows).into_iter().skip(skip).take(take).collect();
        Ok(Page { items: self.facade_commits_by_ids(&ids).await?, total })
    }
}

/// Where a commit stands in a history.
#[derive(Debug, sqlx::FromRow)]
struct Place {
    id: i64,
    #[sqlx(try_from = "Word<ObjectId>")]
    object_id: ObjectId,
    #[sqlx(try_from = "ObjectIds")]
    parents: Vec<ObjectId>,
    committed_at: Millis,
}

/// The ids in order of time, but each after its parents, whatever the clocks of their writers said.
fn oldest_first(rows: &[Place]) -> Vec<i64> {
    let at: HashMap<&ObjectId, usize> = rows.iter().enumerate().map(|(at, row)| (&row.object_id, at)).collect();
    let mut waits_for: Vec<usize> = vec![0; rows.len()];
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    for (child, row) in rows.iter().enumerate() {
        for parent in row.parents.iter().filter_map(|parent| at.get(parent)) {
            waits_for[child] += 1;
            children[*parent].push(child);
        }
    }
    let key = |at: usize| Reverse((rows[at].committed_at, rows[at].object_id.as_str(), at));
    let mut ready: BinaryHeap<_> = (0..rows.len()).filter(|at| waits_for[*at] == 0).map(key).collect();
    let mut order = Vec::with_capacity(rows.len());
    while let Some(Reverse((_, _, next))) = ready.pop() {
        order.push(rows[next].id);
        for child in &children[next] {
            waits_for[*child] -= 1;
            if waits_for[*child] == 0 {
                ready.push(key(*child));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: i64, parents: &[i64], committed_at: Millis) -> Place {
        let name = |id: i64| format!("{id:040x}").parse().unwrap();
        Place { id, object_id: name(id), parents: parents.iter().map(|id| name(*id)).collect(), committed_at }
    }

    #[test]
    fn a_commit_comes_after_its_parents_whatever_the_clocks_say() {
        // given: 3 was written on a machine whose clock is behind; 9 is in no row
        let rows = [place(4, &[3, 2], 40), place(3, &[1], 5), place(2, &[1], 20), place(1, &[9], 10)];
        // then
        assert_eq!(oldest_first(&rows), [1, 3, 2, 4]);
        assert!(oldest_first(&[]).is_empty());
    }
}
