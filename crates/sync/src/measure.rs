//! What is counted of syncs of repositories, for whoever reads `/metrics`.

use std::time::Instant;

use metrics::{counter, histogram};
use model::Millis;

use crate::{Engine, Mode};

/// One run of a sync. One that makes way for something more urgent is put off and runs again: it counts each time.
#[derive(Debug)]
pub(crate) struct SyncRun {
    mode: Mode,
    began: Instant,
    ending: SyncEnding,
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SyncEnding {
    /// All was read and written.
    Done,
    /// The forge, git or the store failed.
    Failed,
    /// It goes on later: the host asked for a pause, or something was more urgent.
    PutOff,
    /// Nobody wants it any more.
    Stopped,
    /// The process stops, or another one has the job.
    Interrupted,
}

impl SyncEnding {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::PutOff => "put_off",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
        }
    }
}

impl SyncRun {
    /// It begins.
    pub(crate) fn begin(mode: Mode) -> Self {
        counter!("dovetail_syncs_started_total", "mode" => mode.as_str()).increment(1);
        Self { mode, began: Instant::now(), ending: SyncEnding::Interrupted }
    }

    /// It ended so. One that is dropped without was interrupted.
    pub(crate) fn ended(mut self, ending: SyncEnding) {
        self.ending = ending;
    }
}

impl Drop for SyncRun {
    fn drop(&mut self) {
        let mode = self.mode.as_str();
        let labels = [("mode", mode), ("outcome", self.ending.as_str())];
        counter!("dovetail_syncs_ended_total", &labels).increment(1);
        histogram!("dovetail_sync_duration_seconds", "mode" => mode).record(self.began.elapsed());
    }
}

/// What the event of a hook told of is shown now.
pub(crate) fn shown(engine: &Engine, heard_at: Option<Millis>) {
    let Some(heard_at) = heard_at else { return };
    let lag = (engine.clock().now() - heard_at).max(0);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a lag of which milliseconds are lost is longer than the universe is old"
    )]
    histogram!("dovetail_push_to_panel_seconds").record(lag as f64 / 1_000.0);
}
