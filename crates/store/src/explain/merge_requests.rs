//! Merge requests with the texts that name issues, deleted ones included.

use model::{KeyForm, MergeRequestState, Millis, ObjectId};
use sqlx::AssertSqlSafe;

use super::repository_told;
use crate::database::read;
use crate::rows::Word;
use crate::sql::numbers;
use crate::{Result, Store, Viewer};

/// A merge request with its texts.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KnownMergeRequest {
    /// Inner id.
    pub id: i64,
    /// The repository it goes to.
    pub repository_id: i64,
    /// The number people see.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Description; empty when none.
    pub description: String,
    /// State.
    #[sqlx(try_from = "Word<MergeRequestState>")]
    pub state: MergeRequestState,
    /// The branch it comes from.
    pub source_branch: String,
    /// The branch it goes to.
    pub target_branch: String,
    /// Its page.
    pub web_url: String,
    /// Last changed.
    pub updated_at: Millis,
    /// Merged.
    pub merged_at: Option<Millis>,
    /// Closed.
    pub closed_at: Option<Millis>,
    /// When it was first seen.
    pub first_seen_at: Millis,
    /// When the forge first denied that it exists.
    pub gone_at: Option<Millis>,
}

macro_rules! columns {
    () => {
        "m.id, m.repository_id, m.number, m.title, m.description, m.state, m.source_branch, m.target_branch, m.web_url, \
         m.updated_at, m.merged_at, m.closed_at, m.first_seen_at, m.gone_at"
    };
}

impl Store {
    /// The merge request with this number.
    pub async fn explain_merge_request(&self, repository_id: i64, number: i64) -> Result<Option<KnownMergeRequest>> {
        const SQL: &str =
            concat!("SELECT ", columns!(), " FROM merge_request m WHERE m.repository_id = $1 AND m.number = $2");
        read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(number).fetch_optional(db))
    }

    /// Merge requests by their inner ids, whoever sees them, in order of these.
    pub async fn explain_merge_requests_of(&self, ids: &[i64]) -> Result<Vec<KnownMergeRequest>> {
        let sql = format!(
            concat!("SELECT ", columns!(), " FROM merge_request m WHERE m.id IN ({}) ORDER BY m.id"),
            numbers(ids)
        );
        read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))
    }

    /// The merge requests that a commit belongs to and that may be told to the viewer, last changed first.
    pub async fn explain_merge_requests_with(
        &self,
        viewer: Viewer,
        commit_id: i64,
        limit: i64,
    ) -> Result<Vec<KnownMergeRequest>> {
        const SQL: &str = concat!(
            "SELECT ",
            columns!(),
            " FROM merge_request_commit mc JOIN merge_request m ON m.id = mc.merge_request_id \
             WHERE mc.commit_id = $2 AND ",
            repository_told!("m.repository_id", "$1"),
            " ORDER BY m.updated_at DESC, m.id DESC LIMIT $3"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(viewer.user_id()).bind(commit_id).bind(limit.max(0)).fetch_all(db))
    }

    /// What the messages of a merge request's commits name: the commit, the key, and how it stands there; in order of the keys.
    pub async fn explain_merge_request_mentions(
        &self,
        merge_request_id: i64,
        limit: i64,
    ) -> Result<Vec<(ObjectId, String, KeyForm)>> {
        // CROSS JOIN: SQLite reads the tables in this order then, not every mention of any commit.
        const SQL: &str = "SELECT c.object_id, m.issue_key, m.form FROM merge_request_commit mc CROSS JOIN mention m \
             JOIN git_commit c ON c.id = mc.commit_id WHERE mc.merge_request_id = $1 \
             AND m.entity_kind = 'commit' AND m.entity_id = mc.commit_id ORDER BY m.issue_key, c.object_id LIMIT $2";
        let rows: Vec<(Word<ObjectId>, String, Word<KeyForm>)> =
            read!(self, |db| sqlx::query_as(SQL).bind(merge_request_id).bind(limit.max(0)).fetch_all(db))?;
        Ok(rows.into_iter().map(|(id, key, form)| (id.0, key, form.0)).collect())
    }

    /// The highest number of any merge request of a repository.
    pub async fn explain_newest_merge_request(&self, repository_id: i64) -> Result<Option<i64>> {
        const SQL: &str = "SELECT MAX(number) FROM merge_request WHERE repository_id = $1";
        read!(self, |db| sqlx::query_scalar(SQL).bind(repository_id).fetch_one(db))
    }
}
