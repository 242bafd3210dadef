//! What commits changed, asked of the forge on demand and kept.

use model::Statistics;

use crate::{Result, Store};

impl Store {
    /// What a commit changed, if it was asked for before.
    pub async fn statistics(&self, commit_id: i64) -> Result<Option<Statistics>> { todo!() }

    /// Keeps what a commit changed.
    pub async fn statistics_put(&self, commit_id: i64, statistics: &Statistics) -> Result<()> { todo!() }
}
