//! How long a job waits before it is tried again.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// 5 s, 10 s, 20 s … after the first, second, third attempt; at most an hour.
#[must_use]
pub fn backoff(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 30)).unwrap_or(0);
    FIRST.saturating_mul(1 << doublings).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_an_hour() {
        let seconds: Vec<u64> = [0, 1, 2, 3, 9, 10, 11, i64::MAX].map(|n| backoff(n).as_secs()).to_vec();
        assert_eq!(seconds, [5, 5, 10, 20, 1280, 2560, 3600, 3600]);
    }
}
