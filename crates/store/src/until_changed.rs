//! Something small that is read often, kept in memory until a transaction may have changed it, here or on another node.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Kept since it was read; forgotten by what is heard of commits.
#[derive(Debug)]
pub(crate) struct UntilChanged<T>(Mutex<Kept<T>>);

#[derive(Debug)]
struct Kept<T> {
    value: Option<Arc<T>>,
    changes: u64,
    /// Changes of other nodes cannot be heard at the moment.
    deaf: bool,
}

impl<T> Default for UntilChanged<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept { value: None, changes: 0, deaf: false }))
    }
}

impl<T> UntilChanged<T> {
    /// It may have changed.
    pub(crate) fn forget(&self) {
        let mut kept = self.lock();
        kept.value = None;
        kept.changes += 1;
    }

    /// From now on changes of other nodes are heard, or not.
    pub(crate) fn hears(&self, hears: bool) {
        self.forget();
        self.lock().deaf = !hears;
    }

    /// What is kept; otherwise the number of changes so far, to be told to [`UntilChanged::keep`] once it was read.
    pub(crate) fn take(&self) -> Result<Arc<T>, u64> {
        let kept = self.lock();
        kept.value.clone().ok_or(kept.changes)
    }

    /// Keeps what was read, unless something changed since `changes` was taken: nobody knows on which side of the change it
    /// was read.
    pub(crate) fn keep(&self, value: &Arc<T>, changes: u64) {
        let mut kept = self.lock();
        if kept.changes == changes && !kept.deaf {
            kept.value = Some(Arc::clone(value));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let kept = UntilChanged::<u8>::default();
        let changes = kept.take().unwrap_err();
        kept.forget();
        kept.keep(&Arc::new(1), changes);
        assert!(kept.take().is_err());
        let changes = kept.take().unwrap_err();
        kept.keep(&Arc::new(2), changes);
        assert_eq!(kept.take().as_deref(), Ok(&2));
        kept.forget();
        assert!(kept.take().is_err());
    }

    #[test]
    fn who_cannot_hear_the_others_keeps_nothing() {
        let kept = UntilChanged::<u8>::default();
        kept.hears(false);
        kept.keep(&Arc::new(1), kept.take().unwrap_err());
        assert!(kept.take().is_err());
        kept.hears(true);
        kept.keep(&Arc::new(1), kept.take().unwrap_err());
        assert!(kept.take().is_ok());
    }
}
