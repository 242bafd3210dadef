//! The syncs that wait or run, on whichever node: for those who watch from another one.

use model::Millis;

use crate::database::{Database, read};
use crate::{Result, Store};

/// A sync that waits or runs, as one account sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OpenSync {
    /// The account whose list names the repository.
    pub account_id: i64,
    /// The repository.
    pub repository_id: i64,
    /// Its full path.
    pub path: String,
    /// Whether a node is at it.
    pub running: bool,
    /// Commits written so far.
    pub commits_done: i64,
    /// Commits that it will write.
    pub commits_total: i64,
}

impl Store {
    /// Whether other nodes may use the same database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.database(), Database::Postgres(_))
    }

    /// The repositories for which a job of this kind runs, or waits and is due, once for each account whose list names
    /// them. `prefix` is what stands before the repository's id in the job's resource (`repository:`).
    pub async fn open_syncs(&self, kind: &str, prefix: &str, now: Millis) -> Result<Vec<OpenSync>> {
        const SQL: &str = "SELECT ar.account_id, r.id AS repository_id, r.path, \
             CAST(MAX(CASE WHEN j.state = 'running' THEN 1 ELSE 0 END) AS BIGINT) = 1 AS running, \
             r.commits_done, r.commits_total \
             FROM job j JOIN repository r ON j.resource_key = CAST($2 AS TEXT) || CAST(r.id AS TEXT) \
             JOIN account_repository ar ON ar.repository_id = r.id AND ar.visible \
             WHERE j.kind = $1 AND (j.state = 'running' OR (j.state = 'waiting' AND j.run_at <= $3)) \
             GROUP BY ar.account_id, r.id ORDER BY ar.account_id, r.id";
        read!(self, |db| sqlx::query_as(SQL).bind(kind).bind(prefix).bind(now).fetch_all(db))
    }
}
