//! How servers are reached: trust, proxy and time-outs, and the HTTP client and the settings for git that follow from them.

use std::fs;
use std::path::Path;

use model::secret::ExposeSecret;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity, NoProxy, Proxy};
use url::Url;

use crate::git_settings::GitSettings;
use crate::identity::ClientIdentity;
use crate::proxy::ProxyRules;
use crate::resolver::Resolver;
use crate::server::{ServerProxy, ServerSettings};
use crate::trust::Trust;
use crate::{NetError, Network, trust_store};

const USER_AGENT: &str = concat!("Dovetail/", env!("CARGO_PKG_VERSION"));
/// What a check calls the proxy of the configuration.
const CONFIGURED: &str = "network.proxy";
/// What it calls one that was set for a server alone.
const OF_SERVER: &str = "the settings of this server";

/// What the configuration says, read: each connector is made of it.
pub struct Ground {
    network: Network,
    bundle: Option<Vec<u8>>,
    identity: Option<ClientIdentity>,
}

impl Ground {
    /// Reads the files that the settings name.
    pub fn read(network: Network) -> Result<Self, NetError> {
        let password = network.ca_bundle_password.as_ref().map(ExposeSecret::expose_secret);
        let bundle = network.ca_bundle.as_deref().map(|path| read_bundle(path, password)).transpose()?;
        let identity = ClientIdentity::of(&network)?;
        Ok(Self { network, bundle, identity })
    }
}

/// How some servers are reached.
pub struct Connector {
    pub http: reqwest::Client,
    pub network: Network,
    pub proxies: ProxyRules,
    pub trust: Trust,
    pub git: GitSettings,
}

impl Connector {
    /// For all servers that have no settings of their own.
    pub fn new(ground: &Ground) -> Result<Self, NetError> {
        Self::of(ground, ground.network.clone(), ground.bundle.as_deref(), CONFIGURED)
    }

    /// For one server: what it has of its own, and the rest by the configuration.
    pub fn for_server(ground: &Ground, settings: &ServerSettings) -> Result<Self, NetError> {
        let mut network = ground.network.clone();
        let mut origin = CONFIGURED;
        match &settings.proxy {
            ServerProxy::Usual => {}
            ServerProxy::Direct => (network.proxy, network.direct) = (None, true),
            ServerProxy::Through(url) => {
                (network.proxy, network.no_proxy, network.direct) = (Some(url.clone()), Some(String::new()), false);
                origin = OF_SERVER;
            }
        }
        let bundle: Vec<u8> = [ground.bundle.as_deref(), settings.authorities.as_deref().map(str::as_bytes)]
            .into_iter()
            .flatten()
            .flat_map(|pem| [pem, b"\n"])
            .flatten()
            .copied()
            .collect();
        Self::of(ground, network, (!bundle.is_empty()).then_some(bundle.as_slice()), origin)
    }

    fn of(ground: &Ground, network: Network, bundle: Option<&[u8]>, origin: &'static str) -> Result<Self, NetError> {
        let identity = ground.identity.as_ref();
        let variable = |name: &str| std::env::var(name).ok();
        Ok(Self {
            http: http_client(&network, bundle, identity)?,
            proxies: ProxyRules::new(&network, origin),
            trust: Trust::new(bundle, identity.map(|identity| identity.certified.clone())),
            git: GitSettings::new(&network, bundle, identity, &variable)?,
            network,
        })
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
    builder = match &network.proxy {
        _ if network.direct => builder.no_proxy(),
        Some(url) => builder.proxy(proxy(url, network.no_proxy.as_deref())?),
        None => builder,
    };
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
