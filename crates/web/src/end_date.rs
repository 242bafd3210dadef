//! The last day of an access token, as people write it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::Millis;

/// A text that is no day to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADayToCome;

/// When a token ends that is good until the beginning of this day (UTC), as GitLab's are; none
/// where nothing is written.
///
/// # Errors
/// For a text that is no day (2026-12-31), and for a day that has begun.
pub fn end_of_token(written: &str, now: Millis) -> Result<Option<Millis>, NotADayToCome> {
    let written = written.trim();
    if written.is_empty() {
        return Ok(None);
    }
    let day: Date = written.parse().map_err(|_| NotADayToCome)?;
    let end = day.to_zoned(TimeZone::UTC).map_err(|_| NotADayToCome)?.timestamp().as_millisecond();
    if end > now { Ok(Some(end)) } else { Err(NotADayToCome) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 November 2026, 11:04 UTC.
    const NOW: Millis = 1_795_345_440_000;

    #[rstest::rstest]
    #[case("", Ok(None))]
    #[case(" 2026-11-23 ", Ok(Some(1_795_392_000_000)))]
    #[case("2026-11-22", Err(NotADayToCome))]
    #[case("tomorrow", Err(NotADayToCome))]
    #[case("99999-01-01", Err(NotADayToCome))]
    fn the_end_is_the_beginning_of_its_day(#[case] written: &str, #[case] end: Result<Option<Millis>, NotADayToCome>) {
        assert_eq!(end_of_token(written, NOW), end);
    }
}
