//! Turning names into addresses, with errors that can be told apart.

use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use crate::address::{host_name, is_private, literal};
use crate::{NetError, Network};

/// What the resolver reports; found again in reqwest's chain of sources.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No address.
    #[error("{0} has no address")]
    Unknown(String),
    /// Only private addresses, which are forbidden.
    #[error("{0} has a private address")]
    Private(String),
}

/// The system's resolver, minus the addresses that may not be called.
pub struct Resolver {
    allow_private: bool,
    /// The proxy itself may be private.
    proxy: Option<String>,
}

impl Resolver {
    pub fn new(network: &Network) -> Self {
        let proxy = network.proxy.as_ref().and_then(Url::host_str).map(str::to_owned);
        Self { allow_private: network.allow_private, proxy }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let allow_private = self.allow_private || self.proxy.as_deref() == Some(name.as_str());
        Box::pin(async move { Ok(Box::new(addresses(name, 0, allow_private).await?.into_iter()) as Addrs) })
    }
}

/// All addresses of a name.
pub async fn look_up(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    tokio::net::lookup_host((name, port)).await.map(Iterator::collect)
}

async fn addresses(name: String, port: u16, allow_private: bool) -> Result<Vec<SocketAddr>, ResolveError> {
    let mut found = look_up(&name, port).await.unwrap_or_default();
    if found.is_empty() {
        return Err(ResolveError::Unknown(name));
    }
    found.retain(|address| allow_private || !is_private(address.ip()));
    if found.is_empty() { Err(ResolveError::Private(name)) } else { Ok(found) }
}

/// Refuses a URL that names a private address literally, where that is forbidden: no resolver is asked then.
pub fn check_literal(network: &Network, url: &Url) -> Result<(), NetError> {
    let forbidden = !network.allow_private && literal(url).is_some_and(is_private);
    if forbidden { Err(NetError::Private { host: host_name(url) }) } else { Ok(()) }
}

/// See [`crate::Client::git_guard`].
pub async fn git_guard(network: &Network, url: &Url) -> Result<Vec<(String, String)>, NetError> {
    check_literal(network, url)?;
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Ok(Vec::new());
    };
    if network.allow_private || network.proxy.is_some() || literal(url).is_some() {
        return Ok(Vec::new());
    }
    let found = addresses(host.to_owned(), port, false).await.map_err(NetError::from)?;
    let list: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
    Ok(vec![("http.curloptResolve".to_owned(), format!("{host}:{port}:{}", list.join(",")))])
}

impl From<ResolveError> for NetError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Unknown(host) => Self::Dns { host },
            ResolveError::Private(host) => Self::Private { host },
        }
    }
}
