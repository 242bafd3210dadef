//! Deliveries: the attempts to tell sites something, and how they ended.

use model::{Channel, Millis, OutboxLane, Outcome, Told};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::rows::Word;
use crate::sql::{CHUNK, execute_built};
use crate::{Lane, Result, Store, WriteTx};

/// An attempt that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// The site.
    pub site_id: i64,
    /// By which way.
    pub channel: Channel,
    /// About what.
    pub kind: Told,
    /// Its inner id.
    pub entity_id: i64,
    /// The receipt of a smart commit.
    pub receipt_id: Option<i64>,
    /// The issue, where it is about one.
    pub issue_key: Option<String>,
    /// What people read: `#comment on ABC-1`.
    pub title: String,
    /// Which lane it was in.
    pub lane: OutboxLane,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// The HTTP status, where one came.
    pub status: Option<i64>,
    /// The site's words, or ours.
    pub words: Option<String>,
    /// When it is tried again.
    pub next_at: Option<Millis>,
}

impl Ending {
    pub(crate) fn of(outcome: Outcome, words: Option<&str>) -> Self {
        Self { outcome, status: None, words: words.map(str::to_owned), next_at: None }
    }
}

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivery {
    /// Inner id.
    pub id: i64,
    /// The site.
    pub site_id: i64,
    /// What the site is called.
    pub site_name: String,
    /// By which way.
    #[sqlx(try_from = "Word<Channel>")]
    pub channel: Channel,
    /// About what.
    #[sqlx(try_from = "Word<Told>")]
    pub kind: Told,
    /// Its inner id.
    pub entity_id: i64,
    /// The receipt of a smart commit.
    pub receipt_id: Option<i64>,
    /// The issue, where it is about one.
    pub issue_key: Option<String>,
    /// What people read.
    pub title: String,
    /// Which lane it was in.
    #[sqlx(try_from = "Word<OutboxLane>")]
    pub lane: OutboxLane,
    /// When it began.
    pub started_at: Millis,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// How.
    #[sqlx(try_from = "Word<Outcome>")]
    pub outcome: Outcome,
    /// The HTTP status, where one came.
    pub status: Option<i64>,
    /// The site's words, or ours.
    pub words: Option<String>,
    /// When it is tried again.
    pub next_at: Option<Millis>,
}

/// Which attempts are looked for; what is none does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Of this site.
    pub site_id: Option<i64>,
    /// By this way.
    pub channel: Option<Channel>,
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// About this issue.
    pub issue_key: Option<String>,
    /// That began at this time or later.
    pub since: Option<Millis>,
}

/// Where a page of attempts ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryCursor {
    /// When the last one began.
    pub started_at: Millis,
    /// Its id.
    pub id: i64,
}

/// A page of attempts, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPage {
    /// The attempts.
    pub items: Vec<Delivery>,
    /// Where to go on.
    pub next: Option<DeliveryCursor>,
}

macro_rules! delivery_columns {
    () => {
        "d.id, d.site_id, s.name AS site_name, d.channel, d.entity_kind AS kind, d.entity_id, d.receipt_id, d.issue_key, d.title, \
         d.lane, d.started_at, d.ended_at, d.outcome, d.status, d.words, d.next_at"
    };
}

const INSERT: &str = "INSERT INTO delivery (id, site_id, channel, entity_kind, entity_id, receipt_id, issue_key, title, lane, \
                      started_at, ended_at, outcome, status, words, next_at) ";

impl WriteTx {
    /// Notes that an attempt begins.
    pub async fn delivery_begin(&mut self, new: &NewDelivery, now: Millis) -> Result<i64> {
        let id = self.ids(1).await?;
        let under_way = Ending::of(Outcome::Sending, None);
        self.delivery_rows(&[(id, new, &under_way)], now, None).await?;
        Ok(id)
    }

    /// Notes how an attempt ended.
    pub async fn delivery_end(&mut self, id: i64, ending: &Ending, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE delivery SET ended_at = $2, outcome = $3, status = COALESCE($4, status), \
                           words = COALESCE($5, words), next_at = $6 WHERE id = $1 RETURNING channel";
        let channel: Option<Word<Channel>> = within!(self.aside(), |db| sqlx::query_scalar(SQL)
            .bind(id)
            .bind(now)
            .bind(ending.outcome.as_str())
            .bind(ending.status)
            .bind(ending.words.as_deref())
            .bind(ending.next_at)
            .fetch_optional(db))?;
        if let Some(channel) = channel {
            self.delivered(channel.0, ending.outcome, 1);
        }
        Ok(())
    }

    /// Notes attempts that are over.
    pub async fn deliveries_done(&mut self, done: &[(NewDelivery, Ending)], now: Millis) -> Result<()> {
        for chunk in done.chunks(CHUNK) {
            let first = self.ids(chunk.len() as i64).await?;
            let rows: Vec<(i64, &NewDelivery, &Ending)> =
                (first..).zip(chunk).map(|(id, (new, ending))| (id, new, ending)).collect();
            self.delivery_rows(&rows, now, Some(now)).await?;
        }
        for (new, ending) in done {
            self.delivered(new.channel, ending.outcome, 1);
        }
        Ok(())
    }

    async fn delivery_rows(
        &mut self,
        rows: &[(i64, &NewDelivery, &Ending)],
        now: Millis,
        ended_at: Option<Millis>,
    ) -> Result<()> {
        execute_built!(self.aside(), rows.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values(rows, |mut row, (id, new, ending)| {
                row.push_bind(*id).push_bind(new.site_id).push_bind(new.channel.as_str()).push_bind(new.kind.as_str());
                row.push_bind(new.entity_id).push_bind(new.receipt_id).push_bind(new.issue_key.as_deref());
                row.push_bind(new.title.as_str()).push_bind(new.lane.as_str()).push_bind(now).push_bind(ended_at);
                row.push_bind(ending.outcome.as_str()).push_bind(ending.status).push_bind(ending.words.as_deref());
                row.push_bind(ending.next_at);
            });
            sql
        })?;
        Ok(())
    }
}

impl Store {
    /// A page of attempts, newest first.
    pub async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        after: Option<DeliveryCursor>,
        limit: i64,
    ) -> Result<DeliveryPage> {
        const SQL: &str = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM delivery d JOIN site s ON s.id = d.site_id WHERE ($1 IS NULL OR d.site_id = $1) \
             AND ($2 IS NULL OR d.channel = $2) AND ($3 IS NULL OR d.outcome = $3) AND ($4 IS NULL OR d.issue_key = $4) \
             AND ($5 IS NULL OR d.started_at >= $5) AND (d.started_at < $6 OR (d.started_at = $6 AND d.id < $7)) \
             ORDER BY d.started_at DESC, d.id DESC LIMIT $8"
        );
        let after = after.unwrap_or(DeliveryCursor { started_at: i64::MAX, id: i64::MAX });
        let mut items: Vec<Delivery> = read!(self, |db| sqlx::query_as(SQL)
            .bind(filter.site_id)
            .bind(filter.channel.map(Channel::as_str))
            .bind(filter.outcome.map(Outcome::as_str))
            .bind(filter.issue_key.as_deref())
            .bind(filter.since)
            .bind(after.started_at)
            .bind(after.id)
            .bind(limit + 1)
            .fetch_all(db))?;
        let has_more = items.len() as i64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(0));
        let next = items.last().filter(|_| has_more);
        let next = next.map(|last| DeliveryCursor { started_at: last.started_at, id: last.id });
        Ok(DeliveryPage { items, next })
    }

    /// One attempt.
    pub async fn delivery(&self, id: i64) -> Result<Option<Delivery>> {
        const SQL: &str =
            concat!("SELECT ", delivery_columns!(), " FROM delivery d JOIN site s ON s.id = d.site_id WHERE d.id = $1");
        read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))
    }

    /// Forgets up to `limit` attempts that began before a time; answers how many.
    pub async fn deliveries_prune(&self, before: Millis, limit: i64) -> Result<u64> {
        const SQL: &str = "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE started_at < $1 \
                           ORDER BY started_at, id LIMIT $2)";
        let mut tx = self.begin_write(Lane::Bulk).await?;
        let gone = execute!(tx.aside(), sqlx::query(SQL).bind(before).bind(limit))?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Has what an attempt was about told again now; false where it is told already or cannot be.
    pub async fn delivery_retry(&self, id: i64, now: Millis) -> Result<bool> {
        let Some(delivery) = self.delivery(id).await? else { return Ok(false) };
        if let Some(receipt) = delivery.receipt_id {
            return self.receipt_hurry(receipt, now).await;
        }
        let mut tx = self.begin_write(Lane::Live).await?;
        let (site, channel, entity) = (delivery.site_id, delivery.channel, (delivery.kind, delivery.entity_id));
        let hurried = match channel {
            Channel::CommitComment => tx.commit_comments_hurry(site, Some(delivery.entity_id), now).await?,
            _ => tx.outbox_hurry(site, channel, Some(entity), now).await?,
        };
        tx.commit().await?;
        Ok(hurried > 0)
    }

    /// Has everything told again now that failed, was refused or is parked, of one site or of all; answers how much that is.
    pub async fn deliveries_retry_failed(&self, site_id: Option<i64>, now: Millis) -> Result<u64> {
        const RECEIPTS: &str =
            "UPDATE receipt SET not_before = $2 WHERE site_id = $1 AND ended_at IS NULL AND not_before > $2";
        let sites = self.sites().await?.into_iter().map(|site| site.id);
        let mut hurried = 0;
        for site in sites.filter(|id| site_id.is_none_or(|wanted| wanted == *id)) {
            let mut tx = self.begin_write(Lane::Live).await?;
            for channel in [Channel::RemoteLink, Channel::DevInfo] {
                hurried += tx.outbox_hurry(site, channel, None, now).await?;
            }
            hurried += tx.commit_comments_hurry(site, None, now).await?;
            let receipts = execute!(tx.aside(), sqlx::query(RECEIPTS).bind(site).bind(now))?;
            if receipts > 0 {
                tx.smart_commits_wake(site, now).await?;
            }
            hurried += receipts;
            tx.commit().await?;
        }
        Ok(hurried)
    }

    /// One that waits goes now; one that was refused is run again where that may help.
    async fn receipt_hurry(&self, id: i64, now: Millis) -> Result<bool> {
        const SQL: &str = "UPDATE receipt SET not_before = $2 WHERE id = $1 AND ended_at IS NULL RETURNING site_id";
        let mut tx = self.begin_write(Lane::Live).await?;
        let site: Option<i64> =
            within!(tx.aside(), |db| sqlx::query_scalar(SQL).bind(id).bind(now).fetch_optional(db))?;
        if let Some(site) = site {
            tx.smart_commits_wake(site, now).await?;
        }
        tx.commit().await?;
        if site.is_some() { Ok(true) } else { self.receipt_retry(id, now).await }
    }

    /// How attempts of a site ended since a time: for its page.
    pub async fn deliveries_count(&self, site_id: i64, since: Millis) -> Result<Vec<(Outcome, i64)>> {
        const SQL: &str = "SELECT outcome, COUNT(*) FROM delivery WHERE site_id = $1 AND started_at >= $2 GROUP BY outcome \
                           ORDER BY outcome";
        let rows: Vec<(Word<Outcome>, i64)> =
            read!(self, |db| sqlx::query_as(AssertSqlSafe(SQL)).bind(site_id).bind(since).fetch_all(db))?;
        Ok(rows.into_iter().map(|(outcome, count)| (outcome.0, count)).collect())
    }
}
