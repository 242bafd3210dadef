//! Smart commits: commands to issues in a commit message, such as `ABC-1 #comment done #time 1.5h`.
//!
//! The grammar is that of Jira's connector (`dvcs-connector-algorithms.md` §7.2), line by line: one or more keys next
//! to each other (at most a comma and spaces between), then commands, each with its argument up to the next command,
//! the next keys or the end of the line. Repaired, as design §5 says:
//!
//! - Keys that have no command of their own before the next keys are part of the argument they stand in:
//!   `ABC-1 #comment see ABC-2 for details` comments with all of its words. This holds for every command.
//! - `#time` takes decimals, and what it cannot read is an error of that command alone ([`Time::parse`]).
//!
//! A key here is a strict key of [`crate::keys`] that follows none of `& = ? > ^ ! ~ / -` and touches no underscore.

mod time;

use std::collections::HashSet;
use std::sync::LazyLock;

use model::KeyForm;
use regex::Regex;
use serde::Serialize;

use crate::keys::{Found, find};
use crate::noise::Noise;

pub use time::{MAX_SECONDS, Time, TimeError};

/// How many commands of one message count, each key of a command by itself. What follows is ignored: nobody writes
/// so many, and ten thousand keys before a thousand commands would be ten million.
pub const MAX_COMMANDS: usize = 1_000;

/// How many characters of an argument count: as many as a comment in Jira may have. The rest is cut off.
pub const MAX_ARGUMENT: usize = 32_767;

/// One command to one issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The issue.
    pub key: String,
    /// The word after `#`, as written: letters and hyphens.
    pub command: String,
    /// What follows it, trimmed; may be empty.
    pub argument: String,
    /// Which command of the message it is, from 0. Several keys before one command share its position, so position
    /// and key together name a command of a message.
    #[serde(skip)]
    pub position: u32,
}

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Comments with the argument.
    Comment,
    /// Logs work; the argument is for [`Time::parse`].
    Time,
    /// Moves the issue along its workflow, by the transition that the command names.
    Transition,
}

impl Command {
    /// What it does. `comment` and `time` are recognised in any case.
    #[must_use]
    pub fn action(&self) -> Action {
        if self.command.eq_ignore_ascii_case("comment") {
            Action::Comment
        } else if self.command.eq_ignore_ascii_case("time") {
            Action::Time
        } else {
            Action::Transition
        }
    }
}

/// The commands of a commit message, in order, at most [`MAX_COMMANDS`].
#[must_use]
pub fn parse(message: &str, noise: &Noise) -> Vec<Command> {
    let lines = message.lines().filter(|line| line.contains('#'));
    let spoken = lines.flat_map(|line| clauses(line, noise)).flat_map(|clause| clause.orders()).zip(0_u32..);
    let commands = spoken.flat_map(|(order, position)| {
        let argument = bounded(order.argument.trim());
        order.keys.into_iter().map(move |key| Command {
            key,
            command: order.name.to_owned(),
            argument: argument.to_owned(),
            position,
        })
    });
    commands.take(MAX_COMMANDS).collect()
}

/// Keys next to each other and the commands that follow them.
struct Clause<'l> {
    line: &'l str,
    keys: Vec<String>,
    /// Each command: where it begins, its name, where its argument begins.
    commands: Vec<(usize, &'l str, usize)>,
    end: usize,
}

/// One command to all keys of its clause.
struct Order<'l> {
    keys: Vec<String>,
    name: &'l str,
    argument: &'l str,
}

impl<'l> Clause<'l> {
    fn orders(self) -> impl Iterator<Item = Order<'l>> {
        (0..self.commands.len()).map(move |at| {
            let (_, name, begin) = self.commands[at];
            let end = self.commands.get(at + 1).map_or(self.end, |(next, ..)| *next);
            Order { keys: self.keys.clone(), name, argument: &self.line[begin..end] }
        })
    }
}

/// The clauses of a line that have commands. Each reaches to the next of them, so keys without commands are inside.
fn clauses<'l>(line: &'l str, noise: &Noise) -> Vec<Clause<'l>> {
    let groups = groups(line, issue_keys(line, noise));
    let ends: Vec<usize> = groups.iter().skip(1).map(|group| group.start).chain([line.len()]).collect();
    let mut clauses: Vec<Clause<'l>> = Vec::new();
    for (group, end) in groups.into_iter().zip(ends) {
        let commands = commands(line, group.end, end);
        if commands.is_empty() {
            continue;
        }
        if let Some(before) = clauses.last_mut() {
            before.end = group.start;
        }
        clauses.push(Clause { line, keys: group.keys, commands, end: line.len() });
    }
    clauses
}

/// Keys next to each other.
struct Group {
    keys: Vec<String>,
    start: usize,
    end: usize,
}

fn groups(line: &str, found: impl Iterator<Item = Found>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut named = HashSet::new();
    for Found { range, key, .. } in found {
        match groups.last_mut() {
            Some(group) if adjacent(&line[group.end..range.start]) => {
                group.end = range.end;
                if group.keys.len() < MAX_COMMANDS && named.insert(key.clone()) {
                    group.keys.push(key);
                }
            }
            _ => {
                named = HashSet::from([key.clone()]);
                groups.push(Group { keys: vec![key], start: range.start, end: range.end });
            }
        }
    }
    groups
}

fn adjacent(between: &str) -> bool {
    between.strip_prefix(',').unwrap_or(between).chars().all(char::is_whitespace)
}

fn issue_keys(line: &str, noise: &Noise) -> impl Iterator<Item = Found> {
    let stands_alone = |found: &Found| {
        let before = line[..found.range.start].chars().next_back();
        !before.is_some_and(|character| "&=?>^!~/-_".contains(character)) && !line[found.range.end..].starts_with('_')
    };
    find(line, noise).into_iter().filter(move |found| found.form == KeyForm::Strict && stands_alone(found))
}

fn commands(line: &str, from: usize, to: usize) -> Vec<(usize, &str, usize)> {
    static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|\s)#([A-Za-z][A-Za-z-]*)").expect("the pattern is fixed and every build tests it")
    });
    COMMAND
        .captures_iter(&line[from..to])
        .map(|captures| {
            let (whole, name) = (captures.get_match().range(), captures.extract::<1>().1[0]);
            (from + whole.start, name, from + whole.end)
        })
        .collect()
}

fn bounded(argument: &str) -> &str {
    argument.char_indices().nth(MAX_ARGUMENT).map_or(argument, |(at, _)| argument[..at].trim_end())
}
