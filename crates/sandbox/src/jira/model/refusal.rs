//! What the model refuses, as Jira words it: messages, and messages by field.

/// What kind of refusal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// What was sent cannot be taken, or not by this user (400).
    Invalid,
    /// Nobody logged in (401).
    NotLoggedIn,
    /// Not allowed (403).
    Forbidden,
    /// Not there, or not visible (404).
    NotFound,
}

/// Why the model did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?}: {messages:?} {errors:?}")]
pub struct Refusal {
    /// The kind.
    pub kind: RefusalKind,
    /// `errorMessages`
    pub messages: Vec<String>,
    /// `errors`, by field.
    pub errors: Vec<(String, String)>,
}

impl Refusal {
    /// With one message.
    pub(crate) fn of(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, messages: vec![message.into()], errors: Vec::new() }
    }

    /// Invalid, with one message.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::of(RefusalKind::Invalid, message)
    }

    /// Not found, with one message.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::of(RefusalKind::NotFound, message)
    }

    /// Invalid, with one message about one field.
    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        let errors = vec![(field.to_owned(), message.into())];
        Self { kind: RefusalKind::Invalid, messages: Vec::new(), errors }
    }

    /// With one more message.
    pub(crate) fn and(mut self, message: &str) -> Self {
        self.messages.push(message.to_owned());
        self
    }
}
