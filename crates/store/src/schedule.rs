//! Jobs that wait for their time: when they are due, and people who change that.

use std::collections::HashMap;

use model::Millis;

use crate::database::{execute, read};
use crate::sql::{CHUNK, with_texts};
use crate::{Result, Store, WriteTx};

/// What the jobs of a repository have as their resource.
fn resource_of_repository(id: i64) -> String {
    format!("repository:{id}")
}

impl Store {
    /// When the waiting job of this kind and key is due.
    pub async fn job_due_at(&self, kind: &str, dedup_key: &str) -> Result<Option<Millis>> {
        const SQL: &str = "SELECT run_at FROM job WHERE kind = $1 AND dedup_key = $2 AND state = 'waiting'";
        read!(self, |db| sqlx::query_scalar(SQL).bind(kind).bind(dedup_key).fetch_optional(db))
    }

    /// Whether a job of this kind and key runs, or waits and is due.
    pub async fn job_is_active(&self, kind: &str, dedup_key: &str, now: Millis) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM job WHERE kind = $1 AND dedup_key = $2 \
                           AND (state = 'running' OR (state = 'waiting' AND run_at <= $3))";
        let active: i64 = read!(self, |db| sqlx::query_scalar(SQL).bind(kind).bind(dedup_key).bind(now).fetch_one(db))?;
        Ok(active > 0)
    }

    /// Whether anything for this resource runs, or waits and is due.
    pub async fn resource_is_active(&self, resource_key: &str, now: Millis) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM job WHERE resource_key = $1 \
                           AND (state = 'running' OR (state = 'waiting' AND run_at <= $2))";
        let active: i64 = read!(self, |db| sqlx::query_scalar(SQL).bind(resource_key).bind(now).fetch_one(db))?;
        Ok(active > 0)
    }

    /// When the next sync of each of these repositories is due; without those that have none waiting.
    pub async fn jobs_due_of_repositories(&self, ids: &[i64]) -> Result<HashMap<i64, Millis>> {
        const SQL: &str = "SELECT resource_key, MIN(run_at) FROM job WHERE state = 'waiting' \
                           AND kind = 'sync_repository' AND resource_key IN ";
        let mut due = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let repositories: HashMap<String, i64> =
                chunk.iter().map(|id| (resource_of_repository(*id), *id)).collect();
            let rows: Vec<(String, Millis)> = read!(self, |db| async {
                let mut sql = with_texts!(SQL, repositories.keys().map(String::as_str));
                sql.push(" GROUP BY resource_key").build_query_as().persistent(false).fetch_all(db).await
            })?;
            due.extend(rows.into_iter().map(|(resource, run_at)| (repositories[&resource], run_at)));
        }
        Ok(due)
    }
}

impl WriteTx {
    /// Moves the waiting jobs of a resource to the front: due now, with this priority, in the lane that they are in.
    pub async fn job_forward(&mut self, resource_key: &str, priority: i64, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE job SET priority = $2, run_at = CASE WHEN run_at > $3 THEN $3 ELSE run_at END \
                           WHERE resource_key = $1 AND state = 'waiting'";
        execute!(self.aside(), sqlx::query(SQL).bind(resource_key).bind(priority).bind(now))?;
        self.wake();
        Ok(())
    }

    /// Forgets the waiting jobs of a resource; one that runs goes on. Answers how many.
    pub async fn job_drop_waiting(&mut self, resource_key: &str) -> Result<u64> {
        const SQL: &str = "DELETE FROM job WHERE resource_key = $1 AND state = 'waiting'";
        let dropped = execute!(self.aside(), sqlx::query(SQL).bind(resource_key))?;
        self.wake();
        Ok(dropped)
    }
}
