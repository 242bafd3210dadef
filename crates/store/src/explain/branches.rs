//! Branches by their names, gone ones included.

use model::{Millis, ObjectId};
use sqlx::AssertSqlSafe;

use super::repository_told;
use crate::branches::name_hash;
use crate::database::read;
use crate::rows::Word;
use crate::sql::{is_storable, numbers};
use crate::{Result, Store, Viewer};

/// A branch, and the repository it is or was in.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KnownBranch {
    /// Inner id.
    pub id: i64,
    /// Its repository.
    pub repository_id: i64,
    /// Its name without `refs/heads/`.
    pub name: String,
    /// The commit it points at, or pointed at when it was last seen.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub head: ObjectId,
    /// When the head was last seen to change.
    pub moved_at: Millis,
    /// When it was first seen.
    pub first_seen_at: Millis,
    /// When it was first missed.
    pub gone_at: Option<Millis>,
}

impl Store {
    /// The branches with exactly this name that may be told to the viewer, in one repository or in all: present ones first, of
    /// these the last moved first.
    pub async fn explain_branches(
        &self,
        viewer: Viewer,
        name: &str,
        repository_id: Option<i64>,
        limit: i64,
    ) -> Result<Vec<KnownBranch>> {
        // CROSS JOIN: from each repository along the unique index of names, not through every branch.
        const SQL: &str = concat!(
            "SELECT b.id, b.repository_id, b.name, b.head, b.moved_at, b.first_seen_at, b.gone_at \
             FROM repository r CROSS JOIN branch b WHERE b.repository_id = r.id AND b.name_hash = $2 \
             AND ($3 IS NULL OR r.id = $3) AND ",
            repository_told!("r.id", "$1"),
            " ORDER BY CASE WHEN b.gone_at IS NULL THEN 0 ELSE 1 END, b.moved_at DESC, b.id LIMIT $4"
        );
        if !is_storable(name) {
            return Ok(Vec::new());
        }
        let hash = name_hash(name);
        read!(self, |db| sqlx::query_as(SQL)
            .bind(viewer.user_id())
            .bind(hash.as_str())
            .bind(repository_id)
            .bind(limit.max(0))
            .fetch_all(db))
    }

    /// Branches by their inner ids, whoever sees them, in order of these.
    pub async fn explain_branches_of(&self, ids: &[i64]) -> Result<Vec<KnownBranch>> {
        let sql = format!(
            "SELECT id, repository_id, name, head, moved_at, first_seen_at, gone_at FROM branch WHERE id IN ({}) ORDER BY id",
            numbers(ids)
        );
        read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))
    }
}
