//! The outbox: one row for each entity that a site is told about, changed in the transaction of the fact (engine §2).

use std::collections::{BTreeMap, BTreeSet};

use model::{Channel, Clock, EntityKind, Millis, OutboxLane, OutboxState, SystemClock, Told};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::jobs::JobLane;
use crate::rows::{MaybeJsonText, Word};
use crate::sql::{CHUNK, execute_built, numbers};
use crate::{NewJob, Result, Store, WriteTx};

/// Something that a site is to be told.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct OutboxEntry {
    /// About what.
    #[sqlx(try_from = "Word<Told>")]
    pub kind: Told,
    /// Its inner id.
    pub entity_id: i64,
    /// Raised by each change.
    pub wanted: i64,
    /// What the site was told last; 0: nothing.
    pub sent: i64,
    /// Grows with each change, beginning with the time of the observation.
    pub sequence: i64,
    /// How often telling it failed in a row.
    pub attempts: i64,
    /// Whether the site was ever sent something of it, and so may have it, even where nobody knows how that ended.
    pub offered: bool,
    /// Since when the site does not know the issue.
    pub parked_since: Option<Millis>,
    /// How the site knows what is gone from here.
    #[sqlx(try_from = "MaybeJsonText<serde_json::Value>")]
    pub tombstone: Option<serde_json::Value>,
    /// Whether it goes first.
    #[sqlx(try_from = "Word<OutboxLane>")]
    pub lane: OutboxLane,
}

/// What a transaction observes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observed {
    pub(crate) now: Millis,
    pub(crate) lane: OutboxLane,
}

/// How long what changes is let change further before a site is told, in milliseconds.
const fn debounce(channel: Channel) -> Millis {
    match channel {
        Channel::RemoteLink => 1_000,
        Channel::DevInfo | Channel::SmartCommit | Channel::CommitComment => 300,
    }
}

/// What of a row changes when its entity does.
pub(crate) const CHANGED: &str = " ON CONFLICT (site_id, channel, entity_kind, entity_id) DO UPDATE SET wanted = outbox.wanted + 1, \
     sequence = CASE WHEN excluded.sequence > outbox.sequence THEN excluded.sequence ELSE outbox.sequence + 1 END, \
     lane = CASE WHEN excluded.lane = 'live' OR (outbox.state = 'waiting' AND outbox.lane = 'live') THEN 'live' \
     ELSE excluded.lane END, state = 'waiting', not_before = excluded.not_before, parked_since = NULL, words = NULL, \
     tombstone = NULL, changed_at = excluded.changed_at";

/// What of a row changes when it only should be there.
pub(crate) const PRESENT: &str = " ON CONFLICT (site_id, channel, entity_kind, entity_id) DO UPDATE SET wanted = outbox.wanted + 1, \
     sequence = CASE WHEN excluded.sequence > outbox.sequence THEN excluded.sequence ELSE outbox.sequence + 1 END, \
     state = 'waiting', not_before = excluded.not_before, tombstone = NULL, changed_at = excluded.changed_at \
     WHERE outbox.tombstone IS NOT NULL";

impl WriteTx {
    /// This transaction writes what was seen of a repository: live, once its first import has ended.
    pub(crate) async fn observes(&mut self, repository_id: i64, now: Millis) -> Result<()> {
        const SQL: &str = "SELECT r.imported_at IS NOT NULL OR EXISTS (SELECT 1 FROM account_repository ar JOIN account a \
                           ON a.id = ar.account_id WHERE ar.repository_id = r.id AND r.created_at > a.imported_at) \
                           FROM repository r WHERE r.id = $1";
        if self.observed().is_some() || self.site_wants().await?.is_empty() {
            return Ok(());
        }
        let is_live: Option<bool> =
            within!(self.aside(), |db| sqlx::query_scalar(SQL).bind(repository_id).fetch_optional(db))?;
        let lane = if is_live == Some(true) { OutboxLane::Live } else { OutboxLane::Backfill };
        self.set_observed(Observed { now, lane });
        Ok(())
    }

    /// Entities, or their links, have changed: whoever wants to know is told.
    pub(crate) async fn entities_changed(&mut self, kind: EntityKind, ids: &[i64]) -> Result<()> {
        let told = match kind {
            EntityKind::Commit => Told::Commit,
            EntityKind::Branch => Told::Branch,
            EntityKind::MergeRequest => Told::MergeRequest,
        };
        // What no sync observes is a change of rules: everything old, seen anew.
        let observed =
            self.observed().unwrap_or_else(|| Observed { now: SystemClock.now(), lane: OutboxLane::Backfill });
        self.outbox_changed(told, ids, observed).await
    }

    /// Something about these has changed: every site that wants to know is told.
    pub async fn outbox_touch(&mut self, told: Told, ids: &[i64], now: Millis) -> Result<()> {
        self.outbox_changed(told, ids, Observed { now, lane: OutboxLane::Live }).await
    }

    async fn outbox_changed(&mut self, told: Told, ids: &[i64], observed: Observed) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let wants = self.site_wants().await?;
        for site in wants.iter() {
            for channel in site.channels(told) {
                // A change of rules has no time of the engine's clock: it is due at once.
                let due = self.observed().map_or(0, |observed| observed.now);
                self.outbox_rows((site.site_id, channel, told), ids, (observed, due), CHANGED).await?;
                self.outbox_wake_job(site.site_id, channel, observed.lane, due).await?;
            }
        }
        Ok(())
    }

    /// Rows in order of their ids: two nodes that write the same ones wait for each other in the same order.
    pub(crate) async fn outbox_rows(
        &mut self,
        (site_id, channel, told): (i64, Channel, Told),
        ids: &[i64],
        (observed, not_before): (Observed, Millis),
        on_conflict: &'static str,
    ) -> Result<()> {
        const INSERT: &str = "INSERT INTO outbox (site_id, channel, entity_kind, entity_id, wanted, sent, sequence, state, lane, \
                              not_before, attempts, offered, changed_at) ";
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        for chunk in ids.chunks(CHUNK) {
            execute_built!(self.aside(), chunk.len() == CHUNK, {
                let mut sql = sqlx::QueryBuilder::new(INSERT);
                sql.push_values(chunk, |mut row, id| {
                    row.push_bind(site_id).push_bind(channel.as_str()).push_bind(told.as_str()).push_bind(*id);
                    row.push_bind(1_i64)
                        .push_bind(0_i64)
                        .push_bind(observed.now)
                        .push_bind(OutboxState::Waiting.as_str());
                    row.push_bind(observed.lane.as_str())
                        .push_bind(not_before)
                        .push_bind(0_i64)
                        .push_bind(false)
                        .push_bind(observed.now);
                });
                sql.push(on_conflict);
                sql
            })?;
        }
        Ok(())
    }

    /// Has the job run that tells.
    pub(crate) async fn outbox_wake_job(
        &mut self,
        site_id: i64,
        channel: Channel,
        lane: OutboxLane,
        now: Millis,
    ) -> Result<()> {
        let (kind, suffix, lane, payload) = match (channel, lane) {
            (Channel::SmartCommit, _) => return self.smart_commits_wake(site_id, now).await,
            (Channel::CommitComment, _) => return self.commit_comments_wake(site_id, now).await,
            (Channel::RemoteLink, _) => {
                ("deliver_links", "links", JobLane::Live, serde_json::json!({ "site_id": site_id }))
            }
            (Channel::DevInfo, OutboxLane::Live) => (
                "deliver_dev_info",
                "dev_info",
                JobLane::Live,
                serde_json::json!({ "site_id": site_id, "backfill": false }),
            ),
            (Channel::DevInfo, OutboxLane::Backfill) => (
                "deliver_dev_info",
                "dev_info:backfill",
                JobLane::Import,
                serde_json::json!({ "site_id": site_id, "backfill": true }),
            ),
        };
        let key = format!("site:{site_id}:{suffix}");
        let job = NewJob {
            kind: kind.to_owned(),
            dedup_key: key.clone(),
            resource_key: key,
            lane,
            priority: 0,
            payload,
            run_at: now + debounce(channel),
        };
        self.job_enqueue(&job, now).await.map(|_| ())
    }

    /// The site is about to be sent something of these: whatever comes between, it may have it from now on. Answers which of
    /// them are still there to be told.
    pub async fn outbox_offer(
        &mut self,
        site_id: i64,
        channel: Channel,
        entries: &[&OutboxEntry],
    ) -> Result<BTreeSet<(Told, i64)>> {
        let mut ids: BTreeMap<Told, Vec<i64>> = BTreeMap::new();
        for entry in in_order(entries) {
            ids.entry(entry.kind).or_default().push(entry.entity_id);
        }
        let mut there = BTreeSet::new();
        for (kind, ids) in ids {
            for chunk in ids.chunks(CHUNK) {
                let sql = format!(
                    "UPDATE outbox SET offered = TRUE WHERE site_id = $1 AND channel = $2 AND entity_kind = $3 \
                     AND entity_id IN ({}) RETURNING entity_id",
                    numbers(chunk)
                );
                let offered: Vec<i64> = within!(self.aside(), |db| sqlx::query_scalar(AssertSqlSafe(sql.as_str()))
                    .persistent(false)
                    .bind(site_id)
                    .bind(channel.as_str())
                    .bind(kind.as_str())
                    .fetch_all(db))?;
                there.extend(offered.into_iter().map(|id| (kind, id)));
            }
        }
        Ok(there)
    }

    /// The site knows these as they were read; what changed meanwhile stays due.
    pub async fn outbox_sent(
        &mut self,
        site_id: i64,
        channel: Channel,
        entries: &[&OutboxEntry],
        _now: Millis,
    ) -> Result<()> {
        let mut groups: BTreeMap<(Told, i64), Vec<i64>> = BTreeMap::new();
        for entry in entries {
            groups.entry((entry.kind, entry.wanted)).or_default().push(entry.entity_id);
        }
        for ((kind, wanted), mut ids) in groups {
            ids.sort_unstable();
            for chunk in ids.chunks(CHUNK) {
                let sql = format!(
                    "UPDATE outbox SET sent = $4, offered = TRUE, attempts = 0, parked_since = NULL, words = NULL, \
                     state = CASE WHEN wanted = $4 THEN 'sent' ELSE state END \
                     WHERE site_id = $1 AND channel = $2 AND entity_kind = $3 AND entity_id IN ({})",
                    numbers(chunk)
                );
                execute!(
                    self.aside(),
                    sqlx::query(AssertSqlSafe(sql.as_str()))
                        .persistent(false)
                        .bind(site_id)
                        .bind(channel.as_str())
                        .bind(kind.as_str())
                        .bind(wanted)
                )?;
            }
        }
        Ok(())
    }

    /// The site knows nothing of these any more, or never did, and need not: what changed meanwhile stays due.
    pub async fn outbox_dropped(&mut self, site_id: i64, channel: Channel, entries: &[&OutboxEntry]) -> Result<()> {
        const DELETE: &str = "DELETE FROM outbox WHERE site_id = $1 AND channel = $2 AND entity_kind = $3 AND entity_id = $4 \
                              AND wanted = $5";
        const UNKNOWN: &str = "UPDATE outbox SET sent = 0, offered = FALSE, attempts = 0 WHERE site_id = $1 AND channel = $2 \
                               AND entity_kind = $3 AND entity_id = $4";
        for entry in in_order(entries) {
            let (kind, id) = (entry.kind.as_str(), entry.entity_id);
            let channel = channel.as_str();
            let gone = execute!(
                self.aside(),
                sqlx::query(DELETE).bind(site_id).bind(channel).bind(kind).bind(id).bind(entry.wanted)
            )?;
            if gone == 0 {
                execute!(self.aside(), sqlx::query(UNKNOWN).bind(site_id).bind(channel).bind(kind).bind(id))?;
            }
        }
        Ok(())
    }

    /// The site refused these for good; they are told again when they change.
    pub async fn outbox_refused(
        &mut self,
        site_id: i64,
        channel: Channel,
        entries: &[&OutboxEntry],
        words: &str,
        now: Millis,
    ) -> Result<()> {
        self.outbox_set((site_id, channel, OutboxState::Refused), entries, (now, words, None)).await
    }

    /// These failed and are told again at `not_before`.
    pub async fn outbox_later(
        &mut self,
        site_id: i64,
        channel: Channel,
        entries: &[&OutboxEntry],
        not_before: Millis,
        words: &str,
        _now: Millis,
    ) -> Result<()> {
        self.outbox_set((site_id, channel, OutboxState::Waiting), entries, (not_before, words, None)).await
    }

    /// The site does not know the issues of these; it is asked again at `until`.
    pub async fn outbox_parked(
        &mut self,
        site_id: i64,
        channel: Channel,
        entries: &[&OutboxEntry],
        until: Millis,
        words: &str,
        now: Millis,
    ) -> Result<()> {
        self.outbox_set((site_id, channel, OutboxState::Parked), entries, (until, words, Some(now))).await
    }

    /// What changed meanwhile stays due as it is.
    async fn outbox_set(
        &mut self,
        (site_id, channel, state): (i64, Channel, OutboxState),
        entries: &[&OutboxEntry],
        (not_before, words, parked_since): (Millis, &str, Option<Millis>),
    ) -> Result<()> {
        const SQL: &str = "UPDATE outbox SET state = $6, not_before = $7, words = $8, attempts = attempts + 1, \
                           parked_since = CASE WHEN CAST($9 AS BIGINT) IS NULL THEN parked_since \
                           ELSE COALESCE(parked_since, CAST($9 AS BIGINT)) END \
                           WHERE site_id = $1 AND channel = $2 AND entity_kind = $3 AND entity_id = $4 AND wanted = $5";
        for entry in in_order(entries) {
            execute!(
                self.aside(),
                sqlx::query(SQL)
                    .bind(site_id)
                    .bind(channel.as_str())
                    .bind(entry.kind.as_str())
                    .bind(entry.entity_id)
                    .bind(entry.wanted)
                    .bind(state.as_str())
                    .bind(not_before)
                    .bind(words)
                    .bind(parked_since)
            )?;
        }
        Ok(())
    }

    /// What is parked or was refused is due again.
    pub async fn outbox_wake(&mut self, site_id: i64, channel: Channel, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE outbox SET state = 'waiting', not_before = $3 WHERE site_id = $1 AND channel = $2 \
                           AND state IN ('parked', 'refused')";
        execute!(self.aside(), sqlx::query(SQL).bind(site_id).bind(channel.as_str()).bind(now))?;
        Ok(())
    }

    /// Makes what waits after a failure, is parked or was refused due now: one entity, or all. Answers how many.
    pub(crate) async fn outbox_hurry(
        &mut self,
        site_id: i64,
        channel: Channel,
        one: Option<(Told, i64)>,
        now: Millis,
    ) -> Result<u64> {
        const SQL: &str = "UPDATE outbox SET state = 'waiting', not_before = $3 WHERE site_id = $1 AND channel = $2 \
                           AND (state IN ('parked', 'refused') OR (state = 'waiting' AND attempts > 0)) \
                           AND (CAST($4 AS TEXT) IS NULL OR (entity_kind = $4 AND entity_id = $5))";
        let (kind, id) = one.unzip();
        let hurried = execute!(
            self.aside(),
            sqlx::query(SQL).bind(site_id).bind(channel.as_str()).bind(now).bind(kind.map(Told::as_str)).bind(id)
        )?;
        if hurried > 0 {
            for lane in [OutboxLane::Live, OutboxLane::Backfill] {
                self.outbox_wake_job(site_id, channel, lane, now).await?;
            }
        }
        Ok(hurried)
    }
}

/// Channel, state and lane, and how many there are.
type CountRow = (Word<Channel>, Word<OutboxState>, Word<OutboxLane>, i64);

fn in_order<'e>(entries: &[&'e OutboxEntry]) -> Vec<&'e OutboxEntry> {
    let mut entries = entries.to_vec();
    entries.sort_unstable_by_key(|entry| (entry.kind, entry.entity_id));
    entries
}

macro_rules! due {
    ($select:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM outbox WHERE site_id = $1 AND channel = $2 AND state IN ('waiting', 'parked') \
             AND (CAST($3 AS TEXT) IS NULL OR lane = $3)",
            $rest
        )
    };
}

impl Store {
    /// What a site is to be told now, what was due first first.
    pub async fn outbox_due(
        &self,
        site_id: i64,
        channel: Channel,
        lane: Option<OutboxLane>,
        now: Millis,
        limit: i64,
    ) -> Result<Vec<OutboxEntry>> {
        const SQL: &str = due!(
            "entity_kind AS kind, entity_id, wanted, sent, sequence, attempts, offered, parked_since, tombstone, lane",
            " AND not_before <= $4 ORDER BY not_before, entity_id LIMIT $5"
        );
        read!(self, |db| sqlx::query_as(SQL)
            .bind(site_id)
            .bind(channel.as_str())
            .bind(lane.map(OutboxLane::as_str))
            .bind(now)
            .bind(limit)
            .fetch_all(db))
    }

    /// When something is due next; none: everything is told.
    pub async fn outbox_next(
        &self,
        site_id: i64,
        channel: Channel,
        lane: Option<OutboxLane>,
    ) -> Result<Option<Millis>> {
        const SQL: &str = due!("MIN(not_before)", "");
        read!(self, |db| sqlx::query_scalar(SQL)
            .bind(site_id)
            .bind(channel.as_str())
            .bind(lane.map(OutboxLane::as_str))
            .fetch_one(db))
    }

    /// How much of each channel, state and lane there is.
    pub async fn outbox_counts(&self, site_id: i64) -> Result<Vec<(Channel, OutboxState, OutboxLane, i64)>> {
        const SQL: &str = "SELECT channel, state, lane, COUNT(*) FROM outbox WHERE site_id = $1 GROUP BY channel, state, lane \
                           ORDER BY channel, state, lane";
        let rows: Vec<CountRow> = read!(self, |db| sqlx::query_as(SQL).bind(site_id).fetch_all(db))?;
        Ok(rows.into_iter().map(|(channel, state, lane, count)| (channel.0, state.0, lane.0, count)).collect())
    }

    /// Where telling a site about an entity stands: state, words, the next try.
    pub async fn outbox_state(
        &self,
        site_id: i64,
        channel: Channel,
        told: Told,
        entity_id: i64,
    ) -> Result<Option<(OutboxState, Option<String>, Millis)>> {
        const SQL: &str = "SELECT state, words, not_before FROM outbox WHERE site_id = $1 AND channel = $2 AND entity_kind = $3 \
                           AND entity_id = $4";
        let row: Option<(Word<OutboxState>, Option<String>, Millis)> = read!(self, |db| sqlx::query_as(SQL)
            .bind(site_id)
            .bind(channel.as_str())
            .bind(told.as_str())
            .bind(entity_id)
            .fetch_optional(db))?;
        Ok(row.map(|(state, words, not_before)| (state.0, words, not_before)))
    }
}
