//! Why an account could not be connected. The sentences stand in [`crate::sentences`].

use forge::oauth::OAuthError;
use forge::{ForgeError, Problem};
use model::Millis;
use model::host_url::HostUrlError;
use net::NetError;

/// A field of the form that a failure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Host URL.
    HostUrl,
    /// Team or User Account.
    Path,
    /// Client ID.
    ClientId,
    /// Client Secret.
    ClientSecret,
    /// Access token.
    Token,
}

impl Field {
    /// The stable name, as in forms and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HostUrl => "host_url",
            Self::Path => "path",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Token => "token",
        }
    }
}

/// Why an account could not be connected; [`ConnectError::happened`], [`ConnectError::cause`] and
/// [`ConnectError::remedy`] say it to people.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A field that must not be empty is.
    #[error("an empty field: {}", .0.as_str())]
    Empty(Field),
    /// The Host URL has no `http://` or `https://`.
    #[error("the Host URL has no scheme")]
    UrlWithoutScheme,
    /// The Host URL is no address of a web server (a query, a user name, another scheme …).
    #[error("the Host URL is not the address of a web server")]
    UrlBad(HostUrlError),
    /// This kind of host cannot be authorised this way.
    #[error("this kind of host cannot be authorised this way")]
    MethodUnsupported,
    /// Nothing answers at the Host URL.
    #[error("nothing answers at the Host URL")]
    Unreachable {
        /// The normalised Host URL.
        host_url: String,
        /// What the network said, as a sentence.
        reason: String,
    },
    /// The server's certificate is not trusted.
    #[error("the server's certificate is not trusted")]
    Certificate {
        /// The normalised Host URL.
        host_url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The host redirects elsewhere; redirects are never followed.
    #[error("the host redirects elsewhere")]
    Redirected {
        /// The normalised Host URL.
        host_url: String,
        /// Where to.
        to: String,
    },
    /// Something answers, but it is not such a forge.
    #[error("what answers at the Host URL is not such a forge")]
    NotGitlab {
        /// The normalised Host URL.
        host_url: String,
    },
    /// The forge does not accept Client ID and Client Secret.
    #[error("Client ID or Client Secret is wrong")]
    WrongSecret,
    /// The forge does not accept the access token.
    #[error("the access token is not accepted")]
    TokenRefused,
    /// The grant or token lacks the scope that the host asks for (`api`, `repo`).
    #[error("the scope is too small")]
    ScopeTooSmall {
        /// Whether it is the application's (else the token's).
        application: bool,
    },
    /// Consent was refused at the forge.
    #[error("consent was refused")]
    Denied {
        /// The forge's words, bounded.
        description: Option<String>,
    },
    /// The state is unknown, expired, used up, or somebody else's.
    #[error("the authorisation does not belong to a connection that was begun here")]
    StateMismatch,
    /// The forge does not accept the authorisation code.
    #[error("the authorisation code is not accepted")]
    CodeRefused,
    /// The account is connected already.
    #[error("the account is connected already")]
    AccountExists {
        /// Its id, for a link.
        id: i64,
        /// Its path.
        path: String,
        /// Whether it waits for somebody to authorise it again.
        needs_authorisation: bool,
    },
    /// The account that was to be authorised again is gone.
    #[error("the account is gone")]
    AccountGone,
    /// There is no such group or user, or who authorised may not see it.
    #[error("there is no such account")]
    AccountMissing {
        /// As typed.
        path: String,
        /// Whose eyes looked; empty when unknown.
        login: String,
    },
    /// The path is a repository, not an account.
    #[error("the path is a repository")]
    AccountIsProject {
        /// As typed.
        path: String,
        /// The group or user that it lies in.
        parent: String,
    },
    /// There is no such folder, or it cannot be read.
    #[error("there is no such folder")]
    FolderMissing {
        /// As typed.
        path: String,
    },
    /// The forge does not accept the redirect URI, or we have none that is an address.
    #[error("the redirect URI is not accepted")]
    RedirectRefused {
        /// As sent.
        redirect_uri: String,
    },
    /// The forge asks to wait.
    #[error("the forge asks to wait")]
    RateLimited {
        /// Until when, if it tells.
        until: Option<Millis>,
    },
    /// The forge failed in a way that none of the above names.
    #[error(transparent)]
    Forge(ForgeError),
    /// The forge's authorisation failed in a way that none of the above names.
    #[error(transparent)]
    OAuth(OAuthError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl ConnectError {
    /// Which field of the form it belongs to.
    #[must_use]
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Empty(field) => Some(*field),
            Self::UrlWithoutScheme
            | Self::UrlBad(_)
            | Self::Unreachable { .. }
            | Self::Certificate { .. }
            | Self::Redirected { .. }
            | Self::NotGitlab { .. } => Some(Field::HostUrl),
            Self::AccountExists { .. }
            | Self::AccountMissing { .. }
            | Self::AccountIsProject { .. }
            | Self::FolderMissing { .. } => Some(Field::Path),
            Self::Forge(ForgeError { problem: Problem::NotGithub { .. }, .. }) => Some(Field::HostUrl),
            Self::WrongSecret => Some(Field::ClientSecret),
            Self::TokenRefused => Some(Field::Token),
            _ => None,
        }
    }
}

impl ConnectError {
    /// What a forge at `host_url` says when it is asked who is there; `application` tells whose scope is too small.
    pub(crate) fn of_host(error: ForgeError, host_url: &str, application: bool) -> Self {
        match error.problem {
            Problem::Network(error) => Self::of_network(error, host_url),
            Problem::NotGitlab => Self::NotGitlab { host_url: host_url.to_owned() },
            Problem::Unauthorised(_) => Self::TokenRefused,
            Problem::InsufficientScope => Self::ScopeTooSmall { application },
            Problem::RateLimited { until } => Self::RateLimited { until },
            Problem::PathEmpty => Self::Empty(Field::Path),
            _ => Self::Forge(error),
        }
    }

    /// What a forge says about the account at `path`, seen with the eyes of `login`.
    pub(crate) fn of_account(error: ForgeError, host_url: &str, path: &str, login: &str, application: bool) -> Self {
        match error.problem {
            Problem::NotFound | Problem::Forbidden => {
                Self::AccountMissing { path: path.to_owned(), login: login.to_owned() }
            }
            Problem::IsProject { path } => {
                let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
                Self::AccountIsProject { path, parent }
            }
            Problem::FolderMissing | Problem::FolderUnreadable => Self::FolderMissing { path: path.to_owned() },
            _ => Self::of_host(error, host_url, application),
        }
    }

    /// Why tokens were not handed out.
    pub(crate) fn of_oauth(error: OAuthError, host_url: &str, redirect_uri: &str) -> Self {
        match error {
            OAuthError::InvalidClient => Self::WrongSecret,
            OAuthError::InvalidGrant => Self::CodeRefused,
            OAuthError::InvalidScope => Self::ScopeTooSmall { application: true },
            OAuthError::RedirectMismatch | OAuthError::BadRedirect => {
                Self::RedirectRefused { redirect_uri: redirect_uri.to_owned() }
            }
            OAuthError::NoEndpoint => Self::NotGitlab { host_url: host_url.to_owned() },
            OAuthError::RateLimited { until } => Self::RateLimited { until },
            OAuthError::Network(error) => Self::of_network(error, host_url),
            error => Self::OAuth(error),
        }
    }

    fn of_network(error: NetError, host_url: &str) -> Self {
        let host_url = host_url.to_owned();
        match error {
            NetError::Tls { reason, .. } => Self::Certificate { host_url, reason: reason.to_string() },
            NetError::Redirected { to, .. } => Self::Redirected { host_url, to },
            error => Self::Unreachable { host_url, reason: error.to_string() },
        }
    }
}

impl From<HostUrlError> for ConnectError {
    fn from(error: HostUrlError) -> Self {
        match error {
            HostUrlError::Empty => Self::Empty(Field::HostUrl),
            HostUrlError::NoScheme => Self::UrlWithoutScheme,
            error => Self::UrlBad(error),
        }
    }
}

/// Words from outside, short and on one line.
pub(super) fn bounded(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(200).collect()
}
