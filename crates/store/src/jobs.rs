//! Durable jobs: the rows behind crate `queue`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use model::Millis;

use crate::database::{execute, execute_live, read, within};
use crate::rows::{JsonText, Word, words};
use crate::sql::{CHUNK, execute_built};
use crate::{Lane, Result, Store, StoreError, WriteTx};

words! {
    /// Which jobs go first.
    JobLane {
        /// A hook, a refresh, a click.
        Live = "live",
        /// A first import, and other work that may wait.
        Import = "import",
    }
}

/// A job to keep.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What to do.
    pub kind: String,
    /// Of one kind, one job with this key waits at a time.
    pub dedup_key: String,
    /// One job with this key runs at a time, over all nodes.
    pub resource_key: String,
    /// Live before import.
    pub lane: JobLane,
    /// Higher first within the lane.
    pub priority: i64,
    /// What to do it with.
    pub payload: serde_json::Value,
    /// Not before this.
    pub run_at: Millis,
}

/// A job that this process has taken.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Job {
    /// Inner id.
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// Of one kind, one job with this key waits at a time.
    pub dedup_key: String,
    /// One job with this key runs at a time, over all nodes.
    pub resource_key: String,
    /// Live before import.
    #[sqlx(try_from = "Word<JobLane>")]
    pub lane: JobLane,
    /// Higher first within the lane.
    pub priority: i64,
    /// What to do it with.
    #[sqlx(try_from = "JsonText<serde_json::Value>")]
    pub payload: serde_json::Value,
    /// How often it was taken, this time included.
    pub attempts: i64,
    /// Raised with each taking: who holds an older one has lost the lease.
    pub fence: i64,
    /// When it was due.
    pub run_at: Millis,
}

/// A job that was given up.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FailedJob {
    /// Inner id.
    pub id: i64,
    /// What was to be done.
    pub kind: String,
    /// Its key.
    pub dedup_key: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it was given up.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: Millis,
}

/// How often a claim is tried again when another node took a job of the same resource in the same moment.
const CLAIM_ATTEMPTS: usize = 8;

/// Takes the job that the inner query picks. Holder $1, lease $2, present $3, lane $4.
macro_rules! claim {
    ($pick:expr) => {
        concat!(
            "UPDATE job SET state = 'running', holder = $1, lease_until = $2, fence = fence + 1, attempts = attempts + 1 \
             WHERE id = (",
            $pick,
            ") RETURNING id, kind, dedup_key, resource_key, lane, priority, payload, attempts, fence, run_at"
        )
    };
}

macro_rules! first_waiting {
    () => {
        "SELECT j.id FROM job j WHERE j.state = 'waiting' AND j.lane = $4 AND j.run_at <= $3 AND NOT EXISTS \
         (SELECT 1 FROM job r WHERE r.state = 'running' AND r.resource_key = j.resource_key) \
         ORDER BY j.priority DESC, j.run_at, j.id LIMIT 1"
    };
}

macro_rules! first_abandoned {
    () => {
        "SELECT j.id FROM job j WHERE j.state = 'running' AND j.lane = $4 AND j.lease_until <= $3 \
         ORDER BY j.lease_until, j.id LIMIT 1"
    };
}

/// On PostgreSQL a row that another node is just taking is passed over; SQLite has one writer.
macro_rules! skip_locked {
    ($query:expr) => {
        concat!($query, " FOR UPDATE OF j SKIP LOCKED")
    };
}

/// What is written of new jobs.
macro_rules! insert_jobs {
    () => {
        "INSERT INTO job (id, kind, dedup_key, resource_key, lane, priority, payload, state, run_at, attempts, fence, \
         created_at) "
    };
}

/// A job that waits already takes the higher lane, the higher priority and the earlier time.
macro_rules! best_of_both {
    () => {
        " ON CONFLICT (kind, dedup_key) WHERE state = 'waiting' DO UPDATE SET \
         lane = CASE WHEN excluded.lane = 'live' THEN 'live' ELSE job.lane END, \
         priority = CASE WHEN excluded.priority > job.priority THEN excluded.priority ELSE job.priority END, \
         run_at = CASE WHEN excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END"
    };
}

const SQLITE_CLAIMS: [&str; 2] = [claim!(first_abandoned!()), claim!(first_waiting!())];
const POSTGRES_CLAIMS: [&str; 2] = [claim!(skip_locked!(first_abandoned!())), claim!(skip_locked!(first_waiting!()))];

/// Each job once, with its id, in order of kind and key: a statement may meet a row once only, and two nodes that ask for the
/// same jobs wait for each other in the same order.
fn distinct(jobs: &[NewJob], first: i64) -> Vec<(i64, NewJob)> {
    let mut kept: BTreeMap<(&str, &str), (i64, NewJob)> = BTreeMap::new();
    for (id, job) in (first..).zip(jobs) {
        match kept.entry((job.kind.as_str(), job.dedup_key.as_str())) {
            Entry::Vacant(vacant) => {
                vacant.insert((id, job.clone()));
            }
            Entry::Occupied(mut occupied) => {
                let (_, waiting) = occupied.get_mut();
                waiting.lane = if job.lane == JobLane::Live { JobLane::Live } else { waiting.lane };
                waiting.priority = waiting.priority.max(job.priority);
                waiting.run_at = waiting.run_at.min(job.run_at);
            }
        }
    }
    kept.into_values().collect()
}

impl WriteTx {
    /// Keeps a job; false when one with its kind and key waits already, which then takes the higher lane, the higher
    /// priority and the earlier time of both (and keeps its payload). Workers are woken by the commit.
    pub async fn job_enqueue(&mut self, job: &NewJob, now: Millis) -> Result<bool> {
        const SQL: &str = concat!(
            insert_jobs!(),
            "VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, 0, 0, $9)",
            best_of_both!(),
            " RETURNING id"
        );
        let id = self.ids(1).await?;
        let payload = job.payload.to_string();
        let kept: i64 = within!(self.aside(), |db| sqlx::query_scalar(SQL)
            .bind(id)
            .bind(job.kind.as_str())
            .bind(job.dedup_key.as_str())
            .bind(job.resource_key.as_str())
            .bind(job.lane.as_str())
            .bind(job.priority)
            .bind(payload.as_str())
            .bind(job.run_at)
            .bind(now)
            .fetch_one(db))?;
        self.wake();
        Ok(kept == id)
    }

    /// Keeps jobs as [`WriteTx::job_enqueue`] keeps each of them, in a statement for every 500: of those that are alike
    /// otherwise, the first goes first.
    pub async fn jobs_enqueue(&mut self, jobs: &[NewJob], now: Millis) -> Result<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        let first = self.ids(jobs.len() as i64).await?;
        let rows = distinct(jobs, first);
        for chunk in rows.chunks(CHUNK) {
            execute_built!(self.aside(), chunk.len() == CHUNK, {
                let mut sql = sqlx::QueryBuilder::new(insert_jobs!());
                sql.push_values(chunk, |mut row, (id, job)| {
                    row.push_bind(*id).push_bind(job.kind.as_str()).push_bind(job.dedup_key.as_str());
                    row.push_bind(job.resource_key.as_str()).push_bind(job.lane.as_str()).push_bind(job.priority);
                    row.push_bind(job.payload.to_string()).push_bind("waiting").push_bind(job.run_at);
                    row.push_bind(0_i64).push_bind(0_i64).push_bind(now);
                });
                sql.push(best_of_both!());
                sql
            })?;
        }
        self.wake();
        Ok(())
    }

    /// Ends a job well. [`StoreError::LeaseLost`] when another has taken it.
    pub async fn job_finish(&mut self, job: &Job) -> Result<()> {
        const SQL: &str = "DELETE FROM job WHERE id = $1 AND fence = $2 AND state = 'running'";
        let rows = execute!(self.aside(), sqlx::query(SQL).bind(job.id).bind(job.fence))?;
        self.settled(rows)
    }

    /// Lets a job wait again; when one with its kind and key waits already, that one is enough and this one goes.
    pub async fn job_retry(&mut self, job: &Job, run_at: Millis, error: &str) -> Result<()> {
        const SQL: &str = "UPDATE job SET state = 'waiting', run_at = $3, last_error = $4, holder = NULL, \
                           lease_until = NULL WHERE id = $1 AND fence = $2 AND state = 'running'";
        if self.job_twin(job).await?.is_some() {
            return self.job_finish(job).await;
        }
        let rows = execute!(self.aside(), sqlx::query(SQL).bind(job.id).bind(job.fence).bind(run_at).bind(error))?;
        self.settled(rows)
    }

    /// Lets a job that was stopped through no fault of its own wait again at once, without counting the attempt.
    pub async fn job_release(&mut self, job: &Job, now: Millis) -> Result<()> {
        const RELEASE: &str = "UPDATE job SET state = 'waiting', run_at = $3, attempts = attempts - 1, holder = NULL, \
                               lease_until = NULL WHERE id = $1 AND fence = $2 AND state = 'running'";
        const HURRY: &str = "UPDATE job SET run_at = $2 WHERE id = $1 AND run_at > $2";
        if let Some(twin) = self.job_twin(job).await? {
            execute!(self.aside(), sqlx::query(HURRY).bind(twin).bind(now))?;
            return self.job_finish(job).await;
        }
        let rows = execute!(self.aside(), sqlx::query(RELEASE).bind(job.id).bind(job.fence).bind(now))?;
        self.settled(rows)
    }

    /// Gives a job up.
    pub async fn job_fail(&mut self, job: &Job, error: &str) -> Result<()> {
        const SQL: &str = "UPDATE job SET state = 'failed', last_error = $3, holder = NULL, lease_until = NULL \
                           WHERE id = $1 AND fence = $2 AND state = 'running'";
        let rows = execute!(self.aside(), sqlx::query(SQL).bind(job.id).bind(job.fence).bind(error))?;
        self.settled(rows)
    }

    /// [`StoreError::LeaseLost`] unless this job is still held: what follows in this transaction is written only by
    /// its holder.
    pub async fn job_guard(&mut self, job: &Job) -> Result<()> {
        const SQLITE: &str = "SELECT id FROM job WHERE id = $1 AND fence = $2 AND state = 'running'";
        const POSTGRES: &str = "SELECT id FROM job WHERE id = $1 AND fence = $2 AND state = 'running' FOR UPDATE";
        // Held on PostgreSQL, so that nobody takes the job before these writes are there or gone.
        let sql = if self.is_postgres() { POSTGRES } else { SQLITE };
        let held: Option<i64> =
            within!(self.aside(), |db| sqlx::query_scalar(sql).bind(job.id).bind(job.fence).fetch_optional(db))?;
        held.map(|_| ()).ok_or(StoreError::LeaseLost)
    }

    /// A waiting job of the same kind and key.
    async fn job_twin(&mut self, job: &Job) -> Result<Option<i64>> {
        const SQL: &str = "SELECT id FROM job WHERE kind = $1 AND dedup_key = $2 AND state = 'waiting'";
        within!(self.aside(), |db| sqlx::query_scalar(SQL)
            .bind(job.kind.as_str())
            .bind(job.dedup_key.as_str())
            .fetch_optional(db))
    }

    /// A job left the running ones: its resource is free, so others may begin.
    const fn settled(&mut self, rows: u64) -> Result<()> {
        self.wake();
        if rows == 0 { Err(StoreError::LeaseLost) } else { Ok(()) }
    }

    async fn job_take(&mut self, holder: &str, lane: JobLane, now: Millis, lease_until: Millis) -> Result<Option<Job>> {
        let claims = if self.is_postgres() { POSTGRES_CLAIMS } else { SQLITE_CLAIMS };
        for sql in claims {
            let taken = within!(self.aside(), |db| sqlx::query_as(sql)
                .bind(holder)
                .bind(lease_until)
                .bind(now)
                .bind(lane.as_str())
                .fetch_optional(db))?;
            if taken.is_some() {
                return Ok(taken);
            }
        }
        Ok(None)
    }
}

impl Store {
    /// Takes the next job that is due and whose resource is free: one whose lease ran out, else the first of the lane
    /// (none: of any lane, live first).
    pub async fn job_claim(
        &self,
        holder: &str,
        lane: Option<JobLane>,
        now: Millis,
        lease_until: Millis,
    ) -> Result<Option<Job>> {
        let lanes = lane.map_or(&[JobLane::Live, JobLane::Import][..], |lane| match lane {
            JobLane::Live => &[JobLane::Live],
            JobLane::Import => &[JobLane::Import],
        });
        for lane in lanes {
            if let Some(job) = self.job_claim_in(holder, *lane, now, lease_until).await? {
                return Ok(Some(job));
            }
        }
        Ok(None)
    }

    async fn job_claim_in(&self, holder: &str, lane: JobLane, now: Millis, until: Millis) -> Result<Option<Job>> {
        for _ in 0..CLAIM_ATTEMPTS {
            let mut tx = self.begin_write(Lane::Live).await?;
            match tx.job_take(holder, lane, now, until).await {
                // Another node took a job of this resource in the same moment: the index refused the second one.
                Err(error) if error.is_unique_violation() => {}
                Err(error) => return Err(error),
                Ok(None) => return Ok(None),
                Ok(taken) => {
                    tx.commit().await?;
                    return Ok(taken);
                }
            }
        }
        Ok(None)
    }

    /// Makes the lease last longer; false when it is lost.
    pub async fn job_heartbeat(&self, job: &Job, lease_until: Millis) -> Result<bool> {
        const SQL: &str = "UPDATE job SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running'";
        let rows = execute_live!(aside self, sqlx::query(SQL).bind(job.id).bind(job.fence).bind(lease_until))?;
        Ok(rows > 0)
    }

    /// How many jobs could be taken now, were all resources free.
    pub async fn jobs_waiting(&self, now: Millis) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM job WHERE state = 'waiting' AND run_at <= $1";
        read!(self, |db| sqlx::query_scalar(SQL).bind(now).fetch_one(db))
    }

    /// How many jobs wait or run.
    pub async fn jobs_open(&self) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM job WHERE state IN ('waiting', 'running')";
        read!(self, |db| sqlx::query_scalar(SQL).fetch_one(db))
    }

    /// How many jobs run on any node, or could: none means that all is done that is due.
    pub async fn jobs_active(&self, now: Millis) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM job WHERE state = 'running' OR (state = 'waiting' AND run_at <= $1)";
        read!(self, |db| sqlx::query_scalar(SQL).bind(now).fetch_one(db))
    }

    /// When the next waiting job is due or the next lease runs out.
    pub async fn jobs_next_run_at(&self) -> Result<Option<Millis>> {
        const SQL: &str = "SELECT MIN(CASE WHEN state = 'waiting' THEN run_at ELSE lease_until END) FROM job \
                           WHERE state IN ('waiting', 'running')";
        read!(self, |db| sqlx::query_scalar(SQL).fetch_one(db))
    }

    /// Whether a live job for this resource is due: an import lets it go first, between two chunks.
    pub async fn live_job_waiting(&self, resource_key: &str, now: Millis) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM job \
                           WHERE state = 'waiting' AND lane = 'live' AND resource_key = $1 AND run_at <= $2";
        let waiting: i64 = read!(self, |db| sqlx::query_scalar(SQL).bind(resource_key).bind(now).fetch_one(db))?;
        Ok(waiting > 0)
    }

    /// The jobs that were given up, newest first.
    pub async fn jobs_failed(&self) -> Result<Vec<FailedJob>> {
        const SQL: &str = "SELECT id, kind, dedup_key, attempts, last_error, created_at FROM job WHERE state = 'failed' \
                           ORDER BY created_at DESC, id DESC";
        read!(self, |db| sqlx::query_as(SQL).fetch_all(db))
    }

    /// Forgets jobs given up that were asked for before `before`.
    pub async fn jobs_prune(&self, before: Millis) -> Result<()> {
        execute_live!(aside self, sqlx::query("DELETE FROM job WHERE state = 'failed' AND created_at < $1").bind(before))?;
        Ok(())
    }
}
