//! Times as Jira writes and reads them.

use jiff::Timestamp;
use jiff::fmt::strtime;
use model::Millis;

/// Jira's REST writes an offset without colon.
const FORM: &str = "%Y-%m-%dT%H:%M:%S%.f%z";

/// Reads a time of an answer: `2026-01-02T03:04:05.000+0000`, or any RFC 3339. None for everything else.
pub fn read(text: &str) -> Option<Millis> {
    let text = text.trim();
    let ours = strtime::parse(FORM, text).ok().and_then(|parsed| parsed.to_timestamp().ok());
    ours.or_else(|| text.parse().ok()).map(Timestamp::as_millisecond)
}

/// The one form in which Jira takes the start of a worklog: `yyyy-MM-ddTHH:mm:ss.SSS+0000`. None for a time of another era.
pub fn started(at: Millis) -> Option<String> {
    spelled(at, "%Y-%m-%dT%H:%M:%S%.3f+0000")
}

/// The form of development information: ISO 8601 in UTC.
pub fn iso(at: Millis) -> Option<String> {
    spelled(at, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

fn spelled(at: Millis, form: &str) -> Option<String> {
    let moment = Timestamp::from_millisecond(at).ok()?;
    let year = moment.strftime("%Y").to_string();
    (year.len() == 4 && !year.starts_with('-')).then(|| moment.strftime(form).to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_colon() {
        for text in [
            "2026-03-01T12:00:00.000+0000",
            "2026-03-01T14:00:00.000+0200",
            "2026-03-01T12:00:00Z",
            "2026-03-01T14:00:00+02:00",
        ] {
            assert_eq!(read(text), Some(1_772_366_400_000), "{text}");
        }
        for text in ["", "yesterday", "2026-03-01", "1772366400"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_start_of_a_worklog_has_exactly_one_form() {
        assert_eq!(started(1_772_366_400_007).as_deref(), Some("2026-03-01T12:00:00.007+0000"));
        assert_eq!(started(0).as_deref(), Some("1970-01-01T00:00:00.000+0000"));
        assert_eq!(started(-1).as_deref(), Some("1969-12-31T23:59:59.999+0000"));
        assert_eq!(started(Millis::MAX), None);
        assert_eq!(started(-62_200_000_000_000), None, "before the first year");
    }

    proptest! {
        #[test]
        fn what_is_spelled_reads_back(at in -60_000_000_000_000_i64..250_000_000_000_000) {
            let text = started(at).unwrap();
            prop_assert_eq!(text.len(), "yyyy-MM-ddTHH:mm:ss.SSS+0000".len());
            prop_assert_eq!(read(&text), Some(at));
            prop_assert_eq!(read(&iso(at).unwrap()), Some(at));
        }

        #[test]
        fn any_text_is_read_or_not(text: String) {
            let _ = read(&text);
        }
    }
}
