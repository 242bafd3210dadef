//! The rules of issue keys (design §5), one table each.

use grammar::{Noise, find, mentions};
use model::KeyForm;

/// The strict keys of a text.
fn strict(text: &str) -> Vec<String> {
    let mentions = mentions(text, &Noise::default()).into_iter();
    mentions.filter(|mention| mention.form == KeyForm::Strict).map(|mention| mention.key).collect()
}

/// All mentions of a text, each as `KEY form`.
fn all(text: &str) -> Vec<String> {
    mentions(text, &Noise::default()).iter().map(|mention| format!("{} {}", mention.key, mention.form)).collect()
}

fn assert_strict(cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(strict(text), *expected, "{text:?}");
    }
}

#[test]
fn a_key_is_upper_case_letters_and_digits_then_a_hyphen_and_digits() {
    assert_strict(&[
        ("ABC-1", &["ABC-1"]),
        ("AB-1", &["AB-1"]),
        ("A1-1", &["A1-1"]),
        ("A-1", &[]),
        ("1A-1", &[]),
        ("12-34", &[]),
        ("ÄBC-1", &["ÄBC-1"]),
        ("ПРОЕКТ-12", &["ПРОЕКТ-12"]),
        ("ABC-", &[]),
        ("ABC-x", &[]),
        ("ABC - 1", &[]),
        ("ABC 1", &[]),
        ("-1", &[]),
        ("", &[]),
        ("  \n", &[]),
        ("abc-123", &[]),
        ("Abc-123", &[]),
        ("ABC-١٢", &[]),
        ("漢字-1", &[]),
        ("ABC\u{2011}1", &[]),
    ]);
}

#[test]
fn leading_zeros_and_zero_are_kept() {
    assert_strict(&[("ABC-007 ABC-7 ABC-0", &["ABC-007", "ABC-7", "ABC-0"])]);
}

#[test]
fn a_key_touches_no_digit_and_no_letter_of_a_script_with_case() {
    let forbidding = ["a", "Z", "0", "é", "ß", "Ω", "я", "ա", "ა", "ª", "ʰ", "٣", "３", "µ"];
    for neighbour in forbidding {
        // A digit after it or a letter before it may belong to a key, but then to another one.
        assert!(!strict(&format!("ABC-1{neighbour}")).contains(&"ABC-1".to_owned()), "{neighbour:?} after");
        assert!(!strict(&format!("{neighbour}ABC-1")).contains(&"ABC-1".to_owned()), "{neighbour:?} before");
    }
}

#[test]
fn everything_else_is_a_boundary() {
    let boundaries = [
        " ", "\n", "\t", "_", "-", ".", ",", "/", "#", ":", "[", "]", "(", "\"", "漢", "か", "한", "ع", "ก", "\u{a0}",
        "\u{2003}", "\u{2013}", "\u{2014}", "\u{200b}", "\u{feff}", "²", "½", "😀", "\u{301}", "\u{0}",
    ];
    for boundary in boundaries {
        for text in [format!("{boundary}ABC-1"), format!("ABC-1{boundary}"), format!("{boundary}ABC-1{boundary}")] {
            assert_eq!(strict(&text), ["ABC-1"], "{text:?}");
        }
    }
}

#[test]
fn keys_stand_in_branch_names_urls_and_prose() {
    assert_strict(&[
        ("feature/ABC-123-foo_DEF-4", &["ABC-123", "DEF-4"]),
        ("feature_ABC-12_x", &["ABC-12"]),
        ("ABC-123-456", &["ABC-123"]),
        ("ABC-1-DEF-2", &["ABC-1", "DEF-2"]),
        ("ABC-1,DEF-2;GHI-3", &["ABC-1", "DEF-2", "GHI-3"]),
        ("https://jira.example.com/browse/ABC-1?x=1", &["ABC-1"]),
        ("[ABC-1] Fix\n\nSee also DEF-2.", &["ABC-1", "DEF-2"]),
        ("修复ABC-1的问题", &["ABC-1"]),
        ("v1.ABC-2.3", &["ABC-2"]),
        ("ABC-1ABC-2", &[]),
        ("ABC-1 ABC-1 ABC-1", &["ABC-1"]),
        ("DEF-2 ABC-1 DEF-2", &["DEF-2", "ABC-1"]),
    ]);
}

#[test]
fn noise_is_no_strict_key() {
    assert_strict(&[
        ("UTF-8 SHA-256 ISO-8859-1 RFC-2119 CWE-79", &[]),
        ("CVE-2024-12345", &[]),
        ("SHA3-256", &["SHA3-256"]),
        ("UTFX-8", &["UTFX-8"]),
    ]);
    assert_eq!(all("CVE-2024-12345"), ["CVE-2024 noise"]);
    assert_eq!(all("utf-8"), ["UTF-8 noise"]);
    assert_eq!(all("feature_UTF-8"), ["UTF-8 noise", "FEATURE_UTF-8 underscore"]);
}

#[test]
fn a_list_of_ones_own_replaces_the_noise() {
    let forms = |noise: &Noise| {
        let mentions = mentions("UTF-8 ABC-1", noise);
        mentions.iter().map(|mention| mention.form).collect::<Vec<_>>()
    };
    assert_eq!(forms(&Noise::default()), [KeyForm::Noise, KeyForm::Strict]);
    assert_eq!(forms(&Noise::new(["abc"])), [KeyForm::Strict, KeyForm::Noise]);
    assert_eq!(forms(&Noise::new([""; 0])), [KeyForm::Strict, KeyForm::Strict]);
}

#[test]
fn other_forms_are_mentions_for_sites_that_know_the_project() {
    let cases: [(&str, &[&str]); 12] = [
        ("abc-12", &["ABC-12 other_case"]),
        ("Abc-12", &["ABC-12 other_case"]),
        ("key0MES-123", &["KEY0MES-123 other_case"]),
        ("my_proj-1", &["PROJ-1 other_case", "MY_PROJ-1 underscore"]),
        ("MY_PROJ-1", &["PROJ-1 strict", "MY_PROJ-1 underscore"]),
        ("feature_ABC-12_x", &["ABC-12 strict", "FEATURE_ABC-12 underscore"]),
        ("fix_MY_P-1", &["MY_P-1 underscore", "FIX_MY_P-1 underscore"]),
        ("_ABC-1", &["ABC-1 strict"]),
        ("1_ABC-1", &["ABC-1 strict"]),
        ("A_-1", &["A_-1 underscore"]),
        ("3abc-1", &[]),
        ("ªabc-1 xª_abc-1", &["ABC-1 other_case"]),
    ];
    for (text, expected) in cases {
        assert_eq!(all(text), expected, "{text:?}");
    }
}

#[test]
fn a_key_in_several_forms_is_strict_where_it_first_appeared() {
    assert_eq!(all("abc-1 DEF-2 ABC-1"), ["ABC-1 strict", "DEF-2 strict"]);
    assert_eq!(all("ABC-1 DEF-2 abc-1"), ["ABC-1 strict", "DEF-2 strict"]);
}

#[test]
fn a_key_has_at_most_255_characters() {
    let project = "Ä".repeat(253);
    assert_eq!(strict(&format!("{project}-1")), [format!("{project}-1")]);
    assert_eq!(strict(&format!("{project}-12")), Vec::<String>::new());
    assert_eq!(strict(&format!("A{project}-1")), Vec::<String>::new());
    assert_eq!(strict(&format!("AB-{}", "1".repeat(252))).len(), 1);
    assert_eq!(strict(&format!("AB-{}", "1".repeat(253))).len(), 0);
    assert_eq!(strict(&format!("{}_AB-1", "a".repeat(300))), ["AB-1"]);
}

#[test]
fn found_keys_tell_where_they_stand() {
    let text = "é ABC-1, my_proj-007";
    let found: Vec<(&str, String)> =
        find(text, &Noise::default()).into_iter().map(|found| (&text[found.range], found.key)).collect();
    let expected = [("ABC-1", "ABC-1"), ("proj-007", "PROJ-007"), ("my_proj-007", "MY_PROJ-007")];
    assert_eq!(found, expected.map(|(written, key)| (written, key.to_owned())));
}

#[test]
fn a_million_characters_in_a_line_are_read() {
    let line = format!("{} ABC-1", "x_A-1-".repeat(170_000));
    assert_eq!(strict(&line), ["ABC-1"]);
}
