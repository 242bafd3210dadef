//! An answer, whose body is read under a bound.

use std::fmt;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::NetError;
use crate::classify::classify;

/// An answer.
pub struct Response {
    inner: reqwest::Response,
    host: String,
}

/// Only the status: headers may hold cookies, the body anything.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.inner.status()).finish_non_exhaustive()
    }
}

impl Response {
    pub(crate) const fn new(inner: reqwest::Response, host: String) -> Self {
        Self { inner, host }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// A header as text; none where absent or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The whole body, at most `limit` bytes after decompression.
    ///
    /// # Errors
    /// [`NetError::TooLarge`] beyond the limit; what breaks the connection.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, NetError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.inner.chunk().await.map_err(|error| classify(&error, &self.host))? {
            if body.len() + chunk.len() > limit {
                return Err(NetError::TooLarge { host: self.host, limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// The whole body as text, invalid bytes replaced, at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Response::bytes`].
    pub async fn text(self, limit: usize) -> Result<String, NetError> {
        Ok(String::from_utf8_lossy(&self.bytes(limit).await?).into_owned())
    }

    /// The body read as JSON, at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Response::bytes`], and [`NetError::BadBody`] where it is not the JSON expected.
    pub async fn json<T: DeserializeOwned>(self, limit: usize) -> Result<T, NetError> {
        let host = self.host.clone();
        let body = self.bytes(limit).await?;
        serde_json::from_slice(&body).map_err(|error| NetError::BadBody { host, reason: json_problem(&error) })
    }

    /// The body as it comes, decompressed; the caller bounds it.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, NetError>> + Send + Unpin {
        let host = self.host;
        self.inner.bytes_stream().map(move |chunk| chunk.map_err(|error| classify(&error, &host))).boxed()
    }
}

/// Where the JSON is wrong, without repeating values of it, which serde's own text does.
fn json_problem(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "it is not the JSON expected",
        _ => "it is not JSON",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}
