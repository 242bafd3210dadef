//! What is said of connections.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use super::Told;
use crate::NetError;

pub fn tcp_by_proxy(proxy: &str, target: &str) -> String {
    format!("The proxy {proxy} holds the connection to {target}.")
}

pub fn tcp_left_to_proxy(proxy: &str, target: &str) -> String {
    format!("The proxy {proxy} connects to {target} itself.")
}

pub fn connected(target: &str, good: usize, total: usize) -> String {
    match (good, total) {
        (1, 1) => format!("{target} accepts connections."),
        (good, total) if good == total => format!("{target} accepts connections on all {total} addresses."),
        (good, total) => format!("{target} accepts connections on {good} of {total} addresses."),
    }
}

pub fn attempt_line(address: SocketAddr, millis: u64, error: Option<&io::Error>) -> String {
    match error {
        None => format!("{address}: connected in {millis} ms"),
        Some(error) => format!("{address}: {}", went_wrong(error.kind())),
    }
}

/// An attempt in a few words.
pub fn went_wrong(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ConnectionRefused => "refused",
        ErrorKind::TimedOut => "no answer (filtered)",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => "reset",
        ErrorKind::NetworkUnreachable => "no route to this network",
        ErrorKind::HostUnreachable => "no route to this host",
        ErrorKind::PermissionDenied => "forbidden by this machine",
        _ => "failed",
    }
}

pub fn no_connection(target: &str, errors: &[ErrorKind]) -> Told {
    let all = |kind: ErrorKind| !errors.is_empty() && errors.iter().all(|one| *one == kind);
    let host = target.to_owned();
    if all(ErrorKind::ConnectionRefused) {
        return Told::new(
            NetError::Refused { host }.to_string(),
            "Nothing listens on this port, or a firewall turns connections away: the server is down, or the port is another.",
            "Check that the server runs, and compare the port with the address that your browser shows.",
        );
    }
    if all(ErrorKind::TimedOut) {
        return Told::new(
            NetError::Timeout { host }.to_string(),
            "A firewall drops the connection without a word (filtered), or the machine is off.",
            format!(
                "Have connections from this machine to {target} allowed, or set the proxy that your network wants (`network.proxy`)."
            ),
        );
    }
    if all(ErrorKind::ConnectionReset) {
        return Told::new(
            NetError::Reset { host }.to_string(),
            "A firewall or a load balancer on the way breaks connections off.",
            format!("Have connections from this machine to {target} allowed."),
        );
    }
    let unreachable = [ErrorKind::NetworkUnreachable, ErrorKind::HostUnreachable];
    if errors.iter().all(|error| unreachable.contains(error)) {
        return Told::new(
            format!("There is no route to {target}."),
            "This machine has no network, or none for this kind of address (IPv6).",
            "Check the network of this machine, or set a proxy (`network.proxy`).",
        );
    }
    Told::new(
        format!("None of the addresses of {target} accepts a connection."),
        "Each address fails in its own way, as listed.",
        "Check that the server runs, its port, and the firewalls on the way.",
    )
}
