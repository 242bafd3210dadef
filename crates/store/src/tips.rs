//! What the last whole sync of a repository ended at (engine §1: new is what the store has not seen).

use std::collections::BTreeSet;

use model::ObjectId;

use crate::database::{execute, read};
use crate::rows::Word;
use crate::sql::{CHUNK, execute_built};
use crate::{Result, Store, WriteTx};

impl Store {
    /// The tips of the last whole sync.
    pub async fn tips(&self, repository_id: i64) -> Result<Vec<ObjectId>> {
        const SQL: &str = "SELECT object_id FROM tip WHERE repository_id = $1 ORDER BY object_id";
        let rows: Vec<(Word<ObjectId>,)> = read!(self, |db| sqlx::query_as(SQL).bind(repository_id).fetch_all(db))?;
        Ok(rows.into_iter().map(|(id,)| id.0).collect())
    }
}

impl WriteTx {
    /// Puts these tips in place of the ones before.
    pub async fn tips_replace(&mut self, repository_id: i64, tips: &[ObjectId]) -> Result<()> {
        let tips: Vec<&ObjectId> = BTreeSet::from_iter(tips).into_iter().collect();
        execute!(self.aside(), sqlx::query("DELETE FROM tip WHERE repository_id = $1").bind(repository_id))?;
        for chunk in tips.chunks(CHUNK) {
            execute_built!(self.aside(), chunk.len() == CHUNK, {
                let mut sql = sqlx::QueryBuilder::new("INSERT INTO tip (repository_id, object_id) ");
                sql.push_values(chunk, |mut row, tip| {
                    row.push_bind(repository_id).push_bind(tip.as_str());
                });
                sql
            })?;
        }
        Ok(())
    }
}
