//! Why a job could not go on, and what that means for its account, repository and host.

use forge::oauth::OAuthError;
use forge::{ForgeError, Problem};
use git::GitError;
use model::Millis;
use store::StoreError;

/// Why a job could not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The forge did not answer or refused.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// The forge did not renew a token, for now.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The store did not answer or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The forge no longer accepts the account's credential; only a person can help.
    #[error("the account needs to be authorised again")]
    NeedsAuthorisation {
        /// Which.
        account_id: i64,
        /// Why.
        reason: Reason,
    },
    /// The process stops, or a live job of the same resource goes first: the rest is to be done later.
    #[error("stopped between two steps")]
    Interrupted,
    /// The account or repository is gone, paused, or no longer linked: nothing is to be done.
    #[error("nothing is to be done any more")]
    Pointless,
}

/// Why an account needs to be authorised again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The forge refuses the access token, which cannot be renewed.
    TokenRefused,
    /// The forge refuses the refresh token: somebody revoked the grant or deleted the application.
    GrantRevoked,
    /// The answer to an earlier refresh never arrived, and the forge no longer accepts the pair from before it.
    AnswerLost,
    /// The forge refuses Client ID and Client Secret.
    ApplicationRefused,
}

/// How long a host is left alone that asks for a pause without saying how long.
const UNTOLD_PAUSE: Millis = 60_000;

impl Failure {
    /// The stable word for the kind of failure, as kept with a repository or account.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Forge(error) => error.kind(),
            Self::Git(error) => error.kind(),
            Self::OAuth(OAuthError::RateLimited { .. }) => "rate_limit",
            Self::OAuth(OAuthError::Network(_)) => "network",
            Self::OAuth(OAuthError::Server(_)) => "server",
            Self::OAuth(_) => "authentication",
            Self::NeedsAuthorisation { .. } => "authentication",
            Self::Store(_) | Self::Interrupted | Self::Pointless => "server",
        }
    }

    /// Until when the host wants no request.
    pub(crate) fn paused_until(&self, now: Millis) -> Option<Millis> {
        match self {
            Self::Forge(ForgeError { problem: Problem::RateLimited { until }, .. })
            | Self::OAuth(OAuthError::RateLimited { until }) => Some(until.unwrap_or(now + UNTOLD_PAUSE)),
            Self::Git(GitError::RateLimited { retry })
            | Self::Forge(ForgeError { problem: Problem::Git(GitError::RateLimited { retry }), .. }) => {
                Some(retry.map_or(now + UNTOLD_PAUSE, |retry| retry.until(now)))
            }
            _ => None,
        }
    }

    /// Whether trying again soon, unchanged, may help.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Forge(error) => error.is_transient(),
            Self::Git(error) => error.is_transient(),
            Self::OAuth(error) => error.is_transient(),
            Self::Store(_) => true,
            Self::NeedsAuthorisation { .. } | Self::Interrupted | Self::Pointless => false,
        }
    }

    /// Whether another worker has taken the job, so that this one must not write any more.
    pub(crate) fn is_lease_lost(&self) -> bool {
        matches!(self, Self::Store(StoreError::LeaseLost))
    }
}

/// Whether the forge says that there is no such thing.
pub(crate) fn is_not_found(error: &Failure) -> bool {
    matches!(error, Failure::Forge(ForgeError { problem: Problem::NotFound, .. }))
}
