//! What is said of names.

use std::net::{IpAddr, SocketAddr};

use super::Told;
use crate::NetError;
use crate::check::name::Unresolved;

pub fn literal_address(address: IpAddr) -> String {
    format!("{address} is an address already.")
}

pub fn resolved(host: &str, found: &[SocketAddr]) -> String {
    let count = |six: bool| found.iter().filter(|address| address.is_ipv6() == six).count();
    format!("{host} has {}: {} IPv4, {} IPv6.", addresses(found.len()), count(false), count(true))
}

pub fn address_line(address: IpAddr, private: bool, allowed: bool) -> String {
    let family = if address.is_ipv6() { "IPv6" } else { "IPv4" };
    match (private, allowed) {
        (false, _) => format!("{address} ({family})"),
        (true, true) => format!("{address} ({family}, private)"),
        (true, false) => format!("{address} ({family}, private: not called, as `network.allow_private` is false)"),
    }
}

pub fn proxy_resolves(proxy: &str, host: &str) -> String {
    format!("The proxy {proxy} resolves {host}.")
}

pub fn private_address(host: &str) -> Told {
    Told::new(
        NetError::Private { host: host.to_owned() }.to_string(),
        "The server stands in your own network, and this installation may only call public addresses.",
        "Set `network.allow_private = true`, or use a public address.",
    )
}

pub fn slow_names(host: &str, count: usize, seconds: u64) -> Told {
    Told::new(
        format!("{host} has {}, but asking for them took {seconds} seconds.", addresses(count)),
        "One of the name servers of this machine does not answer.",
        "Check the name servers of this machine (/etc/resolv.conf); every new connection waits for them.",
    )
}

pub fn unresolved(host: &str, why: Unresolved) -> Told {
    let seen = NetError::Dns { host: host.to_owned() }.to_string();
    let (cause, remedy) = match why {
        Unresolved::NoSuchName => (
            "The name does not exist (NXDOMAIN): it is mistyped, or only another network's name servers know it.",
            "Compare the spelling; look it up on the machine that Dovetail runs on (getent hosts NAME).",
        ),
        Unresolved::NoAddress => (
            "The name exists and has no address (neither A nor AAAA).",
            "Add an address in your DNS, or use another name.",
        ),
        Unresolved::NoAnswer => (
            "The name servers did not answer: they are down, or a firewall stands between.",
            "Check the name servers of this machine (/etc/resolv.conf), then try again.",
        ),
        Unresolved::Unknown => (
            "This machine's resolver does not say why.",
            "Look the name up on the machine that Dovetail runs on (getent hosts NAME).",
        ),
    };
    Told::new(seen, cause, remedy)
}

fn addresses(count: usize) -> String {
    if count == 1 { "1 address".to_owned() } else { format!("{count} addresses") }
}
