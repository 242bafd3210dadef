//! The characters that the store takes: XML 1.0's, without those beyond the basic plane (devinfo contract §3.3).

use serde_json::Value;

/// What is said of the first character in a value that cannot be stored.
pub(super) fn refused(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => in_text(text),
        Value::Array(values) => values.iter().find_map(refused),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| in_text(name).or_else(|| refused(value))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn in_text(text: &str) -> Option<String> {
    let wrong = text.chars().find(|c| !is_fine(*c))?;
    let unit = *wrong.encode_utf16(&mut [0; 2]).first()?;
    Some(format!("Invalid binary character '#x{unit:X}'"))
}

const fn is_fine(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_emoji_is_named_by_its_first_half() {
        assert_eq!(refused(&json!({ "a": ["fine", "Ünï\t\r\n語"] })), None);
        assert_eq!(refused(&json!({ "a": [{ "b": "party 🎉" }] })).unwrap(), "Invalid binary character '#xD83C'");
        assert_eq!(refused(&json!("\u{0}")).unwrap(), "Invalid binary character '#x0'");
        assert!(refused(&json!({ "\u{FFFE}": 1 })).is_some());
    }
}
