//! What is answered: GitLab's entities (GitLab contract §3.8) with the fields that GitHub's schema requires. Everything
//! named `url` lies below our own REST v3; pages (`html_url`) are the forge's.

mod comment;
mod commit;
mod event;
mod hook;
mod person;
mod pull;
mod repository;

use model::Millis;
use model::secret::token_hash;
use serde_json::{Value, json};

pub use comment::comment;
pub use commit::{branch, commit};
pub use event::event;
pub use hook::hook;
pub use person::{Person, PersonKind, profile};
pub use pull::{Target, pull};
pub use repository::{Extent, repository};

/// A time as Jira's strictest client reads it: UTC, without a fraction.
pub fn time(at: Millis) -> String {
    let whole = jiff::Timestamp::from_second(at.div_euclid(1000)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    whole.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time that may not be.
pub fn time_or_null(at: Option<Millis>) -> Value {
    at.map_or(Value::Null, |at| json!(time(at)))
}

/// A forge's id as the number that GitHub's are: the same, or for one that is no number a stable one made of it.
pub fn number(forge_id: &str) -> i64 {
    forge_id.parse().ok().filter(|number| *number >= 0).unwrap_or_else(|| {
        let digits = token_hash(forge_id);
        let number = digits.get(..8).and_then(|digits| i64::from_str_radix(digits, 16).ok()).unwrap_or_default();
        // Jira reads the ids of users as Java's `int`, and drops the whole answer over one that is none.
        number & i64::from(i32::MAX)
    })
}

/// Two objects as one.
fn joined(mut first: Value, second: Value) -> Value {
    if let (Value::Object(first), Value::Object(second)) = (&mut first, second) {
        first.extend(second);
    }
    first
}

/// An opaque id, unique over all kinds of things.
pub fn node_id(kind: &str, id: impl std::fmt::Display) -> String {
    format!("{kind}:{id}")
}

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20").replace("%40", "@")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(1_795_345_440_123, "2026-11-22T11:04:00Z")]
    #[case(-1, "1969-12-31T23:59:59Z")]
    #[case(i64::MAX, "1970-01-01T00:00:00Z")]
    fn times_have_no_fraction_and_no_offset(#[case] at: Millis, #[case] text: &str) {
        assert_eq!(time(at), text);
    }

    #[test]
    fn ids_are_numbers_whatever_a_forge_calls_them() {
        assert_eq!(number("482"), 482);
        assert_eq!(number("group-platform"), number("group-platform"));
        assert!((0..1 << 31).contains(&number("group-platform")) && number("a") != number("b"));
        assert!((0..500).map(|at| number(&format!("group-{at}"))).all(|number| i32::try_from(number).is_ok()));
    }
}
