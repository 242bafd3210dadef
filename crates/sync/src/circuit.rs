//! A host that is down: nothing is asked of it but whether it is back.
//!
//! Three outages in a row, and no answer to a plain question, open the circuit: the host is paused (`down`), its jobs wait.
//! One probe after the other goes, 30 s to 10 min apart, whichever node sends it; the first answer closes the circuit.

use model::Millis;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::host_outages::DOWN;
use store::{Host, Lane};

use crate::failure::Failure;
use crate::{Engine, settle};

/// So many outages in a row open the circuit.
const OUTAGES: i64 = 3;
/// When the first probe goes; twice as long before each further one.
const FIRST_PROBE: Millis = 30_000;
/// The longest between two probes.
const LAST_PROBE: Millis = 10 * 60 * 1000;
/// How long after a probe is due the jobs of its host come back: by then its answer is there.
const AFTER_PROBE: Millis = 5_000;

/// Asks a host that is down whether it is back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ProbeHost {
    host_id: i64,
}

impl queue::Job for ProbeHost {
    type Context = Engine;
    const KIND: &'static str = "probe_host";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    /// One at a time, over all nodes.
    fn resource_key(&self) -> String {
        format!("host:{}", self.host_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    /// Everything else of this host waits for it.
    fn priority(&self) -> i64 {
        i64::MAX
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(host) = engine.store().host(self.host_id).await?.filter(is_down) else { return Ok(()) };
        let now = engine.clock().now();
        if let Some(until) = host.paused_until.filter(|until| *until > now) {
            return settle::later(&engine, &lease, &self, until).await;
        }
        if is_back(&engine, &host).await {
            return answered(&engine, host.id).await;
        }
        engine.store().host_failed(host.id, now).await?;
        let until = open(&engine, &host).await?;
        settle::later(&engine, &lease, &self, until).await
    }
}

/// Until when a job of this host has to wait; none: the circuit is closed, or the host's pause is over.
pub(crate) async fn wait(engine: &Engine, host: &Host) -> Result<Option<Millis>, JobError> {
    let now = engine.clock().now();
    let paused = host.paused_until.filter(|until| *until > now);
    if !is_down(host) {
        return Ok(paused);
    }
    if paused.is_none() {
        // Due and not answered yet; should it be lost, it is asked for here again.
        enqueue(engine, ProbeHost { host_id: host.id }, now).await?;
    }
    Ok(Some(paused.unwrap_or(now) + AFTER_PROBE))
}

/// Counts an outage; until when the host is left alone, where it was one too many.
pub(crate) async fn outage(engine: &Engine, host_id: i64) -> Result<Option<Millis>, JobError> {
    let now = engine.clock().now();
    let in_a_row = engine.store().host_failed(host_id, now).await?;
    let Some(host) = engine.store().host(host_id).await? else { return Ok(None) };
    if is_down(&host) {
        return wait(engine, &host).await;
    }
    if in_a_row < OUTAGES {
        return Ok(None);
    }
    // Three outages may be of one bad repository: then the host answers this.
    if is_back(engine, &host).await {
        answered(engine, host_id).await?;
        return Ok(None);
    }
    let until = open(engine, &host).await?;
    enqueue(engine, ProbeHost { host_id }, until).await?;
    Ok(Some(until + AFTER_PROBE))
}

/// The host answered: outages are counted from nought, and the circuit closes.
pub(crate) async fn answered(engine: &Engine, host_id: i64) -> Result<(), JobError> {
    Ok(engine.store().host_answered(host_id).await?)
}

fn is_down(host: &Host) -> bool {
    host.paused_until.is_some() && host.paused_reason.as_deref() == Some(DOWN)
}

/// Lets nothing be asked of a host but the next probe; answers when that is due.
async fn open(engine: &Engine, host: &Host) -> Result<Millis, JobError> {
    let now = engine.clock().now();
    let until = now + pause(host.failing_since.map_or(0, |since| now - since));
    tracing::warn!(host_id = host.id, until, "the host does not answer");
    engine.store().host_pause(host.id, Some(until), Some(DOWN)).await?;
    Ok(until)
}

async fn enqueue(engine: &Engine, probe: ProbeHost, at: Millis) -> Result<(), JobError> {
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue_at(&mut tx, &probe, at, engine.clock().now()).await?;
    Ok(tx.commit().await?)
}

/// Whether anything answers that is not itself an outage; what it says does not matter, so it is asked without a token.
async fn is_back(engine: &Engine, host: &Host) -> bool {
    let question = async {
        let forge = engine.forge(host.kind, &host.url, forge::Auth::None)?;
        forge.current_user().await
    };
    !question.await.map_err(Failure::from).is_err_and(|failure| failure.is_outage())
}

/// How long nothing is asked of a host that has been down for so long: 30 s at first, twice as long after each probe. By
/// the time alone, so that it does not matter who sends the probes.
fn pause(down_for: Millis) -> Millis {
    (FIRST_PROBE + down_for.max(0)).min(LAST_PROBE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_go_further_and_further_apart() {
        let mut down_for = 0;
        let mut seconds = Vec::new();
        for _ in 0..7 {
            seconds.push(pause(down_for) / 1000);
            down_for += pause(down_for);
        }
        assert_eq!(seconds, [30, 60, 120, 240, 480, 600, 600]);
        assert_eq!(pause(-5_000), FIRST_PROBE);
    }
}
