//! Where a key may stand: a dash with a number after it, and the words that end at the dash.

use std::ops::Range;

use crate::letter::Letter;

/// The longest key, in characters (design §5).
pub const MAX_KEY: usize = 255;

/// How many underscores a project part may have. A project key of Jira is short; without a bound, a hostile line of
/// underscores would name a key for each of them, which is quadratic.
pub const MAX_UNDERSCORES: usize = 8;

/// A beginning of a project part that ends at the dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Its offset.
    pub at: usize,
    /// Whether the character before it lets a key begin here.
    pub free: bool,
}

/// A dash with a number after it.
#[derive(Debug)]
pub struct Candidate<'t> {
    text: &'t str,
    /// The dash.
    pub dash: Range<usize>,
    /// Where the ASCII digits after the dash end; the dash's own end where there are none.
    pub end: usize,
    /// The character after the digits.
    pub after: Letter,
    /// Where a project part may begin: first the one without underscore, then growing by one underscore each.
    pub starts: Vec<Start>,
    /// How many characters were looked at, which is the work done.
    #[cfg_attr(not(test), expect(dead_code, reason = "the test of linear work reads it"))]
    looked_at: usize,
}

/// Every candidate of a text, in order. All dashes count here, so that [`crate::refused`] can tell of a wrong one.
///
/// Linear: a walk to the left ends at the dash before, a walk to the right at the first character that is no digit.
pub fn candidates(text: &str) -> impl Iterator<Item = Candidate<'_>> {
    text.match_indices(is_dash).filter_map(move |(at, dash)| Candidate::at(text, at..at + dash.len()))
}

/// The hyphen-minus, and what keyboards and word processors put in its place.
const fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

impl<'t> Candidate<'t> {
    fn at(text: &'t str, dash: Range<usize>) -> Option<Self> {
        let digits = text[dash.end..].bytes().take_while(u8::is_ascii_digit).count();
        let end = dash.end + digits;
        let after = text[end..].chars().next().map_or(Letter::Boundary, Letter::of);
        if digits == 0 && after != Letter::ForeignDigit {
            return None;
        }
        let (starts, walked) = starts(&text[..dash.start]);
        Some(Self { text, dash, end, after, starts, looked_at: digits + 1 + walked })
    }

    /// Whether dash and digits are those of a key, and nothing forbids it to end there.
    pub fn ends_well(&self) -> bool {
        self.has_hyphen() && self.end > self.dash.end && !self.after.forbids_neighbour()
    }

    /// Whether the dash is the hyphen-minus.
    pub fn has_hyphen(&self) -> bool {
        &self.text[self.dash.clone()] == "-"
    }

    /// The project part that begins at `start`, as written.
    pub fn project(&self, start: Start) -> &'t str {
        &self.text[start.at..self.dash.start]
    }

    /// The digits after the dash.
    pub fn number(&self) -> &'t str {
        &self.text[self.dash.end..self.end]
    }
}

/// Where a project part that ends where `before` ends may begin, and how many characters it took to tell. Walks no
/// further than a key is long.
fn starts(before: &str) -> (Vec<Start>, usize) {
    let mut starts = Vec::new();
    let mut at = before.len();
    let mut walked = 0;
    for (offset, character) in before.char_indices().rev() {
        walked += 1;
        let letter = Letter::of(character);
        let part_of_key = matches!(letter, Letter::Upper | Letter::Cased | Letter::Digit | Letter::Underscore);
        if !part_of_key || letter == Letter::Underscore {
            starts.push(Start { at, free: !letter.forbids_neighbour() });
        }
        if !part_of_key || starts.len() > MAX_UNDERSCORES {
            return (starts, walked);
        }
        at = offset;
        if walked > MAX_KEY {
            // Longer than any key: a beginning further left would be none either.
            if starts.is_empty() {
                starts.push(Start { at, free: false });
            }
            return (starts, walked);
        }
    }
    starts.push(Start { at, free: true });
    (starts, walked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts_of(text: &str) -> Vec<(&str, bool)> {
        let candidate = candidates(text).last().expect("the text has a candidate");
        candidate.starts.iter().map(|start| (candidate.project(*start), start.free)).collect()
    }

    #[test]
    fn a_project_part_may_begin_after_every_underscore() {
        assert_eq!(starts_of("see ABC-1"), [("ABC", true)]);
        assert_eq!(starts_of("ABC-1"), [("ABC", true)]);
        assert_eq!(starts_of("x-my_ABC-1"), [("ABC", true), ("my_ABC", true)]);
        assert_eq!(starts_of("ªmy_ABC-1"), [("ABC", true), ("my_ABC", false)]);
        assert_eq!(starts_of("__ABC-1"), [("ABC", true), ("_ABC", true), ("__ABC", true)]);
        assert_eq!(starts_of(" -1"), [("", true)]);
    }

    #[test]
    fn a_project_part_has_at_most_eight_underscores() {
        let starts = starts_of("a_a_a_a_a_a_a_a_a_a_ABC-1");
        assert_eq!(starts.len(), MAX_UNDERSCORES + 1);
        assert_eq!(starts.last(), Some(&("a_a_a_a_a_a_a_a_ABC", true)));
    }

    #[test]
    fn a_number_is_needed() {
        for text in ["ABC-", "ABC-x", "ABC--", "ABC", "ABC- 1", "ABC-é"] {
            assert_eq!(candidates(text).count(), 0, "{text:?}");
        }
        assert_eq!(candidates("ABC-1 ABC\u{2011}2 ABC-٣").count(), 3);
    }

    #[test]
    fn the_work_is_linear_in_the_text() {
        let shapes =
            ["A", "a", "_", "-", "1", "-1", "A-1", "A_", "a_b-1", "AB-1_", "Ä-1", "A1-1-", "AB-12345678", "--1_"];
        for shape in shapes {
            let text = shape.repeat(200_000 / shape.len());
            let looked_at: usize = candidates(&text).map(|candidate| candidate.looked_at).sum();
            assert!(looked_at <= 3 * text.len(), "{shape:?}: {looked_at} for {} bytes", text.len());
            let starts: usize = candidates(&text).map(|candidate| candidate.starts.len()).sum();
            assert!(starts <= text.len(), "{shape:?}: {starts} beginnings");
        }
    }
}
