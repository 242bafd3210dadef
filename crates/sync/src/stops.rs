//! The word that something was paused, unlinked or removed, so that what runs looks whether it may go on.

use std::sync::atomic::{AtomicU64, Ordering};

/// Calls to look. Only within this process; other nodes look every two seconds.
#[derive(Debug, Default)]
pub(crate) struct Stops(AtomicU64);

impl Stops {
    /// Something was stopped, and the store knows it.
    pub(crate) fn call(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How often that was so: another number than before means that it is to be looked.
    pub(crate) fn calls(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
