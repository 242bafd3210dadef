//! What a single character may be to an issue key.

use std::sync::LazyLock;

use regex::Regex;

/// What a character is to an issue key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// An upper-case letter (Unicode `Lu`).
    Upper,
    /// A lower-case or title-case letter (`Ll`, `Lt`), which becomes an upper-case one where a project is known.
    Cased,
    /// One of `0` to `9`.
    Digit,
    /// The underscore.
    Underscore,
    /// A decimal digit of another script (`Nd`), which no key contains and none may touch.
    ForeignDigit,
    /// Another letter of a script with case (`ª`, `ƻ`), which no key contains and none may touch.
    Caseless,
    /// Everything else: punctuation, spaces, CJK letters, marks.
    Boundary,
}

impl Letter {
    /// What `character` is.
    pub fn of(character: char) -> Self {
        match character {
            'A'..='Z' => Self::Upper,
            'a'..='z' => Self::Cased,
            '0'..='9' => Self::Digit,
            '_' => Self::Underscore,
            _ if character.is_ascii() => Self::Boundary,
            _ => Self::beyond_ascii(character.encode_utf8(&mut [0; 4])),
        }
    }

    fn beyond_ascii(character: &str) -> Self {
        [(&UPPER, Self::Upper), (&CASED, Self::Cased), (&DIGIT, Self::ForeignDigit), (&CASELESS, Self::Caseless)]
            .into_iter()
            .find(|(class, _)| class.is_match(character))
            .map_or(Self::Boundary, |(_, letter)| letter)
    }

    /// Whether a key may not touch it (design §5, difference 1): a decimal digit or a letter of a script with case.
    pub const fn forbids_neighbour(self) -> bool {
        !matches!(self, Self::Underscore | Self::Boundary)
    }
}

static UPPER: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Lu}"));
static CASED: LazyLock<Regex> = LazyLock::new(|| class(r"[\p{Ll}\p{Lt}]"));
static DIGIT: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Nd}"));

/// The letters without case of all scripts that Unicode gives case.
static CASELESS: LazyLock<Regex> = LazyLock::new(|| {
    class(
        r"[\p{L}&&[\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}\p{Georgian}\p{Coptic}\p{Glagolitic}\p{Cherokee}\p{Deseret}\p{Osage}\p{Vithkuqi}\p{Old_Hungarian}\p{Warang_Citi}\p{Medefaidrin}\p{Adlam}\p{Garay}]]",
    )
});

fn class(pattern: &str) -> Regex {
    Regex::new(&format!("^{pattern}$")).expect("the pattern is fixed and every build tests it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_character_is_told_apart() {
        let cases = [
            (Letter::Upper, "AZÄÉΩЯԱᲐ𝐀Ꮳ"),
            (Letter::Cased, "azäéßωяաა\u{1c5}µ"),
            (Letter::Digit, "059"),
            (Letter::Underscore, "_"),
            (Letter::ForeignDigit, "٣３߁"),
            (Letter::Caseless, "ªºƻʰ"),
            (Letter::Boundary, "-./# \t\n\u{a0}\u{2013}漢字かナ한אعก²½Ⅷ\u{301}\u{1f600}\u{200b}"),
        ];
        for (expected, characters) in cases {
            for character in characters.chars() {
                assert_eq!(Letter::of(character), expected, "{character:?}");
            }
        }
    }

    #[test]
    fn only_digits_and_letters_of_cased_scripts_forbid_a_neighbour() {
        let forbidding: String = "Aa0_٣ª漢-\u{301}".chars().filter(|c| Letter::of(*c).forbids_neighbour()).collect();
        assert_eq!(forbidding, "Aa0٣ª");
    }
}
