//! Durations as people write them: `60m`, `2h 30m`, `7d`.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, de::Error};

/// Reads one; days and weeks have 24 hours and 7 days.
pub fn parse(text: &str) -> Result<Duration, String> {
    let example = "expected a duration like \"60m\", \"2h\" or \"7d\"";
    let span: Span = text.trim().parse().map_err(|_| example.to_owned())?;
    let signed = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| example.to_owned())?;
    Duration::try_from(signed).map_err(|_| format!("{example}, not a negative one"))
}

/// For serde's `with`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn people_write_minutes_hours_and_days() {
        for (text, seconds) in [("60m", 3600), ("2h 30m", 9000), ("7d", 604_800), ("10s", 10), ("1w", 604_800)] {
            assert_eq!(parse(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in ["", "60", "sixty", "-5m", "1 month"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
