//! The job that runs the commands that wait for a site.

use model::{ReceiptReason, ReceiptState, SiteKind};

use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, Site, SiteState};

use super::run::{Left, Runner};
use super::{WriteCommitComments, patience};
use crate::sentences::smart_commits as sentences;
use crate::site::clients;
use crate::{Engine, settle};

/// How many commands are read at a time; as long people, once found, are not looked for again.
const BATCH: i64 = 50;

/// Runs the commands that wait for a site, one after the other.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct RunSmartCommits {
    pub(crate) site_id: i64,
}

impl queue::Job for RunSmartCommits {
    type Context = Engine;
    const KIND: &'static str = "run_smart_commits";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    /// One at a time, so that commands keep their order.
    fn resource_key(&self) -> String {
        format!("site:{}:smart_commits", self.site_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = engine.store().site(self.site_id).await? else { return Ok(()) };
        if site.state != SiteState::Active || site.kind != SiteKind::DataCenter {
            return Ok(());
        }
        if let Some(until) = site.paused_until.filter(|until| *until > engine.clock().now()) {
            return settle::later(&engine, &lease, &self, until).await;
        }
        let left = match site.settings.smart_commits {
            true => self.work_off(&engine, &lease, &site).await?,
            false => refuse_all(&engine, &lease, &site).await?,
        };
        let next = match left {
            Left::SiteWaits(until) => Some(until),
            Left::Settled => engine.store().receipts_next_at(site.id).await?,
        };
        match next {
            Some(at) => settle::later(&engine, &lease, &self, at).await,
            None => Ok(()),
        }
    }
}

impl RunSmartCommits {
    async fn work_off(self, engine: &Engine, lease: &Lease, site: &Site) -> Result<Left, JobError> {
        loop {
            let now = engine.clock().now();
            let due = engine.store().receipts_due(site.id, now, BATCH).await?;
            if due.is_empty() {
                return Ok(Left::Settled);
            }
            let rest = match clients::rest(engine, site).await {
                Ok(rest) => rest,
                Err(clients::ClientError::Store(error)) => return Err(error.into()),
                Err(error) => return no_client(engine, site, &error).await,
            };
            let mut runner = Runner::new(engine, lease, site, rest);
            for receipt in &due {
                if lease.cancelled().is_cancelled() {
                    return Ok(Left::Settled);
                }
                if let Left::SiteWaits(until) = runner.run(receipt).await? {
                    return Ok(Left::SiteWaits(until));
                }
            }
        }
    }
}

/// Sees to it that whatever waits is run, and told, whatever happened to its job.
pub(crate) async fn tend(engine: &Engine) -> store::Result<()> {
    for site in engine.store().sites().await? {
        if let Some(at) = engine.store().commit_comments_next_at(site.id).await? {
            let now = engine.clock().now();
            let mut tx = engine.store().begin_write(Lane::Live).await?;
            queue::enqueue_at(&mut tx, &WriteCommitComments { site_id: site.id }, at.max(now), now).await?;
            tx.commit().await?;
        }
        let Some(due) = engine.store().receipts_next_at(site.id).await? else { continue };
        let now = engine.clock().now();
        let at = due.max(site.paused_until.unwrap_or(due)).max(now);
        let mut tx = engine.store().begin_write(Lane::Live).await?;
        queue::enqueue_at(&mut tx, &RunSmartCommits { site_id: site.id }, at, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// There is nothing to let us in, or nowhere to go: only a person can help, and everything waits for them.
async fn no_client(engine: &Engine, site: &Site, error: &clients::ClientError) -> Result<Left, JobError> {
    let failures = engine.store().site_failed(site.id, "authentication", &sentences::no_client(error)).await?;
    let until = engine.clock().now() + patience::after_failures(failures);
    engine.store().site_wait_until(site.id, Some(until)).await?;
    Ok(Left::SiteWaits(until))
}

/// Smart commits were switched off at the site after these were written: they are not run.
async fn refuse_all(engine: &Engine, lease: &Lease, site: &Site) -> Result<Left, JobError> {
    let reason = ReceiptReason::SwitchedOff;
    loop {
        let now = engine.clock().now();
        let due = engine.store().receipts_due(site.id, now, BATCH).await?;
        if due.is_empty() {
            return Ok(Left::Settled);
        }
        let mut tx = lease.begin_write(Lane::Live).await?;
        for it in &due {
            let words = Some(sentences::of_reason(reason));
            tx.receipt_end(it.receipt.id, ReceiptState::Refused, Some(reason), words, None, None, now).await?;
        }
        tx.commit().await?;
    }
}
