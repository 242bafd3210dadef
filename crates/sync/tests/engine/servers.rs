//! A server whose certificate was signed by an authority of its own, and one behind a proxy of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rstest::rstest;
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use sync::check::{Target, Verdict};
use sync::connect::{ConnectError, Method};
use sync::servers::{self, AuthorityError, ServerAddress, ServerError, ServerProxy};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::world::{Database, GROUP, World};

/// An authority that no machine knows, and what a server with a certificate of it needs.
fn authority() -> (String, ServerConfig) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Example Corp Root");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "git.example.com");
    let certificate = params.signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    (authority.pem(), config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap())
}

/// Speaks TLS for a server that does not, as a reverse proxy does.
async fn speak_tls(listener: TcpListener, config: ServerConfig, behind: SocketAddr) {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A client that does not trust us goes.
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut inner = TcpStream::connect(behind).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut inner).await;
        });
    }
}

/// A world whose GitLab speaks HTTPS alone; and the authority of its certificate.
async fn behind_tls(database: Database) -> Option<(World, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let world = World::with(database, |options| options.public_url = Some(url)).await?;
    let (authority, config) = authority();
    tokio::spawn(speak_tls(listener, config, world.server.address()));
    Some((world, authority))
}

fn address(world: &World) -> ServerAddress {
    world.server.url().parse().unwrap()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_trusted_for_a_server_lets_everything_through(#[case] database: Database) {
    // given
    let Some((world, authority)) = behind_tls(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let form = || world.form(GROUP, Method::token(world.token()));
    let refused = world.try_connect(form()).await;
    assert!(matches!(refused, Err(ConnectError::Certificate { .. })), "{refused:?}");
    let target = Target {
        kind: model::HostKind::Gitlab,
        host_url: world.server.url().to_owned(),
        account: None,
        token: None,
        application: None,
        redirect_uri: None,
    };
    let report = sync::check::typed(&world.engine, &target, Some("tls"), None).await;
    assert_eq!(report.first_failed().map(|stage| stage.stage.as_str()), Some("tls"));

    // when
    let read = servers::read(&world.engine, &authority).unwrap();
    assert_eq!(read[0].subject, "CN=Example Corp Root");
    servers::trust(&world.engine, &address(&world), &authority).await.unwrap();

    // then: check, REST and git
    let report = sync::check::typed(&world.engine, &target, None, None).await;
    assert_ne!(report.verdict, Verdict::Failed, "{report:?}");
    let account = world.try_connect(form()).await.unwrap();
    world.idle().await;
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_trusted_no_more_is_not_from_the_next_connection_on() {
    // given
    let Some((world, authority)) = behind_tls(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    servers::trust(&world.engine, &address(&world), &authority).await.unwrap();
    let account = world.import(GROUP).await;
    let fingerprint = servers::list(&world.engine).await.unwrap()[0].authorities[0].fingerprint.clone();

    // when
    assert!(servers::distrust(&world.engine, &address(&world), &fingerprint).await.unwrap());
    world.push(project, &[("main", "PLAT-2 Go on")]).await;
    world.refresh(account).await;

    // then
    assert!(servers::list(&world.engine).await.unwrap().is_empty());
    assert!(!servers::distrust(&world.engine, &address(&world), &fingerprint).await.unwrap());
    assert!(world.reachable("PLAT-2").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_start_and_another_node_know_it_too() {
    // given
    let Some((mut world, authority)) = behind_tls(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    servers::trust(&world.engine, &address(&world), &authority).await.unwrap();

    // when
    world.restart().await;
    servers::apply(&world.engine).await.unwrap();

    // then
    let account = world.import(GROUP).await;
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_authority_and_no_proxy_changes_nothing() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };

    // when
    let no_authority = servers::trust(&world.engine, &address(&world), "-----BEGIN CERTIFICATE-----").await;
    let no_proxies = ["", "proxy:3128", "ftp://proxy", "http://", "file:///etc/passwd"]
        .map(|text| servers::read_proxy(&text.to_owned().into()));

    // then
    assert!(matches!(no_authority, Err(ServerError::Authority(AuthorityError::NotPem))), "{no_authority:?}");
    assert!(no_proxies.iter().all(|read| matches!(read, Err(ServerError::Proxy))), "{no_proxies:?}");
    assert!(servers::list(&world.engine).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_one_server_carries_rest_and_git() {
    // given: a proxy that counts and refuses
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let proxy = Router::new().fallback(async move |_: Request| {
        counted.fetch_add(1, Ordering::Relaxed);
        StatusCode::FORBIDDEN
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy_url = format!("http://me:s3cret@{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, proxy).await.unwrap() });
    let account = world.import(GROUP).await;

    // when
    let url = servers::read_proxy(&proxy_url.into()).unwrap();
    servers::set_proxy(&world.engine, &address(&world), ServerProxy::Through(url)).await.unwrap();
    world.push(project, &[("main", "PLAT-2 Go on")]).await;
    world.refresh(account).await;

    // then
    assert!(asked.load(Ordering::Relaxed) > 0);
    assert!(world.reachable("PLAT-2").await.is_empty());
    let listed = servers::list(&world.engine).await.unwrap();
    assert!(!format!("{listed:?}").contains("s3cret"), "{listed:?}");

    // when
    servers::set_proxy(&world.engine, &address(&world), ServerProxy::Usual).await.unwrap();
    world.refresh(account).await;

    // then
    assert!(servers::list(&world.engine).await.unwrap().is_empty());
    world.assert_up_to_date(account).await;
}
