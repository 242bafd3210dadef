//! How often was asked: so many requests in a window of time for each caller.

use std::collections::HashMap;

use ::model::Millis;

use super::switches::RateLimit;

/// Requests of the present windows.
#[derive(Debug, Default)]
pub(crate) struct Counts(HashMap<String, (Millis, u64)>);

/// Where a caller stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: u64,
    /// Requests of this window, this one included.
    pub(crate) asked: u64,
    /// When the window ends.
    pub(crate) reset: Millis,
}

impl Standing {
    pub(crate) const fn is_above(self) -> bool {
        self.asked > self.limit
    }

    /// What is left of the window's requests.
    pub(crate) const fn remaining(self) -> u64 {
        self.limit.saturating_sub(self.asked)
    }

    /// Whether less than a fifth is left (devinfo contract §6).
    pub(crate) const fn is_near(self) -> bool {
        self.remaining().saturating_mul(5) < self.limit
    }
}

impl Counts {
    /// Counts a request.
    pub(crate) fn count(&mut self, caller: &str, limit: RateLimit, now: Millis) -> Standing {
        let window = i64::try_from(limit.window.as_millis()).unwrap_or(i64::MAX).max(1);
        let start = now - now.rem_euclid(window);
        let counted = self.0.entry(caller.to_owned()).or_insert((start, 0));
        if counted.0 != start {
            *counted = (start, 0);
        }
        counted.1 += 1;
        Standing { limit: limit.requests, asked: counted.1, reset: start.saturating_add(window) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_window_ends_and_the_next_begins_anew() {
        let limit = RateLimit { requests: 5, window: Duration::from_secs(10) };
        let mut counts = Counts::default();
        let first = counts.count("a", limit, 12_000);
        assert_eq!((first.remaining(), first.is_near(), first.reset), (4, false, 20_000));
        for _ in 0..4 {
            counts.count("a", limit, 13_000);
        }
        let sixth = counts.count("a", limit, 19_999);
        assert!(sixth.is_above() && sixth.is_near());
        assert_eq!(counts.count("b", limit, 19_999).asked, 1);
        assert_eq!(counts.count("a", limit, 20_000).asked, 1);
    }
}
