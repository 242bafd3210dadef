//! Which proxy a request goes through, and why: reqwest's own rules, asked beforehand.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

use crate::Network;

/// The rules of one [`Network`].
pub struct ProxyRules {
    matcher: Matcher,
    /// The same without exceptions.
    always: Matcher,
    /// Where the proxy comes from; none: the environment.
    origin: Option<&'static str>,
}

/// How a request to an address goes.
#[derive(Debug, Clone)]
pub enum Route {
    /// No proxy is set.
    Direct,
    /// A proxy is set, and the host is one of its exceptions.
    Exempt,
    /// Through a proxy.
    Through(Box<Hop>),
}

/// A proxy.
#[derive(Clone)]
pub struct Hop {
    uri: Uri,
    intercept: Intercept,
    /// What names it: `network.proxy` or a variable of the environment.
    pub origin: String,
}

/// Without user and password.
impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hop").field("uri", &self.uri).field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl ProxyRules {
    /// `origin` is what a proxy of `network` is called.
    pub fn new(network: &Network, origin: &'static str) -> Self {
        if network.direct {
            let none = || Matcher::builder().build();
            return Self { matcher: none(), always: none(), origin: None };
        }
        let Some(url) = &network.proxy else {
            let [all, http, https] = [ALL, HTTP, HTTPS].map(|names| first_set(&names).map(|(_, value)| value));
            let of = Option::unwrap_or_default;
            let always = Matcher::builder().all(of(all)).http(of(http)).https(of(https)).build();
            return Self { matcher: Matcher::from_system(), always, origin: None };
        };
        let environment = || first_set(&["NO_PROXY", "no_proxy"]).map(|(_, value)| value);
        let exceptions = network.no_proxy.clone().or_else(environment).unwrap_or_default();
        let url = with_port(url);
        Self {
            matcher: Matcher::builder().all(url.clone()).no(exceptions).build(),
            always: Matcher::builder().all(url).build(),
            origin: Some(origin),
        }
    }

    /// How a request to `url` goes.
    pub fn route(&self, url: &Url) -> Route {
        let Ok(target) = url.as_str().parse::<Uri>() else {
            return Route::Direct;
        };
        match self.matcher.intercept(&target) {
            Some(intercept) => {
                let (uri, origin) = (intercept.uri().clone(), self.origin(url.scheme()));
                Route::Through(Box::new(Hop { uri, intercept, origin }))
            }
            None if self.always.intercept(&target).is_some() => Route::Exempt,
            None => Route::Direct,
        }
    }

    fn origin(&self, scheme: &str) -> String {
        if let Some(origin) = self.origin {
            return origin.to_owned();
        }
        let own = if scheme == "https" { HTTPS } else { HTTP };
        let found = first_set(&own).or_else(|| first_set(&ALL));
        found.map_or_else(|| "the system's settings".to_owned(), |(name, _)| format!("the variable {name}"))
    }
}

const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];

fn first_set(names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| Some((*name, std::env::var(name).ok()?)))
}

/// SOCKS has a port of its own, which reqwest fills in too.
fn with_port(url: &Url) -> String {
    let mut url = url.clone();
    if url.port().is_none() && url.scheme().starts_with("socks") {
        // Fails only for URLs without a host, which are no proxies.
        let _ = url.set_port(Some(1080));
    }
    url.into()
}

impl Hop {
    /// Host and port, as people name it.
    pub fn name(&self) -> String {
        let host = self.uri.host().unwrap_or_default();
        format!("{host}:{}", self.port())
    }

    /// The proxy's host without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        self.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    pub fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(match self.uri.scheme_str() {
            Some("https") => 443,
            Some("http") | None => 80,
            Some(_) => 1080,
        })
    }

    pub const fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whether the way to the proxy itself is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// SOCKS, version 4 or 5.
    pub fn is_socks(&self) -> bool {
        self.uri.scheme_str().is_some_and(|scheme| scheme.starts_with("socks"))
    }

    pub fn is_socks4(&self) -> bool {
        self.uri.scheme_str().is_some_and(|scheme| scheme.starts_with("socks4"))
    }

    /// Whether the target's name is resolved here and not by the proxy.
    pub fn resolves_here(&self) -> bool {
        matches!(self.uri.scheme_str(), Some("socks4" | "socks5"))
    }

    /// What an HTTP proxy is told, if anything.
    pub fn basic_auth(&self) -> Option<&HeaderValue> {
        self.intercept.basic_auth()
    }

    /// User and password for SOCKS.
    pub fn raw_auth(&self) -> Option<(&str, &str)> {
        self.intercept.raw_auth()
    }
}

#[cfg(test)]
mod tests {
    use super::{ProxyRules, Route};
    use crate::Network;

    fn route(proxy: &str, no_proxy: &str, target: &str) -> Route {
        let network = Network { proxy: proxy.parse().ok(), no_proxy: Some(no_proxy.to_owned()), ..Network::default() };
        ProxyRules::new(&network, "network.proxy").route(&target.parse().unwrap())
    }

    #[test]
    fn a_configured_proxy_takes_everything_but_its_exceptions() {
        let Route::Through(hop) = route("http://user:s3cret@proxy.corp:3128", "intern.corp", "https://git.corp/")
        else {
            panic!("not through the proxy");
        };
        assert_eq!((hop.name(), hop.origin.as_str()), ("proxy.corp:3128".to_owned(), "network.proxy"));
        assert!(hop.basic_auth().is_some() && !format!("{hop:?}").contains("s3cret"));
        assert!(matches!(route("http://proxy.corp", "intern.corp", "https://git.intern.corp/"), Route::Exempt));
    }

    #[test]
    fn socks_has_a_port_of_its_own_and_resolves_here_or_there() {
        let hop = |proxy| match route(proxy, "", "https://git.corp/") {
            Route::Through(hop) => hop,
            other => panic!("{other:?}"),
        };
        assert_eq!(hop("socks5://user:word@proxy.corp").port(), 1080);
        assert_eq!(hop("socks5://user:word@proxy.corp").raw_auth(), Some(("user", "word")));
        assert!(hop("socks5://proxy.corp").resolves_here() && !hop("socks5h://proxy.corp").resolves_here());
        assert!(hop("socks4a://proxy.corp").is_socks4() && !hop("http://proxy.corp").is_socks());
    }
}
