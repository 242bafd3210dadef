//! What a site comes to see, and what it sees no more: rows of the outbox that follow from that, in steps.

use model::{Channel, Clock, Millis, OutboxLane, SystemClock, Told};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::outbox::{CHANGED, Observed, PRESENT};
use crate::rows::Word;
use crate::site_wants::SiteWants;
use crate::sql::numbers;
use crate::{Result, Store, WriteTx};

/// What a repository and what is in it are in the outbox; the repository is $3.
const OF_REPOSITORY: [(Told, &str); 4] = [
    (Told::Branch, "SELECT id FROM branch WHERE repository_id = $3"),
    (Told::MergeRequest, "SELECT id FROM merge_request WHERE repository_id = $3"),
    (Told::Commit, "SELECT commit_id FROM repository_commit WHERE repository_id = $3"),
    (Told::Repository, "SELECT CAST($3 AS BIGINT)"),
];

impl Store {
    /// The highest sequence under which a site may know a repository or what is in it; 0: none.
    pub async fn outbox_newest(&self, site_id: i64, channel: Channel, repository_id: i64) -> Result<i64> {
        let mut newest = 0;
        for (told, ids) in OF_REPOSITORY {
            let sql = format!(
                "SELECT COALESCE(MAX(sequence), 0) FROM outbox WHERE site_id = $1 AND channel = $2 \
                 AND entity_kind = '{told}' AND entity_id IN ({ids})"
            );
            let of_kind: i64 = read!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql.as_str()))
                .bind(site_id)
                .bind(channel.as_str())
                .bind(repository_id)
                .fetch_one(db))?;
            newest = newest.max(of_kind);
        }
        Ok(newest)
    }
}

impl WriteTx {
    /// Rows for up to `limit` entities of a kind that have links and that the site sees, behind `after`; answers where to go
    /// on, none at the end. Of development information those that are not there yet; all of links, which are compared with
    /// what the site has whenever they are told.
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
        if !self.site_wants_told(site_id, channel, told).await? {
            return Ok(None);
        }
        let ids: Vec<i64> = within!(self.aside(), |db| sqlx::query_scalar(ENTITIES)
            .bind(told.as_str())
            .bind(after)
            .bind(limit)
            .fetch_all(db))?;
        let Some(last) = ids.last().copied() else { return Ok(None) };
        let seen = self.seen_by_site(site_id, told, &ids).await?;
        let observed = Observed { now, lane: OutboxLane::Backfill };
        let on_conflict = if channel == Channel::RemoteLink { CHANGED } else { PRESENT };
        self.outbox_rows((site_id, channel, told), &seen, (observed, now), on_conflict).await?;
        Ok(Some(last))
    }

    async fn site_wants_told(&mut self, site_id: i64, channel: Channel, told: Told) -> Result<bool> {
        let wants = |site: &SiteWants| site.site_id == site_id && site.channels(told).any(|one| one == channel);
        Ok(self.site_wants().await?.iter().any(wants))
    }

    /// Those of these entities that are in a repository that the site sees.
    async fn seen_by_site(&mut self, site_id: i64, told: Told, ids: &[i64]) -> Result<Vec<i64>> {
        let (entity, table, repository) = match told {
            Told::Repository => ("id", "repository", "e.id"),
            Told::Branch => ("id", "branch", "e.repository_id"),
            Told::MergeRequest => ("id", "merge_request", "e.repository_id"),
            Told::Commit => ("commit_id", "repository_commit", "e.repository_id"),
        };
        let sql = format!(
            "SELECT DISTINCT e.{entity} FROM {table} e WHERE e.{entity} IN ({}) AND {}",
            numbers(ids),
            sees(repository)
        );
        within!(self.aside(), |db| sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).bind(site_id).fetch_all(db))
    }

    /// Makes due what a site was told and sees no more, or is not told of any more, of up to `limit` rows behind `after`: it is
    /// to be withdrawn. Of development information whole repositories. Answers where to go on, none at the end.
    pub async fn outbox_hidden_step(
        &mut self,
        site_id: i64,
        channel: Channel,
        after: i64,
        limit: i64,
        now: Millis,
    ) -> Result<Option<i64>> {
        const TOLD: &str = "SELECT entity_kind, entity_id FROM outbox WHERE site_id = $1 AND channel = $2 AND entity_id > $3 \
                            AND entity_kind <> 'repository' AND offered \
                            ORDER BY entity_id LIMIT $4";
        const LINKED: &str = "SELECT DISTINCT entity_kind, entity_id FROM remote_link WHERE site_id = $1 \
                              AND $2 = 'remote_link' AND entity_id > $3 ORDER BY entity_id LIMIT $4";
        let sql = if channel == Channel::RemoteLink { LINKED } else { TOLD };
        let rows: Vec<(Word<Told>, i64)> = within!(self.aside(), |db| sqlx::query_as(sql)
            .bind(site_id)
            .bind(channel.as_str())
            .bind(after)
            .bind(limit)
            .fetch_all(db))?;
        let Some(last) = rows.last().map(|(_, id)| *id) else { return Ok(None) };
        for told in [Told::Commit, Told::Branch, Told::MergeRequest] {
            let ids: Vec<i64> = rows.iter().filter(|(kind, _)| kind.0 == told).map(|(_, id)| *id).collect();
            let wants = self.site_wants_told(site_id, channel, told).await?;
            let seen = if wants { self.seen_by_site(site_id, told, &ids).await? } else { Vec::new() };
            let hidden: Vec<i64> = ids.into_iter().filter(|id| !seen.contains(id)).collect();
            let (told, hidden) = match channel {
                Channel::DevInfo => (Told::Repository, self.repositories_hidden(site_id, told, &hidden).await?),
                Channel::RemoteLink | Channel::SmartCommit | Channel::CommitComment => (told, hidden),
            };
            self.outbox_raise((site_id, channel, told), &hidden, now).await?;
        }
        Ok(Some(last))
    }

    /// Rows that are due now, whatever they were.
    async fn outbox_raise(
        &mut self,
        (site_id, channel, told): (i64, Channel, Told),
        ids: &[i64],
        now: Millis,
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let observed = Observed { now, lane: OutboxLane::Live };
        self.outbox_rows((site_id, channel, told), ids, (observed, now), CHANGED).await?;
        self.outbox_wake_job(site_id, channel, OutboxLane::Live, now).await
    }

    /// The repositories of entities that a site does not see, as far as they do not wait to be withdrawn already.
    async fn repositories_hidden(&mut self, site_id: i64, told: Told, ids: &[i64]) -> Result<Vec<i64>> {
        let ids = numbers(ids);
        let of = match told {
            Told::Repository => format!("SELECT id FROM repository WHERE id IN ({ids})"),
            Told::Commit => format!("SELECT repository_id FROM repository_commit WHERE commit_id IN ({ids})"),
            Told::Branch => format!("SELECT repository_id FROM branch WHERE id IN ({ids})"),
            Told::MergeRequest => format!("SELECT repository_id FROM merge_request WHERE id IN ({ids})"),
        };
        let sql = format!(
            "SELECT r.id FROM repository r WHERE r.id IN ({of}) AND NOT {} AND NOT EXISTS (SELECT 1 FROM outbox o \
             WHERE o.site_id = $1 AND o.channel = 'dev_info' AND o.entity_kind = 'repository' AND o.entity_id = r.id \
             AND o.state = 'waiting') ORDER BY r.id",
            sees("r.id")
        );
        within!(self.aside(), |db| sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).bind(site_id).fetch_all(db))
    }

    /// Forgets up to `limit` rows of a repository whose sequence is no higher than `up_to`, as the site was made to forget all
    /// of it; true when there may be more.
    pub async fn outbox_forget_step(
        &mut self,
        site_id: i64,
        channel: Channel,
        repository_id: i64,
        up_to: i64,
        limit: i64,
    ) -> Result<bool> {
        for (told, ids) in OF_REPOSITORY {
            // The repository itself may be gone from the store, and then waits for this alone.
            let or = if told == Told::Repository { " OR o.tombstone IS NOT NULL" } else { "" };
            let sql = format!(
                "DELETE FROM outbox WHERE site_id = $1 AND channel = $2 AND entity_kind = '{told}' AND entity_id IN \
                 (SELECT o.entity_id FROM outbox o WHERE o.site_id = $1 AND o.channel = $2 AND o.entity_kind = '{told}' \
                 AND (o.sequence <= $4{or}) AND o.entity_id IN ({ids}) ORDER BY o.entity_id LIMIT $5)"
            );
            let gone = execute!(
                self.aside(),
                sqlx::query(AssertSqlSafe(sql.as_str()))
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

    /// Entities of a repository are about to be forgotten: each site that was told of any of them is left how it knows the
    /// repository, which is to be withdrawn.
    pub(crate) async fn outbox_bury(&mut self, repository_id: i64, told: Told, ids: &[i64]) -> Result<()> {
        const STONE: &str = "UPDATE outbox SET tombstone = $3 WHERE site_id = $1 AND channel = 'dev_info' \
                             AND entity_kind = 'repository' AND entity_id = $2";
        let knows = format!(
            "SELECT DISTINCT o.site_id FROM outbox o WHERE o.channel = 'dev_info' AND o.entity_kind = $1 \
             AND o.entity_id IN ({}) AND o.offered AND NOT EXISTS (SELECT 1 FROM outbox b \
             WHERE b.site_id = o.site_id AND b.channel = 'dev_info' AND b.entity_kind = 'repository' AND b.entity_id = $2 \
             AND b.state = 'waiting' AND b.tombstone IS NOT NULL) ORDER BY o.site_id",
            numbers(ids)
        );
        let knows: Vec<i64> = within!(self.aside(), |db| sqlx::query_scalar(AssertSqlSafe(knows))
            .persistent(false)
            .bind(told.as_str())
            .bind(repository_id)
            .fetch_all(db))?;
        if knows.is_empty() {
            return Ok(());
        }
        let Some(stone) = self.tombstone(repository_id).await? else { return Ok(()) };
        let now = self.observed().map_or_else(|| SystemClock.now(), |observed| observed.now);
        for site_id in knows {
            let observed = Observed { now, lane: OutboxLane::Live };
            let row = (site_id, Channel::DevInfo, Told::Repository);
            self.outbox_rows(row, &[repository_id], (observed, 0), CHANGED).await?;
            execute!(self.aside(), sqlx::query(STONE).bind(site_id).bind(repository_id).bind(stone.as_str()))?;
            self.outbox_wake_job(site_id, Channel::DevInfo, OutboxLane::Live, 0).await?;
        }
        Ok(())
    }

    async fn tombstone(&mut self, repository_id: i64) -> Result<Option<String>> {
        const SQL: &str = "SELECT h.kind, h.url, r.forge_id, r.path FROM repository r JOIN host h ON h.id = r.host_id \
                           WHERE r.id = $1";
        let found: Option<(String, String, String, String)> =
            within!(self.aside(), |db| sqlx::query_as(SQL).bind(repository_id).fetch_optional(db))?;
        let stone = |(kind, url, forge_id, path): (String, String, String, String)| {
            serde_json::json!({ "host_kind": kind, "host_url": url, "forge_id": forge_id, "path": path }).to_string()
        };
        Ok(found.map(stone))
    }

    /// Commits are forgotten, and what sites were told of them is withdrawn with their repository.
    pub(crate) async fn outbox_forgets_commits(&mut self, ids: &[i64]) -> Result<()> {
        let sql = format!("DELETE FROM outbox WHERE entity_kind = 'commit' AND entity_id IN ({})", numbers(ids));
        execute!(self.aside(), sqlx::query(AssertSqlSafe(sql.as_str())).persistent(false))?;
        Ok(())
    }
}

/// A condition of SQL: whether the site $1 sees the repository that `repository` names.
pub(crate) fn sees(repository: &str) -> String {
    sees_through(repository, "TRUE")
}

/// A condition of SQL: whether the site $1 sees the repository that `repository` names through another account than `account`.
pub(crate) fn sees_but(repository: &str, account: &str) -> String {
    sees_through(repository, &format!("a.id <> {account}"))
}

fn sees_through(repository: &str, account: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id WHERE \
         ar.repository_id = {repository} AND {account} AND ar.linked AND ar.visible AND a.state <> 'removing' AND EXISTS \
         (SELECT 1 FROM site s WHERE s.id = $1 AND (s.settings LIKE '%\"all_accounts\":true%' OR EXISTS \
         (SELECT 1 FROM site_account sa WHERE sa.site_id = s.id AND sa.account_id = a.id))))"
    )
}
