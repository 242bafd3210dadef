//! The client.

use std::fmt;
use std::sync::Arc;

use http::Method;
use url::Url;

use crate::git_settings::GitSettings;
use crate::proxy::ProxyRules;
use crate::trust::Trust;
use crate::{KeptAnswers, NetError, Network, RateGate, Request, resolver};

/// Sends requests; a clone shares everything.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) network: Network,
    pub(crate) proxies: ProxyRules,
    pub(crate) trust: Trust,
    git: GitSettings,
    gate: RateGate,
    kept: KeptAnswers,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(http: reqwest::Client, network: Network, trust: Trust, git: GitSettings) -> Self {
        let proxies = ProxyRules::new(&network);
        let (gate, kept) = (RateGate::default(), KeptAnswers::default());
        Self(Arc::new(Shared { http, network, proxies, trust, git, gate, kept }))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    /// A GET request.
    pub fn get(&self, url: &Url) -> Request {
        self.request(Method::GET, url)
    }

    /// A POST request.
    pub fn post(&self, url: &Url) -> Request {
        self.request(Method::POST, url)
    }

    /// A PUT request.
    pub fn put(&self, url: &Url) -> Request {
        self.request(Method::PUT, url)
    }

    /// A DELETE request.
    pub fn delete(&self, url: &Url) -> Request {
        self.request(Method::DELETE, url)
    }

    /// A request with any method.
    pub fn request(&self, method: Method, url: &Url) -> Request {
        Request::new(Arc::clone(&self.0), method, url)
    }

    /// Who must wait until when, by host. The gate stays open by itself: whoever has a clock records answers and asks.
    #[must_use]
    pub fn gate(&self) -> &RateGate {
        &self.0.gate
    }

    /// Answers that servers may confirm instead of sending them again.
    #[must_use]
    pub fn kept(&self) -> &KeptAnswers {
        &self.0.kept
    }

    /// Git's configuration for the same trust and proxy (`http.proxy`, `http.sslCAInfo`). Holds the proxy's password.
    #[must_use]
    pub fn git_config(&self) -> Vec<(String, String)> {
        self.0.git.config.clone()
    }

    /// Environment variables for git that configuration cannot express (`no_proxy` and the system's proxies).
    #[must_use]
    pub fn git_environment(&self) -> Vec<(String, String)> {
        self.0.git.environment.clone()
    }

    /// Git's configuration that holds it to the addresses checked here (`http.curloptResolve`), as git resolves names
    /// itself. Empty where private addresses are allowed or a proxy resolves.
    ///
    /// # Errors
    /// [`NetError::Private`], [`NetError::Dns`].
    pub async fn git_guard(&self, url: &Url) -> Result<Vec<(String, String)>, NetError> {
        resolver::git_guard(&self.0.network, url).await
    }
}
