//! Times: told from the present, the exact one on hover and in the markup.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::Timestamp;
use model::Millis;

const MINUTE: Millis = 60 * 1000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// A time as a page shows it: `<time>` with the exact one, and words such as "3 h ago".
#[derive(Debug, Clone, Copy)]
pub struct When {
    at: Millis,
    now: Millis,
}

impl When {
    /// `at`, seen from `now`.
    pub const fn new(at: Millis, now: Millis) -> Self {
        Self { at, now }
    }

    /// "just now", "5 min ago", "2 years ago", "in 3 h".
    pub fn relative(&self) -> String {
        let distance = self.now.saturating_sub(self.at);
        match distance.saturating_abs() {
            span if span < MINUTE => "just now".to_owned(),
            span if distance < 0 => format!("in {}", span_words(span)),
            span => format!("{} ago", span_words(span)),
        }
    }

    /// "22 Nov 2026, 11:04 UTC"; empty for a time that no calendar has.
    pub fn exact(&self) -> String {
        self.formatted("%-d %b %Y, %H:%M UTC")
    }

    /// "11:04"; a clock time of today.
    pub fn clock(&self) -> String {
        self.formatted("%H:%M UTC")
    }

    fn formatted(&self, format: &str) -> String {
        Timestamp::from_millisecond(self.at).map(|at| at.strftime(format).to_string()).unwrap_or_default()
    }
}

fn span_words(span: Millis) -> String {
    match span {
        span if span < HOUR => format!("{} min", span / MINUTE),
        span if span < DAY => format!("{} h", span / HOUR),
        span if span < 2 * DAY => "1 day".to_owned(),
        span if span < 60 * DAY => format!("{} days", span / DAY),
        span if span < 730 * DAY => format!("{} months", span / (30 * DAY)),
        span => format!("{} years", span / (365 * DAY)),
    }
}

impl HtmlSafe for When {}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let iso = self.formatted("%Y-%m-%dT%H:%M:%SZ");
        write!(f, "<time datetime=\"{iso}\" title=\"{}\">{}</time>", self.exact(), self.relative())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_795_345_440_000;

    #[rstest::rstest]
    #[case(0, "just now")]
    #[case(59 * 1000, "just now")]
    #[case(5 * MINUTE, "5 min ago")]
    #[case(3 * HOUR + 20 * MINUTE, "3 h ago")]
    #[case(DAY, "1 day ago")]
    #[case(59 * DAY, "59 days ago")]
    #[case(60 * DAY, "2 months ago")]
    #[case(3 * 365 * DAY, "3 years ago")]
    #[case(-2 * HOUR, "in 2 h")]
    fn times_are_told_from_the_present(#[case] before: Millis, #[case] words: &str) {
        assert_eq!(When::new(NOW - before, NOW).relative(), words);
    }

    #[test]
    fn the_exact_time_stands_in_the_markup() {
        let html = When::new(NOW, NOW).to_string();

        assert_eq!(html, "<time datetime=\"2026-11-22T11:04:00Z\" title=\"22 Nov 2026, 11:04 UTC\">just now</time>");
    }

    #[test]
    fn a_time_beyond_every_calendar_does_not_break_the_page() {
        let html = When::new(Millis::MIN, NOW).to_string();

        assert!(html.starts_with("<time datetime=\"\" title=\"\">"));
    }
}
