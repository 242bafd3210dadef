//! Durations as Jira reads and writes them, with its own working day of eight hours and week of five days.

/// Seconds of a working day.
const DAY: u64 = 8 * HOUR;
/// Seconds of a working week.
const WEEK: u64 = 5 * DAY;
const HOUR: u64 = 3_600;
const MINUTE: u64 = 60;
/// The longest that can be logged: more is a slip of the keyboard.
const LONGEST: f64 = 1e9;

/// The seconds of a text such as `1w 2d 4h 30m`, `1.5h` or `90` (minutes, Jira's default unit); none when it is no duration.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let mut seconds = 0.0_f64;
    let mut rest = text.as_str();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = match rest.chars().next() {
            Some('w') => WEEK,
            Some('d') => DAY,
            Some('h') => HOUR,
            Some('m') => MINUTE,
            None => MINUTE,
            Some(c) if c.is_whitespace() => MINUTE,
            Some(_) => return None,
        };
        rest = rest.strip_prefix(['w', 'd', 'h', 'm']).unwrap_or(rest).trim_start();
        seconds += number * f64::from(u32::try_from(unit).ok()?);
    }
    whole(seconds)
}

/// A number of seconds that Jira takes, without its fraction.
fn whole(seconds: f64) -> Option<u64> {
    if !(0.0..=LONGEST).contains(&seconds) {
        return None;
    }
    // Digit by digit, as there is no cast that says what it does with fractions.
    format!("{:.0}", seconds.floor()).parse().ok()
}

/// A duration as Jira shows it: `1w 2d 4h 30m`; seconds below a minute are left out.
#[must_use]
pub fn format(seconds: u64) -> String {
    let mut left = seconds;
    let mut parts = Vec::new();
    for (unit, name) in [(WEEK, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m")] {
        if left >= unit {
            parts.push(format!("{}{name}", left / unit));
            left %= unit;
        }
    }
    if parts.is_empty() { "0m".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(parse("1h"), Some(3_600));
        assert_eq!(parse("1w 2d 4h 30m"), Some(WEEK + 2 * DAY + 4 * HOUR + 30 * MINUTE));
        assert_eq!(parse("4h30m"), Some(16_200));
        assert_eq!(parse("1.5h"), Some(5_400));
        assert_eq!(parse("90"), Some(5_400));
        assert_eq!(parse("1h 30"), Some(5_400));
        for none in ["", "h", "1x", "an hour", "-1h", "1..5h", "1h x", "999999999999w"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }

    #[test]
    fn durations_are_written_with_the_largest_units() {
        assert_eq!(format(WEEK + 2 * DAY + 4 * HOUR + 30 * MINUTE), "1w 2d 4h 30m");
        assert_eq!((format(5_400), format(59), format(DAY)), ("1h 30m".to_owned(), "0m".to_owned(), "1d".to_owned()));
    }
}
