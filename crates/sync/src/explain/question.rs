//! What a person asks about: an issue key, a commit, a branch, or an address.

use grammar::{Noise, Reason};
use model::KeyForm;

use super::address::{Address, BadAddress};

/// The longest question, in bytes.
pub const LONGEST: usize = 2_048;
/// How many digits of a commit's id are needed.
const SHORTEST_ID: usize = 4;
/// The longest id of a commit.
const LONGEST_ID: usize = 64;

/// A question that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadQuestion {
    /// Nothing was asked.
    #[error("nothing was asked")]
    Empty,
    /// It is longer than [`LONGEST`].
    #[error("the question is longer than {LONGEST} bytes")]
    TooLong,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// An issue, by a whole key.
    Issue {
        /// As it was written.
        written: String,
        /// The key.
        key: String,
        /// How it was written.
        form: KeyForm,
    },
    /// A commit by the beginning of its id, in lower case; perhaps a branch of that name.
    Commit(String),
    /// A branch by its name, if it is one.
    Branch {
        /// The name.
        name: String,
        /// Why it is no issue key, where it nearly is one.
        refusal: Option<Reason>,
    },
    /// An address.
    Address(Address),
    /// None of these.
    Nonsense {
        /// Why it is no issue key, where it nearly is one.
        refusal: Option<Reason>,
    },
    /// An address that cannot be asked about.
    BadAddress(BadAddress),
}

/// Reads a question. Quotes and brackets around it are left out.
///
/// # Errors
/// [`BadQuestion`].
pub fn read(text: &str, noise: &Noise) -> Result<Question, BadQuestion> {
    if text.len() > LONGEST {
        return Err(BadQuestion::TooLong);
    }
    let text = bare(text);
    if text.is_empty() {
        return Err(BadQuestion::Empty);
    }
    if text.contains("://") {
        return Ok(address(text, noise));
    }
    Ok(word(text, noise))
}

/// Without what people copy along.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| "\"'`<>[]()“”,;:".contains(c) || c.is_whitespace())
}

fn address(text: &str, noise: &Noise) -> Question {
    match Address::parse(text) {
        Err(bad) => Question::BadAddress(bad),
        // A Jira's page of an issue, or ours.
        Ok(address) => address.issue().and_then(|last| issue(&last, noise)).unwrap_or(Question::Address(address)),
    }
}

fn word(text: &str, noise: &Noise) -> Question {
    if let Some(issue) = issue(text, noise) {
        return issue;
    }
    if (SHORTEST_ID..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Question::Commit(text.to_ascii_lowercase());
    }
    let refusal = refusal(text, noise);
    let name = text.strip_prefix("refs/heads/").unwrap_or(text);
    if is_branch_name(name) {
        Question::Branch { name: name.to_owned(), refusal }
    } else {
        Question::Nonsense { refusal }
    }
}

/// The whole text as one key.
fn issue(text: &str, noise: &Noise) -> Option<Question> {
    let found = grammar::find(text, noise).into_iter().rfind(|found| found.range == (0..text.len()))?;
    Some(Question::Issue { written: text.to_owned(), key: found.key, form: found.form })
}

/// Why the whole text, without blanks, is no key, though it looks like one.
fn refusal(text: &str, noise: &Noise) -> Option<Reason> {
    if text.contains(char::is_whitespace) || text.contains('/') {
        return None;
    }
    let mut refused = grammar::refused(text, noise);
    let refused = if refused.len() == 1 { refused.remove(0) } else { return None };
    (refused.text == text || refused.reason == Reason::TooLong).then_some(refused.reason)
}

/// Whether git takes it as a branch's name (`git check-ref-format`), as far as it matters here.
fn is_branch_name(name: &str) -> bool {
    let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !name.contains(forbidden)
        && !name.contains("..")
        && !name.contains("@{")
        && !name.ends_with('.')
        && name != "@"
        && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> &'static str {
        match read(text, &Noise::default()) {
            Ok(Question::Issue { form: KeyForm::Strict, .. }) => "issue",
            Ok(Question::Issue { form: KeyForm::OtherCase, .. }) => "issue in other case",
            Ok(Question::Issue { form: KeyForm::Underscore, .. }) => "issue with underscore",
            Ok(Question::Issue { form: KeyForm::Noise, .. }) => "noise",
            Ok(Question::Commit(_)) => "commit",
            Ok(Question::Branch { refusal: None, .. }) => "branch",
            Ok(Question::Branch { refusal: Some(_), .. }) => "branch or bad key",
            Ok(Question::Address(_)) => "address",
            Ok(Question::Nonsense { refusal: None }) => "nonsense",
            Ok(Question::Nonsense { refusal: Some(_) }) => "bad key",
            Ok(Question::BadAddress(_)) => "bad address",
            Err(BadQuestion::Empty) => "empty",
            Err(BadQuestion::TooLong) => "too long",
        }
    }

    #[rstest::rstest]
    #[case("ABC-12", "issue")]
    #[case("  [ABC-12]: ", "issue")]
    #[case("abc-12", "issue in other case")]
    #[case("MY_ABC-12", "issue with underscore")]
    #[case("UTF-8", "noise")]
    #[case("https://jira.example.com/browse/ABC-12?focusedId=1", "issue")]
    #[case("https://dovetail.example.com/issues/ABC-12", "issue")]
    #[case("9f3c", "commit")]
    #[case("9F3C2AB", "commit")]
    #[case("deadbeef", "commit")]
    #[case("9f3", "branch")]
    #[case("feature/ABC-12-x", "branch")]
    #[case("refs/heads/main", "branch")]
    #[case("ABC-12a", "branch or bad key")]
    #[case("3ABC-12", "branch or bad key")]
    #[case("A-1", "branch or bad key")]
    #[case("ABC\u{2011}12", "branch or bad key")]
    #[case("two words", "nonsense")]
    #[case("a..b", "nonsense")]
    #[case("a\u{1b}[2J", "nonsense")]
    #[case("https://gitlab.example.com/a/b/-/commit/9f3c2ab", "address")]
    #[case("https://me:secret@gitlab.example.com/a/b", "bad address")]
    #[case("ftp://gitlab.example.com/a/b", "bad address")]
    #[case(" \"\" ", "empty")]
    fn what_is_asked_about_is_told_apart(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(kind(text), expected);
    }

    #[test]
    fn a_question_is_bounded() {
        assert_eq!(kind(&"a".repeat(LONGEST + 1)), "too long");
        assert_eq!(kind(&format!("{}-1", "A".repeat(400))), "branch or bad key");
    }

    #[test]
    fn ids_and_names_are_as_the_store_has_them() {
        let asked = |text| read(text, &Noise::default());
        assert_eq!(asked("9F3C2AB"), Ok(Question::Commit("9f3c2ab".to_owned())));
        assert_eq!(asked("refs/heads/a/b"), Ok(Question::Branch { name: "a/b".to_owned(), refusal: None }));
    }
}
