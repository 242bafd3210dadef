//! How a stand-in GitLab is started.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::{Clock, SystemClock};

/// What a [`Server`](super::Server) is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that links name, without a trailing slash; none: the one that is listened on (of this machine, where
    /// every address is).
    pub public_url: Option<String>,
    /// Where the git repositories live; made when missing.
    pub data_dir: PathBuf,
    /// Whether the OAuth page asks before it sends the browser back with a code; without, redirects alone do it.
    pub ask_consent: bool,
    /// The login as which a browser without a session is signed in, for demonstrations.
    pub auto_sign_in: Option<String>,
    /// How long an OAuth access token lives (GitLab: two hours).
    pub access_token_life: Duration,
    /// How long `refs/merge-requests/<iid>/head` outlives its merge request's merge or close (GitLab: 14 days).
    pub head_ref_life: Duration,
    /// Where the present time comes from: expiry, timestamps, rate limits.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// A server on a free port of this machine with GitLab's own life times and the machine's clock.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            data_dir,
            ask_consent: false,
            auto_sign_in: None,
            access_token_life: Duration::from_secs(2 * 60 * 60),
            head_ref_life: Duration::from_secs(14 * 24 * 60 * 60),
            clock: Arc::new(SystemClock),
        }
    }
}
