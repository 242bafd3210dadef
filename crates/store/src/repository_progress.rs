//! How the syncs of a repository are doing.

use model::Millis;

use crate::{MergeRequestsState, Result, Store, WriteTx};

impl WriteTx {
    /// A sync begins that will write `total` commits.
    pub async fn repository_syncing(&mut self, id: i64, total: i64) -> Result<()> { todo!() }

    /// The running sync has written `done` commits.
    pub async fn repository_progress(&mut self, id: i64, done: i64) -> Result<()> { todo!() }

    /// A sync ended well: clears the error; the first time it also ends the first import.
    pub async fn repository_synced(&mut self, id: i64, now: Millis, empty: bool) -> Result<()> { todo!() }

    /// A sync is due.
    pub async fn repository_waiting(&mut self, id: i64) -> Result<()> { todo!() }

    /// Up to when the merge request list was read, and whether it can be read.
    pub async fn merge_requests_watermark(&mut self, id: i64, until: Option<Millis>, state: MergeRequestsState) -> Result<()> { todo!() }
}

impl Store {
    /// A sync failed: the kind, and sentences for people.
    pub async fn repository_failed(&self, id: i64, kind: &str, text: &str) -> Result<()> { todo!() }
}
