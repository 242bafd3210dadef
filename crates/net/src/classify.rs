//! From reqwest's chain of errors to what people can act on.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::CertificateError;

use crate::resolver::ResolveError;
use crate::{NetError, TlsReason};

/// Classifies an error of a request to `host`. reqwest's own text is not used where it holds the URL.
pub fn classify(error: &reqwest::Error, host: &str) -> NetError {
    let host = host.to_owned();
    let chain = chain(error);
    if let Some(reason) = proxy_reason(&chain) {
        return NetError::Proxy { host, reason };
    }
    for source in &chain {
        if let Some(found) = known(*source, &host) {
            return found;
        }
    }
    if error.is_timeout() {
        return NetError::Timeout { host };
    }
    if chain.iter().any(|source| is_broken_off(&source.to_string())) {
        return NetError::Reset { host };
    }
    let reason = chain.last().filter(|_| chain.len() > 1).map_or("no further details".to_owned(), ToString::to_string);
    if error.is_decode() { NetError::BadBody { host, reason } } else { NetError::Other { host, reason } }
}

/// All errors from the outermost in. An `io::Error` hides the error it wraps from `source()`, so it is asked for it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut chain = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        chain.push(error);
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    }
    chain
}

fn known(error: &(dyn Error + 'static), host: &str) -> Option<NetError> {
    let host = host.to_owned();
    if let Some(error) = error.downcast_ref::<ResolveError>() {
        return Some(error.clone().into());
    }
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(NetError::Tls { host, reason: tls_reason(error) });
    }
    match error.downcast_ref::<io::Error>()?.kind() {
        ErrorKind::ConnectionRefused => Some(NetError::Refused { host }),
        ErrorKind::TimedOut => Some(NetError::Timeout { host }),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some(NetError::Reset { host }),
        _ => None,
    }
}

/// The tunnel's error type is private to hyper-util; its text is stable and tested here.
fn proxy_reason(chain: &[&(dyn Error + 'static)]) -> Option<String> {
    let texts: Vec<String> = chain.iter().map(ToString::to_string).collect();
    if let Some(socks) = texts.iter().find_map(|text| text.strip_prefix("SOCKS error: ")) {
        return Some(socks_reason(socks));
    }
    let tunnel = texts.iter().find_map(|text| text.strip_prefix("tunnel error: "))?;
    Some(match tunnel {
        "proxy authorization required" => "it wants a user name and password".to_owned(),
        "unsuccessful" => "it refuses to connect to this host".to_owned(),
        "failed to create underlying connection" => "the proxy itself cannot be reached".to_owned(),
        other => other.to_owned(),
    })
}

/// hyper-util's words for what a SOCKS proxy answers, in words for people.
pub fn socks_reason(text: &str) -> String {
    match text {
        "failed to create underlying connection" => "the proxy itself cannot be reached",
        "server does not support user/pass authentication" | "server implements authentication incorrectly" => {
            "it wants to be authenticated in another way"
        }
        "credentials not accepted" => "it does not accept the user name and password",
        "connection not allowed" => "it refuses to connect to this host",
        "connection refused" => "the host refused its connection",
        "host unreachable" | "network unreachable" | "ttl expired" => "it cannot reach the host",
        "general server failure" | "server failed to execute command" => "it could not connect to the host",
        "failed parsing server response" | "io error during SOCKS handshake" => "its answer is not SOCKS",
        other => other,
    }
    .to_owned()
}

fn is_broken_off(text: &str) -> bool {
    text.contains("connection closed before message completed") || text.contains("unexpected EOF")
}

pub fn tls_reason(error: &rustls::Error) -> TlsReason {
    match error {
        rustls::Error::InvalidCertificate(error) => certificate_reason(error),
        rustls::Error::InvalidMessage(_) => TlsReason::NotTls,
        other => TlsReason::Other(other.to_string()),
    }
}

fn certificate_reason(error: &CertificateError) -> TlsReason {
    match error {
        CertificateError::UnknownIssuer => TlsReason::UnknownIssuer,
        CertificateError::NotValidForName => TlsReason::WrongName { valid_for: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => {
            TlsReason::WrongName { valid_for: presented.iter().take(10).map(|name| plain_name(name)).collect() }
        }
        CertificateError::Expired => TlsReason::Expired { since: None },
        CertificateError::ExpiredContext { not_after, .. } => TlsReason::Expired {
            since: i64::try_from(not_after.as_secs()).ok().and_then(|seconds| seconds.checked_mul(1000)),
        },
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsReason::NotYetValid,
        CertificateError::Revoked => TlsReason::Revoked,
        other => TlsReason::Other(other.to_string()),
    }
}

/// rustls prints names as `DnsName("git.corp")`; people want `git.corp`.
fn plain_name(name: &str) -> String {
    name.split('"').nth(1).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn shows_names_as_people_write_them() {
        assert_eq!(plain_name("DnsName(\"git.corp\")"), "git.corp");
        assert_eq!(plain_name("127.0.0.1"), "127.0.0.1");
    }
}
