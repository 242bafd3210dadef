//! What REST refuses, in GitLab's statuses and bodies (GitLab contract §2.2, §5.2).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::gitlab::model::{ModelError, TokenProblem};
use crate::gitlab::repositories::RepositoryError;

/// What GitLab says of an endpoint that is asked too often.
pub(crate) const TOO_OFTEN: &str = "This endpoint has been requested too many times. Try again later.";

/// What a handler answers.
pub(crate) type Answer = Result<Response, RestError>;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum RestError {
    /// No credentials where some are needed.
    Unauthorised,
    /// Credentials that open nothing.
    Token(TokenProblem),
    /// The token's scopes are too small; these would do.
    Scope(&'static str),
    /// Visible, but not allowed.
    Forbidden,
    /// Not there, or not visible; the word is GitLab's (`Project`).
    NotFound(&'static str),
    /// Not there, in the words GitLab has for rows (`404 Not found`).
    NoRow,
    /// A parameter is wrong: 400 with key `error`.
    Parameter(String),
    /// The request cannot be done: this status, with key `message`.
    Message(StatusCode, Value),
    /// The request cannot be done: this status, with key `error`.
    Error(StatusCode, String),
    /// The thing has another address now.
    Moved(String),
    /// Too often (GitLab contract §6, application limiter): come back after so many seconds.
    TooOften(u64),
    /// The sandbox itself failed.
    Internal(String),
}

impl RestError {
    pub(crate) fn message(status: StatusCode, text: &str) -> Self {
        Self::Message(status, json!(text))
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        let message =
            |status: StatusCode, message: Value| (status, Json(json!({ "message": message }))).into_response();
        match self {
            Self::Unauthorised => message(StatusCode::UNAUTHORIZED, json!("401 Unauthorized")),
            Self::Token(problem) => refused_token(problem),
            Self::Scope(scopes) => insufficient_scope(scopes),
            Self::Forbidden => message(StatusCode::FORBIDDEN, json!("403 Forbidden")),
            Self::NotFound("") => message(StatusCode::NOT_FOUND, json!("404 Not Found")),
            Self::NotFound(what) => message(StatusCode::NOT_FOUND, json!(format!("404 {what} Not Found"))),
            Self::NoRow => message(StatusCode::NOT_FOUND, json!("404 Not found")),
            Self::Parameter(text) => error(StatusCode::BAD_REQUEST, &text),
            Self::Message(status, value) => message(status, value),
            Self::Error(status, text) => error(status, &text),
            Self::Moved(to) => moved(&to),
            Self::TooOften(seconds) => too_often(seconds),
            Self::Internal(what) => {
                tracing::error!(what, "the sandbox failed");
                message(StatusCode::INTERNAL_SERVER_ERROR, json!("500 Internal Server Error"))
            }
        }
    }
}

impl From<ModelError> for RestError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::NotFound(what) => Self::NotFound(what),
            ModelError::Invalid { field, problem } => {
                Self::Message(StatusCode::UNPROCESSABLE_ENTITY, json!({ field: [problem] }))
            }
            ModelError::Refused(_) => Self::message(StatusCode::METHOD_NOT_ALLOWED, "405 Method Not Allowed"),
            ModelError::Conflict => Self::message(StatusCode::UNPROCESSABLE_ENTITY, "Branch cannot be merged"),
            ModelError::Repository(error) => error.into(),
        }
    }
}

impl From<RepositoryError> for RestError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Missing(_) => Self::NotFound("Repository"),
            other => Self::Internal(other.to_string()),
        }
    }
}

fn error(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "error": text }))).into_response()
}

/// A token that opens nothing. The descriptions are what clients look at, so they are GitLab's.
fn refused_token(problem: TokenProblem) -> Response {
    let description = match problem {
        TokenProblem::Unknown => "Bad Access Token.",
        TokenProblem::Expired => "Token is expired. You can either do re-authorization or token refresh.",
        TokenProblem::Revoked => "Token was revoked. You have to re-authorize from the user.",
        TokenProblem::Blocked => {
            let text = "403 Forbidden - Your account has been blocked.";
            return (StatusCode::FORBIDDEN, Json(json!({ "message": text }))).into_response();
        }
    };
    let body = json!({ "error": "invalid_token", "error_description": description });
    let mut response = (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    let challenge = format!(
        "Bearer realm=\"Protected by OAuth 2.0\", error=\"invalid_token\", error_description=\"{description}\""
    );
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn insufficient_scope(scopes: &str) -> Response {
    let description = "The request requires higher privileges than provided by the access token.";
    let body = json!({ "error": "insufficient_scope", "error_description": description, "scope": scopes });
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}

fn too_often(seconds: u64) -> Response {
    let body = json!({ "message": { "error": TOO_OFTEN } });
    let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn moved(to: &str) -> Response {
    let text = format!("This resource has been moved permanently to {to}");
    let mut response = (StatusCode::MOVED_PERMANENTLY, text).into_response();
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
