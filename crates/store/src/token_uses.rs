//! When tokens were last used, noted to the minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::Millis;

/// A use is noted when the last one noted is older than this, so that reading costs no write.
const NOTE_EVERY: Millis = 60_000;
/// From how many tokens on those whose minute is over are forgotten here.
const REMEMBERED: usize = 1_000;

/// Which uses this process noted: of all requests that come at once with the same token, one writes, and the others do not
/// wait for its row.
#[derive(Debug, Default)]
pub(crate) struct TokenUses(Mutex<HashMap<i64, Millis>>);

impl TokenUses {
    /// Whether the caller shall note that a token is used now; `last` is what the store says. True for one caller only.
    pub(crate) fn is_to_be_noted(&self, id: i64, last: Option<Millis>, now: Millis) -> bool {
        let is_recent = |at: Millis| now - at < NOTE_EVERY;
        if last.is_some_and(is_recent) {
            return false;
        }
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&id).copied().is_some_and(is_recent) {
            return false;
        }
        if noted.len() >= REMEMBERED {
            noted.retain(|_, at| is_recent(*at));
        }
        noted.insert(id, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_use_a_token_at_once_one_notes_it_each_minute() {
        let uses = TokenUses::default();
        let all_at = |now| (0..16).filter(|_| uses.is_to_be_noted(7, None, now)).count();
        assert_eq!((all_at(0), all_at(59_999), all_at(60_000)), (1, 0, 1));
    }

    #[test]
    fn what_another_node_noted_is_not_noted_again() {
        let uses = TokenUses::default();
        assert!(!uses.is_to_be_noted(7, Some(1_000), 60_999));
        assert!(uses.is_to_be_noted(7, Some(1_000), 61_000));
    }

    #[test]
    fn tokens_whose_minute_is_over_are_forgotten() {
        let uses = TokenUses::default();
        for id in 0..5_000 {
            assert!(uses.is_to_be_noted(id, None, id * 1_000));
        }
        assert!(uses.0.lock().unwrap().len() <= REMEMBERED);
    }
}
