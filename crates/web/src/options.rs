//! What the server is told once, at start (`[server]` and `[facade]` of the configuration).

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use url::Url;

use crate::facade::Settings;

/// Settings of the server frame.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the server listens; only for the address of the set-up link while `public_url` is unset.
    pub listen: SocketAddr,
    /// How browsers and forges reach this program; may have a path. Unset: taken from each request.
    pub public_url: Option<Url>,
    /// Whose forwarded headers are believed.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Who may read `/metrics` without a token.
    pub metrics_from: Vec<TrustedProxy>,
    /// Who is answered by the facade, and where browsers may be sent back to.
    pub facade: Settings,
}

impl Options {
    /// Settings that need no configuration: no public address, no proxy, no Jira.
    #[must_use]
    pub const fn new(listen: SocketAddr) -> Self {
        let facade = Settings::new();
        Self { listen, public_url: None, trusted_proxies: Vec::new(), metrics_from: Vec::new(), facade }
    }
}

/// One address, or a network (`10.0.0.0/8`): of proxies in front of this program, or of who watches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy {
    network: IpAddr,
    bits: u8,
}

/// A text that is no address and no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network: expected something like 192.0.2.7 or 10.0.0.0/8")]
pub struct InvalidTrustedProxy;

impl TrustedProxy {
    /// Whether `address` belongs to it; an IPv4 address written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                same_prefix(u128::from(network.to_bits()) << 96, u128::from(address.to_bits()) << 96, self.bits)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => same_prefix(network.to_bits(), address.to_bits(), self.bits),
            _ => false,
        }
    }
}

fn same_prefix(left: u128, right: u128, bits: u8) -> bool {
    (left ^ right).leading_zeros() >= u32::from(bits)
}

impl FromStr for TrustedProxy {
    type Err = InvalidTrustedProxy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| InvalidTrustedProxy)?)),
            None => (text, None),
        };
        let network: IpAddr = address.trim().parse().map_err(|_| InvalidTrustedProxy)?;
        let all = if network.is_ipv4() { 32 } else { 128 };
        match bits.unwrap_or(all) {
            bits if bits <= all => Ok(Self { network, bits }),
            _ => Err(InvalidTrustedProxy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("10.0.0.0/8", "10.200.3.4", true)]
    #[case("10.0.0.0/8", "11.0.0.1", false)]
    #[case("192.0.2.7", "192.0.2.7", true)]
    #[case("192.0.2.7", "192.0.2.8", false)]
    #[case("192.0.2.7", "::ffff:192.0.2.7", true)]
    #[case("2001:db8::/32", "2001:db8:9::1", true)]
    #[case("0.0.0.0/0", "203.0.113.1", true)]
    #[case("0.0.0.0/0", "2001:db8::1", false)]
    fn a_network_contains_its_addresses(#[case] network: TrustedProxy, #[case] address: IpAddr, #[case] inside: bool) {
        assert_eq!(network.contains(address), inside);
    }

    #[rstest::rstest]
    #[case("proxy.example.com")]
    #[case("10.0.0.0/33")]
    #[case("10.0.0.0/x")]
    #[case("")]
    fn nonsense_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<TrustedProxy>(), Err(InvalidTrustedProxy));
    }
}
