//! What `dovetail explain --message` answers.

use grammar::{Noise, explain, refused};

#[test]
fn the_shape_of_the_answer_is_stable() {
    let message = "ABC-1 and abc-2: read UTF-8\n\nABC-1, DEF-3 #comment done #time 1.5h\n";
    insta::assert_json_snapshot!(explain(message, &Noise::default()), @r#"
    {
      "keys": [
        "ABC-1",
        "DEF-3"
      ],
      "refused": [
        {
          "text": "abc-2",
          "reason": "it is not in upper case; it counts only where a site knows a project ABC"
        },
        {
          "text": "UTF-8",
          "reason": "UTF is on the noise list; it counts only where a site knows a project UTF"
        }
      ],
      "commands": [
        {
          "key": "ABC-1",
          "command": "comment",
          "argument": "done"
        },
        {
          "key": "DEF-3",
          "command": "comment",
          "argument": "done"
        },
        {
          "key": "ABC-1",
          "command": "time",
          "argument": "1.5h"
        },
        {
          "key": "DEF-3",
          "command": "time",
          "argument": "1.5h"
        }
      ]
    }
    "#);
}

#[test]
fn a_message_without_keys_says_nothing() {
    insta::assert_compact_json_snapshot!(explain("Fix the build", &Noise::default()), @r#"{"keys": [], "refused": [], "commands": []}"#);
}

#[test]
fn every_near_miss_has_its_reason() {
    let long = format!("A{}-1", "B".repeat(300));
    let texts = [
        "utf-8",
        "UTF-8",
        "abc-12",
        "MY_P-1",
        "ABC-12a",
        "ªABC-12",
        "3ABC-12",
        "A-1",
        &long,
        "ABC\u{2011}12",
        "ABC-１２",
    ];
    let told: Vec<String> = texts
        .iter()
        .flat_map(|text| refused(text, &Noise::default()))
        .map(|refused| format!("{:.20}: {}", refused.text, refused.reason))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    utf-8: UTF is on the noise list; it counts only where a site knows a project UTF
    UTF-8: UTF is on the noise list; it counts only where a site knows a project UTF
    abc-12: it is not in upper case; it counts only where a site knows a project ABC
    MY_P-1: it contains an underscore; it counts only where a site knows a project MY_P
    ABC-12a: a letter or digit follows directly after its number
    ªABC-12: a letter or digit stands directly before it
    3ABC-12: its project part begins with a digit instead of a letter
    A-1: its project part is a single letter, and a project key has at least two
    BBBBBBBBBBBBBBBBBBBB: it is longer than 255 characters
    ABC‑12: its dash is not the plain hyphen "-"
    ABC-１: its number is not written with the digits 0 to 9
    "#);
}

#[test]
fn what_counts_or_misses_by_far_is_not_told() {
    let texts = [
        "ABC-1",
        "feature_ABC-12_x",
        "ABC-123-456",
        "SHA3-256",
        "2024-12-31",
        "10-20",
        "a-1",
        "-5",
        "--3",
        "550e8400-e29b-41d4",
        "ABC-x",
        "ABC\u{2013}12a",
        "1990\u{2013}2000",
    ];
    for text in texts {
        assert_eq!(refused(text, &Noise::default()), [], "{text:?}");
    }
}

#[test]
fn near_misses_are_told_once_and_not_without_end() {
    assert_eq!(refused("abc-1 abc-1", &Noise::default()).len(), 1);
    let many: String = (0..10_000).map(|number| format!("abc-{number} ")).collect();
    assert_eq!(refused(&many, &Noise::default()).len(), grammar::refusal::MAX_REFUSED);
    let long = format!("{}-1", "A".repeat(1_000_000));
    assert_eq!(refused(&long, &Noise::default())[0].text.chars().count(), 256);
}
