//! The grammar of smart commits, one table for each rule.

use grammar::Noise;
use grammar::smart_commits::{Action, Command, MAX_ARGUMENT, MAX_COMMANDS, parse};
use proptest::prelude::*;

/// The commands of a message, each as `position KEY #command argument`.
fn commands(message: &str) -> Vec<String> {
    let line = |command: &Command| {
        format!("{} {} #{} {}", command.position, command.key, command.command, command.argument).trim_end().to_owned()
    };
    parse(message, &Noise::default()).iter().map(line).collect()
}

fn assert_commands(cases: &[(&str, &[&str])]) {
    for (message, expected) in cases {
        assert_eq!(commands(message), *expected, "{message:?}");
    }
}

#[test]
fn a_command_follows_its_key_on_the_same_line() {
    assert_commands(&[
        ("JRA-1 #comment well done", &["0 JRA-1 #comment well done"]),
        ("JRA-1 #resolve", &["0 JRA-1 #resolve"]),
        ("Fix it: JRA-1 today #close", &["0 JRA-1 #close"]),
        ("JRA-1#comment x", &["0 JRA-1 #comment x"]),
        ("JRA-1\n#comment x", &[]),
        ("#comment x JRA-1", &[]),
        ("#resolve", &[]),
        ("JRA-1", &[]),
        ("", &[]),
        ("JRA-1 #a\r\nJRA-2 #b c\r\n", &["0 JRA-1 #a", "1 JRA-2 #b c"]),
    ]);
}

#[test]
fn several_commands_follow_each_other() {
    assert_commands(&[
        ("JRA-1 #time 2h #comment done #resolve", &["0 JRA-1 #time 2h", "1 JRA-1 #comment done", "2 JRA-1 #resolve"]),
        ("JRA-1 #comment #resolve", &["0 JRA-1 #comment", "1 JRA-1 #resolve"]),
        ("JRA-1 #a x JRA-2 #b y", &["0 JRA-1 #a x", "1 JRA-2 #b y"]),
    ]);
}

#[test]
fn keys_next_to_each_other_share_commands() {
    assert_commands(&[
        ("JRA-1 JRA-2 #resolve", &["0 JRA-1 #resolve", "0 JRA-2 #resolve"]),
        ("JRA-1, JRA-2,JRA-3 #a x", &["0 JRA-1 #a x", "0 JRA-2 #a x", "0 JRA-3 #a x"]),
        ("JRA-1 , JRA-2 #resolve", &["0 JRA-2 #resolve"]),
        ("JRA-1 and JRA-2 #resolve", &["0 JRA-2 #resolve"]),
        ("JRA-1 JRA-1 #resolve", &["0 JRA-1 #resolve"]),
        ("JRA-1 JRA-2 #a #b", &["0 JRA-1 #a", "0 JRA-2 #a", "1 JRA-1 #b", "1 JRA-2 #b"]),
    ]);
}

#[test]
fn a_command_is_a_word_of_letters_and_hyphens_after_a_blank() {
    assert_commands(&[
        ("JRA-1 #start-progress now", &["0 JRA-1 #start-progress now"]),
        ("JRA-1 #in_progress done", &["0 JRA-1 #in _progress done"]),
        ("JRA-1 #SEND_TO_QA", &["0 JRA-1 #SEND _TO_QA"]),
        ("JRA-1 (#comment x)", &[]),
        ("JRA-1 #1 x", &[]),
        ("JRA-1 # comment", &[]),
        ("JRA-1 #comment issue#2 and #3", &["0 JRA-1 #comment issue#2 and #3"]),
        ("JRA-1\u{a0}#comment x", &["0 JRA-1 #comment x"]),
    ]);
}

#[test]
fn a_key_without_a_command_of_its_own_stays_in_the_argument() {
    assert_commands(&[
        ("JRA-1 #comment see JRA-2 for details", &["0 JRA-1 #comment see JRA-2 for details"]),
        ("JRA-1 #comment JRA-2", &["0 JRA-1 #comment JRA-2"]),
        ("JRA-1 #comment see JRA-2, JRA-3 and JRA-4", &["0 JRA-1 #comment see JRA-2, JRA-3 and JRA-4"]),
        ("JRA-1 #resolve duplicate of JRA-2", &["0 JRA-1 #resolve duplicate of JRA-2"]),
        ("JRA-1 #comment see JRA-2 #resolve", &["0 JRA-1 #comment see", "1 JRA-2 #resolve"]),
        ("JRA-1 #comment see JRA-2 too JRA-3 #resolve", &["0 JRA-1 #comment see JRA-2 too", "1 JRA-3 #resolve"]),
    ]);
}

#[test]
fn only_strict_keys_that_stand_alone_take_commands() {
    assert_commands(&[
        ("jra-1 #resolve", &[]),
        ("MY_PROJ-1 #resolve", &[]),
        ("JRA-1_x #resolve", &[]),
        ("UTF-8 #resolve", &[]),
        ("JRA-1 UTF-8 #resolve", &["0 JRA-1 #resolve"]),
        ("(JRA-1) #resolve", &["0 JRA-1 #resolve"]),
        ("修复JRA-1 #resolve", &["0 JRA-1 #resolve"]),
    ]);
    for before in ["&", "=", "?", ">", "^", "!", "~", "/", "-", "_"] {
        assert_eq!(commands(&format!("x{before}JRA-1 #resolve")), Vec::<String>::new(), "{before:?}");
    }
}

#[test]
fn actions_are_known_in_any_case() {
    let action = |message: &str| parse(message, &Noise::default())[0].action();
    assert_eq!(action("JRA-1 #Comment x"), Action::Comment);
    assert_eq!(action("JRA-1 #TIME 1h"), Action::Time);
    assert_eq!(action("JRA-1 #comments x"), Action::Transition);
}

#[test]
fn hostile_messages_stay_bounded() {
    let keys: String = (0..10_000).map(|number| format!("JRA-{number} ")).collect();
    let orders = "#comment x ".repeat(1_000);
    let filler = "lorem ipsum JRA-1 #".repeat(5_000_000 / 19);
    let message = format!("{keys}{orders}\n{filler}");
    let commands = parse(&message, &Noise::default());
    assert_eq!(commands.len(), MAX_COMMANDS);
    assert_eq!((commands[0].key.as_str(), commands[999].key.as_str()), ("JRA-0", "JRA-999"));
}

#[test]
fn a_long_argument_is_cut_at_what_jira_takes() {
    let commands = parse(&format!("JRA-1 #comment {}", "é".repeat(1_000_000)), &Noise::default());
    assert_eq!(commands[0].argument.chars().count(), MAX_ARGUMENT);
}

proptest! {
    #[test]
    fn commands_come_from_the_message(message in "((ABC-[0-9]|#[a-z]{1,3}|[a-z ,é]|\r\n|_| #time 1h ){0,12})") {
        let commands = parse(&message, &Noise::default());
        for command in &commands {
            prop_assert!(message.contains(&command.key), "{:?}", command);
            prop_assert!(message.contains(&format!("#{}", command.command)), "{:?}", command);
            prop_assert!(message.lines().any(|line| line.contains(&command.argument)), "{:?}", command);
        }
        let places: Vec<(u32, &str)> = commands.iter().map(|it| (it.position, it.key.as_str())).collect();
        let mut distinct = places.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), places.len(), "position and key name a command");
        prop_assert!(places.is_sorted_by_key(|(position, _)| *position));
    }

    #[test]
    fn no_message_makes_it_panic(message: String) {
        let _ = parse(&message, &Noise::default());
        let _ = parse(&format!("ABC-1 #time {message}"), &Noise::default());
    }
}
