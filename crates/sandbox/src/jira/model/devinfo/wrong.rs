//! Collects what is wrong with something that was sent, field by field. Lengths are UTF-16 units (devinfo contract §3.3).

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

/// The longest address.
const LONGEST_URL: usize = 2_000;

/// What is wrong with one thing.
#[derive(Debug)]
pub(super) struct Wrong<'a> {
    sent: &'a Value,
    /// What stands before the names of fields (`author.`).
    prefix: &'static str,
    pub(super) messages: Vec<String>,
}

impl<'a> Wrong<'a> {
    pub(super) fn with(sent: &'a Value, prefix: &'static str) -> Self {
        Self { sent, prefix, messages: Vec::new() }
    }

    pub(super) fn say(&mut self, field: &str, text: &str) {
        self.messages.push(format!("{}{field} {text}", self.prefix));
    }

    /// The field's value; says that it is missing where it must not be.
    fn value(&mut self, field: &str, required: bool) -> Option<&'a Value> {
        let value = &self.sent[field];
        if value.is_null() && required {
            self.say(field, "must not be null");
        }
        (!value.is_null()).then_some(value)
    }

    /// A text of at most so many characters, not empty where it is required.
    pub(super) fn text(&mut self, field: &str, longest: usize, required: bool) -> Option<&'a str> {
        let value = self.value(field, required)?;
        let Some(text) = value.as_str() else {
            self.say(field, "must be a string");
            return None;
        };
        if required && text.is_empty() {
            self.say(field, "must not be empty");
        }
        if text.encode_utf16().count() > longest {
            self.say(field, &format!("must not be longer than {longest} characters"));
        }
        Some(text)
    }

    /// An id: few characters are allowed in it.
    pub(super) fn id(&mut self, field: &str, required: bool) {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '~' | '.' | '-' | '_');
        if let Some(text) = self.text(field, 1_024, required)
            && !text.chars().all(fine)
        {
            self.say(field, "may only contain the characters a-z, A-Z, 0-9, ~, ., - and _");
        }
    }

    /// An address of the web.
    pub(super) fn url(&mut self, field: &str, required: bool) {
        let web = |text: &str| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if let Some(text) = self.text(field, LONGEST_URL, required)
            && !web(text)
        {
            self.say(field, "must be a valid URL");
        }
    }

    /// A time in ISO 8601 with an offset.
    pub(super) fn time(&mut self, field: &str) {
        if let Some(text) = self.text(field, 255, true)
            && text.parse::<Timestamp>().is_err()
        {
            self.say(field, "must be a timestamp in ISO 8601 format");
        }
    }

    /// A number that is not negative.
    pub(super) fn count(&mut self, field: &str) {
        if let Some(value) = self.value(field, true)
            && value.as_u64().is_none()
        {
            self.say(field, "must be greater than or equal to 0");
        }
    }

    /// A whole number.
    pub(super) fn integer(&mut self, field: &str) {
        if let Some(value) = self.value(field, true)
            && value.as_i64().is_none()
        {
            self.say(field, "must be an integer");
        }
    }

    /// One of some words.
    pub(super) fn word(&mut self, field: &str, words: &[&str], required: bool) {
        if let Some(text) = self.text(field, 255, required)
            && !words.contains(&text)
        {
            self.say(field, &format!("must be one of {}", words.join(", ")));
        }
    }

    /// A list, empty when it is not there.
    pub(super) fn list(&mut self, field: &str) -> &'a [Value] {
        match &self.sent[field] {
            Value::Null => &[],
            Value::Array(values) => values,
            _ => {
                self.say(field, "must be an array");
                &[]
            }
        }
    }
}
