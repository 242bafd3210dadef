//! What holds for one server alone.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use net::{AuthorityError, Client, NetError, Network, ServerProxy, ServerSettings, TlsReason, read_authorities};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use url::Url;

use crate::server::{client_with, closed_port, serve};
use crate::tls::{authority, reason, server};

/// 2030-01-01.
const NOW: i64 = 1_893_456_000_000;

fn https(address: SocketAddr) -> Url {
    format!("https://{address}/").parse().unwrap()
}

fn settings(address: SocketAddr, authorities: Option<String>, proxy: ServerProxy) -> ServerSettings {
    ServerSettings { address: address.to_string().parse().unwrap(), authorities, proxy }
}

fn setting<'a>(access: &'a net::GitAccess, key: &str) -> Option<&'a str> {
    access.config().iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

async fn answers(client: &Client, address: SocketAddr) -> bool {
    client.get(&https(address)).send().await.is_ok()
}

#[tokio::test]
async fn an_authority_of_one_server_is_trusted_for_that_one_alone() {
    // given
    let authority = authority();
    let (one, other) = (server(&authority, &["127.0.0.1"], |_| ()), server(&authority, &["127.0.0.1"], |_| ()));
    let client = client_with(Network::default());
    let clone = client.clone();
    assert_eq!(reason(&client, one).await, TlsReason::UnknownIssuer);

    // when
    client.set_servers(vec![settings(one, Some(authority.pem()), ServerProxy::Usual)]).unwrap();

    // then: without another client, and for git too
    assert!(answers(&clone, one).await);
    assert_eq!(reason(&clone, other).await, TlsReason::UnknownIssuer);
    let access = clone.git_access(&https(one));
    let path = setting(&access, "http.sslCAInfo").unwrap().to_owned();
    assert!(std::fs::read_to_string(&path).unwrap().contains(&authority.pem()));
    assert_ne!(setting(&clone.git_access(&https(other)), "http.sslCAInfo"), Some(path.as_str()));

    // when
    client.set_servers(Vec::new()).unwrap();

    // then
    assert_eq!(reason(&clone, one).await, TlsReason::UnknownIssuer);
    assert!(std::fs::exists(&path).unwrap(), "a git that runs still needs it");
    drop(access);
    assert!(!std::fs::exists(&path).unwrap());
}

#[tokio::test]
async fn an_authority_of_a_server_stands_beside_those_of_the_configuration() {
    // given
    let (of_all, of_one) = (authority(), authority());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), of_all.pem()).unwrap();
    let client = client_with(Network { ca_bundle: Some(file.path().to_owned()), ..Network::default() });
    let before = server(&of_all, &["127.0.0.1"], |_| ());

    // when
    client.set_servers(vec![settings(before, Some(of_one.pem()), ServerProxy::Usual)]).unwrap();

    // then
    assert!(answers(&client, before).await);
}

#[tokio::test]
async fn a_proxy_of_one_server_takes_the_requests_to_that_one_alone() {
    // given: an HTTP proxy gets the whole address
    let proxy = serve(Router::new().fallback(get(async |uri: axum::http::Uri| uri.to_string()))).await;
    let direct = serve(Router::new().fallback(get(async || "direct"))).await;
    let client = client_with(Network::default());
    let far = Url::parse("http://git.invalid:8080/a").unwrap();
    let of_far = |proxy| ServerSettings { address: "git.invalid:8080".parse().unwrap(), authorities: None, proxy };

    // when
    client.set_servers(vec![of_far(ServerProxy::Through(proxy.clone()))]).unwrap();

    // then
    let text = async |url: &Url| client.get(url).send().await.unwrap().text(100).await.unwrap();
    assert_eq!((text(&far).await.as_str(), text(&direct).await.as_str()), (far.as_str(), "direct"));
    let access = client.git_access(&far);
    assert_eq!(setting(&access, "http.proxy"), Some(proxy.as_str()));
    assert!(access.environment().contains(&("no_proxy".to_owned(), String::new())), "no exception of the machine");
}

#[tokio::test]
async fn one_server_can_be_reached_without_the_proxy_of_all_others() {
    // given
    let proxy = format!("http://{}", closed_port()).parse().ok();
    let client = client_with(Network { proxy, no_proxy: Some(String::new()), ..Network::default() });
    let near = serve(Router::new().fallback(get(async || "direct"))).await;
    assert!(client.get(&near).send().await.is_err());

    // when
    let address = near.as_str().parse().unwrap();
    client.set_servers(vec![ServerSettings { address, authorities: None, proxy: ServerProxy::Direct }]).unwrap();

    // then
    assert_eq!(client.get(&near).send().await.unwrap().text(10).await.unwrap(), "direct");
    assert_eq!(setting(&client.git_access(&near), "http.proxy"), Some(""));
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_told_and_the_others_hold() {
    // given
    let authority = authority();
    let (good, bad) = (server(&authority, &["127.0.0.1"], |_| ()), server(&authority, &["127.0.0.1"], |_| ()));
    let client = client_with(Network::default());

    // when
    let broken = settings(bad, Some("no certificate".to_owned()), ServerProxy::Usual);
    assert!(client.try_server(&broken).is_err());
    let unusable = client.set_servers(vec![broken, settings(good, Some(authority.pem()), ServerProxy::Usual)]);

    // then
    let unusable = unusable.unwrap_err();
    assert!(matches!(unusable.as_slice(), [(address, NetError::Settings(_))] if address.as_str() == bad.to_string()));
    assert!(answers(&client, good).await);
}

#[test]
fn authorities_are_read_with_their_fingerprints() {
    // given
    let (one, other) = (authority(), authority());

    // when
    let read = read_authorities(&format!("# ours\n{}{}{}", one.pem(), other.pem(), one.pem()), NOW).unwrap();

    // then
    assert_eq!(read.len(), 2, "each once");
    assert_eq!(read[0].fingerprint.len(), 95);
    assert_eq!(read_authorities(&read[1].pem, NOW).unwrap(), read[1..]);
}

#[test]
fn what_is_no_authority_is_refused() {
    let authority = authority();
    let of_server = |change: fn(&mut CertificateParams)| {
        let mut params = CertificateParams::new(vec!["git.corp".to_owned()]).unwrap();
        change(&mut params);
        params
    };
    let key = KeyPair::generate().unwrap();
    let signed = of_server(|_| ()).signed_by(&key, &authority).unwrap().pem();
    let own = of_server(|_| ()).self_signed(&key).unwrap().pem();
    let expired = of_server(|params| params.not_after = date_time_ymd(2001, 9, 9)).self_signed(&key).unwrap().pem();

    assert!(matches!(read_authorities(&signed, NOW), Err(AuthorityError::OfServer { .. })));
    assert!(read_authorities(&own, NOW).is_ok(), "it vouches for that server");
    assert!(matches!(read_authorities(&expired, NOW), Err(AuthorityError::OutOfTime { .. })));
    assert_eq!(read_authorities(&key.serialize_pem(), NOW), Err(AuthorityError::NotPem));
    assert_eq!(read_authorities("", NOW), Err(AuthorityError::NotPem));
    assert_eq!(read_authorities(&"a".repeat(65 * 1024), NOW), Err(AuthorityError::TooLarge));
}
