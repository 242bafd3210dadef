//! The one place that builds HTTP clients.

use std::fs;
use std::path::Path;

use model::secret::ExposeSecret;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity, NoProxy, Proxy};
use url::Url;

use crate::git_settings::GitSettings;
use crate::identity::ClientIdentity;
use crate::resolver::Resolver;
use crate::trust::Trust;
use crate::{Client, NetError, Network, trust_store};

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
        let password = network.ca_bundle_password.as_ref().map(ExposeSecret::expose_secret);
        let bundle = network.ca_bundle.as_deref().map(|path| read_bundle(path, password)).transpose()?;
        let identity = ClientIdentity::of(&network)?;
        let http = http_client(&network, bundle.as_deref(), identity.as_ref())?;
        let variable = |name: &str| std::env::var(name).ok();
        let git = GitSettings::new(&network, bundle.as_deref(), identity.as_ref(), &variable)?;
        let trust = Trust::new(bundle.as_deref(), identity.map(|identity| identity.certified));
        Ok(Self { client: Client::new(http, network, trust, git) })
    }

    /// A client; cheap, as all share one pool of connections.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }
}

/// The certificates of the file, as PEM.
fn read_bundle(path: &Path, password: Option<&str>) -> Result<Vec<u8>, NetError> {
    let wrong =
        |why: &dyn std::fmt::Display| NetError::Settings(format!("the certificate file {} ({why})", path.display()));
    let file = fs::read(path).map_err(|error| wrong(&error))?;
    trust_store::as_pem(file, password).map_err(|error| wrong(&error))
}

/// reqwest hands rustls the aws-lc-rs provider itself, so a build that also contains ring stays unambiguous.
#[expect(clippy::disallowed_methods, reason = "this is the home of HTTP clients")]
fn http_client(
    network: &Network,
    bundle: Option<&[u8]>,
    identity: Option<&ClientIdentity>,
) -> Result<reqwest::Client, NetError> {
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
    if let Some(identity) = identity {
        let read = Identity::from_pem(&identity.pem);
        builder =
            builder.identity(read.map_err(|_| NetError::Settings("the client certificate is malformed".to_owned()))?);
    }
    if let Some(url) = &network.proxy {
        builder = builder.proxy(proxy(url, network.no_proxy.as_deref())?);
    }
    builder.build().map_err(|_| NetError::Settings("a certificate of `network.ca_bundle` is malformed".to_owned()))
}

fn certificates(bundle: &[u8]) -> Result<Vec<Certificate>, NetError> {
    match Certificate::from_pem_bundle(bundle) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(NetError::Settings(
            "`network.ca_bundle` holds no certificate: it is neither PEM nor a trust store of Java (PKCS#12, JKS)"
                .to_owned(),
        )),
    }
}

/// The error never repeats the URL, which may hold a password.
fn proxy(url: &Url, no_proxy: Option<&str>) -> Result<Proxy, NetError> {
    let exceptions = no_proxy.map_or_else(NoProxy::from_env, NoProxy::from_string);
    Proxy::all(url.as_str()).map(|proxy| proxy.no_proxy(exceptions)).map_err(|_| {
        NetError::Settings("`network.proxy` is no proxy address (http://host:port, https://…, socks5://…)".to_owned())
    })
}
