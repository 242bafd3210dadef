//! The branches of a repository, a page at a time.

use model::ObjectId;

use super::Page;
use crate::database::read;
use crate::rows::Word;
use crate::{Result, Store};

impl Store {
    /// The branches that are there, in order of the bytes of their names, each with its head.
    pub async fn facade_branches(
        &self,
        repository_id: i64,
        offset: i64,
        limit: i64,
    ) -> Result<Page<(String, ObjectId)>> {
        const COUNT: &str = "SELECT COUNT(*) FROM branch WHERE repository_id = $1 AND gone_at IS NULL";
        const SQL: &str = "SELECT name, head FROM branch WHERE repository_id = $1 AND gone_at IS NULL \
                           ORDER BY name LIMIT $3 OFFSET $2";
        let total = read!(self, |db| sqlx::query_scalar(COUNT).bind(repository_id).fetch_one(db))?;
        let rows: Vec<(String, Word<ObjectId>)> = read!(self, |db| sqlx::query_as(SQL)
            .bind(repository_id)
            .bind(offset.max(0))
            .bind(limit.max(0))
            .fetch_all(db))?;
        Ok(Page { items: rows.into_iter().map(|(name, head)| (name, head.0)).collect(), total })
    }
}
