//! Where this program is, seen from the browser.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::HOST;

use crate::options::Options;

/// Where this program is, seen from the browser: `public_url`, or what the request says while that is unset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAddress {
    origin: String,
    prefix: String,
    configured: bool,
}

impl PublicAddress {
    /// The address for a request that came from `peer` with `headers`. Forwarded headers count only from a trusted
    /// proxy, and only while `public_url` is unset.
    #[must_use]
    pub fn of(options: &Options, peer: Option<IpAddr>, headers: &HeaderMap) -> Self {
        if let Some(configured) = Self::configured(options) {
            return configured;
        }
        let forwarded = peer.is_some_and(|peer| is_trusted(options, peer));
        let forwarded_header = |name| forwarded.then(|| first_value(headers, name)).flatten();
        let scheme = forwarded_header("x-forwarded-proto").filter(|proto| proto == "https").map_or("http", |_| "https");
        let host = forwarded_header("x-forwarded-host")
            .or_else(|| first_value(headers, HOST.as_str()))
            .filter(|host| is_host(host))
            .unwrap_or_else(|| options.listen.to_string());
        let prefix = forwarded_header("x-forwarded-prefix").filter(|prefix| is_path(prefix)).unwrap_or_default();
        Self {
            origin: format!("{scheme}://{host}"),
            prefix: prefix.trim_end_matches('/').to_owned(),
            configured: false,
        }
    }

    /// The configured address, if there is one.
    #[must_use]
    pub fn configured(options: &Options) -> Option<Self> {
        options.public_url.as_ref().map(|url| Self {
            origin: url.origin().ascii_serialization(),
            prefix: url.path().trim_end_matches('/').to_owned(),
            configured: true,
        })
    }

    /// The address to print where there is no request: the configured one, else where the server listens.
    #[must_use]
    pub fn without_request(options: &Options) -> Self {
        Self::of(options, None, &HeaderMap::new())
    }

    /// Whether it is `public_url` and not a guess from the request.
    #[must_use]
    pub const fn is_configured(&self) -> bool {
        self.configured
    }

    /// Whether browsers reach it over https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// The path that stands before all of ours; empty, or `/something` without a slash at the end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A path of ours as a browser must ask for it.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// A path of ours as an absolute address.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.prefix)
    }
}

/// Who sent a request: the peer, or, behind trusted proxies, the nearest address that is none of them.
#[must_use]
pub fn client_address(options: &Options, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !is_trusted(options, peer) {
        return peer;
    }
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let addresses = hops.iter().rev().map_while(|hop| hop.trim().parse::<IpAddr>().ok());
    addresses.map(|address| address.to_canonical()).find(|address| !is_trusted(options, *address)).unwrap_or(peer)
}

fn is_trusted(options: &Options, address: IpAddr) -> bool {
    options.trusted_proxies.iter().any(|proxy| proxy.contains(address))
}

/// The first of the values that proxies append with commas.
fn first_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    value.split(',').next().map(|first| first.trim().to_owned()).filter(|first| !first.is_empty())
}

/// Host names, addresses and a port: nothing that could change the meaning of a link.
fn is_host(text: &str) -> bool {
    text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
}

fn is_path(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte));
    text.starts_with('/') && !text.starts_with("//") && text.len() <= 255 && plain
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn options() -> Options {
        let mut options = Options::new("127.0.0.1:8080".parse().unwrap());
        options.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        options
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    const FORWARDED: [(&str, &str); 4] = [
        ("host", "inner:8080"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "tools.example.com"),
        ("x-forwarded-prefix", "/dovetail/"),
    ];

    #[test]
    fn forwarded_headers_count_from_a_trusted_proxy() {
        let address = PublicAddress::of(&options(), Some("10.1.2.3".parse().unwrap()), &headers(&FORWARDED));

        assert_eq!(address.absolute("/oauth/callback"), "https://tools.example.com/dovetail/oauth/callback");
        assert_eq!(address.path("/accounts"), "/dovetail/accounts");
        assert!(address.is_https() && !address.is_configured());
    }

    #[test]
    fn forwarded_headers_of_a_stranger_are_ignored() {
        let address = PublicAddress::of(&options(), Some("203.0.113.5".parse().unwrap()), &headers(&FORWARDED));

        assert_eq!(address.absolute("/"), "http://inner:8080/");
    }

    #[test]
    fn the_configured_address_wins_and_keeps_its_path() {
        let mut options = options();
        options.public_url = Some("https://jira-tools.example.com:8443/dove/tail/".parse().unwrap());

        let address = PublicAddress::of(&options, Some("10.1.2.3".parse().unwrap()), &headers(&FORWARDED));

        assert_eq!(address.absolute("/login"), "https://jira-tools.example.com:8443/dove/tail/login");
        assert!(address.is_configured());
    }

    #[test]
    fn a_host_header_that_is_no_host_is_replaced() {
        let address = PublicAddress::of(&options(), None, &headers(&[("host", "evil\"><script>")]));

        assert_eq!(address.absolute("/"), "http://127.0.0.1:8080/");
    }

    #[rstest::rstest]
    #[case("203.0.113.5", "198.51.100.1", "203.0.113.5")]
    #[case("10.0.0.1", "198.51.100.1", "198.51.100.1")]
    #[case("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9")]
    #[case("10.0.0.1", "unknown", "10.0.0.1")]
    fn the_client_is_the_nearest_stranger(#[case] peer: IpAddr, #[case] hops: &'static str, #[case] client: IpAddr) {
        assert_eq!(client_address(&options(), peer, &headers(&[("x-forwarded-for", hops)])), client);
    }
}
