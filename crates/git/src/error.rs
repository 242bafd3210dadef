//! What can go wrong with git, in sentences for people.

use model::ObjectId;
use net::{NetError, Retry};

/// Why git, or a git server, did not do what was asked. No variant holds a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// The server wants credentials, or refuses those given.
    #[error("The git server did not accept the credentials.")]
    Unauthorised,
    /// The credentials are known but may not read this repository.
    #[error("The git server does not allow reading this repository.")]
    Forbidden,
    /// No such repository, or none that these credentials may see.
    #[error("There is no such repository, or the credentials may not see it.")]
    NotFound,
    /// The server sends elsewhere; redirects are never followed, as they would carry the credentials along.
    #[error("The git server redirects{}; redirects are not followed, because they would carry the credentials along.", target(to.as_deref()))]
    Redirected {
        /// The address it names, where known, without query and user.
        to: Option<String>,
    },
    /// The server wants to be left alone for a while.
    #[error("The git server asks for a pause.")]
    RateLimited {
        /// Until when, where it says so.
        retry: Option<Retry>,
    },
    /// The server failed by its own account (HTTP 5xx).
    #[error("The git server failed (HTTP {status}).")]
    Server {
        /// The HTTP status.
        status: u16,
    },
    /// No answer, or one that broke off, on our own connection.
    #[error(transparent)]
    Net(#[from] NetError),
    /// No answer, or one that broke off, as git tells it.
    #[error("The git server could not be reached: {0}.")]
    Network(String),
    /// What answers is not a git server.
    #[error("The address answers, but not as a git repository.")]
    NotGit,
    /// The server no longer has an object that was asked for; list again and retry.
    #[error("The git server no longer has {id}.")]
    NotOurRef {
        /// The object.
        id: String,
    },
    /// The server cannot leave files out of a fetch, so nothing was fetched.
    #[error("The git server does not support the filter {filter}.")]
    FilterUnsupported {
        /// The filter as git spells it.
        filter: &'static str,
    },
    /// An object that was asked for is not in this repository.
    #[error("The repository does not hold {id}.")]
    MissingObject {
        /// The object.
        id: ObjectId,
    },
    /// Both sides changed the same lines.
    #[error("The two sides conflict.")]
    Conflict,
    /// Someone else fetches into, or packs, this cache at this moment.
    #[error("The cache of this repository is in use.")]
    Busy,
    /// There is no repository at this path.
    #[error("There is no git repository at this path.")]
    NotARepository,
    /// Something that git sent or holds cannot be read.
    #[error("The repository's data cannot be read: {0}.")]
    Corrupt(String),
    /// git itself cannot be started.
    #[error("git cannot be started: {0}.")]
    Unavailable(String),
    /// Anything else.
    #[error("git failed: {0}.")]
    Other(String),
}

fn target(to: Option<&str>) -> String {
    to.map(|to| format!(" to {to}")).unwrap_or_default()
}

impl GitError {
    /// The word under which the store keeps the error of a repository.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unauthorised => "authentication",
            Self::Forbidden => "permission",
            Self::NotFound | Self::NotARepository => "not_found",
            Self::RateLimited { .. } => "rate_limit",
            Self::Server { .. } => "server",
            Self::Net(_) | Self::Network(_) | Self::Redirected { .. } => "network",
            Self::MissingObject { .. } | Self::Corrupt(_) => "data",
            Self::NotGit
            | Self::NotOurRef { .. }
            | Self::FilterUnsupported { .. }
            | Self::Conflict
            | Self::Busy
            | Self::Unavailable(_)
            | Self::Other(_) => "git",
        }
    }

    /// Whether trying again later, unchanged, may help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Net(error) => error.is_transient(),
            Self::Network(_) | Self::Server { .. } | Self::RateLimited { .. } | Self::NotOurRef { .. } | Self::Busy => {
                true
            }
            _ => false,
        }
    }
}
