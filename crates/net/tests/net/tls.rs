//! Certificates, good and bad.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use net::{Client, NetError, Network, TlsReason};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::NamedTempFile;

use crate::server::client_with;

/// An authority that no machine knows.
pub fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server with a certificate of `authority`; answers every connection.
pub fn server(
    authority: &CertifiedIssuer<'static, KeyPair>,
    names: &[&str],
    change: impl FnOnce(&mut CertificateParams),
) -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    change(&mut params);
    let certificate = params.signed_by(&key, authority).unwrap();
    // Tests contain ring as well as aws-lc-rs, so the provider is named.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), connection.unwrap());
            if stream.read(&mut [0; 4096]).is_ok() {
                // A client that does not trust us has gone by now.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            }
        }
    });
    address
}

fn trusting(authority: &CertifiedIssuer<'static, KeyPair>) -> (Client, NamedTempFile) {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    (client_with(Network { ca_bundle: Some(file.path().to_owned()), ..Network::default() }), file)
}

pub async fn reason(client: &Client, address: SocketAddr) -> TlsReason {
    match client.get(&format!("https://{address}/").parse().unwrap()).send().await {
        Err(NetError::Tls { reason, host }) => {
            assert_eq!(host, address.to_string());
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_private_authority_is_unknown_until_configured() {
    let authority = authority();
    let address = server(&authority, &["127.0.0.1"], |_| ());
    let plain = client_with(Network::default());
    assert_eq!(reason(&plain, address).await, TlsReason::UnknownIssuer);

    let (client, _file) = trusting(&authority);
    let response = client.get(&format!("https://{address}/").parse().unwrap()).send().await.unwrap();

    assert_eq!(response.text(10).await.unwrap(), "ok");
}

#[tokio::test]
async fn a_certificate_for_another_name_tells_which() {
    let authority = authority();
    let (client, _file) = trusting(&authority);
    let address = server(&authority, &["git.corp", "*.git.corp"], |_| ());
    let reason = reason(&client, address).await;
    assert_eq!(reason, TlsReason::WrongName { valid_for: vec!["git.corp".to_owned(), "*.git.corp".to_owned()] });
    assert_eq!(reason.to_string(), "its certificate is only valid for git.corp, *.git.corp");
}

#[tokio::test]
async fn certificates_out_of_their_time() {
    let authority = authority();
    let (client, _file) = trusting(&authority);
    let expired = server(&authority, &["127.0.0.1"], |params| params.not_after = date_time_ymd(2001, 9, 9));
    let since = match reason(&client, expired).await {
        TlsReason::Expired { since } => since,
        other => panic!("{other:?}"),
    };
    assert_eq!(since, Some(999_993_600_000));
    let early = server(&authority, &["127.0.0.1"], |params| params.not_before = date_time_ymd(2999, 1, 1));
    assert_eq!(reason(&client, early).await, TlsReason::NotYetValid);
}

#[tokio::test]
async fn a_port_without_tls_is_recognised() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]).unwrap();
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    assert_eq!(reason(&client_with(Network::default()), address).await, TlsReason::NotTls);
}

#[tokio::test]
async fn git_is_given_the_same_authority() {
    let authority = authority();
    let (client, _file) = trusting(&authority);
    let access = client.git_access(&"https://git.corp/".parse().unwrap());
    let (key, path) = access.config()[0].clone();
    assert_eq!(key, "http.sslCAInfo");
    assert!(std::fs::read_to_string(path).unwrap().ends_with(&authority.pem()));
}
