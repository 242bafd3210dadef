//! Where a repository is read from.

use std::fmt;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::secret::{ExposeSecret, SecretString};
use url::Url;

/// Where a repository is read from.
#[derive(Debug, Clone)]
pub enum Remote {
    /// A repository on this machine: read in place, never written.
    Local(PathBuf),
    /// A git server.
    Http(HttpRemote),
}

/// A repository on a git server.
#[derive(Clone)]
pub struct HttpRemote {
    /// Its address (`https://host/group/project.git`); a user or password in it is ignored.
    pub url: Url,
    /// The user name beside the token (`oauth2` for GitLab).
    pub username: String,
    /// The token; none: anonymous.
    pub password: Option<SecretString>,
    /// The client for listings; its trust and proxy also hold for git.
    pub client: net::Client,
}

impl fmt::Debug for HttpRemote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRemote")
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .field("anonymous", &self.password.is_none())
            .finish_non_exhaustive()
    }
}

impl HttpRemote {
    /// The value of `Authorization`; none for anonymous access.
    pub(crate) fn authorization(&self) -> Option<SecretString> {
        let password = self.password.as_ref()?;
        let pair = format!("{}:{}", self.username, password.expose_secret());
        Some(SecretString::from(format!("Basic {}", BASE64_STANDARD.encode(pair))))
    }
}
