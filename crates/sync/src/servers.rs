//! What one server needs that others do not: authorities to trust, a proxy. Kept in the store, and used by the client of
//! this engine, and so by REST, OAuth, git and the check, from the next request on.

use std::collections::BTreeMap;
use std::time::Duration;

use model::secret::{ExposeSecret, SecretString};
use net::{NetError, ServerSettings};
use store::ServerRoute;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{Engine, SyncError};

pub use net::{Authority, AuthorityError, ServerAddress, ServerProxy};

/// How often it is looked at whether another node was told something.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// The schemes of proxies that both clients, ours and git's, can use.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
/// The longest URL of a proxy, in bytes.
const LONGEST_PROXY: usize = 2_000;

/// One server that has settings of its own.
#[derive(Debug, Clone)]
pub struct Server {
    /// Which.
    pub address: ServerAddress,
    /// Whom it is trusted by, beside the authorities that are trusted for all; the first to come first.
    pub authorities: Vec<Authority>,
    /// How requests to it go.
    pub proxy: ServerProxy,
}

/// Why settings of a server are not taken.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The certificates are none, or not those of authorities.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The server is named neither by a URL nor by `host:port`.
    #[error("neither a URL nor host:port")]
    Address,
    /// The proxy is none: another scheme, no host, or too long.
    #[error("this is no address of a proxy")]
    Proxy,
    /// The client cannot use them.
    #[error(transparent)]
    Unusable(#[from] NetError),
    /// The store did not answer.
    #[error(transparent)]
    Sync(#[from] SyncError),
}

impl From<store::StoreError> for ServerError {
    fn from(error: store::StoreError) -> Self {
        Self::Sync(error.into())
    }
}

/// All servers that have settings of their own, by address.
///
/// # Errors
/// When the store does not answer.
pub async fn list(engine: &Engine) -> Result<Vec<Server>, SyncError> {
    let mut servers: BTreeMap<ServerAddress, Server> = BTreeMap::new();
    for row in engine.store().server_authorities().await? {
        let Ok(address) = row.address.parse::<ServerAddress>() else { continue };
        // Their time was looked at when they came; one whose time is over is shown nonetheless.
        let read = net::read_authorities_of_any_time(&row.pem);
        entry(&mut servers, address).authorities.extend(read.unwrap_or_default());
    }
    for row in engine.store().server_proxies().await? {
        let Ok(address) = row.address.parse::<ServerAddress>() else { continue };
        let url = row.url.and_then(|url| url.expose_secret().parse::<Url>().ok());
        let proxy = match (row.route, url) {
            (ServerRoute::Through, Some(url)) => ServerProxy::Through(url),
            (ServerRoute::Through, None) => continue,
            (ServerRoute::Direct, _) => ServerProxy::Direct,
        };
        entry(&mut servers, address).proxy = proxy;
    }
    Ok(servers.into_values().collect())
}

fn entry(servers: &mut BTreeMap<ServerAddress, Server>, address: ServerAddress) -> &mut Server {
    let new = Server { address: address.clone(), authorities: Vec::new(), proxy: ServerProxy::Usual };
    servers.entry(address).or_insert(new)
}

/// What one server has of its own; nothing where it has nothing.
///
/// # Errors
/// When the store does not answer.
pub async fn one(engine: &Engine, address: &ServerAddress) -> Result<Server, SyncError> {
    let found = list(engine).await?.into_iter().find(|server| server.address == *address);
    let none = || Server { address: address.clone(), authorities: Vec::new(), proxy: ServerProxy::Usual };
    Ok(found.unwrap_or_else(none))
}

/// The authorities in a text in PEM form, to be shown before they are trusted.
///
/// # Errors
/// [`AuthorityError`].
pub fn read(engine: &Engine, pem: &str) -> Result<Vec<Authority>, AuthorityError> {
    net::read_authorities(pem, engine.clock().now())
}

/// Trusts the authorities in a text in PEM form for one server, beside those that it has.
///
/// # Errors
/// [`ServerError`]; then nothing has changed.
pub async fn trust(engine: &Engine, address: &ServerAddress, pem: &str) -> Result<(), ServerError> {
    let now = engine.clock().now();
    let authorities = read(engine, pem)?;
    let together = authorities.iter().map(|authority| authority.pem.as_str()).collect();
    let proxy = ServerProxy::Usual;
    engine.http().try_server(&ServerSettings { address: address.clone(), authorities: Some(together), proxy })?;
    let rows: Vec<(String, String)> = authorities.into_iter().map(|it| (it.fingerprint, it.pem)).collect();
    engine.store().server_authorities_put(address.as_str(), &rows, now).await?;
    Ok(apply(engine).await?)
}

/// Trusts an authority for a server no more; false where it was not.
///
/// # Errors
/// When the store does not answer.
pub async fn distrust(engine: &Engine, address: &ServerAddress, fingerprint: &str) -> Result<bool, SyncError> {
    let was = engine.store().server_authority_delete(address.as_str(), fingerprint).await?;
    apply(engine).await?;
    Ok(was)
}

/// The URL of a proxy out of a typed text.
///
/// # Errors
/// [`ServerError::Proxy`].
pub fn read_proxy(text: &SecretString) -> Result<Url, ServerError> {
    let text = text.expose_secret().trim();
    let url = Url::parse(text).map_err(|_| ServerError::Proxy)?;
    let is_proxy = text.len() <= LONGEST_PROXY && SCHEMES.contains(&url.scheme()) && url.has_host();
    if is_proxy { Ok(url) } else { Err(ServerError::Proxy) }
}

/// Lets requests to a server go so from now on.
///
/// # Errors
/// [`ServerError`]; then nothing has changed.
pub async fn set_proxy(engine: &Engine, address: &ServerAddress, proxy: ServerProxy) -> Result<(), ServerError> {
    let (address_text, now) = (address.as_str(), engine.clock().now());
    let of = |route, url: Option<&Url>| store::ServerProxy {
        address: address_text.to_owned(),
        route,
        url: url.map(|url| url.to_string().into()),
    };
    let settings = ServerSettings { address: address.clone(), authorities: None, proxy };
    engine.http().try_server(&settings)?;
    match &settings.proxy {
        ServerProxy::Usual => drop(engine.store().server_proxy_delete(address_text).await?),
        ServerProxy::Direct => engine.store().server_proxy_put(&of(ServerRoute::Direct, None), now).await?,
        ServerProxy::Through(url) => engine.store().server_proxy_put(&of(ServerRoute::Through, Some(url)), now).await?,
    }
    Ok(apply(engine).await?)
}

/// Lets the engine's client use what the store has.
///
/// # Errors
/// When the store does not answer. Settings that cannot be used are only logged: the others hold.
pub async fn apply(engine: &Engine) -> Result<(), SyncError> {
    let settings = list(engine).await?.into_iter().map(|server| {
        let pem: String = server.authorities.iter().map(|authority| authority.pem.as_str()).collect();
        let authorities = (!pem.is_empty()).then_some(pem);
        ServerSettings { address: server.address, authorities, proxy: server.proxy }
    });
    if let Err(unusable) = engine.http().set_servers(settings.collect()) {
        for (address, error) in unusable {
            tracing::error!(%address, %error, "the settings of a server cannot be used");
        }
    }
    Ok(())
}

/// Sees what other nodes are told.
pub(crate) async fn follow(engine: Engine, shutdown: CancellationToken) {
    let followed = async {
        loop {
            if let Err(error) = apply(&engine).await {
                tracing::warn!(%error, "the settings of servers could not be read");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = followed => {}
    }
}
