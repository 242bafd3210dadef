//! How the syncs of a repository are doing.

use model::Millis;

use crate::database::{execute, execute_live};
use crate::{MergeRequestsState, RepositoryState, Result, Store, WriteTx};

impl WriteTx {
    /// A sync begins that will write `total` commits.
    pub async fn repository_syncing(&mut self, id: i64, total: i64) -> Result<()> {
        const SQL: &str = "UPDATE repository SET state = 'syncing', commits_done = 0, commits_total = $2 WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(total))?;
        Ok(())
    }

    /// The running sync has written `done` commits.
    pub async fn repository_progress(&mut self, id: i64, done: i64) -> Result<()> {
        const SQL: &str = "UPDATE repository SET commits_done = $2 WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(done))?;
        Ok(())
    }

    /// A sync ended well: clears the error; the first time it also ends the first import.
    pub async fn repository_synced(&mut self, id: i64, now: Millis, empty: bool) -> Result<()> {
        const SQL: &str = "UPDATE repository SET state = $3, synced_at = $2, imported_at = COALESCE(imported_at, $2), \
                           error_kind = NULL, error = NULL, failures = 0, retry_at = NULL WHERE id = $1";
        let state = if empty { RepositoryState::Empty } else { RepositoryState::UpToDate };
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(now).bind(state.as_str()))?;
        Ok(())
    }

    /// A sync is due.
    pub async fn repository_waiting(&mut self, id: i64) -> Result<()> {
        const SQL: &str = "UPDATE repository SET state = 'waiting' WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id))?;
        Ok(())
    }

    /// Up to when the merge request list was read, and whether it can be read.
    pub async fn merge_requests_watermark(
        &mut self,
        id: i64,
        until: Option<Millis>,
        state: MergeRequestsState,
    ) -> Result<()> {
        const SQL: &str = "UPDATE repository SET merge_requests_until = $2, merge_requests_state = $3 WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(until).bind(state.as_str()))?;
        Ok(())
    }
}

impl Store {
    /// A sync failed: the kind, sentences for people, and when it is tried again by itself.
    pub async fn repository_failed(&self, id: i64, kind: &str, text: &str, retry_at: Option<Millis>) -> Result<()> {
        const SQL: &str = "UPDATE repository SET state = 'failed', error_kind = $2, error = $3, failures = failures + 1, \
                           retry_at = $4 WHERE id = $1";
        execute_live!(aside self, sqlx::query(SQL).bind(id).bind(kind).bind(text).bind(retry_at))?;
        Ok(())
    }
}
