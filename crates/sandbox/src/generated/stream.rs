//! Writing a fast-import stream: commits with files in folders of folders.

use std::fmt::Write;

use super::dice::Dice;

/// How many people write commits.
pub(super) const PEOPLE: usize = 12;
/// The date of the first commit, in seconds: 2019-01-01.
const START: i64 = 1_546_300_800;
/// From one commit to the next, in seconds: 30,000 of them are seven years.
const STEP: i64 = 7_200;

const VERBS: &[&str] = &["Add", "Fix", "Move", "Rework", "Remove", "Speed up", "Document", "Guard", "Split", "Name"];
const THINGS: &[&str] = &[
    "the ledger import",
    "retries of the mailer",
    "rounding of totals",
    "the session cache",
    "paging of long lists",
    "the address book",
    "time zones in reports",
    "the upload limit",
    "stock counts",
    "the search index",
];
const REASONS: &[&str] = &[
    "The old way held a lock for as long as the other side took to answer.",
    "Two callers relied on the order, which nobody had promised.",
    "It was the slowest part of the start, and most people never need it.",
    "The numbers in the report did not add up when a day had 23 hours.",
    "Support saw this three times last week; the log said nothing.",
];

/// Where a commit begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum From {
    /// Nowhere: the first commit.
    Nothing,
    /// At a commit of this stream.
    Mark(u32),
    /// At a branch that the repository has already.
    Branch(&'static str),
}

/// A file as a commit leaves it.
#[derive(Debug, Clone)]
pub(super) struct File {
    path: String,
    content: String,
}

/// A stream under way.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) dice: Dice,
    text: String,
    commits: u32,
    issues: usize,
}

impl Stream {
    /// A stream whose messages name this many issues, and whose first commit comes after so many others.
    pub(super) fn new(seed: u64, issues: usize, before: u32) -> Self {
        Self { dice: Dice::new(seed), text: String::new(), commits: before, issues }
    }

    /// The date of the newest commit, in seconds.
    pub(super) fn now(&self) -> i64 {
        START + i64::from(self.commits) * STEP
    }

    /// Adds a commit of new work to a ref and gives its mark, and the files for those who merge it.
    pub(super) fn work(&mut self, name: &str, from: From) -> (u32, Vec<File>) {
        let message = self.message();
        let files = self.files();
        (self.commit(name, &from, None, &message, &files), files)
    }

    /// Adds a commit that merges another one.
    pub(super) fn merge(&mut self, name: &str, from: u32, merged: u32, message: &str, files: &[File]) -> u32 {
        self.commit(name, &From::Mark(from), Some(merged), message, files)
    }

    /// Points a ref at a commit of this stream.
    pub(super) fn reset(&mut self, name: &str, to: u32) {
        let line = format!("reset {name}\nfrom :{to}\n\n");
        self.text.push_str(&line);
    }

    /// A title that begins with an issue key.
    pub(super) fn title(&mut self) -> String {
        let key = self.key();
        format!("{key} {} {}", self.dice.pick(VERBS), self.dice.pick(THINGS))
    }

    /// Some sentences.
    pub(super) fn prose(&mut self, sentences: usize) -> String {
        let all: Vec<&str> = std::iter::repeat_with(|| self.dice.pick(REASONS)).take(sentences).collect();
        all.join(" ")
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn key(&mut self) -> String {
        format!("PLANT-{}", 1 + self.dice.below(self.issues))
    }

    /// Two of three messages name an issue; every third has a body.
    fn message(&mut self) -> String {
        let mut message = match self.dice.below(3) {
            0 => format!("{} {}", self.dice.pick(VERBS), self.dice.pick(THINGS)),
            _ => self.title(),
        };
        if self.dice.below(3) == 0 {
            let sentences = 1 + self.dice.below(4);
            let body = self.prose(sentences);
            let _ = write!(message, "\n\n{body}");
        }
        message.push('\n');
        message
    }

    /// One to three files, four folders deep.
    fn files(&mut self) -> Vec<File> {
        let count = 1 + self.dice.below(3);
        std::iter::repeat_with(|| self.file()).take(count).collect()
    }

    fn file(&mut self) -> File {
        let (area, module) = (self.dice.below(16), self.dice.below(16));
        let (part, file) = (self.dice.below(8), self.dice.below(8));
        let content = format!("{}\n{}\n", self.prose(2), self.dice.below(1_000_000));
        File { path: format!("source/area-{area:02}/module-{module:02}/part-{part}/file-{file}.txt"), content }
    }

    fn commit(&mut self, name: &str, from: &From, merged: Option<u32>, message: &str, files: &[File]) -> u32 {
        self.commits += 1;
        let (mark, person, at) = (self.commits, self.dice.below(PEOPLE), self.now());
        let who = format!("{} <{}> {at} +0000", person_name(person), person_email(person));
        let mut text = format!("commit {name}\nmark :{mark}\nauthor {who}\ncommitter {who}\n");
        push_data(&mut text, message);
        match from {
            From::Nothing => {}
            From::Mark(mark) => text.push_str(&format!("from :{mark}\n")),
            From::Branch(branch) => text.push_str(&format!("from {branch}^0\n")),
        }
        if let Some(merged) = merged {
            text.push_str(&format!("merge :{merged}\n"));
        }
        for file in files {
            text.push_str(&format!("M 100644 inline {}\n", file.path));
            push_data(&mut text, &file.content);
        }
        text.push('\n');
        self.text.push_str(&text);
        mark
    }
}

/// Whom a number stands for.
pub(super) fn person_name(person: usize) -> String {
    format!("Developer {}", person + 1)
}

/// The e-mail of whom a number stands for.
pub(super) fn person_email(person: usize) -> String {
    format!("developer-{}@example.com", person + 1)
}

fn push_data(text: &mut String, data: &str) {
    text.push_str(&format!("data {}\n{data}\n", data.len()));
}
