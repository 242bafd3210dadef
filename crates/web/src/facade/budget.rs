//! How long a token may have us wait for what a forge would tell: a walk over thousands of commits must not become
//! thousands of requests to the forge.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::Millis;

/// Waiting is counted within this time.
const WINDOW: Millis = 60 * 1000;
/// How long one token may wait within it.
const WAITING: Duration = Duration::from_secs(1);
/// How many tokens are counted; beyond it, all begin anew.
const CAPACITY: usize = 10_000;

/// Counts waiting in memory, by token.
#[derive(Debug, Default)]
pub struct Budget(Mutex<HashMap<i64, Spent>>);

#[derive(Debug, Clone, Copy)]
struct Spent {
    since: Millis,
    waited: Duration,
}

impl Budget {
    /// How long may be waited now; none when enough was.
    pub fn left(&self, token_id: i64, now: Millis) -> Option<Duration> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = match tokens.get(&token_id) {
            Some(spent) if now < spent.since + WINDOW => spent.waited,
            _ => Duration::ZERO,
        };
        WAITING.checked_sub(waited).filter(|left| !left.is_zero())
    }

    /// Counts what was waited.
    pub fn spend(&self, token_id: i64, waited: Duration, now: Millis) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= CAPACITY {
            tokens.clear();
        }
        let spent = tokens.entry(token_id).or_insert(Spent { since: now, waited: Duration::ZERO });
        if now >= spent.since + WINDOW {
            *spent = Spent { since: now, waited: Duration::ZERO };
        }
        spent.waited += waited;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_waited_is_not_waited_again_for_a_minute() {
        let budget = Budget::default();
        budget.spend(1, Duration::from_millis(600), 0);
        assert_eq!(budget.left(1, 1), Some(Duration::from_millis(400)));

        budget.spend(1, Duration::from_millis(600), 1);

        assert_eq!((budget.left(1, WINDOW - 1), budget.left(2, 1)), (None, Some(WAITING)));
        assert_eq!(budget.left(1, WINDOW), Some(WAITING));
    }
}
