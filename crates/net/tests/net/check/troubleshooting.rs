//! The entries of `docs/troubleshooting.md` about the way to a server, each with a server that is broken so.

use std::io::{Read, Write};
use std::net::SocketAddr;

use net::Network;
use rcgen::{CertificateParams, date_time_ymd};
use tokio::net::TcpListener;

use super::servers::{Clients, answers, intermediate, leaf, root, self_signed, serve_raw, tls_server, tls_server_with};
use super::{check, failure, stage, trusting, words};
use crate::server::{client_with, closed_port};
use crate::troubleshooting::assert_told;

async fn tls(address: SocketAddr) -> String {
    let reached = check(&client_with(Network::default()), &format!("https://{address}")).await;
    words(failure(&reached, "tls"))
}

#[tokio::test]
async fn an_unknown_name() {
    let reached = check(&client_with(Network::default()), "https://no-such-host.invalid").await;
    assert_told("“The name could not be resolved”", &words(failure(&reached, "name")));
}

#[tokio::test]
async fn a_closed_port() {
    let reached = check(&client_with(Network::default()), &format!("http://{}", closed_port())).await;
    assert_told("Connection refused", &words(failure(&reached, "tcp")));
}

#[tokio::test]
async fn a_firewall_that_drops() {
    // A queue that is full drops who knocks, as a firewall does.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full: TcpListener = socket.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    loop {
        let knock = tokio::net::TcpStream::connect(address);
        match tokio::time::timeout(std::time::Duration::from_millis(300), knock).await {
            Ok(connection) => waiting.push(connection),
            Err(_) => break,
        }
    }
    let network = Network { connect_timeout: std::time::Duration::from_millis(500), ..Network::default() };

    let reached = check(&client_with(network), &format!("https://{address}")).await;

    assert_told("Nothing happens, and then a time-out", &words(failure(&reached, "tcp")));
}

#[tokio::test]
async fn a_proxy_with_a_password() {
    let proxy = answers(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n");
    let network = Network {
        proxy: Some(format!("http://{proxy}").parse().unwrap()),
        no_proxy: Some("direct.invalid".to_owned()),
        ..Network::default()
    };
    let reached = check(&client_with(network), "https://git.invalid").await;
    assert_told("407 Proxy Authentication Required", &words(failure(&reached, "proxy")));
}

#[tokio::test]
async fn an_unknown_authority() {
    let root = root("Corp Root");
    let told = tls(tls_server(&leaf(&root, |_| ()), &[&root])).await;
    assert_told("Certificate: unknown authority", &told);
}

#[tokio::test]
async fn a_client_certificate_that_is_wanted() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());
    let server = tls_server_with(&leaf(&root, |_| ()), &[], Clients::Required, rustls::ALL_VERSIONS);

    let reached = check(&client, &format!("https://{server}")).await;

    assert_told("Certificate: the server wants one of the client", &words(failure(&reached, "tls")));
}

#[tokio::test]
async fn a_missing_intermediate() {
    let root = root("Corp Root");
    let middle = intermediate("Corp Issuing", &root, |_| ());
    let (client, _file) = trusting(&root.pem());
    let lone = tls_server(&leaf(&middle, |_| ()), &[]);

    let reached = check(&client, &format!("https://{lone}")).await;

    assert_told("Certificate: the server does not send its intermediate", &words(failure(&reached, "tls")));
}

#[tokio::test]
async fn a_self_signed_certificate() {
    assert_told("Certificate: self-signed", &tls(tls_server(&self_signed(|_| ()), &[])).await);
}

#[tokio::test]
async fn an_expired_certificate() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());
    let old = leaf(&root, |params| params.not_after = date_time_ymd(2001, 9, 9));
    let reached = check(&client, &format!("https://{}", tls_server(&old, &[]))).await;
    assert_told("Certificate: expired", &words(failure(&reached, "tls")));
}

#[tokio::test]
async fn a_certificate_for_another_name() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());
    let other = leaf(&root, |params| {
        params.subject_alt_names = CertificateParams::new(vec!["git.corp".to_owned()]).unwrap().subject_alt_names;
    });
    let reached = check(&client, &format!("https://{}", tls_server(&other, &[]))).await;
    assert_told("Certificate: another name", &words(failure(&reached, "tls")));
}

/// Answers as a server does that knows TLS 1.0 alone: an alert to a present-day greeting, a hello to one of old.
#[tokio::test]
async fn old_tls_alone() {
    let old = serve_raw(|mut connection| {
        let mut hello = [0; 4096];
        let count = connection.read(&mut hello).unwrap_or_default();
        let names_versions = hello[..count].windows(4).any(|bytes| bytes == [0, 43, 0, 5]);
        let alert = vec![0x15, 3, 1, 0, 2, 2, 70];
        let greeting = vec![0x16, 3, 1, 0, 0x3d, 2, 0, 0, 0x39, 3, 1];
        connection.write_all(if names_versions { &alert } else { &greeting }).unwrap();
    });
    assert_told("Old TLS only", &tls(old).await);
}

#[tokio::test]
async fn plain_http() {
    let plain = answers(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    assert_told("Plain HTTP behind https://", &tls(plain).await);
}

#[tokio::test]
async fn a_reset_after_the_greeting() {
    let reset = serve_raw(|mut connection| {
        // What was not read when a connection is closed makes a reset of it.
        let _ = connection.read(&mut [0; 1]);
    });
    assert_told("The connection breaks off during the handshake", &tls(reset).await);
}

#[tokio::test]
async fn jiras_old_path() {
    let page = answers(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let reached = check(&client_with(Network::default()), &format!("http://{page}/-/jira")).await;
    assert_told("The address ends with /-/jira", &words(stage(&reached, "url")));
}
