//! What is said of proxies.

use super::Told;
use super::tcp::went_wrong;
use crate::check::line::TunnelError;
use crate::classify::socks_reason;
use crate::proxy::Hop;

pub fn no_proxy(scheme: &str) -> String {
    format!("No proxy: neither `network.proxy` nor the variables {scheme}_proxy and all_proxy are set.")
}

pub fn exempt(host: &str) -> String {
    format!("No proxy for {host}: a proxy is set, and no_proxy exempts this host.")
}

pub fn proxy_forwards(proxy: &str, origin: &str) -> String {
    format!("Through the proxy {proxy} ({origin}), which accepts connections.")
}

pub fn proxy_connected(proxy: &str, origin: &str, target: &str) -> String {
    format!("Through the proxy {proxy} ({origin}), which connected to {target}.")
}

pub fn proxy_silent(proxy: &str, origin: &str) -> Told {
    Told::new(
        format!("The proxy {proxy} ({origin}) did not answer in time."),
        "It is overloaded, or waits for a server that it cannot reach.",
        "Ask whoever runs the proxy; or exempt the server by `network.no_proxy`.",
    )
}

pub fn proxy_refused(hop: &Hop, target: &str, error: &TunnelError) -> Told {
    let (proxy, origin) = (hop.name(), &hop.origin);
    let seen = |what: &str| format!("The proxy {proxy} ({origin}) {what}.");
    match error {
        TunnelError::Unresolved => Told::new(
            seen("has a name that could not be resolved"),
            "The proxy's name is mistyped, or the name servers of this machine do not know it.",
            format!("Correct {origin}."),
        ),
        TunnelError::Connect(error) => Told::new(
            seen(&format!("cannot be reached: {}", went_wrong(error.kind()))),
            "Its address or port is wrong, or it is down.",
            format!("Correct {origin}, or exempt the server by `network.no_proxy`."),
        ),
        TunnelError::Tls(error) => Told::new(
            seen("gives no secure connection"),
            format!("{error}."),
            format!(
                "Begin the proxy's address with http:// if it speaks plain HTTP; else trust its authority by `network.ca_bundle`. See {origin}."
            ),
        ),
        TunnelError::Refused { status: 407, wants } => unauthenticated(hop, &proxy, wants),
        TunnelError::Refused { status, .. } => refused_by_status(&proxy, origin, target, *status),
        TunnelError::Socks(text) => Told::new(
            seen(&format!("opened no way to {target}: {}", socks_reason(text))),
            "The proxy's rules, its own network, or the user name and password in its address.",
            format!("Correct {origin}; ask whoever runs the proxy whether it may connect to {target}."),
        ),
        TunnelError::NoProxy => Told::new(
            seen("answers with something that is not HTTP"),
            "Its port belongs to another service, or it is a SOCKS proxy or one that wants to be spoken to by TLS.",
            format!("Correct the port, or begin {origin} with socks5:// or https://."),
        ),
        TunnelError::Closed => Told::new(
            seen(&format!("closed the connection when asked for {target}")),
            "It does not take requests from this machine, or it is another kind of proxy.",
            format!("Ask whoever runs the proxy; or begin {origin} with socks5:// or https://."),
        ),
    }
}

fn unauthenticated(hop: &Hop, proxy: &str, wants: &[String]) -> Told {
    let basic = wants.is_empty() || wants.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
    let seen = format!("The proxy {proxy} ({}) wants a user name and password (407).", hop.origin);
    if !basic {
        return Told::new(
            seen,
            format!("It only takes {}; Dovetail speaks Basic.", wants.join(", ")),
            "Have the proxy take Basic or this machine without a log-in, or exempt the server by `network.no_proxy`.",
        );
    }
    let cause = if hop.basic_auth().is_some() {
        "The user name or password in the proxy's address is wrong."
    } else {
        "The proxy's address holds no user name and password."
    };
    Told::new(seen, cause, format!("Write them into {}: http://USER:PASSWORD@{proxy}.", hop.origin))
}

fn refused_by_status(proxy: &str, origin: &str, target: &str, status: u16) -> Told {
    let (cause, remedy) = match status {
        403 => (
            "Its rules do not allow this server or this port.",
            format!("Have {target} allowed on the proxy, or exempt the server by `network.no_proxy`."),
        ),
        502..=504 => (
            "The proxy itself could not resolve or reach the server: it is down, or only your own network knows it.",
            "If the server stands in your own network, exempt it by `network.no_proxy`.".to_owned(),
        ),
        _ => (
            "It may be no proxy at all but a web server, or one that does not connect to this port.",
            format!("Compare the address in {origin}; ask whoever runs the proxy."),
        ),
    };
    Told::new(format!("The proxy {proxy} ({origin}) did not connect to {target}: it answered {status}."), cause, remedy)
}
