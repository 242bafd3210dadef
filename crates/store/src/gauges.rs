//! What is counted when somebody asks how things stand: queue, credentials, outbox. A few aggregates over indexed columns, and
//! nothing that names a person, a repository or an issue.

use model::{Channel, Millis};

use crate::database::read;
use crate::rows::{Word, words};
use crate::{AccountState, JobLane, RepositoryState, Result, Store};

/// How things stand at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Jobs by lane and state; without those that are none.
    pub jobs: Vec<JobsCounted>,
    /// Hook events that wait to be worked off.
    pub inbox_waiting: i64,
    /// Accounts by state.
    pub accounts: Vec<(AccountState, i64)>,
    /// Linked repositories by state.
    pub repositories: Vec<(RepositoryState, i64)>,
    /// When the tokens that people made for accounts end. Pairs of OAuth renew themselves and are not among them.
    pub tokens: Vec<(i64, Millis)>,
    /// How much each site is still to be told, by channel: entities, and smart commits.
    pub outbox: Vec<(i64, Channel, i64)>,
}

/// How many jobs of a lane are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobsCounted {
    /// The lane.
    pub lane: JobLane,
    /// The state.
    pub state: JobStanding,
    /// How many.
    pub count: i64,
    /// When the first of them is or was due.
    pub first_run_at: Millis,
}

words! {
    /// Where a job stands.
    JobStanding {
        /// It could run now.
        Due = "due",
        /// Its time has not come.
        Later = "later",
        /// A node is at it.
        Running = "running",
        /// It was given up.
        Failed = "failed",
    }
}

impl Store {
    /// How things stand now.
    pub async fn gauges(&self, now: Millis) -> Result<Gauges> {
        Ok(Gauges {
            jobs: self.jobs_counted(now).await?,
            inbox_waiting: self.inbox_counted().await?,
            accounts: self.accounts_counted().await?,
            repositories: self.repositories_counted().await?,
            tokens: self.token_ends().await?,
            outbox: self.outbox_counted().await?,
        })
    }

    async fn jobs_counted(&self, now: Millis) -> Result<Vec<JobsCounted>> {
        const SQL: &str = "SELECT lane, CASE WHEN state <> 'waiting' THEN state WHEN run_at <= $1 THEN 'due' ELSE 'later' END, \
                           COUNT(*), MIN(run_at) FROM job GROUP BY 1, 2 ORDER BY 1, 2";
        let rows: Vec<(Word<JobLane>, Word<JobStanding>, i64, Millis)> =
            read!(self, |db| sqlx::query_as(SQL).bind(now).fetch_all(db))?;
        let counted = |(lane, state, count, first_run_at): (Word<JobLane>, Word<JobStanding>, i64, Millis)| {
            JobsCounted { lane: lane.0, state: state.0, count, first_run_at }
        };
        Ok(rows.into_iter().map(counted).collect())
    }

    async fn inbox_counted(&self) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM inbox WHERE state = 'waiting'";
        read!(self, |db| sqlx::query_scalar(SQL).fetch_one(db))
    }

    async fn accounts_counted(&self) -> Result<Vec<(AccountState, i64)>> {
        const SQL: &str = "SELECT state, COUNT(*) FROM account GROUP BY state ORDER BY state";
        let rows: Vec<(Word<AccountState>, i64)> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        Ok(rows.into_iter().map(|(state, count)| (state.0, count)).collect())
    }

    async fn repositories_counted(&self) -> Result<Vec<(RepositoryState, i64)>> {
        const SQL: &str = "SELECT r.state, COUNT(*) FROM repository r WHERE EXISTS (SELECT 1 FROM account_repository ar \
                           WHERE ar.repository_id = r.id AND ar.linked AND ar.visible) GROUP BY r.state ORDER BY r.state";
        let rows: Vec<(Word<RepositoryState>, i64)> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        Ok(rows.into_iter().map(|(state, count)| (state.0, count)).collect())
    }

    async fn token_ends(&self) -> Result<Vec<(i64, Millis)>> {
        const SQL: &str = "SELECT a.id, c.expires_at FROM account a JOIN credential c ON c.owner_id = COALESCE(a.grant_id, a.id) \
                           WHERE a.state <> 'removing' AND c.kind = 'token' AND c.expires_at IS NOT NULL ORDER BY a.id";
        read!(self, |db| sqlx::query_as(SQL).fetch_all(db))
    }

    async fn outbox_counted(&self) -> Result<Vec<(i64, Channel, i64)>> {
        const SQL: &str = "SELECT s.id, c.channel, (SELECT COUNT(*) FROM outbox o WHERE o.site_id = s.id \
                           AND o.channel = c.channel AND o.state = 'waiting') FROM site s CROSS JOIN \
                           (SELECT 'remote_link' AS channel UNION ALL SELECT 'dev_info') c \
                           UNION ALL SELECT s.id, 'smart_commit', (SELECT COUNT(*) FROM receipt r WHERE r.site_id = s.id \
                           AND r.ended_at IS NULL) FROM site s ORDER BY 1, 2";
        let rows: Vec<(i64, Word<Channel>, i64)> = read!(self, |db| sqlx::query_as(SQL).fetch_all(db))?;
        Ok(rows.into_iter().map(|(site, channel, count)| (site, channel.0, count)).collect())
    }
}
