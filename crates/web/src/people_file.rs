//! Who authors are in Jira, as a file: CSV (RFC 4180) with the header `kind,written,jira_user`.

use std::fmt;

use csv::{ReaderBuilder, StringRecord, Trim, Writer};
use store::{NewPersonAlias, PersonAlias};

/// How large a file may be, in bytes.
pub const LONGEST: usize = 256 * 1024;
/// How many people a file may name.
pub const MOST: usize = 10_000;
/// The longest text of a field, in characters.
const LONGEST_TEXT: usize = 255;
/// What the columns are called.
const HEADER: [&str; 3] = ["kind", "written", "jira_user"];

/// What is wrong with a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// What the author is known by is neither an e-mail nor a log-in at the forge.
    Kind,
    /// E-mail or log-in are empty, too long, or have control characters.
    Written,
    /// The user of Jira is empty, too long, or has control characters.
    JiraUser,
    /// Not three fields, or no text.
    Columns,
}

/// Why a file was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It has more than [`LONGEST`] bytes.
    TooLarge,
    /// It names more than [`MOST`] people.
    TooMany,
    /// Its first line is another one.
    Header,
    /// It names nobody.
    Empty,
    /// These lines, by their numbers, the header the first.
    Lines(Vec<(u64, Wrong)>),
}

/// A person out of typed texts.
///
/// # Errors
/// [`Wrong`]: which of them cannot be kept.
pub fn person(kind: &str, written: &str, jira_user: &str) -> Result<NewPersonAlias, Wrong> {
    let kind = kind.trim().to_ascii_lowercase().parse().map_err(|_| Wrong::Kind)?;
    let written = fit(written).ok_or(Wrong::Written)?;
    let jira_user = fit(jira_user).ok_or(Wrong::JiraUser)?;
    Ok(NewPersonAlias { kind, written, jira_user })
}

fn fit(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= LONGEST_TEXT && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// Everybody in a file.
///
/// # Errors
/// [`Refused`]: then nobody is to be kept.
pub fn read(text: &str) -> Result<Vec<NewPersonAlias>, Refused> {
    if text.len() > LONGEST {
        return Err(Refused::TooLarge);
    }
    // Spreadsheets put a byte order mark in front; browsers send line breaks of two signs.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let is_header = |header: &StringRecord| {
        header.len() == HEADER.len()
            && header.iter().zip(HEADER).all(|(name, column)| name.eq_ignore_ascii_case(column))
    };
    if !reader.headers().is_ok_and(is_header) {
        return Err(Refused::Header);
    }
    let (mut people, mut wrong) = (Vec::new(), Vec::new());
    for record in reader.into_records() {
        if people.len() + wrong.len() >= MOST {
            return Err(Refused::TooMany);
        }
        match line(&text, record) {
            Ok(person) => people.push(person),
            Err(line) => wrong.push(line),
        }
    }
    match (wrong.is_empty(), people.is_empty()) {
        (false, _) => Err(Refused::Lines(wrong)),
        (true, true) => Err(Refused::Empty),
        (true, false) => Ok(people),
    }
}

fn line(text: &str, record: csv::Result<StringRecord>) -> Result<NewPersonAlias, (u64, Wrong)> {
    let record = record.map_err(|error| (line_at(text, error.position()), Wrong::Columns))?;
    let number = line_at(text, record.position());
    let fields: Vec<&str> = record.iter().collect();
    let [kind, written, jira_user] = fields.as_slice() else { return Err((number, Wrong::Columns)) };
    person(kind, written, jira_user).map_err(|wrong| (number, wrong))
}

/// The line of a record, whose position is before the empty lines that the reader passes over.
fn line_at(text: &str, position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 0 };
    let begin = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(begin..).unwrap_or_default();
    position.line() + rest.iter().take_while(|byte| **byte == b'\n').count() as u64
}

/// The file of these people, as [`read`] takes it.
///
/// # Errors
/// Never in memory; the writer has them.
pub fn write(people: &[PersonAlias]) -> csv::Result<Vec<u8>> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for person in people {
        writer.write_record([person.kind.as_str(), &person.written, &person.jira_user])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::sentences::site_pages::person_wrong(*self))
    }
}

#[cfg(test)]
mod tests {
    use store::PersonAliasKind;

    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let person = |kind, written: &str| PersonAlias {
            id: 1,
            kind,
            written: written.to_owned(),
            jira_user: "O\"Neil, <ada>".to_owned(),
        };
        let people = [person(PersonAliasKind::Email, "a,b@example.com"), person(PersonAliasKind::ForgeUser, "ada")];

        let file = String::from_utf8(write(&people).unwrap()).unwrap();
        let back = read(&format!("\u{feff}{}", file.replace('\n', "\r\n"))).unwrap();

        assert!(file.starts_with("kind,written,jira_user\n"));
        let expected =
            people.map(|one| NewPersonAlias { kind: one.kind, written: one.written, jira_user: one.jira_user });
        assert_eq!(back, expected);
    }

    #[test]
    fn wrong_lines_are_named_by_their_numbers() {
        let file = "kind,written,jira_user\nemail,a@example.com,ada\nmail,b@example.com,bob\n\nemail,,c\nemail,d\n\
                    forge_user,e,\0\nEMAIL, e@example.com ,eve\n";

        let refused = read(file).unwrap_err();

        let expected = [(3, Wrong::Kind), (5, Wrong::Written), (6, Wrong::Columns), (7, Wrong::JiraUser)];
        assert_eq!(refused, Refused::Lines(expected.to_vec()));
    }

    #[test]
    fn a_file_is_bounded_and_has_its_header() {
        let header = "kind,written,jira_user\n";
        assert_eq!(read(""), Err(Refused::Header));
        assert_eq!(read("email,a@example.com,ada"), Err(Refused::Header));
        assert_eq!(read(header), Err(Refused::Empty));
        assert_eq!(read(&"x".repeat(LONGEST + 1)), Err(Refused::TooLarge));
        let lines = |count| (0..count).map(|at| format!("email,{at},a\n")).collect::<String>();
        assert_eq!(read(&format!("{header}{}", lines(MOST))).map(|people| people.len()), Ok(MOST));
        assert_eq!(read(&format!("{header}{}", lines(MOST + 1))), Err(Refused::TooMany));
    }
}
