//! Which issue keys a text names, by the connector's rule.

use std::collections::BTreeSet;

/// The keys in a text. A key is an upper-case letter, one or more upper-case letters or digits, `-`, digits; before and after it
/// stands white space or ASCII punctuation, or nothing.
pub(super) fn keys(text: &str) -> BTreeSet<String> {
    let starts = text
        .char_indices()
        .filter(|(at, first)| is_upper(*first) && text[..*at].chars().next_back().is_none_or(separates));
    starts.filter_map(|(at, _)| key(&text[at..])).map(str::to_owned).collect()
}

/// The key with which a text begins.
fn key(text: &str) -> Option<&str> {
    let dash = text.find(|letter: char| !is_upper(letter) && !letter.is_ascii_digit())?;
    if text[..dash].chars().count() < 2 {
        return None;
    }
    let number = text[dash..].strip_prefix('-')?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let end = dash + 1 + digits;
    (digits > 0 && text[end..].chars().next().is_none_or(separates)).then(|| &text[..end])
}

/// Java's `\p{Lu}`; Rust's upper case also knows the circled letters, which are no `Lu`.
fn is_upper(letter: char) -> bool {
    letter.is_uppercase()
        && !matches!(letter, '\u{2160}'..='\u{216f}' | '\u{24b6}'..='\u{24cf}' | '\u{1f130}'..='\u{1f189}')
}

/// Java's `[\s\p{Punct}]`.
fn separates(letter: char) -> bool {
    letter.is_ascii_punctuation() || matches!(letter, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_between_separators() {
        let cases: [(&str, &[&str]); 12] = [
            ("ABC-1", &["ABC-1"]),
            ("ABC-1\n", &["ABC-1"]),
            ("fix (ABC-1), DEF-22: done", &["ABC-1", "DEF-22"]),
            ("feature_ABC-12_x", &["ABC-12"]),
            ("ABC-123-456", &["ABC-123"]),
            ("feature/ABC-123-foo_DEF-4", &["ABC-123", "DEF-4"]),
            ("ABC-007 and ABC-0", &["ABC-0", "ABC-007"]),
            ("ÄBC-1", &["ÄBC-1"]),
            ("A-1 abc-1 aABC-1 ABC-1x ABC-", &[]),
            ("key0MES-123", &[]),
            ("\u{a0}ABC-1", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(keys(text).iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
