//! What keeps the inbox and the list of jobs given up small, and events from being left lying.

use std::time::Duration;

use model::Millis;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::Lane;

use super::work_off;
use crate::Engine;

/// Forgets hook events, and jobs that were given up, when they are old enough.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PruneInbox {}

const EVERY: Millis = 60 * 60 * 1_000;

/// Sees to it that old events are forgotten, and that none waits without anybody working it off.
pub(crate) async fn tend(engine: &Engine) -> store::Result<()> {
    if !engine.store().inbox_is_empty().await? {
        work_off(engine).await?;
    }
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue_at(&mut tx, &PruneInbox {}, now + EVERY, now).await?;
    tx.commit().await
}

impl queue::Job for PruneInbox {
    type Context = Engine;
    const KIND: &'static str = "prune_inbox";

    fn dedup_key(&self) -> String {
        "inbox".to_owned()
    }

    fn resource_key(&self) -> String {
        "inbox:old".to_owned()
    }

    fn lane(&self) -> JobLane {
        JobLane::Import
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let now = engine.clock().now();
        engine.store().jobs_prune(before(now, engine.options().job_age)).await?;
        let mut tx = lease.begin_write(Lane::Bulk).await?;
        let forgotten = tx.inbox_prune(before(now, engine.options().inbox_age)).await?;
        queue::enqueue_at(&mut tx, &self, now + EVERY, now).await?;
        tx.commit().await?;
        if forgotten > 0 {
            tracing::debug!(forgotten, "old hook events were forgotten");
        }
        Ok(())
    }
}

fn before(now: Millis, age: Duration) -> Millis {
    now.saturating_sub(Millis::try_from(age.as_millis()).unwrap_or(Millis::MAX))
}
