//! Errors for people: what happened, the likely cause, what to do, in the frame of every page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::sentences::{self, Sentence};

/// An error for people. As a response it carries itself in the extensions; the frame around it (navigation, request
/// id) is drawn on its way out, where the visitor is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The HTTP status.
    pub status: StatusCode,
    /// What happened, the likely cause, what to do.
    pub sentence: Sentence,
}

impl PageError {
    /// An error with a status and its words.
    #[must_use]
    pub const fn new(status: StatusCode, sentence: Sentence) -> Self {
        Self { status, sentence }
    }

    /// 404: no such page, account, repository or commit, or none that the visitor may see.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, sentences::not_found())
    }

    /// 403.
    #[must_use]
    pub const fn forbidden(sentence: Sentence) -> Self {
        Self::new(StatusCode::FORBIDDEN, sentence)
    }

    /// 400.
    #[must_use]
    pub const fn bad_request(sentence: Sentence) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    /// 500: a defect of ours.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, sentences::internal())
    }

    /// The words for a status that a layer answered without any.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let sentence = match status {
            StatusCode::NOT_FOUND => sentences::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => sentences::method_not_allowed(),
            StatusCode::PAYLOAD_TOO_LARGE => sentences::too_large(),
            StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => sentences::timed_out(),
            StatusCode::FORBIDDEN => sentences::cross_site(),
            status if status.is_client_error() => sentences::malformed(),
            _ => sentences::internal(),
        };
        Self::new(status, sentence)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<store::StoreError> for PageError {
    fn from(error: store::StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the store did not answer");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, sentences::store_failed())
    }
}

impl From<sync::SyncError> for PageError {
    fn from(error: sync::SyncError) -> Self {
        match error {
            sync::SyncError::Store(error) => error.into(),
            sync::SyncError::Missing(_) => Self::not_found(),
            sync::SyncError::Told { sentence } => Self::new(StatusCode::CONFLICT, sentences::told(sentence)),
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "the engine refused");
                Self::new(StatusCode::BAD_GATEWAY, sentences::engine_failed())
            }
        }
    }
}

impl From<sync::site::SiteError> for PageError {
    fn from(error: sync::site::SiteError) -> Self {
        match error {
            sync::site::SiteError::Store(error) => error.into(),
            sync::site::SiteError::Sync(error) => error.into(),
            sync::site::SiteError::Missing => Self::not_found(),
            error => Self::new(StatusCode::UNPROCESSABLE_ENTITY, sentences::told(error.sentence())),
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a page could not be drawn");
        Self::internal()
    }
}

impl From<crate::password::HashingFailed> for PageError {
    fn from(error: crate::password::HashingFailed) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "hashing failed");
        Self::internal()
    }
}
