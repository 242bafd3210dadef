//! Waiting, within a deadline, for what jobs write.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use crate::Engine;

/// Looked again after this long: jobs of other nodes, and steps within a job, come without a word.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Looks whenever a job has ended, and every now and then, until there is an answer. None: not in time.
pub(super) async fn until<T, E, F, L>(engine: &Engine, deadline: Instant, look: F) -> Result<Option<T>, E>
where
    F: Fn() -> L + Send,
    L: Future<Output = Result<Option<T>, E>> + Send,
{
    let wakeups = engine.store().wakeups();
    let looking = async {
        loop {
            // Registered before looking: an end between the look and the wait is not missed.
            let mut changed = pin!(wakeups.notified());
            changed.as_mut().enable();
            if let Some(found) = look().await? {
                return Ok(found);
            }
            let _ = timeout(LOOK_AGAIN, changed).await;
        }
    };
    match timeout_at(deadline, looking).await {
        Ok(found) => found.map(Some),
        Err(_) => Ok(None),
    }
}
