//! What nearly is an issue key, and why it is none: the answer to "why is my commit not on the issue?".

use std::collections::HashSet;
use std::fmt;

use model::KeyForm;
use serde::{Serialize, Serializer};

use crate::candidate::{Candidate, MAX_KEY, Start, candidates};
use crate::noise::Noise;
use crate::written_key::{Defect, read};

/// How many near misses of one text are told.
pub const MAX_REFUSED: usize = 100;

/// A near miss.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Refused {
    /// What stands in the text; cut with `…` where it is longer than a key.
    pub text: String,
    /// Why it is no key.
    pub reason: Reason,
}

/// Why a near miss is no key. [`fmt::Display`] and JSON give the sentence that people read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The project part, in upper case, is on the noise list.
    Noise(String),
    /// It is not in upper case; the project in upper case.
    OtherCase(String),
    /// The project part, in upper case, contains an underscore.
    Underscore(String),
    /// A letter or digit stands directly before it.
    Before,
    /// A letter or digit follows directly.
    After,
    /// The project part begins with a digit.
    DigitFirst,
    /// The project part is a single letter.
    TooShort,
    /// It is longer than 255 characters.
    TooLong,
    /// Its dash is not the hyphen-minus.
    Dash,
    /// Its number is not written with `0` to `9`.
    Digits,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noise(project) => {
                write!(f, "{project} is on the noise list; it counts only where a site knows a project {project}")
            }
            Self::OtherCase(project) => {
                write!(f, "it is not in upper case; it counts only where a site knows a project {project}")
            }
            Self::Underscore(project) => {
                write!(f, "it contains an underscore; it counts only where a site knows a project {project}")
            }
            Self::Before => f.write_str("a letter or digit stands directly before it"),
            Self::After => f.write_str("a letter or digit follows directly after its number"),
            Self::DigitFirst => f.write_str("its project part begins with a digit instead of a letter"),
            Self::TooShort => f.write_str("its project part is a single letter, and a project key has at least two"),
            Self::TooLong => write!(f, "it is longer than {MAX_KEY} characters"),
            Self::Dash => f.write_str("its dash is not the plain hyphen \"-\""),
            Self::Digits => f.write_str("its number is not written with the digits 0 to 9"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The near misses of a text, each once, in order, at most [`MAX_REFUSED`]. What misses by two things (a lower-case
/// word that a letter follows, as in `a716-44ab`) is no near miss.
#[must_use]
pub fn refused(text: &str, noise: &Noise) -> Vec<Refused> {
    let mut told = HashSet::new();
    candidates(text)
        .filter_map(|candidate| refusal(text, &candidate, noise))
        .filter(|refused| told.insert(refused.clone()))
        .take(MAX_REFUSED)
        .collect()
}

fn refusal(text: &str, candidate: &Candidate<'_>, noise: &Noise) -> Option<Refused> {
    let (start, reason) = if candidate.ends_well() {
        misread(candidate, noise)?
    } else {
        (*candidate.starts.first()?, badly_ended(candidate, noise)?)
    };
    let character_before = text[..start.at].chars().next_back().filter(|_| reason == Reason::Before);
    let character_after =
        text[candidate.end..].chars().next().filter(|_| matches!(reason, Reason::After | Reason::Digits));
    let from = start.at - character_before.map_or(0, char::len_utf8);
    let to = candidate.end + character_after.map_or(0, char::len_utf8);
    Some(Refused { text: shortened(&text[from..to]), reason })
}

/// Why a project part with a sound number after it makes no strict key.
fn misread(candidate: &Candidate<'_>, noise: &Noise) -> Option<(Start, Reason)> {
    let word = *candidate.starts.first()?;
    let defect = match read(candidate.project(word), candidate.number(), noise) {
        Ok(key) if !word.free => return (key.form == KeyForm::Strict).then_some((word, Reason::Before)),
        Ok(key) => {
            return match key.form {
                KeyForm::Strict => None,
                KeyForm::Noise => Some((word, Reason::Noise(key.project))),
                KeyForm::OtherCase | KeyForm::Underscore => Some((word, Reason::OtherCase(key.project))),
            };
        }
        Err(defect) => defect,
    };
    underscored(candidate, noise).or_else(|| Some((word, defective(candidate.project(word), word.free, defect)?)))
}

/// The shortest key with an underscore, for a word that is none by itself (`MY_P-1`).
fn underscored(candidate: &Candidate<'_>, noise: &Noise) -> Option<(Start, Reason)> {
    candidate.starts.iter().filter(|start| start.free).find_map(|start| {
        let key = read(candidate.project(*start), candidate.number(), noise).ok()?;
        Some((*start, Reason::Underscore(key.project)))
    })
}

fn defective(project: &str, free: bool, defect: Defect) -> Option<Reason> {
    let upper = project.chars().all(|character| !character.is_lowercase());
    let letters = project.trim_start_matches(|character: char| character.is_ascii_digit()).chars().count();
    match defect {
        Defect::TooLong => Some(Reason::TooLong),
        Defect::TooShort if upper && free => Some(Reason::TooShort),
        Defect::NoLetterFirst if upper && free && letters > 1 => Some(Reason::DigitFirst),
        _ => None,
    }
}

/// Why a strict project part is spoiled by what comes after it.
fn badly_ended(candidate: &Candidate<'_>, noise: &Noise) -> Option<Reason> {
    let word = candidate.starts.first().filter(|word| word.free)?;
    let number = if candidate.number().is_empty() { "0" } else { candidate.number() };
    let key = read(candidate.project(*word), number, noise).ok()?;
    let spoiled_once = key.form == KeyForm::Strict && (candidate.has_hyphen() || !candidate.after.forbids_neighbour());
    let reason = match (candidate.has_hyphen(), candidate.number()) {
        (false, _) => Reason::Dash,
        (true, "") => Reason::Digits,
        (true, _) => Reason::After,
    };
    spoiled_once.then_some(reason)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_KEY) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
