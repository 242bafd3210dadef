//! The one place that builds HTTP clients.

use std::fs;
use std::path::Path;

use reqwest::redirect::Policy;
use reqwest::{Certificate, NoProxy, Proxy};
use url::Url;

use crate::git_settings::GitSettings;
use crate::resolver::Resolver;
use crate::trust::Trust;
use crate::{Client, NetError, Network};

const USER_AGENT: &str = concat!("Dovetail/", env!("CARGO_PKG_VERSION"));

/// Builds clients that share trust, proxies and time-outs.
#[derive(Debug, Clone)]
pub struct HttpFactory {
    client: Client,
}

impl HttpFactory {
    /// Reads the certificates of `network` and prepares a client.
    ///
    /// # Errors
    /// [`NetError::Settings`] where the certificate file or the proxy cannot be used.
    pub fn new(network: Network) -> Result<Self, NetError> {
        let bundle = network.ca_bundle.as_deref().map(read_bundle).transpose()?;
        let http = http_client(&network, bundle.as_deref())?;
        let git = GitSettings::new(&network, bundle.as_deref(), &|name| std::env::var(name).ok())?;
        Ok(Self { client: Client::new(http, network, Trust::new(bundle.as_deref()), git) })
    }

    /// A client; cheap, as all share one pool of connections.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }
}

fn read_bundle(path: &Path) -> Result<Vec<u8>, NetError> {
    fs::read(path).map_err(|error| NetError::Settings(format!("the certificate file {} ({error})", path.display())))
}

/// reqwest hands rustls the aws-lc-rs provider itself, so a build that also contains ring stays unambiguous.
#[expect(clippy::disallowed_methods, reason = "this is the home of HTTP clients")]
fn http_client(network: &Network, bundle: Option<&[u8]>) -> Result<reqwest::Client, NetError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
        .timeout(network.answer_timeout)
        .connect_timeout(network.connect_timeout)
        .dns_resolver(Resolver::new(network));
    if let Some(bundle) = bundle {
        builder = builder.tls_certs_merge(certificates(bundle)?);
    }
    if let Some(url) = &network.proxy {
        builder = builder.proxy(proxy(url, network.no_proxy.as_deref())?);
    }
    builder.build().map_err(|_| NetError::Settings("a certificate of `network.ca_bundle` is malformed".to_owned()))
}

fn certificates(bundle: &[u8]) -> Result<Vec<Certificate>, NetError> {
    match Certificate::from_pem_bundle(bundle) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(NetError::Settings("`network.ca_bundle` holds no certificate in PEM form".to_owned())),
    }
}

/// The error never repeats the URL, which may hold a password.
fn proxy(url: &Url, no_proxy: Option<&str>) -> Result<Proxy, NetError> {
    let exceptions = no_proxy.map_or_else(NoProxy::from_env, NoProxy::from_string);
    Proxy::all(url.as_str()).map(|proxy| proxy.no_proxy(exceptions)).map_err(|_| {
        NetError::Settings("`network.proxy` is no proxy address (http://host:port, https://…, socks5://…)".to_owned())
    })
}
