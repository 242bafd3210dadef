//! How long is waited for what: a site that fails, and issues that a site does not know.

use model::Millis;

const SECOND: Millis = 1_000;
const HOUR: Millis = 3_600 * SECOND;
const DAY: Millis = 24 * HOUR;

/// After the first failure.
const FIRST: Millis = 5 * SECOND;
/// However often it failed.
const LONGEST: Millis = HOUR;
/// How long it is asked hourly whether an issue is there by now.
const HOURLY: Millis = DAY;
/// How long it is asked daily after that.
const DAILY: Millis = 30 * DAY;

/// How long a site that failed so often in a row is left alone: 5 s, doubled with each failure, at most an hour.
pub(super) fn after_failures(failures: i64) -> Millis {
    let doublings = u32::try_from(failures.clamp(1, 30) - 1).unwrap_or(0);
    FIRST.saturating_mul(1 << doublings).min(LONGEST)
}

/// When it is asked again whether a site knows an issue by now that it has not known since a time: hourly for a day, daily for
/// 30 more, then never.
pub(super) fn ask_again(unknown_since: Millis, now: Millis) -> Option<Millis> {
    let age = now.saturating_sub(unknown_since);
    match age {
        ..HOURLY => Some(now.saturating_add(HOUR)),
        HOURLY.. if age < HOURLY + DAILY => Some(now.saturating_add(DAY)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_fails_is_left_alone_for_longer_each_time() {
        let seconds = [0, 1, 2, 3, 10, 11, i64::MAX].map(|failures| after_failures(failures) / SECOND);
        assert_eq!(seconds, [5, 5, 10, 20, 2_560, 3_600, 3_600]);
    }

    #[test]
    fn an_unknown_issue_is_asked_for_hourly_then_daily_then_no_more() {
        let mut asked = vec![0];
        while let Some(next) = ask_again(0, asked[asked.len() - 1]) {
            asked.push(next);
        }
        assert_eq!(asked.iter().filter(|at| **at <= DAY).count(), 25);
        assert_eq!(asked.iter().filter(|at| **at > DAY).count(), 30);
        assert_eq!(asked.last(), Some(&(31 * DAY)));
    }
}
