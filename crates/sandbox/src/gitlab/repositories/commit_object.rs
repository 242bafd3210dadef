//! Commit objects as git stores them, and what GitLab's REST shows of them.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use model::Millis;

/// Who did something, and when, in the time zone of the one who did it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signature {
    /// The name; may be empty.
    pub name: String,
    /// The e-mail; may be empty or nonsense.
    pub email: String,
    /// When, in milliseconds; git knows whole seconds.
    pub at: Millis,
    /// East of Greenwich, in minutes.
    pub offset_minutes: i32,
}

impl Signature {
    /// The time as GitLab writes git's times: with the commit's own offset and milliseconds
    /// (`2018-09-20T12:18:01.000+02:00`).
    #[must_use]
    pub fn time(&self) -> String {
        let offset = Offset::from_seconds(self.offset_minutes.saturating_mul(60)).unwrap_or(Offset::UTC);
        let at = Timestamp::from_millisecond(self.at).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned(TimeZone::fixed(offset)).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// The time as hooks write it, without the fraction (`2018-09-20T12:18:01+02:00`).
    #[must_use]
    pub fn xmlschema(&self) -> String {
        self.time().replacen(".000", "", 1)
    }

    /// Reads `Name <e-mail> <seconds> <offset>`. What is malformed becomes empty or zero: git itself lets such commits
    /// in.
    fn parse(line: &[u8], encoding: Option<&str>) -> Self {
        let text = decode(line, encoding);
        let (person, time) = text.rsplit_once('>').unwrap_or((&text, ""));
        let (name, email) = person.split_once('<').unwrap_or((person, ""));
        let mut time = time.split_ascii_whitespace();
        let seconds = time.next().and_then(|word| word.parse::<i64>().ok()).unwrap_or(0);
        Self {
            name: name.trim().to_owned(),
            email: email.trim().to_owned(),
            at: seconds.saturating_mul(1000),
            offset_minutes: time.next().map_or(0, offset_minutes),
        }
    }
}

/// Minutes of an offset such as `+0530`.
fn offset_minutes(word: &str) -> i32 {
    let number = word.parse::<i32>().unwrap_or(0);
    if number.abs() > 2_400 { 0 } else { number / 100 * 60 + number % 100 }
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRow {
    /// Its object id.
    pub id: String,
    /// Its parents, in order.
    pub parents: Vec<String>,
    /// Who wrote it.
    pub author: Signature,
    /// Who committed it.
    pub committer: Signature,
    /// The whole message, decoded.
    pub message: String,
}

impl CommitRow {
    /// The first line of the message, as GitLab's `title`.
    #[must_use]
    pub fn title(&self) -> &str {
        self.message.trim_start().lines().next().unwrap_or_default().trim_end()
    }

    /// Reads a raw commit object.
    pub(super) fn parse(id: &str, raw: &[u8]) -> Self {
        let end = raw.windows(2).position(|pair| pair == b"\n\n");
        let (head, message) = end.map_or((raw, &b""[..]), |end| (&raw[..end], &raw[end + 2..]));
        let field = |name: &str| {
            let lines = head.split(|byte| *byte == b'\n');
            lines.filter_map(move |line| line.strip_prefix(name.as_bytes())).collect::<Vec<_>>()
        };
        let encoding = field("encoding ").first().map(|name| String::from_utf8_lossy(name).into_owned());
        let encoding = encoding.as_deref();
        let signature = |name| field(name).first().map(|line| Signature::parse(line, encoding)).unwrap_or_default();
        Self {
            id: id.to_owned(),
            parents: field("parent ").iter().map(|id| String::from_utf8_lossy(id).into_owned()).collect(),
            author: signature("author "),
            committer: signature("committer "),
            message: decode(message, encoding),
        }
    }
}

/// GitLab re-encodes messages before it shows them; so does [`model::text`], by the rules that this project has for
/// itself.
pub(super) fn decode(bytes: &[u8], encoding: Option<&str>) -> String {
    model::text::decode(bytes, encoding).0
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
        parent 1111111111111111111111111111111111111111\n\
        parent 2222222222222222222222222222222222222222\n\
        author J\xf6rg <j@example.com> 1537438681 +0200\n\
        committer Bot <> 4070908800 -0330\n\
        encoding ISO-8859-1\n\nABC-1 f\xfcr alle\n\nMehr\n";

    #[test]
    fn a_commit_is_decoded_by_its_encoding_header() {
        // given a Latin-1 commit with two parents
        // when it is read
        let commit = CommitRow::parse("3333333333333333333333333333333333333333", RAW);
        // then names, message and parents are there
        assert_eq!(commit.author.name, "Jörg");
        assert_eq!(commit.message, "ABC-1 für alle\n\nMehr\n");
        assert_eq!(commit.title(), "ABC-1 für alle");
        assert_eq!(commit.parents.len(), 2);
    }

    #[test]
    fn times_keep_the_offset_of_the_commit() {
        let commit = CommitRow::parse("33", RAW);
        assert_eq!(commit.author.time(), "2018-09-20T12:18:01.000+02:00");
        assert_eq!(commit.committer.time(), "2098-12-31T20:30:00.000-03:30");
        assert_eq!(commit.author.xmlschema(), "2018-09-20T12:18:01+02:00");
    }

    #[test]
    fn a_malformed_signature_is_no_error() {
        let commit = CommitRow::parse("33", b"tree 00\nauthor nobody\ncommitter <<>> x +99999\n\n");
        assert_eq!(commit.author.name, "nobody");
        assert_eq!((commit.committer.at, commit.committer.offset_minutes), (0, 0));
        assert_eq!(commit.message, "");
        assert_eq!(commit.title(), "");
    }
}
