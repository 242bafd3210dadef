//! What one server needs that others do not: authorities to trust, a proxy.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::NetError;

/// Which server is meant: its host name or address in lower case, and its port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerAddress(String);

impl ServerAddress {
    /// The server that a URL leads to; none for one without a host or a known port.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self(format!("{}:{}", url.host_str()?.to_ascii_lowercase(), url.port_or_known_default()?)))
    }

    /// As `host:port`; an IPv6 address stands in brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that names no server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither the URL of a server nor host:port")]
pub struct NoServerAddress;

/// Takes the URL of anything on the server, or `host` or `host:port`, where a missing port is that of HTTPS.
impl FromStr for ServerAddress {
    type Err = NoServerAddress;

    fn from_str(text: &str) -> Result<Self, NoServerAddress> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&whole).map_err(|_| NoServerAddress)?;
        let is_bare = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        Self::of(&url).filter(|_| is_bare).ok_or(NoServerAddress)
    }
}

/// How requests to one server go.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum ServerProxy {
    /// As the configuration and the environment say.
    #[default]
    Usual,
    /// Through no proxy, whatever they say.
    Direct,
    /// Through this one (`http`, `https`, `socks5`, …), whatever they say.
    Through(Url),
}

/// Without user and password.
impl fmt::Debug for ServerProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usual => f.write_str("Usual"),
            Self::Direct => f.write_str("Direct"),
            Self::Through(_) => f.debug_tuple("Through").field(&self.shown()).finish(),
        }
    }
}

impl ServerProxy {
    /// The proxy's scheme, host and port, without user and password; none where there is none of its own.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        let Self::Through(url) = self else { return None };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
    }
}

/// What one server has of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// Which.
    pub address: ServerAddress,
    /// Certificates of authorities in PEM form that are trusted for it alone, beside those trusted for all.
    pub authorities: Option<String>,
    /// How requests to it go.
    pub proxy: ServerProxy,
}

/// Without the proxy, whose URL may hold a password.
impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Settings of a server that cannot be used, and why; it is reached as if it had none.
pub type Unusable = (ServerAddress, NetError);

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("https://GitLab.example.com/group", "gitlab.example.com:443")]
    #[case("http://gitlab.example.com", "gitlab.example.com:80")]
    #[case(" gitlab.example.com ", "gitlab.example.com:443")]
    #[case("gitlab.example.com:8443", "gitlab.example.com:8443")]
    #[case("https://[2001:DB8::1]:8443/", "[2001:db8::1]:8443")]
    fn servers_are_named_by_host_and_port(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(text.parse::<ServerAddress>().map(|address| address.to_string()), Ok(expected.to_owned()));
    }

    #[rstest::rstest]
    #[case("")]
    #[case("ftp://gitlab.example.com")]
    #[case("https://user:word@gitlab.example.com")]
    #[case("a b")]
    #[case("host:99999")]
    fn what_names_no_server_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<ServerAddress>(), Err(NoServerAddress));
    }
}
