//! Development information of Jira Cloud: commits, branches and pull requests, pushed with OAuth client credentials
//! (devinfo contract).

mod batch;
mod bulk;
mod client;
mod delete;
mod entities;
pub mod limits;
mod outcome;
mod token;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use model::Clock;
use model::secret::SecretString;
use tokio::sync::OnceCell;
use url::Url;

pub use batch::batches;
pub use entities::{
    Approval, Author, Branch, ChangeType, Commit, EntityKind, File, PullRequest, PullRequestStatus, Repository,
    Reviewer,
};
pub use outcome::{Accepted, AcceptedEntity, RefusedEntity};

use crate::address;
use token::Tokens;

/// What a client of development information needs.
#[derive(Clone)]
pub struct DevInfoOptions {
    /// The site (`https://example.atlassian.net`).
    pub site_url: Url,
    /// Atlassian's gateway: `https://api.atlassian.com`, elsewhere in tests.
    pub api_url: Url,
    /// The id of the OAuth credential.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The site's cloud id, where it is known already; else it is asked for.
    pub cloud_id: Option<String>,
    /// How requests go out.
    pub http: net::Client,
    /// What time it is, for the life of access tokens.
    pub clock: Arc<dyn Clock>,
}

/// Neither id nor secret.
impl fmt::Debug for DevInfoOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevInfoOptions").field("site_url", &self.site_url.as_str()).finish_non_exhaustive()
    }
}

/// A client of one site's development information with one OAuth credential; a clone shares everything, the access token
/// included. Keep one for each credential: so at most one request for a token is under way.
#[derive(Clone)]
pub struct DevInfo(Arc<Shared>);

struct Shared {
    options: DevInfoOptions,
    tokens: Tokens,
    cloud_id: OnceCell<String>,
    /// Whether the site refused the status `DRAFT`, which its schema does not have.
    refuses_drafts: AtomicBool,
}

impl fmt::Debug for DevInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevInfo").field("site_url", &self.0.options.site_url.as_str()).finish_non_exhaustive()
    }
}

impl DevInfo {
    /// A client of the site at `options.site_url`.
    #[must_use]
    pub fn new(options: DevInfoOptions) -> Self {
        let (site_url, api_url) = (address::root(&options.site_url), address::root(&options.api_url));
        Self(Arc::new(Shared {
            tokens: Tokens::default(),
            cloud_id: OnceCell::new_with(options.cloud_id.clone()),
            refuses_drafts: AtomicBool::new(false),
            options: DevInfoOptions { site_url, api_url, ..options },
        }))
    }
}

/// What is sent at once (devinfo contract §3): at most 100 repositories, 400 entities of a kind in each, 1,000 in all.
/// [`batches`] makes such groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The repositories with their entities; no id twice.
    pub repositories: Vec<Repository>,
    /// True for a backfill: nothing in Jira is set off by it (no workflow triggers, no smart commits), and it counts against the
    /// larger allowance for backfills. False for what just happened.
    pub prevent_transitions: bool,
    /// The handle by which the data can be deleted later: at most 5; keys and values of at most 255 characters; no key begins
    /// with `_` or contains `:`.
    pub properties: BTreeMap<String, String>,
    /// Who sends it.
    pub provider: Provider,
}

/// Who sends development information (`providerMetadata`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Product and version (`dovetail 1.2.3`); nothing personal.
    pub product: String,
}
