//! Documents of REST v3, as far as they are plain: paragraphs, lists and headings become lines.

use serde_json::{Value, json};

/// Whether it is a document.
pub(crate) fn is_document(value: &Value) -> bool {
    value["type"] == "doc" && value["version"] == 1 && value["content"].is_array()
}

/// The text of a document.
pub(crate) fn text(document: &Value) -> String {
    let mut text = String::new();
    write(document, &mut text);
    text.trim_end_matches('\n').to_owned()
}

fn write(node: &Value, text: &mut String) {
    match node["type"].as_str() {
        Some("text") => text.push_str(node["text"].as_str().unwrap_or_default()),
        Some("hardBreak") => text.push('\n'),
        Some("mention" | "emoji") => text.push_str(node["attrs"]["text"].as_str().unwrap_or_default()),
        Some("inlineCard") => text.push_str(node["attrs"]["url"].as_str().unwrap_or_default()),
        _ => {}
    }
    for child in node["content"].as_array().into_iter().flatten() {
        write(child, text);
    }
    if matches!(node["type"].as_str(), Some("paragraph" | "heading" | "codeBlock")) {
        text.push('\n');
    }
}

/// A document with this text, a paragraph for each line.
pub(crate) fn document(text: &str) -> Value {
    let paragraph = |line: &str| match line {
        "" => json!({ "type": "paragraph", "content": [] }),
        line => json!({ "type": "paragraph", "content": [{ "type": "text", "text": line }] }),
    };
    json!({ "type": "doc", "version": 1, "content": text.lines().map(paragraph).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_survives_being_a_document() {
        let of = document("one\n\ntwo");
        assert!(is_document(&of));
        assert_eq!(text(&of), "one\n\ntwo");
        assert!(!is_document(&json!("one")));
        let rich = json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [
            { "type": "text", "text": "see " }, { "type": "inlineCard", "attrs": { "url": "https://a.example.com/" } },
            { "type": "hardBreak" }, { "type": "mention", "attrs": { "text": "@ada" } },
        ] }] });
        assert_eq!(text(&rich), "see https://a.example.com/\n@ada");
    }
}
