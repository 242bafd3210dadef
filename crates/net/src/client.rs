//! The client.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use http::Method;
use url::Url;

use crate::connector::{Connector, Ground};
use crate::server::{ServerAddress, ServerSettings, Unusable};
use crate::{KeptAnswers, NetError, RateGate, Request, resolver};

/// Sends requests; a clone shares everything.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

pub(crate) struct Shared {
    ground: Ground,
    usual: Arc<Connector>,
    servers: RwLock<HashMap<ServerAddress, (ServerSettings, Arc<Connector>)>>,
    gate: RateGate,
    kept: KeptAnswers,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// What git needs to reach a server as this client does. To be kept until git has ended: a file that the configuration
/// names goes with it.
#[derive(Clone)]
pub struct GitAccess(Arc<Connector>);

impl fmt::Debug for GitAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitAccess").finish_non_exhaustive()
    }
}

impl GitAccess {
    /// Git's configuration for the same trust and proxy (`http.proxy`, `http.sslCAInfo`). Holds the proxy's password.
    #[must_use]
    pub fn config(&self) -> &[(String, String)] {
        &self.0.git.config
    }

    /// Environment variables for git that configuration cannot express (`no_proxy` and the system's proxies).
    #[must_use]
    pub fn environment(&self) -> &[(String, String)] {
        &self.0.git.environment
    }

    /// Git's configuration that holds it to the addresses checked here (`http.curloptResolve`), as git resolves names
    /// itself. Empty where private addresses are allowed or a proxy resolves.
    ///
    /// # Errors
    /// [`NetError::Private`], [`NetError::Dns`].
    pub async fn guard(&self, url: &Url) -> Result<Vec<(String, String)>, NetError> {
        resolver::git_guard(&self.0.network, url).await
    }
}

impl Client {
    pub(crate) fn new(ground: Ground, usual: Connector) -> Self {
        let (gate, kept) = (RateGate::default(), KeptAnswers::default());
        let servers = RwLock::new(HashMap::new());
        Self(Arc::new(Shared { ground, usual: Arc::new(usual), servers, gate, kept }))
    }

    /// How the server of a URL is reached.
    pub(crate) fn connector(&self, url: &Url) -> Arc<Connector> {
        let servers = self.0.servers.read().unwrap_or_else(PoisonError::into_inner);
        let own = ServerAddress::of(url).and_then(|address| servers.get(&address));
        own.map_or_else(|| Arc::clone(&self.0.usual), |(_, connector)| Arc::clone(connector))
    }

    /// From now on these servers, and no others, have settings of their own; for all clones. Requests under way end as they
    /// began. Connections to servers whose settings stay as they were are kept.
    ///
    /// # Errors
    /// The settings that cannot be used; the others hold nonetheless.
    pub fn set_servers(&self, settings: Vec<ServerSettings>) -> Result<(), Vec<Unusable>> {
        let mut servers = HashMap::new();
        let mut unusable = Vec::new();
        for settings in settings {
            let connector = match self.unchanged(&settings) {
                Some(connector) => Ok(connector),
                None => Connector::for_server(&self.0.ground, &settings).map(Arc::new),
            };
            match connector {
                Ok(connector) => drop(servers.insert(settings.address.clone(), (settings, connector))),
                Err(error) => unusable.push((settings.address, error)),
            }
        }
        *self.0.servers.write().unwrap_or_else(PoisonError::into_inner) = servers;
        if unusable.is_empty() { Ok(()) } else { Err(unusable) }
    }

    fn unchanged(&self, settings: &ServerSettings) -> Option<Arc<Connector>> {
        let servers = self.0.servers.read().unwrap_or_else(PoisonError::into_inner);
        let (before, connector) = servers.get(&settings.address)?;
        (before == settings).then(|| Arc::clone(connector))
    }

    /// Whether settings of a server can be used, which changes nothing.
    ///
    /// # Errors
    /// [`NetError::Settings`] where they cannot.
    pub fn try_server(&self, settings: &ServerSettings) -> Result<(), NetError> {
        Connector::for_server(&self.0.ground, settings).map(drop)
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
        Request::new(self.connector(url), method, url)
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

    /// How git reaches the server of a URL.
    #[must_use]
    pub fn git_access(&self, url: &Url) -> GitAccess {
        GitAccess(self.connector(url))
    }
}
