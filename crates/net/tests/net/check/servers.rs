//! Servers and proxies to be checked, good and broken.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

pub type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate and its key.
pub struct Identity {
    pub certificate: Certificate,
    pub key: KeyPair,
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// An authority that no machine knows.
pub fn root(name: &str) -> Authority {
    CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
}

/// An authority below another.
pub fn intermediate(name: &str, above: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Authority {
    let mut params = authority_params(name);
    change(&mut params);
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), above).unwrap()
}

fn leaf_params(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned(), "git.invalid".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "git.invalid");
    change(&mut params);
    params
}

/// A server's certificate for 127.0.0.1 and git.invalid.
pub fn leaf(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = leaf_params(change).signed_by(&key, authority).unwrap();
    Identity { certificate, key }
}

pub fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = leaf_params(change).self_signed(&key).unwrap();
    Identity { certificate, key }
}

/// How a TLS server asks for certificates of clients.
#[derive(Clone, Copy)]
pub enum Clients<'a> {
    Anyone,
    Asked,
    Required,
    /// They need one of this authority.
    Of(&'a Authority),
}

/// A TLS server that sends `chain` behind its own certificate and answers every request with `ok`.
pub fn tls_server(identity: &Identity, chain: &[&Authority]) -> SocketAddr {
    tls_server_with(identity, chain, Clients::Anyone, rustls::ALL_VERSIONS)
}

pub fn tls_server_with(
    identity: &Identity,
    chain: &[&Authority],
    clients: Clients<'_>,
    versions: &[&'static SupportedProtocolVersion],
) -> SocketAddr {
    // Tests contain ring as well as aws-lc-rs, so the provider is named.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let builder = if matches!(clients, Clients::Anyone) {
        builder.with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        let authority = match clients {
            Clients::Of(authority) => authority.der().clone(),
            _ => root("Clients").der().clone(),
        };
        roots.add(authority).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = if matches!(clients, Clients::Asked) { verifier.allow_unauthenticated() } else { verifier };
        builder.with_client_cert_verifier(verifier.build().unwrap())
    };
    let own = identity.certificate.der().clone();
    let sent: Vec<CertificateDer<'static>> =
        std::iter::once(own).chain(chain.iter().map(|one| one.der().clone())).collect();
    let key = PrivatePkcs8KeyDer::from(identity.key.serialize_der()).into();
    let config = Arc::new(builder.with_single_cert(sent, key).unwrap());
    serve_raw(move |connection| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), connection);
        if stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {
            // A client that does not trust us has gone by now.
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    })
}

/// Hands every connection to `answer`, in a thread of its own.
pub fn serve_raw(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || answer(connection.unwrap()));
        }
    });
    address
}

/// Answers whatever comes with these bytes.
pub fn answers(bytes: &'static [u8]) -> SocketAddr {
    serve_raw(move |mut connection| {
        if connection.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {
            let _ = connection.write_all(bytes);
        }
    })
}

/// A proxy that carries every CONNECT to `target`, whatever name it is asked for; keeps the requests' heads.
pub fn proxy_to(target: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    let proxy = serve_raw(move |mut client| {
        let head = read_head(&mut client);
        kept.lock().unwrap().push(head.clone());
        if head.starts_with("CONNECT ") {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
            carry(client, TcpStream::connect(target).unwrap());
        } else if !head.is_empty() {
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
        }
    });
    (proxy, heads)
}

/// A SOCKS 5 proxy (RFC 1928) that carries everything to `target`, or answers with the status `refuses`.
pub fn socks_to(target: SocketAddr, refuses: u8) -> SocketAddr {
    serve_raw(move |mut client| {
        let mut greeting = [0; 3];
        if client.read_exact(&mut greeting).is_err() {
            return;
        }
        assert_eq!(greeting, [5, 1, 0]);
        client.write_all(&[5, 0]).unwrap();
        let mut request = [0; 5];
        client.read_exact(&mut request).unwrap();
        assert_eq!(request[..4], [5, 1, 0, 3], "a name, resolved by the proxy");
        let mut name = vec![0; usize::from(request[4]) + 2];
        client.read_exact(&mut name).unwrap();
        assert!(name.starts_with(b"git.invalid"));
        client.write_all(&[5, refuses, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        if refuses == 0 {
            carry(client, TcpStream::connect(target).unwrap());
        }
    })
}

fn read_head(client: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|count| count > 0) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn carry(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (mut from_server, mut to_client) = (server, client);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(std::net::Shutdown::Write);
    });
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(std::net::Shutdown::Both);
}
