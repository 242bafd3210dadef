//! Where a repository is read from.

use std::fmt;
use std::path::PathBuf;

use model::secret::SecretString;
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
