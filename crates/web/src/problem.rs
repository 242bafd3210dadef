//! Errors for programs: problem documents (RFC 9457).

use axum::Json;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::PageError;
use crate::sentences::{self, Sentence};

/// An error for programs (RFC 9457). As a response it is `application/problem+json`; the request id is filled in on
/// its way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says which kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened.
    #[schema(value_type = String)]
    title: Box<str>,
    /// The likely cause.
    #[schema(value_type = String)]
    detail: Box<str>,
    /// What to do.
    #[schema(value_type = String)]
    remedy: Box<str>,
    /// The field of the request that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// The id of what is there already (409), where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<i64>,
    /// Names the request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    request_id: Option<Box<str>>,
}

impl Problem {
    /// A problem with what happened, its likely cause and what to do.
    #[must_use]
    pub fn new(status: StatusCode, sentence: Sentence) -> Self {
        Self {
            kind: "about:blank",
            status: status.as_u16(),
            title: sentence.happened.into(),
            detail: sentence.cause.into(),
            remedy: sentence.remedy.into(),
            field: None,
            existing_id: None,
            request_id: None,
        }
    }

    /// The same problem, about this field of the request.
    #[must_use]
    pub fn about(self, field: Option<&'static str>) -> Self {
        Self { field, ..self }
    }

    /// The same problem, naming what is there already.
    #[must_use]
    pub fn existing(self, id: i64) -> Self {
        Self { existing_id: Some(id), ..self }
    }

    /// 400: the request is not well formed; `happened` and the rest say how.
    #[must_use]
    pub fn bad_request(sentence: Sentence) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    /// 401: no token, no session, or one that is not known.
    #[must_use]
    pub fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, sentences::token_needed())
    }

    /// 403: the token may only read.
    #[must_use]
    pub fn insufficient_scope() -> Self {
        Self::new(StatusCode::FORBIDDEN, sentences::admin_scope_needed())
    }

    /// 404: no such thing, or none that the caller may see.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, sentences::not_found())
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The same problem, naming the request.
    #[must_use]
    pub(crate) fn of_request(mut self, request_id: &str) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    pub(crate) fn to_response(&self) -> Response {
        let mut response = (self.status(), Json(self)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Dovetail\""));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.to_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<PageError> for Problem {
    fn from(error: PageError) -> Self {
        Self::new(error.status, error.sentence)
    }
}

impl From<store::StoreError> for Problem {
    fn from(error: store::StoreError) -> Self {
        PageError::from(error).into()
    }
}

impl From<sync::SyncError> for Problem {
    fn from(error: sync::SyncError) -> Self {
        PageError::from(error).into()
    }
}
