//! What is said of encryption and certificates.

use std::io;

use model::Millis;
use rustls::{CipherSuite, ProtocolVersion};
use url::Url;

use super::Told;
use super::tcp::went_wrong;
use crate::check::certificate::{Certificate, day};
use crate::check::chain::Fault;
use crate::check::greeting::Speaks;
use crate::{NetError, TlsReason};

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
                "Have an authority sign it; or compare the fingerprint {fingerprint} on the server and, if it is the same, trust the certificate on the page Servers, or put it into the file of `network.ca_bundle`."
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
                "Compare the fingerprint {fingerprint} with its owner's, then trust the certificate on the page Servers, or put it into the file of `network.ca_bundle`."
            ),
        ),
        Fault::LoneLeaf { issuer, address } => Told::new(
            tls(TlsReason::UnknownIssuer),
            format!(
                "Either the server does not send its intermediate certificate “{issuer}”, or “{issuer}” is an authority that is not trusted here. Browsers may hide the first, as they remember intermediates."
            ),
            format!(
                "If it is an intermediate: add it on the server behind its own certificate (fullchain){}. If it is your authority: trust its certificate on the page Servers, or put it into the file of `network.ca_bundle`.",
                download(address.as_deref())
            ),
        ),
        Fault::UnknownIssuer { last, issuer, address } => Told::new(
            untrusted("its certificate is signed by an authority that is not trusted here"),
            format!(
                "The chain sent ends at {last}; its issuer “{issuer}” is neither sent nor trusted here. It is probably your own authority, or one more intermediate is missing."
            ),
            format!(
                "If it is your authority: trust its certificate on the page Servers, or put it into the file of `network.ca_bundle`. If it is an intermediate: add it on the server{}.",
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
            "Trust the authority's present certificate on the page Servers, or put it into the file of `network.ca_bundle`; or sign the server's by it again.",
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
        "If requests fail later, have a certificate made for Dovetail and name it in `network.client_certificate`, or have this path excepted.",
    )
}

pub fn client_certificate_wanted(host: &str) -> Told {
    Told::new(
        format!("{host} wants a client certificate."),
        "The server, or a proxy before it, lets only clients in that have a certificate (mutual TLS).",
        "Have a certificate made for Dovetail and name it in `network.client_certificate` (and its key in `network.client_key`), or have this machine excepted.",
    )
}

pub fn client_certificate_refused(host: &str) -> Told {
    Told::new(
        format!("{host} does not accept the client certificate of `network.client_certificate`."),
        "It has expired, is signed by an authority that the server does not know, or comes without its intermediate.",
        "Look into the server's log for the reason; have a certificate made that it accepts, and put its intermediates behind it in the same file.",
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
