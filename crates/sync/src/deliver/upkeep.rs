//! What keeps the log of deliveries small, and what is due from being left lying.

use std::time::Duration;

use model::Millis;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, SiteState};

use crate::Engine;

/// Forgets deliveries that are old enough.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PruneDeliveries {}

const EVERY: Millis = 60 * 60 * 1_000;
/// How many are forgotten in one transaction.
const AT_ONCE: i64 = 500;

/// Sees to it that old deliveries are forgotten, and that what waits for a site has a job that tells it.
pub(crate) async fn tend(engine: &Engine) -> store::Result<()> {
    let now = engine.clock().now();
    let sites = engine.store().sites().await?;
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    for site in sites.iter().filter(|site| site.state == SiteState::Active) {
        for channel in super::CHANNELS {
            super::enqueue(&mut tx, site.id, channel, now).await?;
        }
    }
    queue::enqueue_at(&mut tx, &PruneDeliveries {}, now + EVERY, now).await?;
    tx.commit().await
}

impl queue::Job for PruneDeliveries {
    type Context = Engine;
    const KIND: &'static str = "prune_deliveries";

    fn dedup_key(&self) -> String {
        "deliveries".to_owned()
    }

    fn resource_key(&self) -> String {
        "deliveries:old".to_owned()
    }

    fn lane(&self) -> JobLane {
        JobLane::Import
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let now = engine.clock().now();
        let before = before(now, engine.options().delivery_age);
        while engine.store().deliveries_prune(before, AT_ONCE).await? > 0 && !lease.cancelled().is_cancelled() {}
        let mut tx = lease.begin_write(Lane::Bulk).await?;
        queue::enqueue_at(&mut tx, &self, now + EVERY, now).await?;
        Ok(tx.commit().await?)
    }
}

fn before(now: Millis, age: Duration) -> Millis {
    now.saturating_sub(Millis::try_from(age.as_millis()).unwrap_or(Millis::MAX))
}
