//! What the last whole sync of a repository ended at (engine §1: new is what the store has not seen).

use model::ObjectId;

use crate::{Result, Store, WriteTx};

impl Store {
    /// The tips of the last whole sync.
    pub async fn tips(&self, repository_id: i64) -> Result<Vec<ObjectId>> { todo!() }
}

impl WriteTx {
    /// Puts these tips in place of the ones before.
    pub async fn tips_replace(&mut self, repository_id: i64, tips: &[ObjectId]) -> Result<()> { todo!() }
}
