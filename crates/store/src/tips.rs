//! What the last whole sync of a repository ended at (engine §1: new is what the store has not seen), and what one that has not
//! ended begins from: it may have written commits that nothing leads to any more when the next one looks.

use std::collections::BTreeSet;

use model::ObjectId;

use crate::database::{execute, read};
use crate::rows::Word;
use crate::sql::{CHUNK, execute_built};
use crate::{Result, Store, WriteTx};

impl Store {
    /// The tips of the last whole sync.
    pub async fn tips(&self, repository_id: i64) -> Result<Vec<ObjectId>> {
        self.tips_where(repository_id, false).await
    }

    /// The tips that syncs began to write commits of since the last whole one, without those of that one.
    pub async fn tips_begun(&self, repository_id: i64) -> Result<Vec<ObjectId>> {
        self.tips_where(repository_id, true).await
    }

    async fn tips_where(&self, repository_id: i64, begun: bool) -> Result<Vec<ObjectId>> {
        const SQL: &str = "SELECT object_id FROM tip WHERE repository_id = $1 AND begun = $2 ORDER BY object_id";
        let rows: Vec<(Word<ObjectId>,)> =
            read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(begun).fetch_all(db))?;
        Ok(rows.into_iter().map(|(id,)| id.0).collect())
    }
}

impl WriteTx {
    /// Puts these tips in place of the ones before, also of those that were begun.
    pub async fn tips_replace(&mut self, repository_id: i64, tips: &[ObjectId]) -> Result<()> {
        execute!(self.aside(), sqlx::query("DELETE FROM tip WHERE repository_id = $1").bind(repository_id))?;
        self.tips_insert(repository_id, tips, false).await
    }

    /// Notes that commits which these tips lead to are about to be written.
    pub async fn tips_begin(&mut self, repository_id: i64, tips: &[ObjectId]) -> Result<()> {
        self.tips_insert(repository_id, tips, true).await
    }

    async fn tips_insert(&mut self, repository_id: i64, tips: &[ObjectId], begun: bool) -> Result<()> {
        let tips: Vec<&ObjectId> = BTreeSet::from_iter(tips).into_iter().collect();
        for chunk in tips.chunks(CHUNK) {
            execute_built!(self.aside(), chunk.len() == CHUNK, {
                let mut sql = sqlx::QueryBuilder::new("INSERT INTO tip (repository_id, object_id, begun) ");
                sql.push_values(chunk, |mut row, tip| {
                    row.push_bind(repository_id).push_bind(tip.as_str()).push_bind(begun);
                });
                sql.push(" ON CONFLICT DO NOTHING");
                sql
            })?;
        }
        Ok(())
    }
}
