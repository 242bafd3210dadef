//! Jira's own words: what an answer says went wrong, made fit to be shown.

use serde_json::Value;

/// The most characters kept.
const LONGEST: usize = 500;
/// How much of a text is looked at, in bytes.
const READ: usize = 16 << 10;
/// The most messages of one answer that are looked at.
const MOST: usize = 20;

/// What a body says, in whatever shape (devinfo contract §2): messages as texts or objects, a map of fields, the title of a
/// page, plain text. None where it says nothing.
pub fn of_body(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    match serde_json::from_str::<Value>(&text) {
        Ok(json) => of_json(&json),
        Err(_) if is_page(body) => title(&text).and_then(clean),
        Err(_) => clean(&text),
    }
}

/// Whether a body is a page rather than JSON.
pub fn is_page(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

/// What JSON says went wrong.
pub fn of_json(json: &Value) -> Option<String> {
    let mut found = Vec::new();
    gather(json, &mut found);
    found.dedup();
    clean(&found.join("; "))
}

/// Whether JSON says that something went wrong, in Jira's shapes.
pub fn has_errors(json: &Value) -> bool {
    let filled = |value: &Value| match value {
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    filled(&json["errorMessages"]) || filled(&json["errors"])
}

fn gather(json: &Value, found: &mut Vec<String>) {
    match json {
        Value::Array(values) => values.iter().take(MOST).for_each(|value| message(value, found)),
        Value::Object(fields) => {
            for value in fields.get("errorMessages").and_then(Value::as_array).into_iter().flatten().take(MOST) {
                message(value, found);
            }
            match fields.get("errors") {
                Some(Value::Object(errors)) => {
                    let errors = errors.iter().take(MOST).filter_map(|(field, text)| Some((field, text.as_str()?)));
                    found.extend(errors.map(|(field, text)| format!("{field}: {text}")));
                }
                Some(Value::Array(errors)) => errors.iter().take(MOST).for_each(|value| message(value, found)),
                _ => {}
            }
            if found.is_empty() {
                let said =
                    ["message", "error_description", "error"].into_iter().find_map(|name| fields.get(name)?.as_str());
                found.extend(said.map(str::to_owned));
            }
        }
        _ => {}
    }
}

/// A message: a text, or an object with the number by which Atlassian's support finds it again.
fn message(value: &Value, found: &mut Vec<String>) {
    if let Some(text) = value.as_str() {
        found.push(text.to_owned());
    } else if let Some(text) = value["message"].as_str() {
        found.push(match value["errorTraceId"].as_str() {
            Some(trace) => format!("{text} (trace {trace})"),
            None => text.to_owned(),
        });
    }
}

fn title(page: &str) -> Option<&str> {
    let lower = page.to_ascii_lowercase();
    let from = lower.find("<title")?;
    let from = from + lower[from..].find('>')? + 1;
    let to = from + lower[from..].find("</")?;
    Some(&page[from..to])
}

/// One line without markup and control characters, bounded; none where nothing is left.
pub fn clean(text: &str) -> Option<String> {
    let plain = without_tags(&text[..text.floor_char_boundary(READ)]);
    let mut line = String::new();
    let words = plain.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.chars().nth(LONGEST).is_some() {
        line = line.chars().take(LONGEST - 1).chain(['…']).collect();
    }
    (!line.is_empty()).then_some(line)
}

/// Drops what looks like a tag; a lone `<` stays.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(LONGEST * 8));
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        plain.push_str(before);
        let is_tag = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match is_tag.then(|| tag.find('>')).flatten() {
            Some(end) => {
                plain.push(' ');
                rest = &tag[end + 1..];
            }
            // What is left may be the beginning of a tag that was cut off.
            None if is_tag => rest = "",
            None => {
                plain.push('<');
                rest = &tag[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_found_in_every_shape() {
        for (body, words) in [
            (r#"{"errorMessages":["Issue Does Not Exist"],"errors":{}}"#, "Issue Does Not Exist"),
            (
                r#"{"errorMessages":[],"errors":{"comment":"Comment body can not be empty!"}}"#,
                "comment: Comment body can not be empty!",
            ),
            (r#"{"errorMessages":[{"message":"Too many","errorTraceId":"12ab"}]}"#, "Too many (trace 12ab)"),
            (r#"[{"message":"one"},{"message":"two"}]"#, "one; two"),
            (r#"{"message":"null for uri","status-code":404}"#, "null for uri"),
            (r#"{"error":"access_denied","error_description":"Unauthorized"}"#, "Unauthorized"),
            (r#"{"error":"access_denied"}"#, "access_denied"),
            ("<html><head><title>Unauthorized\n (401)</title><body>x", "Unauthorized (401)"),
            ("XSRF check failed", "XSRF check failed"),
            (r#"{"errorMessages":["a <b>bold</b> word, 1 < 2 <script"]}"#, "a bold word, 1 < 2"),
        ] {
            assert_eq!(of_body(body.as_bytes()).as_deref(), Some(words), "{body}");
        }
        for body in ["", "{}", "null", "<html></html>", "[]", "  \r\n"] {
            assert_eq!(of_body(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn errors_are_told_from_answers() {
        let says = |text: &str| has_errors(&serde_json::from_str(text).unwrap());
        assert!(says(r#"{"errorMessages":["x"],"errors":{}}"#));
        assert!(says(r#"{"errors":{"a":"b"}}"#));
        assert!(!says(r#"{"errorMessages":[],"errors":{}}"#));
        assert!(!says(r#"{"id":"1"}"#));
        assert!(!says("[]"));
    }

    proptest! {
        #[test]
        fn any_body_makes_one_bounded_line_without_tags(body: Vec<u8>) {
            if let Some(words) = of_body(&body) {
                prop_assert!(words.chars().count() <= LONGEST);
                prop_assert!(!words.chars().any(char::is_control));
            }
        }

        #[test]
        fn no_tag_survives(text in "[a<>/! b]{0,200}") {
            let words = clean(&text).unwrap_or_default();
            prop_assert!(!words.contains("<a") && !words.contains("</") && !words.contains("<!"), "{}", words);
        }
    }
}
