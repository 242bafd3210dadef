//! Jira's REST, version 2, which Server, Data Center and Cloud share: texts are texts there. People are named by their user
//! name on Data Center and by their account id on Cloud.

mod client;
mod comments;
mod issues;
mod pages;
mod people;
mod permissions;
mod projects;
mod remote_links;
mod server;
mod transitions;
mod value;
mod worklogs;

use std::fmt;
use std::sync::Arc;

use model::Clock;
use model::secret::SecretString;
use url::Url;

pub use issues::{Issue, StatusChange};
pub use people::Person;
pub use projects::Project;
pub use remote_links::RemoteLink;
pub use server::ServerInfo;
pub use transitions::Transition;
pub use worklogs::NewWorklog;

use crate::address;

/// What lets us in at a Jira.
#[derive(Clone)]
pub enum RestAuth {
    /// A personal access token (Data Center from 8.14 on).
    Bearer(SecretString),
    /// A user name and a password, or at Cloud an e-mail and an API token.
    Basic {
        /// The user name or the e-mail.
        user: String,
        /// The password or the API token.
        secret: SecretString,
    },
    /// Nothing: what everybody may see.
    None,
}

/// Neither the secret nor the user, who may be an e-mail.
impl fmt::Debug for RestAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer",
            Self::Basic { .. } => "Basic",
            Self::None => "None",
        })
    }
}

/// What a client of Jira's REST needs.
#[derive(Debug, Clone)]
pub struct RestOptions {
    /// The base URL, which may have a context path.
    pub base_url: Url,
    /// What lets us in.
    pub auth: RestAuth,
    /// How requests go out.
    pub http: net::Client,
    /// What time it is, for pauses that the site asks for.
    pub clock: Arc<dyn Clock>,
    /// Whether it is a Cloud site.
    pub cloud: bool,
}

/// A client of one Jira's REST with one credential; a clone shares everything.
///
/// Lists are read whole. Every answer is bounded (16 MB), every segment of a path percent-encoded, no redirect followed. A
/// pause that the site asks for (429) is kept by all clients that share the [`net::Client`]: until its end requests fail at
/// once with [`Problem::RateLimited`](crate::Problem::RateLimited).
#[derive(Clone)]
pub struct Rest(Arc<RestOptions>);

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").field("cloud", &self.0.cloud).finish_non_exhaustive()
    }
}

impl Rest {
    /// A client of the Jira at `options.base_url`.
    #[must_use]
    pub fn new(options: RestOptions) -> Self {
        let base_url = address::root(&options.base_url);
        Self(Arc::new(RestOptions { base_url, ..options }))
    }
}
