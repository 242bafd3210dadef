//! The steps `proxy` and `tcp`: whether a connection to the server comes about.

use std::net::SocketAddr;

use url::Url;

use super::line::{Attempt, Stream, Tunnel, Way, connect_all};
use super::sentences;
use super::{PROXY, Stage, TCP};
use crate::address::host_name;
use crate::connector::Connector;
use crate::proxy::{Hop, Route};

/// What comes of the step `proxy`.
pub enum Passage {
    /// No proxy takes part.
    Direct,
    /// The proxy connected to the server.
    Tunnel(Box<Tunnel>, Stream),
    /// The proxy takes requests one by one (plain HTTP).
    Forward(Box<Hop>),
}

/// What comes of the step `tcp`.
pub struct Line {
    /// How more connections are opened; none where a proxy forwards requests.
    pub way: Option<Way>,
    /// The first connection, there already.
    pub first: Option<Stream>,
}

/// The step `proxy`. `addresses`: those of the target, where they are known.
pub async fn ask_proxy(
    connector: &Connector,
    url: &Url,
    route: &Route,
    addresses: &[SocketAddr],
) -> (Stage, Option<Passage>) {
    let hop = match route {
        Route::Direct => return (Stage::skipped(PROXY, sentences::no_proxy(url.scheme())), Some(Passage::Direct)),
        Route::Exempt => {
            let exempt = sentences::exempt(url.host_str().unwrap_or_default());
            return (Stage::skipped(PROXY, exempt), Some(Passage::Direct));
        }
        Route::Through(hop) => hop,
    };
    let here = addresses.first().copied().filter(|_| hop.resolves_here());
    let tunnel = Tunnel::new(connector, Hop::clone(hop), url, here);
    let forwards = url.scheme() == "http" && !hop.is_socks();
    let limit = connector.network.connect_timeout * 2; // to the proxy, and from there
    let asked = async { if forwards { tunnel.reach().await } else { tunnel.open().await } };
    let (proxy, target) = (hop.name(), host_name(url));
    match tokio::time::timeout(limit, asked).await {
        Err(_) => (sentences::proxy_silent(&proxy, &hop.origin).failed(PROXY), None),
        Ok(Err(error)) => (sentences::proxy_refused(hop, &target, &error).failed(PROXY), None),
        Ok(Ok(_)) if forwards => {
            let seen = sentences::proxy_forwards(&proxy, &hop.origin);
            (Stage::passed(PROXY, seen), Some(Passage::Forward(hop.clone())))
        }
        Ok(Ok(stream)) => {
            let seen = sentences::proxy_connected(&proxy, &hop.origin, &target);
            (Stage::passed(PROXY, seen), Some(Passage::Tunnel(Box::new(tunnel), stream)))
        }
    }
}

/// The step `tcp`.
pub async fn connect(
    connector: &Connector,
    url: &Url,
    passage: Passage,
    addresses: &[SocketAddr],
) -> (Stage, Option<Line>) {
    let target = host_name(url);
    match passage {
        Passage::Tunnel(tunnel, stream) => {
            let seen = sentences::tcp_by_proxy(&tunnel.hop().name(), &target);
            (Stage::passed(TCP, seen), Some(Line { way: Some(Way::Tunnel(tunnel)), first: Some(stream) }))
        }
        Passage::Forward(hop) => (
            Stage::skipped(TCP, sentences::tcp_left_to_proxy(&hop.name(), &target)),
            Some(Line { way: None, first: None }),
        ),
        Passage::Direct => {
            let attempts = connect_all(addresses, connector.network.connect_timeout).await;
            judge(&target, attempts)
        }
    }
}

fn judge(target: &str, attempts: Vec<Attempt>) -> (Stage, Option<Line>) {
    let lines: Vec<String> = attempts
        .iter()
        .map(|attempt| sentences::attempt_line(attempt.address, attempt.millis, attempt.result.as_ref().err()))
        .collect();
    let errors: Vec<std::io::ErrorKind> =
        attempts.iter().filter_map(|attempt| attempt.result.as_ref().err().map(std::io::Error::kind)).collect();
    let total = attempts.len();
    let connected = attempts.into_iter().find_map(|attempt| Some((attempt.address, attempt.result.ok()?)));
    let Some((address, stream)) = connected else {
        return (sentences::no_connection(target, &errors).failed(TCP).with_details(lines), None);
    };
    let seen = sentences::connected(target, total - errors.len(), total);
    let stream: Stream = Box::new(stream);
    (Stage::passed(TCP, seen).with_details(lines), Some(Line { way: Some(Way::Direct(address)), first: Some(stream) }))
}
