//! An answer of a forge, read whole.

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::{ForgeError, Problem, sentences};

/// The longest answer read, in bytes: a page of 100 merge requests, each with the longest description that a forge takes,
/// fits only just; everything else is far smaller.
pub const MAX_ANSWER: usize = 64 << 20;
/// The longest refusal read, in bytes; what is longer is some proxy's page.
pub const MAX_REFUSAL: usize = 64 << 10;

/// An answer of a forge, read whole.
#[derive(Debug)]
pub struct Answer {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// The path that was asked for.
    pub path: String,
}

impl Answer {
    /// Reads the body as `T`. The error names the place of what does not fit, never the content.
    ///
    /// # Errors
    /// [`Problem::Data`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ForgeError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let looks_like_a_page = self.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
            let what =
                if looks_like_a_page { sentences::html() } else { sentences::not_json(error.line(), error.column()) };
            ForgeError::at(Problem::Data(what), &self.path)
        })
    }
}
