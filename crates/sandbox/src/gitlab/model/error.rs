//! What the model refuses.

use crate::gitlab::repositories::RepositoryError;

/// Why the model did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No such thing; the word is GitLab's ("Project", "Branch", …).
    #[error("{0} not found")]
    NotFound(&'static str),
    /// A field's value cannot be taken; both words as GitLab's answers have them.
    #[error("{field} {problem}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The thing is not in a state that allows this (merging what is closed).
    #[error("not possible in this state: {0}")]
    Refused(&'static str),
    /// The branches cannot be merged.
    #[error("the branches conflict")]
    Conflict,
    /// The repository did not do it.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl ModelError {
    /// A field with a value that cannot be taken.
    pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { field, problem: problem.into() }
    }
}
