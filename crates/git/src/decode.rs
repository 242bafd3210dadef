//! The `author` and `committer` lines of a commit.

use model::{Millis, Person};

/// The last second that every part of Dovetail can write as a date: the end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// `Name <e-mail> seconds zone`. The zone is ignored: the seconds are UTC. A missing or nonsensical date is none; one
/// before 1970 counts as 1970, one after 9999 as the end of 9999.
pub fn signature(line: Option<&[u8]>, encoding: Option<&str>) -> (Person, Option<Millis>) {
    let Some(line) = line else { return (Person::default(), None) };
    let open = line.iter().position(|byte| *byte == b'<');
    let close = line.iter().rposition(|byte| *byte == b'>');
    let (name, email, date) = match (open, close) {
        (Some(open), Some(close)) if open < close => (&line[..open], &line[open + 1..close], &line[close + 1..]),
        _ => (line, &b""[..], &b""[..]),
    };
    let text = |bytes: &[u8]| model::text::decode(bytes.trim_ascii(), encoding).0;
    (Person { name: text(name), email: text(email) }, seconds(date).map(|seconds| seconds * 1000))
}

fn seconds(date: &[u8]) -> Option<i64> {
    let word = date.trim_ascii().split(u8::is_ascii_whitespace).next()?;
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if word.starts_with(b"-") {
        return Some(0);
    }
    let number = str::from_utf8(digits).ok()?.parse::<i64>();
    Some(number.map_or(LAST_SECOND, |seconds| seconds.min(LAST_SECOND)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{LAST_SECOND, signature};

    #[rstest]
    #[case("0 +0000", Some(0))]
    #[case("1 -1200", Some(1000))]
    #[case("4070908800 +0000", Some(4_070_908_800_000))] // 2099
    #[case("-1 +0000", Some(0))]
    #[case("-62135596800 +0000", Some(0))]
    #[case("99999999999999999999999 +0000", Some(LAST_SECOND * 1000))]
    #[case("18446744073709551615 +0000", Some(LAST_SECOND * 1000))]
    #[case("1700000000 +051800", Some(1_700_000_000_000))]
    #[case("1700000000", Some(1_700_000_000_000))]
    #[case("", None)]
    #[case("yesterday +0000", None)]
    #[case("- +0000", None)]
    fn reads_dates(#[case] date: &str, #[case] expected: Option<i64>) {
        let line = format!("A <a@x> {date}");
        assert_eq!(signature(Some(line.as_bytes()), None).1, expected);
    }

    #[rstest]
    #[case("Ada <ada@x> 1 +0000", "Ada", "ada@x")]
    #[case(" <> 1 +0000", "", "")]
    #[case("<ada@x> 1 +0000", "", "ada@x")]
    #[case("Ada <a <b@x>> 1 +0000", "Ada", "a <b@x>")]
    #[case("no brackets 1 +0000", "no brackets 1 +0000", "")]
    #[case("Ada > reversed < 1", "Ada > reversed < 1", "")]
    fn reads_people(#[case] line: &str, #[case] name: &str, #[case] email: &str) {
        let person = signature(Some(line.as_bytes()), None).0;
        assert_eq!((person.name.as_str(), person.email.as_str()), (name, email));
    }
}
