//! What holds for the keys of every text.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::LazyLock;

use grammar::{Noise, explain, find, mentions};
use model::KeyForm;
use proptest::prelude::*;
use regex::Regex;

/// Text made of what the rules are about, so that keys and near misses are frequent.
fn keyish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ABÄ]",
        2 => "[abäß]",
        3 => "[0-9]",
        4 => Just("-".to_owned()),
        2 => Just("_".to_owned()),
        1 => "[ .,/#漢\n]",
        1 => "[ª٣ĸ\u{2011}]",
        2 => prop_oneof!["[A-Z]{2,4}-[0-9]{1,3}", "(UTF|SHA|CVE)-[0-9]{1,2}", "[a-z]{2,3}-[0-9]"],
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// The rule as a mathematician would say it: every stretch of the text that has the shape of a key and whose
/// neighbours allow it.
fn obvious(text: &str) -> Vec<(Range<usize>, String, KeyForm)> {
    static SHAPE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(\p{Lu}[\p{Lu}0-9_]+)-[0-9]+$").expect("a sound pattern"));
    let mut found = Vec::new();
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    for (from, to) in places.iter().flat_map(|from| places.iter().map(move |to| (*from, *to))) {
        let Some(written) = text.get(from..to) else { continue };
        let key = written.to_uppercase();
        let Some(shape) = SHAPE.captures(&key) else { continue };
        if forbids(text[..from].chars().next_back()) || forbids(text[to..].chars().next()) {
            continue;
        }
        let form = match &shape[1] {
            "UTF" | "SHA" | "ISO" | "RFC" | "CVE" | "CWE" => KeyForm::Noise,
            project if project.contains('_') => KeyForm::Underscore,
            _ if written == key => KeyForm::Strict,
            _ => KeyForm::OtherCase,
        };
        found.push((from..to, key, form));
    }
    found.sort_by_key(|(range, ..)| (range.end, Reverse(range.start)));
    found
}

/// Which characters of [`keyish`] forbid a key beside them.
fn forbids(neighbour: Option<char>) -> bool {
    neighbour.is_some_and(|character| character.is_ascii_alphanumeric() || "Ääßª٣ĸ".contains(character))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_walk_finds_what_the_obvious_reading_finds(text in keyish()) {
        let found = find(&text, &Noise::default());
        let found: Vec<_> = found.into_iter().map(|found| (found.range, found.key, found.form)).collect();
        prop_assert_eq!(found, obvious(&text));
    }

    #[test]
    fn a_blank_separates(first in keyish(), second in keyish()) {
        let noise = Noise::default();
        let keys = |text: &str| find(text, &noise).into_iter().map(|found| found.key).collect::<Vec<_>>();
        let apart = [keys(&first), keys(&second)].concat();
        prop_assert_eq!(keys(&format!("{first} {second}")), apart);
    }

    #[test]
    fn mentioned_keys_mention_themselves(text in keyish()) {
        let noise = Noise::default();
        for mention in mentions(&text, &noise) {
            let again = mentions(&mention.key, &noise);
            prop_assert!(again.iter().any(|other| other.key == mention.key), "{} in {:?}", mention.key, again);
        }
    }

    #[test]
    fn each_key_is_mentioned_once(text in keyish()) {
        let mut keys: Vec<String> = mentions(&text, &Noise::default()).into_iter().map(|mention| mention.key).collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len(), count);
    }

    #[test]
    fn what_is_refused_stands_in_the_text_and_is_no_strict_key(text in keyish()) {
        let explanation = explain(&text, &Noise::default());
        for refused in explanation.refused {
            prop_assert!(text.contains(&refused.text), "{:?}", refused);
            prop_assert!(obvious(&refused.text).iter().all(|(range, _, form)| {
                *form != KeyForm::Strict || range.len() < refused.text.len()
            }), "{:?}", refused);
        }
    }

    #[test]
    fn no_text_makes_it_panic_and_spans_are_sound(text: String) {
        let noise = Noise::default();
        for found in find(&text, &noise) {
            let written = text.get(found.range);
            prop_assert_eq!(written.map(str::to_uppercase), Some(found.key));
        }
        let _ = explain(&text, &noise);
    }
}
