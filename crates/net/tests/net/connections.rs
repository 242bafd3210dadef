//! Connections that do not come about, or break.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use net::{HttpFactory, NetError, Network};

use crate::server::{client, client_with, closed_port, url};

/// Answers the first connection with these bytes after having read something, then closes it.
fn answer_once(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]).unwrap();
        connection.write_all(bytes).unwrap();
    });
    address
}

#[tokio::test]
async fn a_refused_port_is_named() {
    let address = closed_port();
    let error = client().get(&url(address, "")).send().await.unwrap_err();
    assert_eq!(error, NetError::Refused { host: address.to_string() });
}

#[tokio::test]
async fn an_unknown_name_is_named() {
    let url = "http://no-such-host.invalid/".parse().unwrap();
    let error = client().get(&url).send().await.unwrap_err();
    assert_eq!(error, NetError::Dns { host: "no-such-host.invalid".to_owned() });
}

#[tokio::test]
async fn a_connection_that_breaks_off_before_or_within_the_answer() {
    let before = client().get(&url(answer_once(b""), "")).send().await.unwrap_err();
    assert!(matches!(before, NetError::Reset { .. }), "{before:?}");
    let within = client().get(&url(answer_once(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"), ""));
    let within = within.send().await.unwrap().bytes(100).await.unwrap_err();
    assert!(matches!(within, NetError::Reset { .. }), "{within:?}");
}

#[tokio::test]
async fn what_is_not_http_is_no_answer() {
    let error = client().get(&url(answer_once(b"SSH-2.0-OpenSSH_9.2\r\n"), "")).send().await.unwrap_err();
    assert!(matches!(error, NetError::Other { .. }), "{error:?}");
}

#[tokio::test]
async fn private_addresses_are_refused_where_forbidden() {
    let client = client_with(Network { allow_private: false, ..Network::default() });
    for address in ["http://127.0.0.1:1/", "http://[::1]:1/", "http://169.254.169.254/", "http://localhost:1/"] {
        let url = address.parse().unwrap();
        let error = client.get(&url).send().await.unwrap_err();
        assert!(matches!(error, NetError::Private { .. }), "{address}: {error:?}");
        assert!(client.git_access(&url).guard(&url).await.is_err(), "{address}: git is held to the same");
    }
    let url = "http://127.0.0.1/".parse().unwrap();
    assert_eq!(client_with(Network::default()).git_access(&url).guard(&url).await.unwrap(), []);
}

#[tokio::test]
async fn a_proxy_gets_the_request_and_its_refusals_are_its_own() {
    let through = |proxy: SocketAddr| {
        let proxy = format!("http://user:s3cret@{proxy}").parse().ok();
        client_with(Network { proxy, no_proxy: Some("direct.invalid".to_owned()), ..Network::default() })
    };
    let proxy = answer_once(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nyes");
    let plain = through(proxy).get(&"http://git.invalid/".parse().unwrap()).send().await.unwrap();
    assert_eq!(plain.text(10).await.unwrap(), "yes", "the proxy resolves the name");

    let denying = answer_once(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let error = through(denying).get(&"https://git.invalid/".parse().unwrap()).send().await.unwrap_err();
    assert!(matches!(&error, NetError::Proxy { reason, .. } if reason.contains("password")), "{error:?}");
    assert!(!format!("{error:?}").contains("s3cret"));

    let closed = through(closed_port()).get(&"https://git.invalid/".parse().unwrap()).send().await.unwrap_err();
    assert!(matches!(&closed, NetError::Proxy { .. }), "{closed:?}");
    let direct = through(closed_port()).get(&"http://direct.invalid/".parse().unwrap()).send().await.unwrap_err();
    assert!(matches!(&direct, NetError::Dns { host } if host == "direct.invalid"), "{direct:?}");
}

#[test]
fn unusable_settings_are_told_at_once() {
    let missing = Network { ca_bundle: Some("no/such/file.pem".into()), ..Network::default() };
    let error = HttpFactory::new(missing).unwrap_err();
    assert!(matches!(&error, NetError::Settings(text) if text.contains("no/such/file.pem")), "{error:?}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "no certificate").unwrap();
    let empty = Network { ca_bundle: Some(file.path().to_owned()), ..Network::default() };
    assert!(matches!(HttpFactory::new(empty).unwrap_err(), NetError::Settings(_)));
}
