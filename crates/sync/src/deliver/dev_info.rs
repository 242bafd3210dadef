//! The job that tells development information to a Jira Cloud (devinfo contract §3–§7), in two lanes: what happens now, and
//! behind it what was there before.
//!
//! Everything is told with the sequence of its row, which rises with each change: Jira keeps the newest whatever arrives
//! last, and ignores what it has. So a run that was killed between sending and writing it down is repeated without harm. That
//! something is sent is noted before it is: it is withdrawn, too, if it goes before the run is repeated.

use jira::DevInfo;
use model::{Channel, Millis, OutboxLane};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, Site};

use super::batch::{self, Request};
use super::waiting;
use crate::site::clients;
use crate::{Engine, settle};

mod sending;

/// Tells the development information of one lane that is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeliverDevInfo {
    pub(crate) site_id: i64,
    pub(crate) backfill: bool,
}

/// How many rows are looked at together: what of them belongs to one repository is one request.
const AT_ONCE: i64 = 200;
/// After this long it makes way for whatever waits.
const CHUNK: Millis = 2_000;

impl queue::Job for DeliverDevInfo {
    type Context = Engine;
    const KIND: &'static str = "deliver_dev_info";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    /// The lanes run beside each other: Jira counts them apart, too (devinfo contract §6).
    fn resource_key(&self) -> String {
        let lane = if self.backfill { ":backfill" } else { "" };
        format!("site:{}:dev_info{lane}", self.site_id)
    }

    fn lane(&self) -> JobLane {
        if self.backfill { JobLane::Import } else { JobLane::Live }
    }

    /// After what brings news.
    fn priority(&self) -> i64 {
        -1
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = waiting::site(&engine, self.site_id).await? else { return Ok(()) };
        if !site.settings.dev_info {
            return Ok(());
        }
        if let Some(until) = waiting::pause(&engine, &site) {
            return settle::later(&engine, &lease, &self, until).await;
        }
        let next = match clients::dev_info(&engine, &site).await {
            Ok(client) => {
                let lane = if self.backfill { OutboxLane::Backfill } else { OutboxLane::Live };
                Round { engine: &engine, lease: &lease, site: &site, client, lane }.go().await?
            }
            Err(error) => Some(waiting::no_client(&engine, site.id, error).await?),
        };
        match next {
            Some(at) => settle::later(&engine, &lease, &self, at).await,
            None => Ok(()),
        }
    }
}

/// One run for one lane of a site.
struct Round<'a> {
    engine: &'a Engine,
    lease: &'a Lease,
    site: &'a Site,
    client: DevInfo,
    lane: OutboxLane,
}

impl Round<'_> {
    /// Tells what is due. Returns when the next run is due.
    async fn go(&self) -> Result<Option<Millis>, JobError> {
        let (store, began) = (self.engine.store(), self.engine.clock().now());
        loop {
            let now = self.engine.clock().now();
            let due = store.outbox_due(self.site.id, Channel::DevInfo, Some(self.lane), now, AT_ONCE).await?;
            if due.is_empty() {
                return Ok(store.outbox_next(self.site.id, Channel::DevInfo, Some(self.lane)).await?);
            }
            for request in batch::requests(self.engine, self.site, due).await? {
                if let Some(until) = self.send(request).await? {
                    return Ok(Some(until));
                }
                let now = self.engine.clock().now();
                if self.lease.cancelled().is_cancelled() || now - began >= CHUNK {
                    return Ok(Some(now));
                }
            }
        }
    }

    /// Which queue of the database waits for it.
    const fn writes(&self) -> Lane {
        match self.lane {
            OutboxLane::Live => Lane::Live,
            OutboxLane::Backfill => Lane::Bulk,
        }
    }

    async fn send(&self, request: Request) -> Result<Option<Millis>, JobError> {
        match request {
            Request::Nothing(items) => self.nothing(&items).await,
            Request::Refused(items, words) => self.refused(&items, None, &words).await,
            Request::Put(put) => self.put(&put.repository, put.items).await,
            Request::Delete(item, what) => self.delete(item, &what).await,
            Request::DeleteRepository(item, id) => self.delete_repository(item, &id).await,
        }
    }
}
