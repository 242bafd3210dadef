//! Checks as they run: few at a time, each step handed on as soon as it is known.

use std::future::Future;
use std::sync::Arc;

use sync::SyncError;
use sync::check::{Report, Stage};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many checks may run at a time: each may hold connections for a minute or two.
const AT_A_TIME: usize = 4;

/// The right to check: given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

/// How many checks run.
#[derive(Debug, Clone)]
pub struct Checks {
    free: Arc<Semaphore>,
}

impl Default for Checks {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

impl Checks {
    /// A turn; none while too many checks run.
    pub fn enter(&self) -> Option<Turn> {
        Arc::clone(&self.free).try_acquire_owned().ok().map(|permit| Turn { _permit: permit })
    }
}

/// What comes of a check.
#[derive(Debug)]
pub enum Seen {
    /// A step that was taken.
    Step(Stage),
    /// The end, or why there is none.
    End(Result<Report, SyncError>),
}

/// Runs a check, handing each step to `tell` as it is known and then the whole; ends early where nobody listens any more, which
/// `tell` says by `false`.
pub async fn follow<F>(check: impl FnOnce(UnboundedSender<Stage>) -> F, mut tell: impl FnMut(Seen) -> bool)
where
    F: Future<Output = Result<Report, SyncError>>,
{
    let (sender, mut steps) = unbounded_channel();
    let check = check(sender);
    tokio::pin!(check);
    loop {
        tokio::select! {
            biased;
            Some(step) = steps.recv() => if !tell(Seen::Step(step)) { return },
            report = &mut check => {
                if rest(&mut steps, &mut tell) { tell(Seen::End(report)); }
                return;
            }
        }
    }
}

/// The steps that were not handed on yet when the check ended; whether somebody still listens.
fn rest(steps: &mut UnboundedReceiver<Stage>, tell: &mut impl FnMut(Seen) -> bool) -> bool {
    while let Ok(step) = steps.try_recv() {
        if !tell(Seen::Step(step)) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_few_checks_run_at_a_time() {
        let checks = Checks::default();
        let mut turns: Vec<Turn> = (0..AT_A_TIME).map(|_| checks.enter().expect("it is free")).collect();
        assert!(checks.enter().is_none());

        turns.pop();

        assert!(checks.enter().is_some());
    }

    #[tokio::test]
    async fn every_step_is_told_before_the_end() {
        let mut told = Vec::new();

        follow(
            async |steps| {
                for name in ["url", "name"] {
                    steps.send(Stage::passed(name, "seen")).expect("somebody listens");
                }
                Ok(Report::of(Vec::new()))
            },
            |seen| {
                told.push(match seen {
                    Seen::Step(stage) => stage.stage,
                    Seen::End(end) => format!("{:?}", end.expect("it went on to its end").verdict),
                });
                true
            },
        )
        .await;

        assert_eq!(told, ["url", "name", "Passed"]);
    }

    #[tokio::test]
    async fn a_check_ends_when_nobody_listens_any_more() {
        let check = async |steps: UnboundedSender<Stage>| {
            steps.send(Stage::passed("url", "seen")).expect("somebody listens");
            std::future::pending().await
        };

        follow(check, |_| false).await;
    }
}
