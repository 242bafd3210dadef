//! Why a text is no host address, in words for the form.

/// Why a text is no host address. The words never repeat the text, as it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostUrlError {
    /// Nothing was typed.
    #[error("the Host URL is empty")]
    Empty,
    /// It says neither `http://` nor `https://`.
    #[error("the Host URL has no scheme: begin it with https:// (or http://)")]
    NoScheme,
    /// It says something else, such as `ssh://`.
    #[error("the Host URL has a scheme that Dovetail does not speak: begin it with https:// (or http://)")]
    Scheme,
    /// It holds a user name or a password.
    #[error("the Host URL contains a user name or password: leave them out, access is granted in another field")]
    Credentials,
    /// It names no host.
    #[error("the Host URL names no host")]
    NoHost,
    /// Its port is no number up to 65535.
    #[error("the Host URL has a port that is no number from 0 to 65535")]
    Port,
    /// It is longer than [`crate::HostUrl::MAX_BYTES`].
    #[error("the Host URL is longer than 2048 bytes")]
    TooLong,
    /// Anything else.
    #[error("the Host URL is not a web address")]
    Malformed,
}

impl HostUrlError {
    pub(super) fn from_parse(text: &str, error: url::ParseError) -> Self {
        match error {
            // A password with a slash in it ends the host early, and then the port looks wrong.
            url::ParseError::InvalidPort if text.contains('@') => Self::Credentials,
            url::ParseError::InvalidPort => Self::Port,
            url::ParseError::EmptyHost => Self::NoHost,
            _ => Self::Malformed,
        }
    }
}
