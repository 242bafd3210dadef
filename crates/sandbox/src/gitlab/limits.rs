//! Limits of single endpoints (GitLab contract §6, application limiter): so many calls a minute for each caller.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::Millis;

/// The interval over which calls are counted, in seconds.
pub(crate) const INTERVAL_SECONDS: u64 = 60;
const INTERVAL: Millis = 60_000;

/// The calls of the present interval, by endpoint and caller.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<HashMap<String, (Millis, u64)>>);

impl Limits {
    /// Counts a call; whether it is one of the first `most` of its interval.
    pub(crate) fn let_through(&self, caller: String, most: u64, now: Millis) -> bool {
        let start = now - now.rem_euclid(INTERVAL);
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = calls.entry(caller).or_insert((start, 0));
        if counted.0 != start {
            *counted = (start, 0);
        }
        counted.1 += 1;
        counted.1 <= most
    }
}
