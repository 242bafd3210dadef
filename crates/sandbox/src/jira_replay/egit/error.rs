//! What a call can come to beside an answer.

use super::dates::Dates;
use super::gson::{Json, Refused, Shape};
use crate::jira_replay::wire::Answer;

/// The statuses whose bodies say what is wrong.
const EXPLAINED: [u16; 8] = [400, 401, 403, 404, 409, 410, 422, 500];

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiError {
    /// A `RequestException`: a status, and a JSON body that explains it.
    #[error("{message}")]
    Request {
        /// The status.
        status: u16,
        /// The body's message, with the status.
        message: String,
    },
    /// An `IOException`: no answer, another status, or an answer that cannot be read. Nobody asks it for a status.
    #[error("{0}")]
    Io(String),
}

impl ApiError {
    /// What an answer with an error status means. A body that is no JSON costs the status its meaning.
    pub(crate) fn of(answer: &Answer) -> Self {
        if !EXPLAINED.contains(&answer.status) {
            return Self::Io(answer.status_line());
        }
        match super::gson::parse(&answer.body) {
            Ok(None) => Self::Io(answer.status_line()),
            Ok(Some(body)) => match Json::of(&body, Dates::Plain).and_then(|json| Explained::read(&json)) {
                Ok(explained) => Self::Request { status: answer.status, message: explained.spelled(answer.status) },
                Err(refused) => refused.into(),
            },
            Err(refused) => refused.into(),
        }
    }

    /// Whether it is a `RequestException` with this status.
    pub(crate) const fn is(&self, wanted: u16) -> bool {
        matches!(self, Self::Request { status, .. } if *status == wanted)
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        Self::Io(format!("Parse exception converting JSON to object: {refused}"))
    }
}

/// `{"message": …, "errors": [{"resource", "field", "code", "value"}]}`
struct Explained {
    message: Option<String>,
    errors: Vec<FieldError>,
}

struct FieldError {
    code: Option<String>,
    field: Option<String>,
}

impl Shape for Explained {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        Ok(Self { message: json.text("message")?, errors: json.list("errors")?.unwrap_or_default() })
    }
}

impl Shape for FieldError {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.text("resource")?;
        json.text("value")?;
        Ok(Self { code: json.text("code")?, field: json.text("field")? })
    }
}

impl Explained {
    fn spelled(&self, status: u16) -> String {
        let mut text = match self.message.as_deref() {
            None | Some("") => status.to_string(),
            Some(message) => format!("{message} ({status})"),
        };
        for error in &self.errors {
            let (field, code) = (error.field.as_deref(), error.code.as_deref());
            text.push_str(&format!(": error with '{}' field: {}", field.unwrap_or("null"), code.unwrap_or("null")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> ApiError {
        ApiError::of(&Answer { status, headers: http::HeaderMap::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn a_status_with_json_keeps_its_meaning() {
        let not_found = error(404, r#"{"message":"404 Project Not Found"}"#);
        assert_eq!(not_found, ApiError::Request { status: 404, message: "404 Project Not Found (404)".to_owned() });
        assert!(error(401, r#"{"error":"invalid_token","error_description":"Bad Access Token."}"#).is(401));
        let invalid = error(422, r#"{"message":"Validation Failed","errors":[{"field":"url","code":"invalid"}]}"#);
        assert_eq!(invalid.to_string(), "Validation Failed (422): error with 'url' field: invalid");
    }

    #[test]
    fn without_json_the_meaning_is_lost() {
        for body in
            ["<html>Log in</html>", r#"{"message":{"a":1}}"#, r#"{"message":"x","errors":["a text"]}"#, "[]", ""]
        {
            let error = error(401, body);
            assert!(matches!(error, ApiError::Io(_)), "{body}: {error:?}");
        }
    }

    #[test]
    fn other_statuses_are_told_by_their_reason() {
        assert_eq!(error(503, r#"{"message":"later"}"#), ApiError::Io("Service Unavailable (503)".to_owned()));
        assert_eq!(error(304, ""), ApiError::Io("Not Modified (304)".to_owned()));
    }
}
