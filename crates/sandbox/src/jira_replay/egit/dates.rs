//! Which dates are understood.

use jiff::Timestamp;
use model::Millis;

/// Whose rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dates {
    /// `yyyy-MM-dd'T'HH:mm:ss'Z'` and nothing else. (Java reads an offset or a fraction as if it were not there, and gets the wrong
    /// time; a host that sends one is refused here rather than misread.)
    Plain,
    /// Offsets and fractions as well.
    Enterprise,
}

impl Dates {
    /// Reads a date, in milliseconds.
    pub(crate) fn read(self, text: &str) -> Option<Millis> {
        let understood = match self {
            Self::Plain => is_plain(text),
            Self::Enterprise => text.as_bytes().get(10) == Some(&b'T'),
        };
        let date: Timestamp = understood.then(|| text.parse().ok())??;
        Some(date.as_millisecond())
    }
}

/// Digits and signs where the pattern has them.
fn is_plain(text: &str) -> bool {
    const PATTERN: &[u8] = b"dddd-dd-ddTdd:dd:ddZ";
    let fits = |(byte, wanted): (u8, &u8)| if *wanted == b'd' { byte.is_ascii_digit() } else { byte == *wanted };
    text.len() == PATTERN.len() && text.bytes().zip(PATTERN).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_537_438_681_000;

    #[test]
    fn utc_without_fraction_is_understood_everywhere() {
        for dates in [Dates::Plain, Dates::Enterprise] {
            assert_eq!(dates.read("2018-09-20T10:18:01Z"), Some(AT));
        }
    }

    #[test]
    fn offsets_and_fractions_are_understood_for_github_enterprise_only() {
        let cases = [
            ("2018-09-20T12:18:01+02:00", AT),
            ("2018-09-20T12:18:01+0200", AT),
            ("2018-09-20T10:18:01.000Z", AT),
            ("2018-09-20T12:18:01.123+02:00", AT + 123),
        ];
        for (text, at) in cases {
            assert_eq!(Dates::Plain.read(text), None, "{text}");
            assert_eq!(Dates::Enterprise.read(text), Some(at), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused_everywhere() {
        for text in [
            "",
            "yesterday",
            "2018-09-20",
            "2018-09-20 10:18:01Z",
            "2018-13-20T10:18:01Z",
            "2018-09-20T10:18:01",
            "1537438681",
        ] {
            for dates in [Dates::Plain, Dates::Enterprise] {
                assert_eq!(dates.read(text), None, "{text}");
            }
        }
    }
}
