//! An answer, whose body is read under a bound.

use bytes::Bytes;
use futures::Stream;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::NetError;

/// An answer.
#[derive(Debug)]
pub struct Response {}

impl Response {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        todo!()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        todo!()
    }

    /// A header as text; none where absent or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let _ = name;
        todo!()
    }

    /// The whole body, at most `limit` bytes.
    ///
    /// # Errors
    /// [`NetError::TooLarge`] beyond the limit; what breaks the connection.
    pub async fn bytes(self, limit: usize) -> Result<Bytes, NetError> {
        let _ = limit;
        todo!()
    }

    /// The whole body as text, invalid bytes replaced, at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Response::bytes`].
    pub async fn text(self, limit: usize) -> Result<String, NetError> {
        let _ = limit;
        todo!()
    }

    /// The body read as JSON, at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Response::bytes`], and [`NetError::BadBody`] where it is not the JSON expected.
    pub async fn json<T: DeserializeOwned>(self, limit: usize) -> Result<T, NetError> {
        let _ = limit;
        todo!()
    }

    /// The body as it comes; the caller bounds it.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, NetError>> + Send + Unpin {
        futures::stream::empty()
    }
}
