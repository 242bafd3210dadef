//! The parameters of a request: query, and body as form or JSON, in one map.

use axum::body::to_bytes;
use axum::extract::Request;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use model::Millis;
use serde_json::{Map, Value};

use super::error::RestError;

/// The longest body that is read.
const MOST_BYTES: usize = 1024 * 1024;

/// Parameters by name; a later one replaces an earlier one, `name[]` collects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Map<String, Value>);

impl Params {
    /// Reads the query, and the body of anything that has one.
    pub(crate) async fn read(request: Request) -> Result<Self, RestError> {
        let mut params = Self::default();
        params.add_form(request.uri().query().unwrap_or_default().as_bytes());
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_json = kind.starts_with("application/json");
        let too_large = |_| RestError::Error(StatusCode::PAYLOAD_TOO_LARGE, "413 Content Too Large".to_owned());
        let body = to_bytes(request.into_body(), MOST_BYTES).await.map_err(too_large)?;
        if is_json && !body.is_empty() {
            params.add_json(&body)?;
        } else {
            params.add_form(&body);
        }
        Ok(params)
    }

    fn add_form(&mut self, form: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(form) {
            let value = Value::String(value.into_owned());
            match name.strip_suffix("[]") {
                None => {
                    self.0.insert(name.into_owned(), value);
                }
                Some(name) => match self.0.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                    Value::Array(values) => values.push(value),
                    other => *other = value,
                },
            }
        }
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), RestError> {
        let wrong = || RestError::Parameter("The request body could not be parsed".to_owned());
        match serde_json::from_slice(body).map_err(|_| wrong())? {
            Value::Object(fields) => self.0.extend(fields),
            _ => return Err(wrong()),
        }
        Ok(())
    }

    /// Whether there is none, apart from the credentials.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.keys().all(|name| matches!(name.as_str(), "private_token" | "access_token"))
    }

    /// Every parameter as text, for the links of a paged answer.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let pairs = self.0.iter().flat_map(|(name, value)| match value {
            Value::Array(values) => values.iter().map(|value| (format!("{name}[]"), plain(value))).collect(),
            other => vec![(name.clone(), plain(other))],
        });
        pairs.collect()
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The text of a parameter; a number or truth value counts as its spelling.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(plain)
    }

    /// As [`Params::text`], for what must be there.
    pub(crate) fn required(&self, name: &str) -> Result<String, RestError> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| RestError::Parameter(format!("{name} is missing")))
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, RestError> {
        match self.text(name).map(|text| text.to_ascii_lowercase()).as_deref() {
            None | Some("") => Ok(None),
            Some("true" | "1" | "t" | "on" | "yes" | "y") => Ok(Some(true)),
            Some("false" | "0" | "f" | "off" | "no" | "n") => Ok(Some(false)),
            Some(_) => Err(invalid(name)),
        }
    }

    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, RestError> {
        Ok(self.boolean(name)?.unwrap_or(default))
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, RestError> {
        match self.text(name).as_deref() {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| invalid(name)),
        }
    }

    /// A time in ISO 8601, with or without an offset (UTC without).
    pub(crate) fn time(&self, name: &str) -> Result<Option<Millis>, RestError> {
        self.text(name).filter(|text| !text.is_empty()).map(|text| time(&text).ok_or_else(|| invalid(name))).transpose()
    }

    /// A list: repeated `name[]`, a JSON array, or words separated by commas.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        let items = match self.value(name)? {
            Value::Array(values) => values.iter().map(plain).collect(),
            other => plain(other).split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>(),
        };
        Some(items.into_iter().filter(|item| !item.is_empty()).collect())
    }

    /// A list of ids.
    pub(crate) fn ids(&self, name: &str) -> Result<Option<Vec<u64>>, RestError> {
        let Some(items) = self.list(name) else { return Ok(None) };
        items.iter().map(|item| item.parse().map_err(|_| invalid(name))).collect::<Result<Vec<_>, _>>().map(Some)
    }

    /// One of some words.
    pub(crate) fn word(&self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, RestError> {
        let Some(text) = self.text(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let found = words.iter().find(|word| **word == text).copied();
        found.map(Some).ok_or_else(|| RestError::Parameter(format!("{name} does not have a valid value")))
    }
}

fn invalid(name: &str) -> RestError {
    RestError::Parameter(format!("{name} is invalid"))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn time(text: &str) -> Option<Millis> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    let local: jiff::civil::DateTime = text.parse().ok()?;
    let at = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_with_and_without_offset() {
        assert_eq!(time("1970-01-01T00:00:01Z"), Some(1000));
        assert_eq!(time("1970-01-01T01:00:01.500+01:00"), Some(1500));
        assert_eq!(time("1970-01-02"), Some(86_400_000));
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn lists_come_in_three_spellings() {
        let mut params = Params::default();
        params.add_form(b"iids[]=1&iids[]=2&labels=a,%20b");
        params.add_json(br#"{"reviewer_ids":[3,4]}"#).unwrap();
        assert_eq!(params.ids("iids").unwrap(), Some(vec![1, 2]));
        assert_eq!(params.list("labels"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(params.ids("reviewer_ids").unwrap(), Some(vec![3, 4]));
    }
}
