//! Servers with an authority or a proxy of their own, over REST.

use axum::http::{Method, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use store::Scope;
use store::testing::Engine;

use crate::caller::Caller;
use crate::site::Site;

const PATH: &str = "/api/v1/servers/git.example.com:8443";

fn authority() -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap().pem()
}

#[rstest::rstest]
#[tokio::test]
async fn authorities_and_proxies_come_and_go(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(site) = Site::open(engine).await else { return };
    let admin = Caller::admin(&site).await;

    // when
    let body = json!({ "pem": authority() });
    let trusted = admin.send(Method::POST, &format!("{PATH}/authorities"), Some(&body)).await;
    let body = json!({ "route": "through", "proxy": "socks5h://me:s3cret@proxy.example.com:1080" });
    let through = admin.send(Method::PUT, &format!("{PATH}/proxy"), Some(&body)).await;

    // then
    assert_eq!((trusted.status, through.status), (StatusCode::OK, StatusCode::OK), "{} {}", trusted.text, through.text);
    let listed = admin.json("/api/v1/servers").await;
    assert_eq!(listed, json!([through.json()]));
    assert_eq!(listed[0]["address"], "git.example.com:8443");
    assert_eq!(
        (&listed[0]["route"], &listed[0]["proxy"]),
        (&json!("through"), &json!("socks5h://proxy.example.com:1080"))
    );

    // when
    let fingerprint = listed[0]["authorities"][0]["fingerprint"].as_str().unwrap().to_owned();
    let distrusted = format!("{PATH}/authorities/{fingerprint}");
    assert_eq!(admin.send(Method::DELETE, &distrusted, None).await.status, StatusCode::NO_CONTENT);
    let usual = admin.send(Method::PUT, &format!("{PATH}/proxy"), Some(&json!({ "route": "usual" }))).await;

    // then
    assert_eq!(usual.json()["route"], "usual");
    assert_eq!(admin.json("/api/v1/servers").await, json!([]));
    admin.send(Method::DELETE, &distrusted, None).await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    // given
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let admin = Caller::admin(&site).await;
    let cases: [(Method, String, Value, &str); 4] = [
        (Method::POST, format!("{PATH}/authorities"), json!({ "pem": "none" }), "pem"),
        (Method::POST, "/api/v1/servers/a%20b/authorities".to_owned(), json!({ "pem": authority() }), "address"),
        (Method::PUT, format!("{PATH}/proxy"), json!({ "route": "through" }), "proxy"),
        (Method::PUT, format!("{PATH}/proxy"), json!({ "route": "through", "proxy": "me:s3cret@proxy" }), "proxy"),
    ];
    for (method, path, body, field) in cases {
        // when
        let answer = admin.send(method, &path, Some(&body)).await;

        // then
        assert_eq!(answer.problem(StatusCode::UNPROCESSABLE_ENTITY)["field"], field, "{path}");
        assert!(!answer.text.contains("s3cret"));
    }
}

#[tokio::test]
async fn who_may_only_read_does_not_see_how_servers_are_reached() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (_, reader) = Caller::with_token(&site, Scope::Read).await;
    reader.get("/api/v1/servers").await.problem(StatusCode::FORBIDDEN);
}
