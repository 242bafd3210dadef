//! All sentences of the check: what was seen, the likely cause, what to do.
//!
//! Texts from outside appear only where they are bounded, and pages escape them.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::{HostUrlError, Millis};
use rustls::{CipherSuite, ProtocolVersion};
use url::Url;

use super::Stage;
use super::certificate::{Certificate, day};
use super::chain::Fault;
use super::greeting::Speaks;
use super::line::TunnelError;
use super::name::Unresolved;
use crate::classify::socks_reason;
use crate::proxy::Hop;
use crate::{NetError, TlsReason};

/// What was seen, the likely cause, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    seen: String,
    cause: String,
    remedy: String,
}

impl Told {
    fn new(seen: impl Into<String>, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { seen: seen.into(), cause: cause.into(), remedy: remedy.into() }
    }

    /// As a step that failed.
    pub fn failed(self, stage: &str) -> Stage {
        Stage::failed(stage, self.seen, self.cause, self.remedy)
    }

    /// As a step that works, and that somebody should look at.
    pub fn warning(self, stage: &str) -> Stage {
        Stage::warning(stage, self.seen, self.cause, self.remedy)
    }
}

/// Why a step was not taken.
pub const BEFORE_FAILED: &str = "Not looked at, because a step before it failed.";
/// Why `tls` is not looked at.
pub const NO_TLS: &str = "The address begins with http://, so nothing is encrypted.";

/// The whole check took too long.
pub fn out_of_time(limit: Duration) -> Told {
    Told::new(
        format!("The check was given up after {} seconds.", limit.as_secs()),
        "Something on the way answers very slowly, or drops what is sent without a word.",
        "Look at the step that took longest, and check again.",
    )
}

// url

pub fn url_passed(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{} (port {port})", url.as_str().trim_end_matches('/'))
}

pub fn bad_url(error: HostUrlError) -> Told {
    let (seen, cause, remedy) = match error {
        HostUrlError::Empty => ("The address is empty.", "Nothing was typed.", "Type the address of the server."),
        HostUrlError::NoScheme => (
            "The address does not begin with https:// or http://.",
            "Browsers leave the beginning out when they show an address.",
            "Write https:// before it.",
        ),
        HostUrlError::Scheme => (
            "The address begins with something that Dovetail does not speak.",
            "It is probably an address for cloning with git (ssh:// or git@).",
            "Use the address of the web pages, which begins with https://.",
        ),
        HostUrlError::Credentials => (
            "The address holds a user name or a password. It was not used and not kept.",
            "It was probably copied from a clone address.",
            "Leave out everything before the @. Access is granted elsewhere. Replace the password if others saw it.",
        ),
        HostUrlError::NoHost => (
            "The address names no server.",
            "Something is missing between the slashes.",
            "Write it like https://git.example.com.",
        ),
        HostUrlError::Port => (
            "The port in the address is no number from 0 to 65535.",
            "A sign was probably mistyped behind the colon.",
            "Correct the port, or leave it out.",
        ),
        HostUrlError::TooLong => (
            "The address is longer than 2048 bytes.",
            "More than an address was probably pasted.",
            "Use the address of the server alone.",
        ),
        HostUrlError::Malformed => (
            "This is not a web address.",
            "It may hold blanks, line breaks or signs that addresses do not have.",
            "Write it like https://git.example.com.",
        ),
    };
    Told::new(seen, cause, remedy)
}

pub fn url_shortened(url: &str, notes: &[String]) -> Told {
    let cause = if notes.iter().any(|note| note.contains("/-/jira")) {
        "Jira's own dialog wants /-/jira behind the address of a GitLab; Dovetail does not."
    } else {
        "The address of a page was probably pasted."
    };
    Told::new(format!("{url}; {}.", notes.join("; ")), cause, format!("Use {url}."))
}

pub fn unencrypted(url: &str) -> Told {
    Told::new(
        format!("{url} is reached without encryption."),
        "The address begins with http://, so whoever sees the network sees the tokens.",
        "Use https:// where the server offers it.",
    )
}

/// A port that is usually for something else.
pub fn odd_port(url: &Url) -> Option<Told> {
    let (seen, remedy) = match (url.scheme(), url.port()?) {
        ("https", 80) => ("Port 80 usually speaks plain HTTP.", "Leave :80 out."),
        ("http", 443) => ("Port 443 usually speaks HTTPS.", "Write https:// and leave :443 out."),
        (_, 22) => ("Port 22 usually speaks SSH.", "Use the port of the web pages, or leave :22 out."),
        _ => return None,
    };
    Some(Told::new(seen, "The scheme or the port was probably mistyped.", remedy))
}

// name

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

// proxy

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

// tcp

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
fn went_wrong(kind: ErrorKind) -> &'static str {
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

// tls

pub fn tls_line(version: Option<ProtocolVersion>, cipher: Option<CipherSuite>) -> String {
    let version = match version {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let cipher = cipher.and_then(|cipher| cipher.as_str());
    cipher.map_or_else(|| version.to_owned(), |cipher| format!("{version}, {cipher}"))
}

pub fn tls_passed(line: &str, leaf: Option<&Certificate>, now: Millis) -> String {
    let Some(leaf) = leaf else {
        return format!("Successfully connected: {line}.");
    };
    format!(
        "Successfully connected: {line}; the certificate is trusted and valid until {} ({} days).",
        day(leaf.not_after),
        days(leaf.not_after - now)
    )
}

/// The lines of a chain.
pub fn certificates(chain: &[Certificate], sent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, one) in (1..).zip(chain) {
        lines.push(format!("{number}. {} ← {}", one.title(), one.issuer));
        lines.push(format!("   valid {} to {}", day(one.not_before), day(one.not_after)));
        lines.push(format!("   SHA-256 {}", one.fingerprint));
        if !one.names.is_empty() {
            lines.push(format!("   for {}", one.names.join(", ")));
        }
        if let Some(address) = &one.issuer_address {
            lines.push(format!("   its issuer's certificate: {address}"));
        }
    }
    if sent > chain.len() {
        lines.push(format!("{} of the certificates sent could not be read", sent - chain.len()));
    }
    lines
}

/// A second fault in one line.
pub fn also(told: &Told) -> String {
    format!("Also: {} {}", told.seen, told.remedy)
}

pub fn certificate_fault(host: &str, fault: &Fault) -> Told {
    let tls = |reason: TlsReason| NetError::Tls { host: host.to_owned(), reason }.to_string();
    let untrusted = |what: &str| format!("No secure connection to {host}: {what}.");
    match fault {
        Fault::Expired { title, since, is_leaf } => Told::new(
            if *is_leaf {
                tls(TlsReason::Expired { since: None })
            } else {
                untrusted("a certificate of its chain has expired")
            },
            format!(
                "The certificate {title} was valid until {}. If that is not over yet, this machine's clock is wrong.",
                day(*since)
            ),
            "Renew it on the server (after a renewal the web server must be reloaded), or set this machine's clock.",
        ),
        Fault::Early { title, from } => Told::new(
            tls(TlsReason::NotYetValid),
            format!("The certificate {title} is valid from {} on: one of the two clocks is wrong.", day(*from)),
            "Compare the clocks of both machines.",
        ),
        Fault::SelfSigned { fingerprint } => Told::new(
            untrusted("its certificate is self-signed"),
            "No authority vouches for it, so nobody can tell the server from another one that pretends to be it.",
            format!(
                "Have an authority sign it; or compare the fingerprint {fingerprint} on the server and, if it is the same, put the certificate into the file of `network.ca_bundle`."
            ),
        ),
        Fault::AuthorityAsServer { title } => Told::new(
            untrusted("its certificate is an authority's own"),
            format!(
                "The certificate {title} says CA:TRUE, as “openssl req -x509” makes it; such a one may not stand for a server, even if it is trusted."
            ),
            "Make the server a certificate with basicConstraints=CA:FALSE and a subjectAltName, signed by that authority or by itself.",
        ),
        Fault::OtherName { valid_for } if valid_for.is_empty() => Told::new(
            tls(TlsReason::WrongName { valid_for: Vec::new() }),
            "It has no subjectAltName; the name in its subject alone has not counted for years.",
            format!("Make a certificate with the subjectAltName {}.", without_port(host)),
        ),
        Fault::OtherName { valid_for } => Told::new(
            tls(TlsReason::WrongName { valid_for: valid_for.clone() }),
            "The server is called by another name than its certificate has, or another server answers at this address.",
            format!(
                "Use one of the names it is valid for, or make a certificate that also has {}.",
                without_port(host)
            ),
        ),
        Fault::UnknownRoot { title, fingerprint } => Told::new(
            untrusted("its certificate is signed by an authority that is not trusted here"),
            format!(
                "The chain is complete and ends at {title}, which neither this system nor `network.ca_bundle` trusts: probably your own authority."
            ),
            format!(
                "Compare the fingerprint {fingerprint} with its owner's, then put the certificate into the file of `network.ca_bundle`."
            ),
        ),
        Fault::LoneLeaf { issuer, address } => Told::new(
            tls(TlsReason::UnknownIssuer),
            format!(
                "Either the server does not send its intermediate certificate “{issuer}”, or “{issuer}” is an authority that is not trusted here. Browsers may hide the first, as they remember intermediates."
            ),
            format!(
                "If it is an intermediate: add it on the server behind its own certificate (fullchain){}. If it is your authority: put its certificate into the file of `network.ca_bundle`.",
                download(address.as_deref())
            ),
        ),
        Fault::UnknownIssuer { last, issuer, address } => Told::new(
            untrusted("its certificate is signed by an authority that is not trusted here"),
            format!(
                "The chain sent ends at {last}; its issuer “{issuer}” is neither sent nor trusted here. It is probably your own authority, or one more intermediate is missing."
            ),
            format!(
                "If it is your authority: put its certificate into the file of `network.ca_bundle`. If it is an intermediate: add it on the server{}.",
                download(address.as_deref())
            ),
        ),
        Fault::NotTheIssuer { title, issuer } => Told::new(
            untrusted("its certificates do not belong together"),
            format!(
                "The certificate {issuer} that the server sends did not sign {title}: it has the right name and another key, as after a renewal of the authority."
            ),
            "Have the server send the chain that came with its own certificate.",
        ),
        Fault::OtherKey { issuer } => Told::new(
            untrusted("its certificate is not signed by the authority that is trusted here"),
            format!("An authority named “{issuer}” is trusted here, but with another key: it was probably renewed."),
            "Put the authority's present certificate into the file of `network.ca_bundle`, or sign the server's by it again.",
        ),
        Fault::Revoked => Told::new(
            tls(TlsReason::Revoked),
            "Its authority withdrew it, often because its key became known.",
            "Install a new certificate on the server.",
        ),
        Fault::WrongPurpose => Told::new(
            untrusted("its certificate may not be used for a server"),
            "Its extended key usage names other purposes, such as clients or e-mail.",
            "Make a certificate for servers (extendedKeyUsage=serverAuth).",
        ),
        Fault::Other(reason) => Told::new(
            tls(TlsReason::Other(reason.clone())),
            "The certificate, or one that signed it, is malformed or uses something outdated.",
            "Make a present-day certificate: version 3, a key of at least 2048 bits (RSA) or an elliptic one, signed with SHA-256.",
        ),
    }
}

fn download(address: Option<&str>) -> String {
    address.map_or_else(String::new, |address| format!("; it can be downloaded from {address}"))
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name)
}

fn days(span: Millis) -> i64 {
    span / (24 * 60 * 60 * 1000)
}

pub fn expires_soon(title: &str, until: Millis, now: Millis) -> Told {
    Told::new(
        format!(
            "Successfully connected; the certificate {title} is valid until {} ({} days).",
            day(until),
            days(until - now)
        ),
        "It was not renewed yet.",
        "Renew it, or check that what renews it by itself still runs.",
    )
}

pub fn client_certificate_asked(host: &str, line: &str) -> Told {
    Told::new(
        format!("Successfully connected: {line}; {host} asks for a client certificate and goes on without one."),
        "The server is set up for client certificates, and Dovetail has none for it.",
        "If requests fail later, have this server or this path excepted from client certificates.",
    )
}

pub fn client_certificate_wanted(host: &str) -> Told {
    Told::new(
        format!("{host} wants a client certificate."),
        "The server, or a proxy before it, lets only clients in that have a certificate (mutual TLS).",
        "Have this machine excepted from that, or let Dovetail reach the server by another address.",
    )
}

pub fn old_protocol(host: &str, version: &str) -> Told {
    Told::new(
        format!("{host} speaks no TLS newer than {version}."),
        "The server, or a device before it, is old or set up so. This version has known holes and is not spoken any more.",
        "Switch on TLS 1.2 or 1.3 on the server, or put a present-day reverse proxy before it.",
    )
}

pub fn old_ciphers(host: &str) -> Told {
    Told::new(
        format!("{host} speaks TLS 1.2 with outdated ciphers only."),
        "Its list of ciphers is old: none of them has forward secrecy and authenticated encryption (GCM, ChaCha20).",
        "Allow present-day ciphers on the server (ECDHE with AES-GCM or ChaCha20-Poly1305), or TLS 1.3.",
    )
}

pub fn not_tls(host: &str, url: &Url, speaks: Speaks) -> Told {
    let seen = NetError::Tls { host: host.to_owned(), reason: TlsReason::NotTls }.to_string();
    match speaks {
        Speaks::Http => {
            let mut plain = url.clone();
            // Fails only between special and other schemes.
            let _ = plain.set_scheme("http");
            Told::new(
                seen,
                "It speaks plain HTTP there: the port, or the https:// before it, is wrong.",
                format!("Use the port for HTTPS; or {} if the server has none.", plain.as_str().trim_end_matches('/')),
            )
        }
        Speaks::Ssh => Told::new(seen, "SSH answers there.", "Use the port of the web pages, or leave the port out."),
        Speaks::Mail => {
            Told::new(seen, "A mail or file server answers there.", "Use the port of the web pages, or leave it out.")
        }
        Speaks::Tls | Speaks::Unknown => Told::new(
            seen,
            "Another service answers there, or something on the way changes what is sent.",
            "Compare the port with the address that your browser shows.",
        ),
    }
}

pub fn handshake_refused(host: &str, reason: &(impl std::fmt::Display + ?Sized)) -> Told {
    Told::new(
        format!("No secure connection to {host}: {reason}."),
        "The server refuses what is offered: it knows no present-day cipher, or no site of this name.",
        "Compare the name in the address with the sites of the server, and its TLS settings with present-day ones.",
    )
}

pub fn broke_off_in_handshake(host: &str) -> Told {
    Told::new(
        format!("The connection to {host} broke off when encryption began."),
        "A firewall that inspects TLS, or a load balancer without a server behind it, hangs up.",
        "Have this machine excepted from the inspection, or look into the log of the server's proxy.",
    )
}

pub fn tls_line_broke(host: &str, error: &io::Error) -> Told {
    Told::new(
        format!("The connection to {host} could not be opened again: {}.", went_wrong(error.kind())),
        "It worked a moment ago: the server or the proxy limits connections, or is restarting.",
        "Check again in a minute.",
    )
}

pub fn tls_no_answer(host: &str) -> Told {
    Told::new(
        format!("{host} accepts connections and does not answer when encryption begins."),
        "Another service listens on this port, or a firewall swallows large packets (MTU), as over a VPN.",
        "Compare the port with the address that your browser shows; check the MTU of the way.",
    )
}

pub fn name_not_for_tls(host: &str) -> Told {
    Told::new(
        format!("{host} is no name that a certificate can have."),
        "It holds signs that names of servers do not have.",
        "Use another name of the server.",
    )
}

// http

pub fn answered(host: &str, status: &str) -> String {
    format!("{host} answers {status}.")
}

pub fn sends_on(host: &str, status: u16, to: &str) -> String {
    format!("{host} answers {status} and sends browsers on to {to}.")
}

pub fn no_answer(error: &NetError) -> Told {
    let (cause, remedy) = match error {
        NetError::Timeout { .. } => (
            "The connection stands, but the server is overloaded, or the application behind it hangs.",
            "Open the address in a browser; look at the server's load and log.",
        ),
        NetError::Proxy { .. } => {
            ("The proxy takes part in each request, and refused this one.", "Ask whoever runs the proxy.")
        }
        NetError::Tls { .. } => (
            "The server accepted a first encrypted connection and not this one: behind one address stand several servers, or it wants a client certificate.",
            "Check again; compare the servers behind the load balancer.",
        ),
        NetError::Reset { .. } => (
            "The server, or a firewall that looks into requests, hangs up when it is asked.",
            "Look into the server's log; have this machine excepted from filters.",
        ),
        _ => ("What answers may not be a web server.", "Compare address and port with those that your browser shows."),
    };
    Told::new(error.to_string(), cause, remedy)
}

pub fn not_http(host: &str, url: &Url, speaks: Speaks) -> Told {
    let seen = format!("{host} does not speak HTTP on this port.");
    match speaks {
        Speaks::Tls => {
            let mut secure = url.clone();
            // Fails only between special and other schemes.
            let _ = secure.set_scheme("https");
            Told::new(seen, "It speaks HTTPS there.", format!("Use {}.", secure.as_str().trim_end_matches('/')))
        }
        Speaks::Ssh => Told::new(seen, "SSH answers there.", "Use the port of the web pages, or leave the port out."),
        Speaks::Mail => {
            Told::new(seen, "A mail or file server answers there.", "Use the port of the web pages, or leave it out.")
        }
        Speaks::Http | Speaks::Unknown => Told::new(
            seen,
            "Another service answers there, or one that wants to be spoken to by TLS (https://).",
            "Compare address and port with those that your browser shows.",
        ),
    }
}

pub fn wants_https(host: &str, to: &str) -> Told {
    Told::new(
        format!("{host} sends on to {to}; redirects are not followed, because they would carry the credentials along."),
        "The server wants to be spoken to by HTTPS.",
        format!("Use {to}."),
    )
}

pub fn elsewhere(host: &str, status: u16, to: &str) -> Told {
    Told::new(
        format!(
            "{host} answers {status} and sends on to {to}; redirects are not followed, because they would carry the credentials along."
        ),
        "The server has moved, or only its front page lies elsewhere.",
        "If the address in your browser is another one once you are logged in, use that.",
    )
}

pub fn log_in_elsewhere(host: &str, to: &str) -> Told {
    Told::new(
        format!("{host} sends on to {to}, which looks like a log-in page of somebody else."),
        "A gate before the server wants people to log in (single sign-on). Programs cannot pass it.",
        "Have the gate let requests with a token through to the server's API (/api, /rest, /oauth), or use an address behind the gate.",
    )
}

pub fn log_in_wall(host: &str, schemes: &[String]) -> Told {
    Told::new(
        format!("{host} wants a log-in before it shows anything (401, {}).", schemes.join(", ")),
        "A web server or a gate before the application is protected by a password of its own.",
        "Have requests to the server's API (/api, /rest, /oauth) excepted from it: a request can carry only one log-in.",
    )
}

pub fn challenge(host: &str) -> Told {
    Told::new(
        format!("{host} wants to be shown that a person is there."),
        "A protection against robots stands before the server (Cloudflare).",
        "Have this machine's address, or the paths of the API, excepted from the protection.",
    )
}

pub fn proxy_page(proxy: &str, host: &str, status: u16) -> Told {
    let cause = match status {
        407 => "It wants a user name and password.",
        403 => "Its rules do not allow this server.",
        502..=504 => "The proxy itself could not resolve or reach the server.",
        _ => "It refused the request or could not carry it out.",
    };
    Told::new(
        format!("The proxy {proxy} answered {status} itself, instead of {host}."),
        cause,
        "Correct the proxy's address in `network.proxy` or the environment, ask whoever runs it, or exempt the server by `network.no_proxy`.",
    )
}

pub fn nothing_behind(host: &str, status: u16) -> Told {
    Told::new(
        format!("{host} answers {status}."),
        "The web server in front works, and the application behind it does not: it is starting, being upgraded, or down.",
        "Wait some minutes and check again; then look at the application.",
    )
}

pub fn server_error(host: &str, status: u16) -> Told {
    Told::new(
        format!("{host} answers {status}."),
        "The application has an error on its front page.",
        "Open the address in a browser and look into the server's log.",
    )
}

pub fn forbidden(host: &str) -> Told {
    Told::new(
        format!("{host} answers 403."),
        "It shows its front page to nobody, or a filter before it turns this machine away.",
        "If the next steps fail too, have this machine's address allowed on the server.",
    )
}

pub fn nothing_here(url: &str, status: u16) -> Told {
    Told::new(
        format!("There is nothing at {} ({status}).", url.trim_end_matches('/')),
        "A web server answers, but the application may lie at another path, or on another server.",
        "Compare the address with the one that your browser shows.",
    )
}

#[cfg(test)]
mod tests;
