//! The outbox: one row for each entity that a site is told about, changed in the transaction of the fact (engine §2).

use model::{Channel, Clock, EntityKind, Millis, OutboxLane, OutboxState, SystemClock, Told};

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
        Channel::DevInfo | Channel::SmartCommit => 300,
    }
}

/// What of a row changes when its entity does.
const CHANGED: &str = " ON CONFLICT (site_id, channel, entity_kind, entity_id) DO UPDATE SET wanted = outbox.wanted + 1, \
     sequence = CASE WHEN excluded.sequence > outbox.sequence THEN excluded.sequence ELSE outbox.sequence + 1 END, \
     lane = CASE WHEN excluded.lane = 'live' OR (outbox.state = 'waiting' AND outbox.lane = 'live') THEN 'live' \
     ELSE excluded.lane END, state = 'waiting', not_before = excluded.not_before, attempts = 0, parked_since = NULL, \
     words = NULL, tombstone = NULL, changed_at = excluded.changed_at";

/// What of a row changes when it only should be there.
const PRESENT: &str = " ON CONFLICT (site_id, channel, entity_kind, entity_id) DO UPDATE SET wanted = outbox.wanted + 1, \
     sequence = CASE WHEN excluded.sequence > outbox.sequence THEN excluded.sequence ELSE outbox.sequence + 1 END, \
     state = 'waiting', not_before = excluded.not_before, attempts = 0, tombstone = NULL, changed_at = excluded.changed_at \
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

    /// Sites that were told of a repository are told that it is gone: how they know it is kept.
    pub(crate) async fn repository_tombstones(&mut self, id: i64) -> Result<()> {
        const FIND: &str =
            "SELECT h.kind, h.url, r.forge_id FROM repository r JOIN host h ON h.id = r.host_id WHERE r.id = $1";
        const KEEP: &str = "UPDATE outbox SET tombstone = $2 WHERE entity_kind = 'repository' AND entity_id = $1";
        let found: Option<(String, String, String)> =
            within!(self.aside(), |db| sqlx::query_as(FIND).bind(id).fetch_optional(db))?;
        let Some((kind, url, forge_id)) = found else { return Ok(()) };
        let observed =
            self.observed().unwrap_or_else(|| Observed { now: SystemClock.now(), lane: OutboxLane::Backfill });
        self.outbox_changed(Told::Repository, &[id], observed).await?;
        let stone = serde_json::json!({ "host_kind": kind, "host_url": url, "forge_id": forge_id });
        execute!(self.aside(), sqlx::query(KEEP).bind(id).bind(stone.to_string()))?;
        Ok(())
    }

    /// Rows in order of their ids: two nodes that write the same ones wait for each other in the same order.
    async fn outbox_rows(
        &mut self,
        (site_id, channel, told): (i64, Channel, Told),
        ids: &[i64],
        (observed, not_before): (Observed, Millis),
        on_conflict: &'static str,
    ) -> Result<()> {
        const INSERT: &str = "INSERT INTO outbox (site_id, channel, entity_kind, entity_id, wanted, sent, sequence, state, lane, \
                              not_before, attempts, changed_at) ";
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
                        .push_bind(observed.now);
                });
                sql.push(on_conflict);
                sql
            })?;
        }
        Ok(())
    }

    /// Has the job run that tells.
    async fn outbox_wake_job(&mut self, site_id: i64, channel: Channel, lane: OutboxLane, now: Millis) -> Result<()> {
        let (kind, suffix, lane, payload) = match (channel, lane) {
            (Channel::SmartCommit, _) => return self.smart_commits_wake(site_id, now).await,
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

    /// Rows for up to `limit` entities of a kind that have links and that the site sees, behind `after`, as far as they are not
    /// there yet or were withdrawn; answers where to go on, none at the end.
    pub async fn outbox_fill_step(
        &mut self,
        site_id: i64,
        channel: Channel,
        told: Told,
        after: i64,
        limit: i64,
        now: Millis,
    ) -> Result<Option<i64>> {
        const ENTITIES: &str = "SELECT DISTINCT entity_id FROM issue_link WHERE kind = $1 AND entity_id > $2 \
                                ORDER BY entity_id LIMIT $3";
        let ids: Vec<i64> = within!(self.aside(), |db| sqlx::query_scalar(ENTITIES)
            .bind(told.as_str())
            .bind(after)
            .bind(limit)
            .fetch_all(db))?;
        let Some(last) = ids.last().copied() else { return Ok(None) };
        let seen = self.seen_by_site(site_id, told, &ids).await?;
        let observed = Observed { now, lane: OutboxLane::Backfill };
        self.outbox_rows((site_id, channel, told), &seen, (observed, now), PRESENT).await?;
        Ok(Some(last))
    }

    /// Those of these entities that are in a repository that the site sees.
    async fn seen_by_site(&mut self, site_id: i64, told: Told, ids: &[i64]) -> Result<Vec<i64>> {
        let of = match told {
            Told::Repository => "SELECT e.id FROM repository e WHERE e.id IN (ids) AND (sees:e.id)",
            Told::Branch => "SELECT e.id FROM branch e WHERE e.id IN (ids) AND (sees:e.repository_id)",
            Told::MergeRequest => "SELECT e.id FROM merge_request e WHERE e.id IN (ids) AND (sees:e.repository_id)",
            Told::Commit => {
                "SELECT DISTINCT e.commit_id FROM repository_commit e WHERE e.commit_id IN (ids) AND (sees:e.repository_id)"
            }
        };
        let sees = |repository: &str| {
            format!(
                "EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id WHERE \
                 ar.repository_id = {repository} AND ar.linked AND ar.visible AND a.state <> 'removing' AND EXISTS \
                 (SELECT 1 FROM site s WHERE s.id = $1 AND (s.settings LIKE '%\"all_accounts\":true%' OR EXISTS \
                 (SELECT 1 FROM site_account sa WHERE sa.site_id = s.id AND sa.account_id = a.id))))"
            )
        };
        let sql = of.replace("(ids)", &format!("({})", numbers(ids)));
        let sql = sql.replace("(sees:e.id)", &sees("e.id")).replace("(sees:e.repository_id)", &sees("e.repository_id"));
        within!(self.aside(), |db| sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .persistent(false)
            .bind(site_id)
            .fetch_all(db))
    }

    /// Makes up to `limit` rows behind `after` due of which the site was told and which it may not see any more: they are to
    /// be withdrawn. Answers where to go on, none at the end.
    pub async fn outbox_hidden_step(
        &mut self,
        site_id: i64,
        channel: Channel,
        after: i64,
        limit: i64,
        now: Millis,
    ) -> Result<Option<i64>> {
        const TOLD: &str = "SELECT entity_kind, entity_id FROM outbox WHERE site_id = $1 AND channel = $2 AND entity_id > $3 \
                            AND entity_kind <> 'repository' AND (sent > 0 OR attempts > 0) AND tombstone IS NULL \
                            ORDER BY entity_id, entity_kind LIMIT $4";
        let rows: Vec<(Word<Told>, i64)> = within!(self.aside(), |db| sqlx::query_as(TOLD)
            .bind(site_id)
            .bind(channel.as_str())
            .bind(after)
            .bind(limit)
            .fetch_all(db))?;
        let Some(last) = rows.last().map(|(_, id)| *id) else { return Ok(None) };
        for told in [Told::Commit, Told::Branch, Told::MergeRequest] {
            let ids: Vec<i64> = rows.iter().filter(|(kind, _)| kind.0 == told).map(|(_, id)| *id).collect();
            let seen = self.seen_by_site(site_id, told, &ids).await?;
            let hidden: Vec<i64> = ids.into_iter().filter(|id| !seen.contains(id)).collect();
            self.outbox_withdraw(site_id, channel, told, &hidden, now).await?;
        }
        Ok(Some(last))
    }

    async fn outbox_withdraw(
        &mut self,
        site_id: i64,
        channel: Channel,
        told: Told,
        ids: &[i64],
        now: Millis,
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "UPDATE outbox SET wanted = wanted + 1, sequence = CASE WHEN $4 > sequence THEN $4 ELSE sequence + 1 END, \
             state = 'waiting', not_before = $4, attempts = 0, parked_since = NULL, tombstone = '{{\"hidden\":true}}', \
             changed_at = $4 WHERE site_id = $1 AND channel = $2 AND entity_kind = $3 AND entity_id IN ({})",
            numbers(ids)
        );
        execute!(
            self.aside(),
            sqlx::query(sqlx::AssertSqlSafe(sql.as_str()))
                .persistent(false)
                .bind(site_id)
                .bind(channel.as_str())
                .bind(told.as_str())
                .bind(now)
        )?;
        Ok(())
    }

    /// Forgets up to `limit` rows of a repository that did not change since; true when there may be more.
    pub async fn outbox_forget_step(
        &mut self,
        site_id: i64,
        channel: Channel,
        repository_id: i64,
        up_to: Millis,
        limit: i64,
    ) -> Result<bool> {
        const OF: [(Told, &str); 4] = [
            (Told::Repository, "SELECT id FROM repository WHERE id = $3"),
            (Told::Branch, "SELECT id FROM branch WHERE repository_id = $3"),
            (Told::MergeRequest, "SELECT id FROM merge_request WHERE repository_id = $3"),
            (Told::Commit, "SELECT commit_id FROM repository_commit WHERE repository_id = $3"),
        ];
        for (told, ids) in OF {
            let sql = format!(
                "DELETE FROM outbox WHERE site_id = $1 AND channel = $2 AND entity_kind = '{told}' AND entity_id IN \
                 (SELECT o.entity_id FROM outbox o WHERE o.site_id = $1 AND o.channel = $2 AND o.entity_kind = '{told}' \
                 AND o.changed_at <= $4 AND o.entity_id IN ({ids}) ORDER BY o.entity_id LIMIT $5)"
            );
            let gone = execute!(
                self.aside(),
                sqlx::query(sqlx::AssertSqlSafe(sql.as_str()))
                    .bind(site_id)
                    .bind(channel.as_str())
                    .bind(repository_id)
                    .bind(up_to)
                    .bind(limit)
            )?;
            if gone > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Forgets up to `limit` rows of a channel; true when there may be more.
    pub async fn outbox_forget_all_step(&mut self, site_id: i64, channel: Channel, limit: i64) -> Result<bool> {
        const SQL: &str = "DELETE FROM outbox WHERE site_id = $1 AND channel = $2 AND entity_id IN (SELECT entity_id FROM outbox \
                           WHERE site_id = $1 AND channel = $2 ORDER BY entity_id LIMIT $3)";
        let gone = execute!(self.aside(), sqlx::query(SQL).bind(site_id).bind(channel.as_str()).bind(limit))?;
        Ok(gone > 0)
    }

    /// The site knows these as they were read; what changed meanwhile stays due.
    pub async fn outbox_sent(
        &mut self,
        site_id: i64,
        channel: Channel,
        entries: &[&OutboxEntry],
        _now: Millis,
    ) -> Result<()> {
        const SQL: &str = "UPDATE outbox SET sent = $5, attempts = 0, parked_since = NULL, words = NULL, \
                           state = CASE WHEN wanted = $5 THEN 'sent' ELSE state END \
                           WHERE site_id = $1 AND channel = $2 AND entity_kind = $3 AND entity_id = $4";
        for entry in in_order(entries) {
            execute!(
                self.aside(),
                sqlx::query(SQL)
                    .bind(site_id)
                    .bind(channel.as_str())
                    .bind(entry.kind.as_str())
                    .bind(entry.entity_id)
                    .bind(entry.wanted)
            )?;
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
            "entity_kind AS kind, entity_id, wanted, sent, sequence, attempts, parked_since, tombstone, lane",
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
        let rows: Vec<(Word<Channel>, Word<OutboxState>, Word<OutboxLane>, i64)> =
            read!(self, |db| sqlx::query_as(SQL).bind(site_id).fetch_all(db))?;
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
