//! Reading Jira's JSON, which need not be what its documentation promises. Texts come free of NUL, as stores take none.

use serde_json::Value;

/// The longest text taken (in bytes) where a name, a key or an id is expected.
const LONGEST: usize = 1_024;

/// A short text that is not empty: a name, a key, an id. (Ids may be numbers.)
pub fn short(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && text.len() <= LONGEST => Some(model::text::plain(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The rows of a list; nothing where it is none.
pub fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
