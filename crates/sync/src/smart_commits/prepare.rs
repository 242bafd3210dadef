//! The commands of a commit's message, as they are kept when the commit is written.

use grammar::Noise;
use grammar::smart_commits::{Action, Command, MAX_COMMANDS, Time, parse};
use model::Millis;
use model::ReceiptReason;
use store::NewCommand;

use crate::Engine;

/// How many commands of one commit are run, each key of a command by itself: as many as keys of an entity are told to a
/// site (design §5). What is beyond is kept as refused.
pub(crate) const MOST_COMMANDS: usize = 500;
/// How many characters of a command's name are kept: no transition's name in Jira is that long, so a longer one is nobody's.
const LONGEST_NAME: usize = 256;
/// How many characters of the argument of a command are kept that is one too many.
const LONGEST_REFUSED: usize = 200;
/// How the subject begins that git and the forges give to a commit that undoes, or does again, another one.
const QUOTING_SUBJECTS: [&str; 2] = ["Revert \"", "Reapply \""];

/// By which rules messages are read.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// What is no issue key.
    pub(crate) noise: Noise,
    /// How old a commit may be for its commands to run.
    pub(crate) max_age: Millis,
    /// The present time.
    pub(crate) now: Millis,
}

impl Rules {
    /// The rules of an engine, now.
    pub(crate) fn of(engine: &Engine) -> Self {
        let max_age = Millis::try_from(engine.options().smart_commit_max_age.as_millis()).unwrap_or(Millis::MAX);
        Self { noise: engine.noise().clone(), max_age, now: engine.clock().now() }
    }
}

/// The commands of a message in order, with what keeps each from being run as far as the commit alone tells: it is quoted,
/// the commit is too old, there are too many, `#time` names no time, `#comment` no text.
///
/// Quoted is what stands in a line that begins with `>`, and between the quotation marks of the subject of a commit that
/// undoes another (`Revert "…"`). The message of a merge commit is one like any other.
pub(crate) fn prepare(message: &str, committed_at: Millis, rules: &Rules) -> Vec<NewCommand> {
    let too_old = rules.now.saturating_sub(committed_at) > rules.max_age;
    let mut prepared = Vec::new();
    let mut runnable = 0;
    let mut next_position = 0;
    for Part { text, quoted } in parts(message) {
        let commands = parse(text, &rules.noise);
        let first_position = next_position;
        for command in commands.into_iter().take(MAX_COMMANDS.saturating_sub(prepared.len())) {
            let position = first_position + i64::from(command.position);
            next_position = position + 1;
            let mut refused = if quoted {
                Some(ReceiptReason::Quoted)
            } else if too_old {
                Some(ReceiptReason::TooOld)
            } else {
                unusable(&command)
            };
            if refused.is_none() {
                runnable += 1;
                refused = (runnable > MOST_COMMANDS).then_some(ReceiptReason::TooMany);
            }
            prepared.push(kept(command, position, refused));
        }
        if prepared.len() >= MAX_COMMANDS {
            break;
        }
    }
    prepared
}

/// What keeps a command from being run that its argument tells.
fn unusable(command: &Command) -> Option<ReceiptReason> {
    match command.action() {
        Action::Comment if command.argument.is_empty() => Some(ReceiptReason::EmptyComment),
        Action::Time if Time::parse(&command.argument).is_err() => Some(ReceiptReason::NoTime),
        _ => None,
    }
}

fn kept(command: Command, position: i64, refused: Option<ReceiptReason>) -> NewCommand {
    let Command { key, command: name, argument, .. } = command;
    let argument = if refused == Some(ReceiptReason::TooMany) { bounded(argument, LONGEST_REFUSED) } else { argument };
    NewCommand { position, key, command: bounded(name, LONGEST_NAME), argument, refused }
}

fn bounded(mut text: String, characters: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
    }
    text
}

/// A part of a message in which commands can stand.
struct Part<'m> {
    text: &'m str,
    quoted: bool,
}

/// The parts of a message: its lines, the subject in two where it quotes another one.
fn parts(message: &str) -> impl Iterator<Item = Part<'_>> {
    let subject = message.lines().position(|line| !line.trim().is_empty());
    let lines = message.lines().enumerate();
    lines.flat_map(move |(number, line)| {
        let quoted = if Some(number) == subject { end_of_quoted_subject(line) } else { None };
        let (head, tail) = line.split_at(quoted.unwrap_or(0));
        let is_quoted = line.trim_start().starts_with('>');
        let head = quoted.map(|_| Part { text: head, quoted: true });
        head.into_iter().chain([Part { text: tail, quoted: is_quoted }])
    })
}

/// Where the quoted subject of another commit ends in this one; one whose end was cut off reaches to the end.
fn end_of_quoted_subject(line: &str) -> Option<usize> {
    let subject = line.trim_start();
    let begin = QUOTING_SUBJECTS.iter().find(|begin| subject.starts_with(**begin))?;
    let from = line.len() - subject.len() + begin.len();
    Some(line[from..].rfind('"').map_or(line.len(), |at| from + at + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_772_366_400_000;
    const DAY: Millis = 24 * 60 * 60 * 1000;

    fn rules() -> Rules {
        Rules { noise: Noise::default(), max_age: 7 * DAY, now: NOW }
    }

    fn told(message: &str) -> Vec<(i64, String, String, Option<ReceiptReason>)> {
        let prepared = prepare(message, NOW, &rules());
        prepared.into_iter().map(|it| (it.position, it.key, it.command, it.refused)).collect()
    }

    fn one(
        position: i64,
        key: &str,
        command: &str,
        refused: Option<ReceiptReason>,
    ) -> (i64, String, String, Option<ReceiptReason>) {
        (position, key.to_owned(), command.to_owned(), refused)
    }

    #[test]
    fn commands_are_numbered_through_the_message() {
        let message = "ABC-1 #comment hello #time 1h\n\nABC-2, ABC-3 #done\n";
        let expected = [
            one(0, "ABC-1", "comment", None),
            one(1, "ABC-1", "time", None),
            one(2, "ABC-2", "done", None),
            one(2, "ABC-3", "done", None),
        ];
        assert_eq!(told(message), expected);
    }

    #[test]
    fn what_undoes_a_commit_does_not_repeat_its_commands() {
        let quoted = Some(ReceiptReason::Quoted);
        for begin in ["Revert", "Reapply"] {
            let message = format!(
                "{begin} \"ABC-1 #done \"quickly\"\" ABC-2 #comment undone\n\nThis reverts commit 0a1b.\nABC-3 #done\n"
            );
            let expected =
                [one(0, "ABC-1", "done", quoted), one(1, "ABC-2", "comment", None), one(2, "ABC-3", "done", None)];
            assert_eq!(told(&message), expected);
        }
        assert_eq!(told("Revert \"Revert \"ABC-1 #done\"\""), [one(0, "ABC-1", "done", quoted)]);
        assert_eq!(told("\nRevert \"ABC-1 #done and a title that was cut of…"), [one(0, "ABC-1", "done", quoted)]);
        assert_eq!(
            told("Fix\n\nRevert \"ABC-1 #done\""),
            [one(0, "ABC-1", "done", None)],
            "only the subject quotes so"
        );
    }

    #[test]
    fn a_quoted_line_runs_nothing() {
        let message = "Fix\n\n> ABC-1 #done\n  >> ABC-2 #done\nABC-3 #done";
        let quoted = Some(ReceiptReason::Quoted);
        let expected =
            [one(0, "ABC-1", "done", quoted), one(1, "ABC-2", "done", quoted), one(2, "ABC-3", "done", None)];
        assert_eq!(told(message), expected);
    }

    #[test]
    fn the_message_of_a_merge_commit_is_one_like_any_other() {
        assert_eq!(told("Merge branch 'x' into 'main'\n\nABC-1 #done"), [one(0, "ABC-1", "done", None)]);
    }

    #[test]
    fn an_old_commit_runs_nothing() {
        let refused = |age| prepare("ABC-1 #done", NOW - age, &rules())[0].refused;
        assert_eq!(refused(7 * DAY), None);
        assert_eq!(refused(7 * DAY + 1), Some(ReceiptReason::TooOld));
        assert_eq!(refused(NOW - Millis::MIN / 2), Some(ReceiptReason::TooOld));
        assert_eq!(refused(-DAY), None, "a clock that is ahead");
    }

    #[test]
    fn what_cannot_be_done_is_known_at_once() {
        let message = "ABC-1 #time soon #comment #comment x #time 1h #done";
        let reasons: Vec<_> = told(message).into_iter().map(|(.., refused)| refused).collect();
        assert_eq!(reasons, [Some(ReceiptReason::NoTime), Some(ReceiptReason::EmptyComment), None, None, None]);
    }

    #[test]
    fn the_commands_beyond_the_most_are_refused() {
        let keys: Vec<String> = (1..=10_000).map(|number| format!("ABC-{number}")).collect();
        let prepared = prepare(&format!("{} #comment {}", keys.join(" "), "x".repeat(5_000)), NOW, &rules());
        assert_eq!(prepared.len(), MAX_COMMANDS);
        assert!(prepared[..MOST_COMMANDS].iter().all(|it| it.refused.is_none() && it.argument.len() == 5_000));
        let beyond = &prepared[MOST_COMMANDS..];
        assert!(
            beyond.iter().all(|it| it.refused == Some(ReceiptReason::TooMany) && it.argument.len() == LONGEST_REFUSED)
        );

        let lines: String = (1..=1_000).map(|number| format!("ABC-1 #comment {number}\n")).collect();
        let prepared = prepare(&lines, NOW, &rules());
        assert_eq!((prepared.len(), prepared[999].position), (1_000, 999));
        assert_eq!(prepared.iter().filter(|it| it.refused.is_none()).count(), MOST_COMMANDS);
    }

    #[test]
    fn a_message_of_five_megabytes_is_read_and_bounded() {
        let message =
            format!("ABC-1 #{} {}\n{}", "a".repeat(1_000_000), "é".repeat(1_000_000), "ABC-1 #x\n".repeat(300_000));
        let prepared = prepare(&message, NOW, &rules());
        assert_eq!(prepared.len(), MAX_COMMANDS);
        assert_eq!((prepared[0].command.len(), prepared[0].argument.chars().count()), (LONGEST_NAME, 32_767));
    }

    proptest! {
        #[test]
        fn position_and_key_name_one_command(message in "([A-Z]{2}-[1-9][ ,]{0,2}|#[a-z]{1,3} |> |Revert \"|\n|x |\"){0,40}") {
            let prepared = prepare(&message, NOW, &rules());
            let mut names: Vec<_> = prepared.iter().map(|it| (it.position, it.key.clone())).collect();
            prop_assert!(names.is_sorted_by_key(|(position, _)| *position));
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), prepared.len());
        }
    }
}
