//! Times as Jira writes and reads them: `2026-01-02T03:04:05.000+0000`.

use ::model::Millis;
use jiff::fmt::strtime;
use jiff::{Timestamp, Zoned};

/// Jira's form, to the letter.
const FORM: &str = "%Y-%m-%dT%H:%M:%S.000%z";

/// Writes a time, in UTC.
pub(crate) fn write(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// Reads a time in exactly that form: three digits of milliseconds and an offset without colon. Jira breaks on every other.
pub(crate) fn read(text: &str) -> Option<Millis> {
    let (date, rest) = text.split_once('.')?;
    let (millis, offset) = rest.split_at_checked(3)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_offset = offset.len() == 5 && offset.starts_with(['+', '-']) && digits(&offset[1..]);
    if !digits(millis) || !is_offset {
        return None;
    }
    let whole: Timestamp = strtime::parse(FORM, format!("{date}.000{offset}")).ok()?.to_timestamp().ok()?;
    Some(whole.as_millisecond() + millis.parse::<Millis>().ok()?)
}

/// A time as people read it, in UTC.
pub(crate) fn plain(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    let at: Zoned = at.to_zoned(jiff::tz::TimeZone::UTC);
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_one_form_only() {
        assert_eq!(read("1970-01-01T00:00:01.500+0000"), Some(1_500));
        assert_eq!(read("1970-01-01T02:00:00.000+0200"), Some(0));
        assert_eq!(write(1_500), "1970-01-01T00:00:01.500+0000");
        for other in
            ["1970-01-01T00:00:01Z", "1970-01-01T00:00:01.500Z", "1970-01-01T00:00:01.500+00:00", "", "x.000+0000"]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
