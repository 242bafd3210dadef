//! Waiting until all is done.

use std::pin::pin;
use std::time::Duration;

use model::Clock;
use store::Store;

/// Looked again after this long, as a clock that moves on makes jobs due without a word.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Waits until no job runs and none is due, on any node. Jobs that are due later (retries) do not count.
pub async fn idle(store: &Store, clock: &dyn Clock) -> store::Result<()> {
    let wakeups = store.wakeups();
    loop {
        // Registered before looking: an end between the look and the wait is not missed.
        let mut changed = pin!(wakeups.notified());
        changed.as_mut().enable();
        if store.jobs_active(clock.now()).await? == 0 {
            return Ok(());
        }
        let _ = tokio::time::timeout(LOOK_AGAIN, changed).await;
    }
}
