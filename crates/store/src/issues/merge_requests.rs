//! The merge requests of an issue.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::{EntityKind, ForgeUser, MergeRequestState, Millis, Reviewer};
use sqlx::AssertSqlSafe;

use super::visible::{Placed, Range};
use super::{Cursor, IssueQuery, PageOf, RepositoryRef};
use crate::database::read;
use crate::rows::{JsonText, Word};
use crate::sql::{CHUNK, numbers};
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
    pub repository: Arc<RepositoryRef>,
}

#[derive(sqlx::FromRow)]
struct Body {
    id: i64,
    number: i64,
    forge_id: String,
    title: String,
    #[sqlx(try_from = "Word<MergeRequestState>")]
    state: MergeRequestState,
    draft: bool,
    #[sqlx(try_from = "JsonText<ForgeUser>")]
    author: ForgeUser,
    source_branch: String,
    target_branch: String,
    source_repository_id: Option<i64>,
    web_url: String,
    comment_count: i64,
    #[sqlx(try_from = "JsonText<Vec<Reviewer>>")]
    reviewers: Vec<Reviewer>,
    created_at: Millis,
    updated_at: Millis,
    merged_at: Option<Millis>,
}

impl Body {
    fn shown_in(self, repository: Arc<RepositoryRef>, source_repository: Option<RepositoryRef>) -> IssueMergeRequest {
        IssueMergeRequest {
            id: self.id,
            number: self.number,
            forge_id: self.forge_id,
            title: self.title,
            state: self.state,
            draft: self.draft,
            author: self.author,
            source_branch: self.source_branch,
            target_branch: self.target_branch,
            source_repository,
            web_url: self.web_url,
            comment_count: self.comment_count,
            reviewers: self.reviewers,
            created_at: self.created_at,
            updated_at: self.updated_at,
            merged_at: self.merged_at,
            repository,
        }
    }
}

impl Store {
    /// The merge requests of an issue, last changed first; `limit` none: all.
    pub async fn issue_merge_requests(
        &self,
        query: &IssueQuery,
        after: Option<Cursor>,
        limit: Option<i64>,
    ) -> Result<PageOf<IssueMergeRequest>> {
        let page = self.placed(query, Range::page(EntityKind::MergeRequest, after, limit)).await?;
        let ids: Vec<i64> = page.items.iter().map(|placed| placed.cursor.entity_id).collect();
        let mut bodies = self.merge_request_bodies(&ids).await?;
        let sources: BTreeSet<i64> = bodies.values().filter_map(|body| body.source_repository_id).collect();
        let sources: Vec<i64> = sources.into_iter().collect();
        let sources = self.repositories_shown(query.viewer, None, &sources).await?;
        let show = |placed: Placed| {
            let body = bodies.remove(&placed.cursor.entity_id)?;
            let source = body.source_repository_id.and_then(|id| sources.get(&id).cloned());
            Some(body.shown_in(placed.repositories.into_iter().next()?, source))
        };
        Ok(PageOf { items: page.items.into_iter().filter_map(show).collect(), next: page.next })
    }

    async fn merge_request_bodies(&self, ids: &[i64]) -> Result<HashMap<i64, Body>> {
        let mut bodies = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!(
                "SELECT m.id, m.number, m.forge_id, m.title, m.state, m.draft, m.author, m.source_branch, \
                 m.target_branch, s.id AS source_repository_id, m.web_url, m.comment_count, m.reviewers, m.created_at, \
                 m.updated_at, m.merged_at FROM merge_request m JOIN repository r ON r.id = m.repository_id \
                 LEFT JOIN repository s ON s.host_id = r.host_id AND s.forge_id = m.source_forge_id \
                 WHERE m.id IN ({})",
                numbers(chunk)
            );
            let rows: Vec<Body> = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            bodies.extend(rows.into_iter().map(|body| (body.id, body)));
        }
        Ok(bodies)
    }
}
