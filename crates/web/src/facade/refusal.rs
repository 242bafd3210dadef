//! What is answered where the answer is no: GitLab's bodies (GitLab contract §2.2), each with the `message` without which
//! Jira's client loses the reason.

use axum::Json;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An answer that is no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 401: no token was shown.
    NoToken,
    /// 401: a token that is not known here, or was revoked.
    BadToken,
    /// 401: the forge no longer lets its user in.
    Revoked,
    /// 403.
    Forbidden,
    /// 404, with what there is none of ("Project"), or without.
    NotFound(Option<&'static str>),
    /// 410: GitHub has such a path, or had; this has not.
    Undefined,
    /// 415: the caller takes no JSON.
    NotAcceptable,
    /// 415: a body that says to be something else than JSON.
    UnsupportedBody,
    /// 400: a body that is no JSON.
    NotJson,
    /// 422: a field of the body is wrong.
    Invalid {
        /// What the body describes.
        resource: &'static str,
        /// The field.
        field: &'static str,
        /// What is wrong, and what to do.
        message: String,
    },
    /// What a layer answered, by its status.
    Status(StatusCode),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::BadToken | Self::Revoked => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Undefined => StatusCode::GONE,
            Self::NotAcceptable | Self::UnsupportedBody => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotJson => StatusCode::BAD_REQUEST,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Status(status) => *status,
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::NoToken => json!({ "message": "401 Unauthorized" }),
            Self::BadToken => invalid_token("Bad Access Token."),
            Self::Revoked => invalid_token("Token was revoked. You have to re-authorize from the user."),
            Self::Forbidden => json!({ "message": "403 Forbidden" }),
            Self::NotFound(None) => json!({ "message": "404 Not Found" }),
            Self::NotFound(Some(what)) => json!({ "message": format!("404 {what} Not Found") }),
            Self::Undefined => json!({ "error": "API V3 is no longer supported. Use API V4 instead." }),
            Self::NotAcceptable => json!({ "message": "Unsupported 'Accept' header. Must accept 'application/json'." }),
            Self::UnsupportedBody => {
                json!({ "message": "Unsupported 'Content-Type' header. Must be 'application/json'." })
            }
            Self::NotJson => json!({ "message": "Problems parsing JSON" }),
            Self::Invalid { resource, field, message } => json!({
                "message": format!("Validation Failed: {message}"),
                "errors": [{ "resource": resource, "field": field, "code": "custom", "message": message }],
            }),
            Self::Status(status) => {
                json!({ "message": format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Error")) })
            }
        }
    }
}

fn invalid_token(why: &str) -> Value {
    json!({ "message": "401 Unauthorized", "error": "invalid_token", "error_description": why })
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self.body())).into_response();
        if self.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Dovetail\""));
        }
        response
    }
}

impl From<store::StoreError> for Refusal {
    fn from(error: store::StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the store did not answer");
        Self::Status(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl From<sync::SyncError> for Refusal {
    fn from(error: sync::SyncError) -> Self {
        match error {
            sync::SyncError::Store(error) => error.into(),
            sync::SyncError::Missing(_) => Self::NotFound(None),
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "the engine refused");
                Self::Status(StatusCode::BAD_GATEWAY)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_paths_are_gone_in_62_bytes_as_at_gitlab() {
        assert_eq!(Refusal::Undefined.body().to_string().len(), 62);
        assert_eq!(Refusal::Undefined.status(), StatusCode::GONE);
    }
}
