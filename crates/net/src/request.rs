//! A request being written.

use std::time::Duration;

use bytes::Bytes;
use model::secret::SecretString;
use serde::Serialize;

use crate::{NetError, Response};

/// A request being written; [`Request::send`] sends it.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {}

impl Request {
    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        let _ = (name, value);
        todo!()
    }

    /// Adds a header whose value is never shown.
    pub fn secret_header(self, name: &str, value: &SecretString) -> Self {
        let _ = (name, value);
        todo!()
    }

    /// `Authorization: Bearer`.
    pub fn bearer(self, token: &SecretString) -> Self {
        let _ = token;
        todo!()
    }

    /// `Authorization: Basic`.
    pub fn basic(self, username: &str, password: Option<&SecretString>) -> Self {
        let _ = (username, password);
        todo!()
    }

    /// Appends query parameters.
    pub fn query(self, pairs: &[(&str, &str)]) -> Self {
        let _ = pairs;
        todo!()
    }

    /// A form body.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let _ = pairs;
        todo!()
    }

    /// A JSON body.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let _ = value;
        todo!()
    }

    /// Any body; give the content type as a header.
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        let _ = body.into();
        todo!()
    }

    /// How long the whole exchange may take, the body included, instead of 60 seconds.
    pub fn timeout(self, timeout: Duration) -> Self {
        let _ = timeout;
        todo!()
    }

    /// Hands a redirect back as a response instead of failing with [`NetError::Redirected`]. It is not followed either.
    pub fn keep_redirect(self) -> Self {
        todo!()
    }

    /// Sends the request. Any HTTP status but a redirect is a response.
    ///
    /// # Errors
    /// A [`NetError`] where there is no answer, or where it is a redirect.
    pub async fn send(self) -> Result<Response, NetError> {
        todo!()
    }
}
