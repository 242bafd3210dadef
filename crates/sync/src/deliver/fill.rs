//! The job that lets the outbox of a site hold everything that the site is to be told, in small steps behind everything else:
//! when a site or a channel begins, and when what it is served changes.

use model::{Channel, Millis, Told};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::Lane;

use super::waiting;
use crate::{Engine, settle};

/// Fills the outbox of one channel of a site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FillOutbox {
    site_id: i64,
    channel: Channel,
    /// How many steps of [`steps`] are done.
    #[serde(default)]
    done: usize,
    /// Where the present one stands.
    #[serde(default)]
    after: i64,
}

/// How many rows one transaction writes.
const AT_ONCE: i64 = 500;
/// After this long it makes way for whatever waits.
const CHUNK: Millis = 2_000;

/// What is done, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// What the site was told and may not see any more is due, to be withdrawn.
    Hidden,
    /// Everything of a kind that it sees is due, as far as it was not told.
    All(Told),
}

const fn steps(channel: Channel) -> &'static [Step] {
    match channel {
        Channel::RemoteLink => &[Step::Hidden, Step::All(Told::MergeRequest), Step::All(Told::Branch)],
        Channel::DevInfo => {
            &[Step::Hidden, Step::All(Told::MergeRequest), Step::All(Told::Branch), Step::All(Told::Commit)]
        }
        Channel::SmartCommit | Channel::CommitComment => &[],
    }
}

impl FillOutbox {
    pub(super) const fn of(site_id: i64, channel: Channel) -> Self {
        Self { site_id, channel, done: 0, after: 0 }
    }
}

impl queue::Job for FillOutbox {
    type Context = Engine;
    const KIND: &'static str = "fill_outbox";

    /// One that waits in the middle does not stand for one that is to begin.
    fn dedup_key(&self) -> String {
        let begins = if self.done == 0 && self.after == 0 { "" } else { ":on" };
        format!("{}{begins}", self.resource_key())
    }

    fn resource_key(&self) -> String {
        format!("site:{}:fill:{}", self.site_id, self.channel)
    }

    fn lane(&self) -> JobLane {
        JobLane::Import
    }

    async fn run(mut self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        if waiting::site(&engine, self.site_id).await?.is_none() {
            return Ok(());
        }
        let began = engine.clock().now();
        while let Some(step) = steps(self.channel).get(self.done) {
            let now = engine.clock().now();
            let mut tx = lease.begin_write(Lane::Bulk).await?;
            let next = match step {
                Step::Hidden => tx.outbox_hidden_step(self.site_id, self.channel, self.after, AT_ONCE, now).await?,
                Step::All(kind) => {
                    tx.outbox_fill_step(self.site_id, self.channel, *kind, self.after, AT_ONCE, now).await?
                }
            };
            tx.commit().await?;
            (self.done, self.after) = next.map_or((self.done + 1, 0), |after| (self.done, after));
            if lease.cancelled().is_cancelled() || engine.clock().now() - began >= CHUNK {
                return settle::later(&engine, &lease, &self, engine.clock().now()).await;
            }
        }
        wake(&engine, &lease, self.site_id, self.channel).await
    }
}

/// Has the outbox of a channel filled.
pub(super) async fn begin(lease: &Lease, site_id: i64, channel: Channel, now: Millis) -> store::Result<()> {
    let mut tx = lease.begin_write(Lane::Live).await?;
    queue::enqueue(&mut tx, &FillOutbox::of(site_id, channel), now).await?;
    tx.commit().await
}

/// Has what is due told.
async fn wake(engine: &Engine, lease: &Lease, site_id: i64, channel: Channel) -> Result<(), JobError> {
    let now = engine.clock().now();
    let mut tx = lease.begin_write(Lane::Live).await?;
    super::enqueue(&mut tx, site_id, channel, now).await?;
    Ok(tx.commit().await?)
}
