//! Databases for tests, of this crate and of others.

use std::ops::Deref;

use crate::Store;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in a file of its own.
    Sqlite,
    /// PostgreSQL, in a database of its own.
    Postgres,
}

/// A store that goes away with its last handle.
#[derive(Debug)]
pub struct TestStore {
    store: Store,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// An empty store; none, saying so, where `DOVETAIL_TEST_POSTGRES` names no server for [`Engine::Postgres`].
pub async fn open(engine: Engine) -> Option<TestStore> { todo!() }

impl TestStore {
    /// Opens the same database once more, as a second node (PostgreSQL) or a restarted process (SQLite) would.
    pub async fn open_again(&self) -> Store { todo!() }

    /// The address of the database.
    pub fn url(&self) -> &str { todo!() }
}
