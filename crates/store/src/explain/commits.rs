//! Commits, also those that are shown nowhere.

use model::{Millis, ObjectId};
use sqlx::AssertSqlSafe;

use super::{KnownRepository, repository_told};
use crate::database::read;
use crate::sql::{commit_columns, numbers};
use crate::{Result, Store, StoredCommit, Viewer};

/// A repository that a commit is in.
#[derive(Debug, Clone)]
pub struct CommitPlace {
    /// The repository.
    pub repository: KnownRepository,
    /// When the commit was first seen there.
    pub first_seen_at: Millis,
    /// Since when no branch and no merge request leads to it there.
    pub lost_at: Option<Millis>,
}

impl Store {
    /// Commits whose object ids begin with these hexadecimal digits and that may be told to the viewer, in order of their ids.
    pub async fn explain_commits(&self, viewer: Viewer, hex: &str, limit: i64) -> Result<Vec<StoredCommit>> {
        const SQL: &str = concat!(
            "SELECT ",
            commit_columns!(),
            " FROM git_commit c WHERE c.object_id >= $2 AND c.object_id < $3 AND EXISTS \
             (SELECT 1 FROM repository_commit rc WHERE rc.commit_id = c.id AND ",
            repository_told!("rc.repository_id", "$1"),
            ") ORDER BY c.object_id LIMIT $4"
        );
        if hex.is_empty() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Vec::new());
        }
        let hex = hex.to_ascii_lowercase();
        // `g` comes behind every hexadecimal digit.
        let end = format!("{hex}g");
        read!(self, |db| sqlx::query_as(SQL)
            .bind(viewer.user_id())
            .bind(hex.as_str())
            .bind(end.as_str())
            .bind(limit.max(0))
            .fetch_all(db))
    }

    /// Commits by their inner ids, whoever sees them, in order of these.
    pub async fn explain_commits_of(&self, ids: &[i64]) -> Result<Vec<StoredCommit>> {
        const SQL: &str = concat!("SELECT ", commit_columns!(), " FROM git_commit c WHERE c.id IN ");
        let sql = format!("{SQL}({}) ORDER BY c.id", numbers(ids));
        read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))
    }

    /// The repositories that a commit is in and of which may be told to the viewer: first those that are shown, of these first
    /// those that something still leads to it in.
    pub async fn explain_commit_places(&self, viewer: Viewer, now: Millis, commit_id: i64) -> Result<Vec<CommitPlace>> {
        const SQL: &str = "SELECT repository_id, first_seen_at, lost_at FROM repository_commit WHERE commit_id = $1";
        let rows: Vec<(i64, Millis, Option<Millis>)> =
            read!(self, |db| sqlx::query_as(SQL).bind(commit_id).fetch_all(db))?;
        let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
        let mut known = self.explain_repositories_of(viewer, now, &ids).await?;
        let mut places: Vec<CommitPlace> = rows
            .into_iter()
            .filter_map(|(id, first_seen_at, lost_at)| {
                let repository = known.remove(&id).filter(|repository| repository.told)?;
                Some(CommitPlace { repository, first_seen_at, lost_at })
            })
            .collect();
        places.sort_by_key(|place| {
            let KnownRepository { repository, .. } = &place.repository;
            (!place.repository.is_shown(), place.lost_at.is_some(), repository.fork_of.is_some(), repository.id)
        });
        Ok(places)
    }

    /// The names of branches in these repositories that point at a commit, in order.
    pub async fn explain_branches_at(
        &self,
        repository_ids: &[i64],
        head: &ObjectId,
        limit: i64,
    ) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT DISTINCT name FROM branch WHERE repository_id IN ({}) AND gone_at IS NULL AND head = $1 \
             ORDER BY name LIMIT $2",
            numbers(repository_ids)
        );
        read!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql))
            .persistent(false)
            .bind(head.as_str())
            .bind(limit.max(0))
            .fetch_all(db))
    }
}
