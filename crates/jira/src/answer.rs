//! An answer of success, read whole.

use bytes::Bytes;
use serde_json::Value;

use crate::{JiraError, Problem, sentences, words};

/// The longest answer read, in bytes.
pub const MAX_ANSWER: usize = 16 << 20;
/// The longest refusal read, in bytes; one of development information names each entity.
pub const MAX_REFUSAL: usize = 1 << 20;

/// An answer with a status of success.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// Whether a change was asked for.
    pub changes: bool,
}

impl Answer {
    /// The body as JSON that tells of no error.
    ///
    /// # Errors
    /// [`Problem::LogInPage`], [`Problem::NotJira`], [`Problem::ErrorInside`], [`Problem::Unreadable`]. Whether a change was
    /// made is open then.
    pub fn json(&self) -> Result<Value, JiraError> {
        let json = serde_json::from_slice(&self.body).map_err(|error| match words::is_page(&self.body) {
            true => self.page(),
            false => self.unreadable(sentences::not_json(error.line(), error.column())),
        })?;
        if words::has_errors(&json) {
            let words = words::of_json(&json);
            return Err(self.error(JiraError { words, ..JiraError::of(Problem::ErrorInside) }));
        }
        Ok(json)
    }

    /// Checks an answer whose body should be empty: an error inside and a page are errors here, too.
    ///
    /// # Errors
    /// As [`Answer::json`].
    pub fn done(&self) -> Result<(), JiraError> {
        if self.body.iter().all(u8::is_ascii_whitespace) { Ok(()) } else { self.json().map(drop) }
    }

    /// An answer that lacks something.
    pub fn lacks(&self, what: &str) -> JiraError {
        self.unreadable(sentences::lacks(what))
    }

    fn unreadable(&self, words: String) -> JiraError {
        self.error(JiraError::told(Problem::Unreadable, words))
    }

    /// A page of something else, or to log in.
    fn page(&self) -> JiraError {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(MAX_REFUSAL)]).to_ascii_lowercase();
        let asks_for_password =
            text.contains("type=\"password\"") || text.contains("login-form") || text.contains("os_username");
        let problem = if asks_for_password { Problem::LogInPage } else { Problem::NotJira };
        self.error(JiraError { words: words::of_body(&self.body), ..JiraError::of(problem) })
    }

    fn error(&self, error: JiraError) -> JiraError {
        JiraError { status: Some(self.status), ..error }.perhaps_done(self.changes)
    }
}
