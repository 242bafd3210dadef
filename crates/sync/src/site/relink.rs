//! Letting links follow what sites know of projects and issues.

use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Relink, WriteTx};

use model::Millis;

use crate::Engine;

/// How many entities one transaction links again.
const AT_ONCE: i64 = 200;
/// When it is looked a second time: a transaction of another node that began before the first may have ended after it.
const SECOND_LOOK: Millis = 10_000;

/// Links everything again that names an issue of a project, or one issue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RelinkJob {
    what: Relink,
    second: bool,
}

/// Asks for it, within the transaction that changes what is known.
pub(crate) async fn relink_all(
    tx: &mut WriteTx,
    all: impl IntoIterator<Item = Relink>,
    now: Millis,
) -> store::Result<()> {
    for what in all {
        queue::enqueue(tx, &RelinkJob { what: what.clone(), second: false }, now).await?;
        queue::enqueue_at(tx, &RelinkJob { what, second: true }, now + SECOND_LOOK, now).await?;
    }
    Ok(())
}

impl queue::Job for RelinkJob {
    type Context = Engine;
    const KIND: &'static str = "relink";

    fn dedup_key(&self) -> String {
        format!("{}{}", self.resource_key(), if self.second { ":again" } else { "" })
    }

    fn resource_key(&self) -> String {
        match &self.what {
            Relink::Project(key) => format!("project:{key}"),
            Relink::Issue(key) => format!("issue:{key}"),
        }
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let mut after = None;
        loop {
            if lease.cancelled().is_cancelled() {
                return Err(JobError::LeaseLost);
            }
            after = engine.store().relink_step(&self.what, after, AT_ONCE).await?;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
