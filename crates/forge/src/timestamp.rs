//! Times as GitLab writes them.

use jiff::Timestamp;
use model::Millis;

/// Reads any of GitLab's spellings (GitLab contract §2.6, §7.7): RFC 3339 with `Z` or an offset, with or without a
/// fraction, or `2026-01-16 05:56:22 UTC` (or an offset there). None for everything else.
#[must_use]
pub fn millis(text: &str) -> Option<Millis> {
    let text = text.trim();
    let parsed = match text.rsplit_once(' ') {
        Some((moment, "UTC")) => format!("{moment}Z").parse::<Timestamp>(),
        Some((moment, offset)) if offset.starts_with(['+', '-']) => format!("{moment}{offset}").parse(),
        _ => text.parse(),
    };
    parsed.ok().map(|timestamp| timestamp.as_millisecond())
}

/// The beginning, in UTC, of a day (`2026-08-31`), from which on a token of that end is refused; a whole time counts too.
#[must_use]
pub fn day(text: &str) -> Option<Millis> {
    millis(text).or_else(|| millis(&format!("{}T00:00:00Z", text.trim())))
}

/// [`millis`] of a field that may be missing.
#[must_use]
pub fn optional(text: Option<&str>) -> Option<Millis> {
    text.and_then(millis)
}

/// The spelling that GitLab's parameters take: RFC 3339 in UTC. None for a time that no calendar has.
#[must_use]
pub fn spelled(at: Millis) -> Option<String> {
    Timestamp::from_millisecond(at).ok().map(|timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_contract_is_read() {
        // given
        let cases = [
            ("2018-09-20T10:18:01.123Z", 1_537_438_681_123),
            ("2018-09-20T12:18:01+02:00", 1_537_438_681_000),
            ("2018-09-20T12:18:01.000+02:00", 1_537_438_681_000),
            ("2018-09-20T10:18:01Z", 1_537_438_681_000),
            ("2018-09-20 10:18:01 UTC", 1_537_438_681_000),
            ("2018-09-20 12:18:01 +0200", 1_537_438_681_000),
            ("1969-12-31T23:59:59Z", -1_000),
        ];

        for (text, expected) in cases {
            // then
            assert_eq!(millis(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        assert_eq!(day("2018-09-20"), Some(1_537_401_600_000));
        assert_eq!(day("2018-09-20T10:18:01Z"), Some(1_537_438_681_000));
        for text in ["", "2018-13-01", "never", "2018-09-20T"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_time() {
        for text in ["", "UTC", "yesterday", "2018-13-01T00:00:00Z", "2018-09-20", "1537438681"] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn a_spelled_time_reads_back() {
        // given
        let at = 1_537_438_681_123;

        // then
        assert_eq!(spelled(at).as_deref(), Some("2018-09-20T10:18:01.123Z"));
        assert_eq!(millis(&spelled(at).unwrap()), Some(at));
        assert_eq!(spelled(Millis::MAX), None);
    }
}
