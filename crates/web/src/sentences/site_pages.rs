//! What the pages of sites say of what cannot be kept.

use crate::people_file::{LONGEST, MOST, Refused, Wrong};
use crate::sentences::Sentence;

/// Log-in and password were chosen, and there is no log-in.
pub const USER_EMPTY: &str = "The user name is empty. Fill it in, or use a personal access token.";
/// Another way of letting Dovetail in was chosen, and what was kept belongs to the one before.
pub const SECRET_NEEDED: &str = "This is another way of signing in, so the password or token is needed anew.";
/// Accounts are to be chosen, and none is.
pub const ACCOUNTS_EMPTY: &str = "No account is chosen, so nothing would be told. Choose at least one, or all.";

/// How many lines of a file are named.
const NAMED: usize = 20;

/// What is wrong with a person.
#[must_use]
pub const fn person_wrong(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Kind => "the kind is neither email nor forge_user",
        Wrong::Written => "the e-mail or log-in is empty, longer than 255 characters, or has control characters",
        Wrong::JiraUser => "the user of Jira is empty, longer than 255 characters, or has control characters",
        Wrong::Columns => "it has not three fields of text: kind, written, jira_user",
    }
}

/// A person who was typed in cannot be kept.
#[must_use]
pub fn person_refused(wrong: Wrong) -> Sentence {
    Sentence::new(
        "Nobody was added.",
        format!("Of this person, {}.", person_wrong(wrong)),
        "Correct it and add the person again.",
    )
}

/// A file was not taken.
#[must_use]
pub fn file_refused(refused: &Refused) -> Sentence {
    let cause = match refused {
        Refused::TooLarge => format!("The file is larger than {} KiB.", LONGEST / 1024),
        Refused::TooMany => format!("The file names more than {MOST} people."),
        Refused::Header => "Its first line is not kind,written,jira_user.".to_owned(),
        Refused::Empty => "It has no line behind the header.".to_owned(),
        Refused::Lines(lines) => lines_wrong(lines),
    };
    let remedy = match refused {
        Refused::TooLarge | Refused::TooMany => "Divide it into several files, each with the header.",
        Refused::Header => "Put that line in front; a file that was downloaded here has it.",
        Refused::Empty | Refused::Lines(_) => "Correct the file and paste it again.",
    };
    Sentence::new("Nobody of the file was kept.", cause, remedy)
}

fn lines_wrong(lines: &[(u64, Wrong)]) -> String {
    let named = lines.iter().take(NAMED).map(|(line, wrong)| format!("Line {line}: {wrong}."));
    let mut text = named.collect::<Vec<_>>().join(" ");
    if lines.len() > NAMED {
        text.push_str(&format!(" And {} more lines.", lines.len() - NAMED));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sentences_of_the_pages_of_sites() {
        let lines = vec![(2, Wrong::Kind), (3, Wrong::Written), (4, Wrong::JiraUser), (5, Wrong::Columns)];
        let sentences = [
            person_refused(Wrong::Kind),
            file_refused(&Refused::TooLarge),
            file_refused(&Refused::TooMany),
            file_refused(&Refused::Header),
            file_refused(&Refused::Empty),
            file_refused(&Refused::Lines(lines)),
            file_refused(&Refused::Lines((2..30).map(|line| (line, Wrong::Kind)).collect())),
        ];
        let told = sentences.iter().map(|one| format!("{}\n  {}\n  → {}", one.happened, one.cause, one.remedy));
        let text: Vec<String> = told.chain([USER_EMPTY, SECRET_NEEDED, ACCOUNTS_EMPTY].map(str::to_owned)).collect();

        insta::assert_snapshot!(text.join("\n\n"));
    }
}
