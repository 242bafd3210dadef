//! The way to a server: plain connections and tunnels through proxies.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use http::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower::ServiceExt;
use url::Url;

use crate::connector::Connector;
use crate::proxy::Hop;
use crate::resolver::look_up;
use crate::trust::provider;

/// How many addresses of a name are tried.
pub const ADDRESSES: usize = 8;
/// The longest head of a proxy's answer, in bytes.
const LONGEST_HEAD: usize = 8192;

/// Anything that carries bytes both ways.
pub trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

pub type Stream = Box<dyn Carrier>;

/// One address and how connecting to it went.
pub struct Attempt {
    pub address: SocketAddr,
    pub millis: u64,
    pub result: io::Result<TcpStream>,
}

/// Tries all addresses at once, each for as long as a connection may take.
pub async fn connect_all(addresses: &[SocketAddr], limit: Duration) -> Vec<Attempt> {
    join_all(addresses.iter().take(ADDRESSES).map(|address| attempt(*address, limit))).await
}

async fn attempt(address: SocketAddr, limit: Duration) -> Attempt {
    let started = Instant::now();
    let result = connect(address, limit).await;
    Attempt { address, millis: millis_since(started), result }
}

async fn connect(address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    tokio::time::timeout(limit, TcpStream::connect(address))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

pub fn millis_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Why a proxy gave no tunnel.
#[derive(Debug)]
pub enum TunnelError {
    /// The proxy's own name has no address.
    Unresolved,
    /// No connection to the proxy.
    Connect(io::Error),
    /// No encrypted connection to the proxy.
    Tls(io::Error),
    /// An HTTP proxy refused.
    Refused { status: u16, wants: Vec<String> },
    /// A SOCKS proxy refused, in hyper-util's words.
    Socks(String),
    /// What answers is no proxy.
    NoProxy,
    /// It closed the connection without an answer.
    Closed,
}

/// Opens connections to one server, again and again.
pub enum Way {
    Direct(SocketAddr),
    Tunnel(Box<Tunnel>),
}

impl Way {
    pub async fn open(&self, limit: Duration) -> io::Result<Stream> {
        match self {
            Self::Direct(address) => Ok(Box::new(connect(*address, limit).await?)),
            Self::Tunnel(tunnel) => tokio::time::timeout(limit, tunnel.open())
                .await
                .unwrap_or_else(|_| Err(TunnelError::Connect(io::ErrorKind::TimedOut.into())))
                .map_err(|_| io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

/// A proxy and where it is asked to connect to.
pub struct Tunnel {
    hop: Hop,
    /// Host (an IPv6 address in brackets) and port.
    target: String,
    limit: Duration,
    /// The same trust that the client has for its proxy.
    tls: Option<Arc<ClientConfig>>,
}

impl Tunnel {
    /// `address`: where the target's name is resolved here, what it resolved to.
    pub fn new(connector: &Connector, hop: Hop, url: &Url, address: Option<SocketAddr>) -> Self {
        let named = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
        let target = address.map_or(named, |address| address.to_string());
        let tls = hop.is_encrypted().then(|| trusting(connector)).flatten();
        Self { hop, target, limit: connector.network.connect_timeout, tls }
    }

    pub const fn hop(&self) -> &Hop {
        &self.hop
    }

    /// A connection to the proxy alone.
    pub async fn reach(&self) -> Result<Stream, TunnelError> {
        let found = look_up(self.hop.host(), self.hop.port()).await.map_err(|_| TunnelError::Unresolved)?;
        let attempts = connect_all(&found, self.limit).await;
        let mut problem = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let mut connected = None;
        for attempt in attempts {
            match attempt.result {
                Ok(stream) if connected.is_none() => connected = Some(stream),
                Ok(_) => {}
                Err(error) => problem = error,
            }
        }
        let stream = connected.ok_or(TunnelError::Connect(problem))?;
        let Some(config) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(self.hop.host().to_owned())
            .map_err(|_| TunnelError::Tls(io::ErrorKind::InvalidInput.into()))?;
        let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await.map_err(TunnelError::Tls)?;
        Ok(Box::new(stream))
    }

    /// A connection through the proxy to the target.
    pub async fn open(&self) -> Result<Stream, TunnelError> {
        let stream = self.reach().await?;
        if self.hop.is_socks() { self.socks(stream).await } else { self.connect(stream).await }
    }

    async fn socks(&self, stream: Stream) -> Result<Stream, TunnelError> {
        let target: Uri = format!("https://{}", self.target).parse().map_err(|_| TunnelError::NoProxy)?;
        let opened = socks(&self.hop, target, stream).await;
        opened.map_err(|text| TunnelError::Socks(text.trim_start_matches("SOCKS error: ").to_owned()))
    }

    async fn connect(&self, mut stream: Stream) -> Result<Stream, TunnelError> {
        let mut request = format!("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", self.target).into_bytes();
        if let Some(value) = self.hop.basic_auth() {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(value.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        let exchange = async {
            stream.write_all(&request).await?;
            read_head(&mut stream).await
        };
        let head = exchange.await.map_err(|_| TunnelError::Closed)?;
        match status_of(&head) {
            _ if head.is_empty() => Err(TunnelError::Closed),
            Some(200) => Ok(stream),
            Some(status) => Err(TunnelError::Refused { status, wants: schemes(&head) }),
            None => Err(TunnelError::NoProxy),
        }
    }
}

/// A boxed future, as the compiler cannot see through hyper-util's types that it may move between threads.
fn socks(hop: &Hop, target: Uri, stream: Stream) -> BoxFuture<'static, Result<Stream, String>> {
    let mut stream = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_: Uri| {
        let stream = stream.take().ok_or(io::Error::from(io::ErrorKind::NotConnected));
        std::future::ready(stream)
    });
    let boxed = |stream: TokioIo<Stream>| -> Stream { Box::new(stream.into_inner()) };
    let proxy = hop.uri().clone();
    if hop.is_socks4() {
        let opening = SocksV4::new(proxy, connector).oneshot(target);
        return Box::pin(opening.map(move |opened| opened.map(boxed).map_err(|error| error.to_string())));
    }
    let mut service = SocksV5::new(proxy, connector);
    if let Some((user, word)) = hop.raw_auth() {
        service = service.with_auth(user.to_owned(), word.to_owned());
    }
    Box::pin(service.oneshot(target).map(move |opened| opened.map(boxed).map_err(|error| error.to_string())))
}

fn trusting(connector: &Connector) -> Option<Arc<ClientConfig>> {
    let verifier = connector.trust.verifier().ok()?;
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().ok()?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Some(Arc::new(builder.with_no_client_auth()))
}

/// The head of an answer, byte by byte, as what follows belongs to the tunnel.
async fn read_head(stream: &mut Stream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while head.len() < LONGEST_HEAD && !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await? > 0 {
        head.push(byte[0]);
        // What is no HTTP may never send an empty line, and then wait.
        if head.len() >= 5 && !head.starts_with(b"HTTP/") {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The status of an HTTP answer.
fn status_of(head: &str) -> Option<u16> {
    head.strip_prefix("HTTP/")?.split_whitespace().nth(1)?.parse().ok()
}

/// How the proxy wants to be authenticated.
fn schemes(head: &str) -> Vec<String> {
    let scheme = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let word = value.split_whitespace().next()?;
        let known = name.eq_ignore_ascii_case("proxy-authenticate") && word.chars().all(char::is_alphanumeric);
        known.then(|| word.chars().take(20).collect())
    };
    head.lines().filter_map(scheme).take(5).collect()
}

#[cfg(test)]
mod tests {
    use super::{schemes, status_of};

    #[test]
    fn reads_what_a_proxy_answers() {
        let head = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: Basic realm=\"x\"\r\n\r\n";
        assert_eq!(status_of(head), Some(407));
        assert_eq!(schemes(head), ["Negotiate", "Basic"]);
        assert_eq!(status_of("SSH-2.0-x"), None);
        assert_eq!(status_of("HTTP/1.1 abc"), None);
    }
}
