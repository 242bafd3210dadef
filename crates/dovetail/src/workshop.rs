//! The threads that jobs run on: an import that keeps every core busy must not hold up whoever looks at a page.

use tokio::runtime::{Builder, EnterGuard, Runtime};

/// How much less than the threads that answer requests these insist on a core; git processes started by jobs inherit it.
const NICENESS: i32 = 10;

/// Threads of their own for jobs. Dropped, they end what they are at in the background.
pub struct Workshop(Option<Runtime>);

impl Workshop {
    /// Starts them.
    ///
    /// # Errors
    /// When the system has no threads to give.
    pub fn open() -> std::io::Result<Self> {
        let threads =
            Builder::new_multi_thread().thread_name("jobs").on_thread_start(step_back).enable_all().build()?;
        Ok(Self(Some(threads)))
    }

    /// Until the guard is dropped, tasks that are spawned run here.
    pub fn enter(&self) -> Option<EnterGuard<'_>> {
        self.0.as_ref().map(Runtime::enter)
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // Waiting for threads is not allowed where tasks run, and whoever drops this may be a task.
        if let Some(threads) = self.0.take() {
            threads.shutdown_background();
        }
    }
}

/// On Linux this is the calling thread's alone.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "jobs run at the usual priority");
    }
}
