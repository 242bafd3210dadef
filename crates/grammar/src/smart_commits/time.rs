//! The argument of `#time`.

use std::sync::LazyLock;

use regex::{Match, Regex};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
/// A working day of eight hours, as in a Jira that nobody changed.
const DAY: f64 = 8.0 * HOUR;
/// A working week of five days, as in a Jira that nobody changed.
const WEEK: f64 = 5.0 * DAY;

/// The longest time that can be logged, in seconds (68 years): nothing real is longer, and it fits every counter.
pub const MAX_SECONDS: u32 = 0x7fff_ffff;

/// Work to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// How long, in seconds, by Jira's default week of five days of eight hours.
    pub seconds: u32,
    /// How long, in Jira's notation (`1w 2d 4.5h`), for a Jira with another week to reckon itself.
    pub spent: String,
    /// The words beside the duration, trimmed; may be empty.
    pub comment: String,
}

/// Why an argument of `#time` logs no work. Concerns that command alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// It contains no duration, or only one in a unit that is unknown.
    #[error("#time names no duration: write weeks, days, hours or minutes, such as 1w 2d 4.5h 30m")]
    NoDuration,
    /// It is zero.
    #[error("#time names a duration of zero")]
    Zero,
    /// It is longer than [`MAX_SECONDS`].
    #[error("#time names a duration of more than 68 years")]
    TooLong,
}

impl Time {
    /// Reads an argument such as `1w 2d 4.5h 30m reviewed`. The duration may stand anywhere in it and must not touch a
    /// letter or digit (`30min` is none); a decimal point may be a comma. Of several durations the first counts, and
    /// none stays in the comment, as with Jira's connector.
    ///
    /// # Errors
    /// [`TimeError`] where there is no duration or none that can be logged.
    pub fn parse(argument: &str) -> Result<Self, TimeError> {
        let durations: Vec<Match<'_>> =
            DURATION.find_iter(argument).filter(|duration| stands_alone(argument, duration)).collect();
        let first = durations.first().ok_or(TimeError::NoDuration)?;
        let parts: Vec<(String, f64)> = PART.captures_iter(first.as_str()).map(|part| read(part.extract().1)).collect();
        let seconds = seconds(parts.iter().map(|(_, seconds)| seconds).sum())?;
        let spent = parts.into_iter().map(|(part, _)| part).collect::<Vec<_>>().join(" ");
        Ok(Self { seconds, spent, comment: without(argument, &durations) })
    }
}

static DURATION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:[0-9]+(?:[.,][0-9]+)?[wdhm]\s*)+"));
static PART: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9]+(?:[.,][0-9]+)?)([wdhm])"));

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and every build tests it")
}

fn stands_alone(argument: &str, duration: &Match<'_>) -> bool {
    let before = argument[..duration.start()].chars().next_back();
    let after = argument[duration.start() + duration.as_str().trim_end().len()..].chars().next();
    let in_word = |character: char| character.is_alphanumeric() || character == '_';
    !before.is_some_and(|character| in_word(character) || ".,-+".contains(character)) && !after.is_some_and(in_word)
}

/// One number with its unit, in Jira's notation, and its seconds.
fn read([number, unit]: [&str; 2]) -> (String, f64) {
    let number = number.replace(',', ".");
    let scale = match unit {
        "w" => WEEK,
        "d" => DAY,
        "h" => HOUR,
        _ => MINUTE,
    };
    // Digits with at most one point always parse; a number too large becomes infinite, which is too long.
    let seconds = number.parse::<f64>().unwrap_or(f64::INFINITY) * scale;
    (format!("{number}{unit}"), seconds)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by MAX_SECONDS before")]
fn seconds(exact: f64) -> Result<u32, TimeError> {
    let rounded = exact.round();
    if rounded < 1.0 {
        Err(TimeError::Zero)
    } else if rounded > f64::from(MAX_SECONDS) {
        Err(TimeError::TooLong)
    } else {
        Ok(rounded as u32)
    }
}

fn without(argument: &str, durations: &[Match<'_>]) -> String {
    let mut comment = String::with_capacity(argument.len());
    let mut from = 0;
    for duration in durations {
        comment.push_str(&argument[from..duration.start()]);
        from = duration.end();
    }
    comment.push_str(&argument[from..]);
    comment.trim().to_owned()
}
