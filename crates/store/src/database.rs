//! Opening the database; reading pools and the writing transaction.

use std::path::Path;

use model::secret::SecretString;

use crate::Result;

/// Which queue a write waits in: live writes go before bulk ones (engine §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A hook, a click, a lease: never behind an import.
    Live,
    /// An import: at most 500 rows a transaction.
    Bulk,
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {}

/// A writing transaction. Dropped without [`WriteTx::commit`] it is rolled back. No network or git while it is open.
#[derive(Debug)]
pub struct WriteTx {}

impl Store {
    /// Opens `sqlite://path` or `postgres://…`, runs the migrations, and checks the key's fingerprint
    /// (a node with another key refuses to start).
    pub async fn open(url: &str, key: &SecretString) -> Result<Self> { let _ = (url, key); todo!() }
    /// The key in `path`, made with mode 0600 if there is none.
    pub async fn load_or_create_key(path: &Path) -> Result<SecretString> { let _ = path; todo!() }
    /// Begins a writing transaction (`BEGIN IMMEDIATE` on the only write connection of SQLite).
    pub async fn begin_write(&self, lane: Lane) -> Result<WriteTx> { let _ = lane; todo!() }
    /// Whether a trivial query works (for `/readyz`).
    pub async fn ping(&self) -> Result<()> { todo!() }
    /// Told after each commit that enqueued a job, in this process and, on PostgreSQL, in others.
    pub fn wakeups(&self) -> std::sync::Arc<tokio::sync::Notify> { todo!() }
    /// Closes the pools.
    pub async fn close(&self) { todo!() }
}

impl WriteTx {
    /// Makes it last; wakes the workers if it enqueued something.
    pub async fn commit(self) -> Result<()> { todo!() }
    /// The next `count` inner ids, as a contiguous range starting at the answer (drawn in blocks, no round trip each).
    pub async fn ids(&mut self, count: i64) -> Result<i64> { let _ = count; todo!() }
}
