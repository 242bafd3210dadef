//! People: initials drawn by us, as pages load no picture from elsewhere.

use std::fmt;

use askama::filters::HtmlSafe;

use super::write_escaped;

/// Initials in a circle; its colour follows the name.
#[derive(Debug, Clone)]
pub struct Initials<'a>(pub &'a str);

impl Initials<'_> {
    fn letters(&self) -> String {
        let mut words =
            self.0.split(|c: char| c.is_whitespace() || c == '.' || c == '-' || c == '_').filter_map(initial);
        let first = words.next();
        first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).take(2).collect()
    }

    fn hue(&self) -> u32 {
        self.0.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 6
    }
}

/// The first letter or digit of a word.
fn initial(word: &str) -> Option<char> {
    word.chars().find(|c| c.is_alphanumeric())
}

impl HtmlSafe for Initials<'_> {}

impl fmt::Display for Initials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<span class=\"initials hue-{}\" aria-hidden=\"true\">", self.hue())?;
        let letters = self.letters();
        write_escaped(f, if letters.is_empty() { "?" } else { &letters })?;
        f.write_str("</span>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("Ada Lovelace", "AL")]
    #[case("ada", "A")]
    #[case("jean-luc.picard", "JP")]
    #[case("  ", "")]
    #[case("<script>", "S")]
    #[case("王 小明", "王小")]
    fn initials_of_a_name(#[case] name: &str, #[case] letters: &str) {
        assert_eq!(Initials(name).letters(), letters);
    }
}
