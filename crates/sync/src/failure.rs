//! Why a job could not go on, and what that means for its account, repository and host.

use forge::oauth::OAuthError;
use forge::{ForgeError, Problem};
use git::GitError;
use model::Millis;
use store::StoreError;

use crate::credential::Owner;
use crate::spread;

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
    /// The forge no longer accepts a credential; only a person can help.
    #[error("the account needs to be authorised again")]
    NeedsAuthorisation {
        /// Whose.
        owner: Owner,
        /// Why.
        reason: Reason,
    },
    /// What is left of the host's allowance is for live work: imports go on with the next window.
    #[error("the rest of the host's allowance is left to others")]
    Reserved {
        /// When the next window begins.
        until: Millis,
    },
    /// Another node has been renewing the account's token for half a minute.
    #[error("another node is renewing the access token")]
    RenewalPending,
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
/// When a repository is tried again after its first failure; twice as long after each further one.
const FIRST_RETRY: Millis = 60_000;
/// The longest that a repository that fails again and again is left alone.
const LAST_RETRY: Millis = 6 * 60 * 60 * 1000;

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
            Self::NeedsAuthorisation { .. } | Self::RenewalPending => "authentication",
            Self::Reserved { .. } => "rate_limit",
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
            Self::Store(_) | Self::RenewalPending => true,
            Self::Reserved { .. } => true,
            Self::NeedsAuthorisation { .. } | Self::Interrupted | Self::Pointless => false,
        }
    }

    /// Whether it looks as if the host itself were down: no connection, no answer in time, or one of something that stands
    /// before it.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Forge(error) => error.is_outage(),
            Self::Git(GitError::Net(error)) | Self::OAuth(OAuthError::Network(error)) => error.is_transient(),
            Self::Git(GitError::Server { status }) | Self::OAuth(OAuthError::Server(status)) => {
                matches!(status, 500 | 502..=504)
            }
            Self::Git(GitError::Network(_)) => true,
            _ => false,
        }
    }

    /// Whether it proves that the host is there: it answered, if not what was hoped for.
    pub(crate) fn is_refusal(&self) -> bool {
        !self.is_outage() && matches!(self.kind(), "authentication" | "permission" | "not_found" | "rate_limit")
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

/// How long a repository is left alone after so many failures in a row: from one minute to six hours, up to a tenth less
/// or more, so that what failed together is not tried together. By repository and number alone, so that a restart does
/// not draw again.
pub(crate) fn back_off(repository_id: i64, failures: i64) -> Millis {
    let doublings = u32::try_from(failures.saturating_sub(1).clamp(0, 20)).unwrap_or(0);
    let pause = (FIRST_RETRY << doublings).min(LAST_RETRY);
    pause + spread::of((repository_id, failures), pause / 5) - pause / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_that_fails_is_left_alone_for_a_minute_and_for_six_hours_in_the_end() {
        let least = |failures| (0..500).map(|id| back_off(id, failures)).min().unwrap();
        let most = |failures| (0..500).map(|id| back_off(id, failures)).max().unwrap();

        assert!(least(1) >= 54_000 && most(1) <= 66_000 && most(1) - least(1) > 10_000);
        assert!(least(2) >= 108_000 && most(2) <= 132_000);
        assert!(least(9) >= LAST_RETRY * 64 / 100, "the ninth doubling comes near");
        assert!(least(50) >= LAST_RETRY * 9 / 10 && most(i64::MAX) <= LAST_RETRY * 11 / 10);
        assert_eq!(back_off(7, 3), back_off(7, 3));
    }
}
