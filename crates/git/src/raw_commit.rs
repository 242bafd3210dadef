//! A commit object as git stores it.

use model::Commit;

use crate::GitError;

/// A commit object as git stores it, borrowed from the reader's buffer.
#[derive(Debug, Clone, Copy)]
pub struct RawCommit<'a> {
    /// The object id in hexadecimal.
    pub id: &'a str,
    /// Headers, empty line, message.
    pub bytes: &'a [u8],
}

impl<'a> RawCommit<'a> {
    /// The message as stored, in whatever encoding.
    #[must_use]
    pub fn message(&self) -> &'a [u8] {
        todo!()
    }

    /// The commit, its text decoded, its dates in range.
    ///
    /// # Errors
    /// [`GitError::Corrupt`] where even the id or a parent cannot be read.
    pub fn decode(&self) -> Result<Commit, GitError> {
        todo!()
    }
}
