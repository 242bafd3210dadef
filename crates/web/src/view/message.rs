//! Commit messages: the subject, the body to unfold, issue keys as links.

use std::fmt;

use askama::filters::HtmlSafe;
use grammar::Noise;
use model::KeyForm;

use super::write_escaped;

/// How much of a subject a list shows, in bytes.
const LONGEST_SUBJECT: usize = 300;
/// How much of a body a list shows, in bytes: a page stays small, whatever people write.
const LONGEST_BODY: usize = 2_000;

/// A commit message as HTML. Keys that count everywhere are links to their issues.
#[derive(Debug, Clone)]
pub struct Message(String);

impl Message {
    /// The message in a list: the subject, and the body to unfold.
    pub fn in_list(message: &str, noise: &Noise, link: impl Fn(&str) -> String) -> Self {
        let (subject, body) = parts(message);
        let (subject, rest) = cut(subject, LONGEST_SUBJECT);
        let (rest, more) = cut(rest, LONGEST_BODY);
        let (shown, hidden) = cut(body, LONGEST_BODY);
        let subject_html = linked(subject, noise, &link);
        if rest.is_empty() && shown.is_empty() {
            return Self(format!("<div class=\"message\"><span dir=\"auto\">{subject_html}</span></div>"));
        }
        let rest = linked(rest, noise, &link);
        let body = linked(shown, noise, &link);
        let note =
            if more.is_empty() && hidden.is_empty() { "" } else { "<p class=\"muted small\">The message goes on.</p>" };
        Self(format!(
            "<div class=\"message\"><span dir=\"auto\">{subject_html}</span> \
             <details><summary aria-label=\"the whole message\">…</summary>\
             <div class=\"body\" dir=\"auto\">{rest}{}{body}</div>{note}</details></div>",
            if rest.is_empty() { "" } else { "\n\n" }
        ))
    }

    /// The whole message.
    pub fn whole(message: &str, noise: &Noise, link: impl Fn(&str) -> String) -> Self {
        let text = linked(message.trim(), noise, &link);
        Self(format!("<div class=\"message\"><div class=\"body\" dir=\"auto\">{text}</div></div>"))
    }
}

impl HtmlSafe for Message {}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Subject and body.
fn parts(message: &str) -> (&str, &str) {
    let message = message.trim();
    let (subject, body) = message.split_once('\n').unwrap_or((message, ""));
    let subject = subject.trim_end();
    (if subject.is_empty() { "(no message)" } else { subject }, body.trim())
}

/// At most `longest` bytes, on a character's border, and the rest.
fn cut(text: &str, longest: usize) -> (&str, &str) {
    if text.len() <= longest { (text, "") } else { text.split_at(text.floor_char_boundary(longest)) }
}

/// Text as HTML, its strict keys as links.
fn linked(text: &str, noise: &Noise, link: impl Fn(&str) -> String) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 4);
    let mut done = 0;
    for found in grammar::find(text, noise) {
        if found.form != KeyForm::Strict || found.range.start < done {
            continue;
        }
        let key = &text[found.range.clone()];
        html.push_str(&Escaped(&text[done..found.range.start]).to_string());
        html.push_str(&format!("<a href=\"{}\">{}</a>", Escaped(&link(&found.key)), Escaped(key)));
        done = found.range.end;
    }
    html.push_str(&Escaped(&text[done..]).to_string());
    html
}

struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_list(message: &str) -> String {
        Message::in_list(message, &Noise::default(), |key| format!("/issues/{key}")).to_string()
    }

    #[test]
    fn keys_are_links_and_nothing_else_is_markup() {
        assert_eq!(
            in_list("ABC-1: <b>\"bold\"</b> & UTF-8, abc-2"),
            "<div class=\"message\"><span dir=\"auto\"><a href=\"/issues/ABC-1\">ABC-1</a>: \
             &lt;b&gt;&quot;bold&quot;&lt;/b&gt; &amp; UTF-8, abc-2</span></div>"
        );
    }

    #[test]
    fn a_body_unfolds() {
        let html = in_list("Fix it\n\nBecause of ABC-1.\n");

        assert!(html.contains("<span dir=\"auto\">Fix it</span> <details><summary aria-label=\"the whole message\">"));
        assert!(
            html.contains("<div class=\"body\" dir=\"auto\">Because of <a href=\"/issues/ABC-1\">ABC-1</a>.</div>")
        );
    }

    #[test]
    fn a_message_of_a_megabyte_stays_small() {
        let html = in_list(&"é".repeat(500_000));

        assert!(html.len() < 4_000);
        assert!(html.contains("The message goes on."));
    }

    #[test]
    fn no_message_is_said() {
        assert!(in_list(" \n ").contains("(no message)"));
    }
}
