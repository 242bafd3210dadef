//! Reading a project part and a number as a key, wherever they stand.

use model::KeyForm;

use crate::candidate::MAX_KEY;
use crate::letter::Letter;
use crate::noise::Noise;

/// A key as it was written, read as Jira would write it.
#[derive(Debug, PartialEq, Eq)]
pub struct WrittenKey {
    /// The project part in upper case.
    pub project: String,
    /// The key in upper case, digits as written.
    pub key: String,
    /// How it was written.
    pub form: KeyForm,
}

/// Why a project part and a number are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// The project part does not begin with a letter, or has none.
    NoLetterFirst,
    /// The project part is a single letter.
    TooShort,
    /// The key is longer than [`MAX_KEY`] characters.
    TooLong,
    /// A letter of the project part has no upper case.
    NoUpperCase,
}

/// Reads `project` (letters in any case, digits, underscores) and `number` (ASCII digits) as a key.
pub fn read(project: &str, number: &str, noise: &Noise) -> Result<WrittenKey, Defect> {
    let upper = project.to_uppercase();
    let length = upper.chars().count().max(project.chars().count()) + 1 + number.len();
    if length > MAX_KEY {
        return Err(Defect::TooLong);
    }
    let mut letters = upper.chars().map(Letter::of);
    match letters.next() {
        Some(Letter::Upper) => {}
        Some(Letter::Digit | Letter::Underscore) | None => return Err(Defect::NoLetterFirst),
        Some(_) => return Err(Defect::NoUpperCase),
    }
    if upper.chars().nth(1).is_none() {
        return Err(Defect::TooShort);
    }
    if !letters.all(|letter| matches!(letter, Letter::Upper | Letter::Digit | Letter::Underscore)) {
        return Err(Defect::NoUpperCase);
    }
    let form = form(project, &upper, noise);
    Ok(WrittenKey { key: format!("{upper}-{number}"), project: upper, form })
}

fn form(written: &str, upper: &str, noise: &Noise) -> KeyForm {
    if noise.contains(upper) {
        KeyForm::Noise
    } else if written.contains('_') {
        KeyForm::Underscore
    } else if written != upper {
        KeyForm::OtherCase
    } else {
        KeyForm::Strict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_key_has_one_form() {
        let noise = Noise::default();
        let cases = [
            ("ABC", "ABC-7", KeyForm::Strict),
            ("A1", "A1-7", KeyForm::Strict),
            ("ÄB", "ÄB-7", KeyForm::Strict),
            ("abc", "ABC-7", KeyForm::OtherCase),
            ("Äb", "ÄB-7", KeyForm::OtherCase),
            ("aß", "ASS-7", KeyForm::OtherCase),
            ("my_proj", "MY_PROJ-7", KeyForm::Underscore),
            ("A_", "A_-7", KeyForm::Underscore),
            ("UTF", "UTF-7", KeyForm::Noise),
            ("utf", "UTF-7", KeyForm::Noise),
            ("UTF8", "UTF8-7", KeyForm::Strict),
        ];
        for (project, key, form) in cases {
            let read = read(project, "7", &noise).unwrap_or_else(|defect| panic!("{project:?}: {defect:?}"));
            assert_eq!((read.key.as_str(), read.form), (key, form), "{project:?}");
        }
    }

    #[test]
    fn what_is_no_key_has_one_defect() {
        let long = "A".repeat(MAX_KEY);
        let cases = [
            ("", Defect::NoLetterFirst),
            ("1A", Defect::NoLetterFirst),
            ("_A", Defect::NoLetterFirst),
            ("A", Defect::TooShort),
            ("a", Defect::TooShort),
            ("Aĸ", Defect::NoUpperCase),
            ("ŉa", Defect::NoUpperCase),
            (&long, Defect::TooLong),
        ];
        for (project, defect) in cases {
            assert_eq!(read(project, "7", &Noise::default()), Err(defect), "{project:?}");
        }
    }

    #[test]
    fn the_length_counts_characters_of_the_whole_key() {
        let fits = "Ä".repeat(MAX_KEY - 2);
        assert!(read(&fits, "7", &Noise::default()).is_ok());
        assert_eq!(read(&fits, "77", &Noise::default()), Err(Defect::TooLong));
        assert_eq!(read(&"ß".repeat(MAX_KEY / 2 + 1), "7", &Noise::default()), Err(Defect::TooLong));
    }
}
