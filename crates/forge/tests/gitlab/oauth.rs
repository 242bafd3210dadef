//! The OAuth dance, as seen from here.

use std::sync::Arc;

use forge::oauth::{OAuthClient, OAuthError, challenge};
use model::HostKind;
use model::clock::ManualClock;
use model::secret::{ExposeSecret as _, SecretString};

use crate::server::{NOW, Server, answer, http, json};

const SECRET: &str = "gloas-do-not-show-me";
const REDIRECT: &str = "http://127.0.0.1:8080/oauth/callback";

fn client(url: &str) -> OAuthClient {
    let clock = Arc::new(ManualClock::new(NOW));
    OAuthClient::new(HostKind::Gitlab, url, "app-id", &SecretString::from(SECRET), http(), clock).unwrap()
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

#[test]
fn the_browser_is_sent_with_state_scope_and_challenge() {
    // given
    let verifier = secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

    // when
    let url = client("https://git.example.com/gitlab")
        .authorize_url("the state", &challenge(&verifier), REDIRECT, "api")
        .unwrap();

    // then
    assert!(url.as_str().starts_with("https://git.example.com/gitlab/oauth/authorize?"), "{url}");
    let mut parameters: Vec<_> = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    parameters.sort();
    assert_eq!(
        parameters,
        [
            "client_id=app-id",
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method=S256",
            "redirect_uri=http://127.0.0.1:8080/oauth/callback",
            "response_type=code",
            "scope=api",
            "state=the state",
        ]
    );
}

#[tokio::test]
async fn a_code_becomes_tokens() {
    // given
    let server = Server::start(|_| {
        json(200, r#"{"access_token":"a1","token_type":"bearer","expires_in":7200,"refresh_token":"r1","scope":"api","created_at":1}"#)
    })
    .await;

    // when
    let tokens = client(&server.url).exchange(&secret("the code"), &secret("the verifier"), REDIRECT).await.unwrap();

    // then
    assert_eq!((tokens.access.expose_secret(), tokens.refresh.unwrap().expose_secret()), ("a1", "r1"));
    assert_eq!((tokens.expires_at, tokens.scope.as_str()), (Some(NOW + 7_200_000), "api"));
    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str(), asked.query.as_str()), ("POST", "/oauth/token", ""));
    for pair in ["grant_type=authorization_code", "code=the+code", "code_verifier=the+verifier", "client_id=app-id"] {
        assert!(asked.body.split('&').any(|sent| sent == pair), "{pair} in {}", asked.body);
    }
    assert!(asked.body.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Foauth%2Fcallback"), "{}", asked.body);
    assert!(asked.body.contains(&format!("client_secret={SECRET}")), "{}", asked.body);
}

#[tokio::test]
async fn a_refresh_brings_a_new_pair() {
    // given
    let server =
        Server::start(|_| json(200, r#"{"access_token":"a2","token_type":"Bearer","refresh_token":"r2"}"#)).await;

    // when
    let tokens = client(&server.url).refresh(&secret("r1")).await.unwrap();

    // then
    assert_eq!((tokens.access.expose_secret(), tokens.refresh.unwrap().expose_secret()), ("a2", "r2"));
    assert_eq!((tokens.expires_at, tokens.scope.as_str()), (None, ""));
    assert!(server.asked()[0].body.contains("grant_type=refresh_token&refresh_token=r1"), "{}", server.asked()[0].body);
}

/// What a refresh fails with when everything is answered so.
async fn failure(status: u16, body: &'static str) -> OAuthError {
    let server = Server::start(move |_| answer(status, &[("content-type", "application/json")], body)).await;
    let error = client(&server.url).refresh(&secret("r-do-not-show-me")).await.unwrap_err();
    let shown = format!("{error:?} {error} {} {} {:?}", error.cause(), error.remedy(), client(&server.url));
    assert!(!shown.contains("do-not-show-me"), "{shown}");
    error
}

#[tokio::test]
async fn every_refusal_has_its_type() {
    // given
    let described = r#"{"error":"invalid_grant","error_description":"The grant r-do-not-show-me is invalid"}"#;

    // then
    assert!(matches!(failure(401, r#"{"error":"invalid_client"}"#).await, OAuthError::InvalidClient));
    assert!(matches!(failure(400, r#"{"error":"unauthorized_client"}"#).await, OAuthError::InvalidClient));
    assert!(matches!(failure(400, described).await, OAuthError::InvalidGrant));
    assert!(matches!(failure(400, r#"{"error":"invalid_redirect_uri"}"#).await, OAuthError::RedirectMismatch));
    assert!(matches!(failure(400, r#"{"error":"invalid_scope"}"#).await, OAuthError::InvalidScope));
    assert!(matches!(failure(400, r#"{"error":"r-do-not-show-me<b>"}"#).await, OAuthError::Other(_)));
    assert!(matches!(failure(404, "<html>r-do-not-show-me").await, OAuthError::NoEndpoint));
    assert!(matches!(failure(502, "<html>r-do-not-show-me").await, OAuthError::Server(502)));
    assert!(matches!(failure(400, "r-do-not-show-me").await, OAuthError::Data));
    assert!(matches!(failure(200, r#"{"access_token":7}"#).await, OAuthError::Data));
    assert!(matches!(failure(200, "").await, OAuthError::Data));
}

#[tokio::test]
async fn a_pause_and_a_redirect_are_told() {
    // given
    let busy = Server::start(|_| answer(429, &[("retry-after", "10")], "Retry later")).await;
    let moved = Server::start(|_| answer(302, &[("location", "https://other.example/oauth/token")], "")).await;

    // when
    let busy = client(&busy.url).refresh(&secret("r1")).await.unwrap_err();
    let moved = client(&moved.url).refresh(&secret("r1")).await.unwrap_err();

    // then
    assert!(matches!(busy, OAuthError::RateLimited { until: Some(until) } if until == NOW + 10_000));
    assert!(matches!(moved, OAuthError::Network(net::NetError::Redirected { .. })), "{moved:?}");
}

#[tokio::test]
async fn an_application_is_checked_before_anybody_is_sent_there() {
    // given
    let knows = Server::start(|_| json(400, r#"{"error":"invalid_grant"}"#)).await;
    let knows_not = Server::start(|_| json(401, r#"{"error":"invalid_client"}"#)).await;

    // then
    assert!(client(&knows.url).check_application(REDIRECT).await.is_ok());
    assert!(matches!(client(&knows_not.url).check_application(REDIRECT).await, Err(OAuthError::InvalidClient)));
    assert!(matches!(client(&knows.url).check_application("no address").await, Err(OAuthError::BadRedirect)));
}

#[test]
fn a_folder_hands_out_no_tokens() {
    // given
    let clock = Arc::new(ManualClock::new(NOW));

    // then
    assert!(OAuthClient::new(HostKind::Folder, "https://h", "id", &secret("s"), http(), clock).is_err());
}
