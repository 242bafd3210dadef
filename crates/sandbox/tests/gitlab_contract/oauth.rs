//! OAuth 2 (GitLab contract §5.1).

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::{Method, StatusCode, Url};
use sha2::{Digest, Sha256};

use crate::world::{CALLBACKS, Reply, World};

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";

async fn signed_in_as_ada() -> World {
    World::with(|options| options.auto_sign_in = Some("ada".to_owned())).await
}

/// Sends the browser to the consent page with the usual parameters, some of them replaced.
async fn authorize(world: &World, replaced: &[(&str, &str)]) -> Reply {
    let path = authorize_path(world, replaced);
    world.send(world.request(Method::GET, &path)).await
}

fn authorize_path(world: &World, replaced: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("client_id", world.keys.client_id.as_str()),
        ("redirect_uri", CALLBACKS[0]),
        ("response_type", "code"),
        ("state", "a state & more"),
        ("scope", "api"),
    ];
    pairs.retain(|(name, _)| replaced.iter().all(|(other, _)| name != other));
    pairs.extend_from_slice(replaced);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/oauth/authorize?{query}")
}

/// What the browser carries back to the client.
fn carried(reply: &Reply, name: &str) -> Option<String> {
    assert_eq!(reply.status, StatusCode::FOUND, "{}", reply.text);
    let location = Url::parse(reply.header("location").unwrap()).unwrap();
    location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn code(world: &World) -> String {
    carried(&authorize(world, &[]).await, "code").unwrap()
}

async fn exchange(world: &World, code: &str, replaced: &[(&str, &str)]) -> Reply {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", world.keys.client_id.as_str()),
        ("client_secret", world.keys.secret.as_str()),
        ("code", code),
        ("redirect_uri", CALLBACKS[0]),
    ];
    fields.retain(|(name, _)| replaced.iter().all(|(other, _)| name != other));
    fields.extend_from_slice(replaced);
    world.form("/oauth/token", &fields).await
}

async fn refresh(world: &World, refresh_token: &str) -> Reply {
    let (id, secret) = (world.keys.client_id.as_str(), world.keys.secret.as_str());
    let fields = [("client_id", id), ("client_secret", secret), ("refresh_token", refresh_token)];
    world.form("/oauth/token", &[&fields[..], &[("grant_type", "refresh_token")]].concat()).await
}

/// A pair of tokens, fresh from a dance: access, refresh.
async fn pair(world: &World) -> (String, String) {
    tokens(&exchange(world, &code(world).await, &[]).await)
}

fn tokens(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let field = |name: &str| reply.json()[name].as_str().unwrap().to_owned();
    (field("access_token"), field("refresh_token"))
}

async fn current_user(world: &World, token: &str) -> Reply {
    world.send(world.request(Method::GET, "/api/v4/user").bearer_auth(token)).await
}

fn assert_error(reply: &Reply, status: StatusCode, error: &str) {
    assert_eq!((reply.status, reply.json()["error"].as_str()), (status, Some(error)), "{}", reply.text);
}

#[tokio::test]
async fn a_code_becomes_a_token_that_opens_the_api() {
    // given a signed-in browser and a client with a PKCE verifier
    let world = signed_in_as_ada().await;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    // when the browser is sent to the consent page
    let back = authorize(&world, &[("code_challenge", &challenge), ("code_challenge_method", "S256")]).await;
    // then it carries a code and the state back
    assert!(back.header("location").unwrap().starts_with(CALLBACKS[0]));
    assert_eq!(carried(&back, "state").as_deref(), Some("a state & more"));
    let code = carried(&back, "code").unwrap();
    // and the code becomes a token
    let granted = exchange(&world, &code, &[("code_verifier", VERIFIER)]).await;
    let body = granted.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 7200);
    assert_eq!(body["scope"], "api");
    assert_eq!(body["created_at"], crate::world::NOON / 1000);
    // that speaks for the user
    let user = current_user(&world, body["access_token"].as_str().unwrap()).await;
    assert_eq!(user.json()["username"], "ada");
}

#[tokio::test]
async fn a_redirect_uri_keeps_its_own_query() {
    let world = signed_in_as_ada().await;
    let back = authorize(&world, &[("redirect_uri", CALLBACKS[1])]).await;
    assert!(back.header("location").unwrap().starts_with("http://dovetail.example.com/cb?door=2&code="));
}

#[tokio::test]
async fn a_code_is_good_once() {
    let world = signed_in_as_ada().await;
    let code = code(&world).await;
    tokens(&exchange(&world, &code, &[]).await);
    assert_error(&exchange(&world, &code, &[]).await, StatusCode::BAD_REQUEST, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let world = signed_in_as_ada().await;
    let (early, late) = (code(&world).await, code(&world).await);
    world.clock.advance(10 * 60 * 1000 - 1);
    tokens(&exchange(&world, &early, &[]).await);
    world.clock.advance(1);
    assert_error(&exchange(&world, &late, &[]).await, StatusCode::BAD_REQUEST, "invalid_grant");
}

#[tokio::test]
async fn a_code_needs_its_redirect_uri_verifier_and_client() {
    let world = signed_in_as_ada().await;
    let other_uri = exchange(&world, &code(&world).await, &[("redirect_uri", CALLBACKS[1])]).await;
    assert_error(&other_uri, StatusCode::BAD_REQUEST, "invalid_grant");

    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    for verifier in [&[][..], &[("code_verifier", "another")]] {
        let back = authorize(&world, &[("code_challenge", &challenge), ("code_challenge_method", "S256")]).await;
        let refused = exchange(&world, &carried(&back, "code").unwrap(), verifier).await;
        assert_error(&refused, StatusCode::BAD_REQUEST, "invalid_grant");
    }

    let stranger = exchange(&world, &code(&world).await, &[("client_secret", "wrong")]).await;
    assert_error(&stranger, StatusCode::UNAUTHORIZED, "invalid_client");
    let nobody = exchange(&world, &code(&world).await, &[("client_id", "wrong")]).await;
    assert_error(&nobody, StatusCode::UNAUTHORIZED, "invalid_client");
    let unknown = exchange(&world, &code(&world).await, &[("grant_type", "password")]).await;
    assert_error(&unknown, StatusCode::BAD_REQUEST, "unsupported_grant_type");
}

#[tokio::test]
async fn the_client_may_name_itself_by_http_basic() {
    let world = signed_in_as_ada().await;
    let fields = [("grant_type", "authorization_code"), ("code", &code(&world).await), ("redirect_uri", CALLBACKS[0])];
    let request = world.request(Method::POST, "/oauth/token").form(&fields);
    tokens(&world.send(request.basic_auth(&world.keys.client_id, Some(&world.keys.secret))).await);
}

#[tokio::test]
async fn a_token_expires_by_the_clock_and_is_refreshed() {
    // given tokens that live five seconds
    let world = World::with(|options| {
        options.auto_sign_in = Some("ada".to_owned());
        options.access_token_life = Duration::from_secs(5);
    })
    .await;
    let (access, refresh_token) = pair(&world).await;
    assert_eq!(current_user(&world, &access).await.status, StatusCode::OK);
    // when they are over
    world.clock.advance(5_000);
    // then the API says so
    let expired = current_user(&world, &access).await;
    assert_error(&expired, StatusCode::UNAUTHORIZED, "invalid_token");
    let description = "Token is expired. You can either do re-authorization or token refresh.";
    assert_eq!(expired.json()["error_description"], description);
    assert!(expired.header("www-authenticate").unwrap().contains("invalid_token"));
    // and the refresh token still gives a new pair
    let (fresh, _) = tokens(&refresh(&world, &refresh_token).await);
    assert_eq!(current_user(&world, &fresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_kills_the_old_pair() {
    let world = signed_in_as_ada().await;
    let (access, refresh_token) = pair(&world).await;
    // when the pair is refreshed
    let (new_access, new_refresh) = tokens(&refresh(&world, &refresh_token).await);
    assert_ne!((&access, &refresh_token), (&new_access, &new_refresh));
    // then neither half of the old one is good
    let revoked = current_user(&world, &access).await;
    assert_eq!(revoked.json()["error_description"], "Token was revoked. You have to re-authorize from the user.");
    assert_error(&refresh(&world, &refresh_token).await, StatusCode::BAD_REQUEST, "invalid_grant");
    // and both halves of the new one are
    assert_eq!(current_user(&world, &new_access).await.status, StatusCode::OK);
    tokens(&refresh(&world, &new_refresh).await);
}

#[tokio::test]
async fn a_revoked_token_is_dead_with_its_refresh_token() {
    let world = signed_in_as_ada().await;
    let (access, refresh_token) = pair(&world).await;
    let keys = [("client_id", world.keys.client_id.as_str()), ("client_secret", world.keys.secret.as_str())];
    let fields = [&keys[..], &[("token", access.as_str())]].concat();
    let revoked = world.form("/oauth/revoke", &fields).await;
    assert_eq!((revoked.status, revoked.text.as_str()), (StatusCode::OK, "{}"));
    assert_eq!(current_user(&world, &access).await.status, StatusCode::UNAUTHORIZED);
    assert_error(&refresh(&world, &refresh_token).await, StatusCode::BAD_REQUEST, "invalid_grant");
}

#[tokio::test]
async fn token_info_tells_whose_token_it_is() {
    let world = signed_in_as_ada().await;
    let (access, _) = pair(&world).await;
    world.clock.advance(200_000);
    let info = world.send(world.request(Method::GET, "/oauth/token/info").bearer_auth(&access)).await.json();
    assert_eq!(info["resource_owner_id"], world.ada.0);
    assert_eq!(info["scope"], serde_json::json!(["api"]));
    assert_eq!(info["expires_in"], 7000);
    assert_eq!(info["application"]["uid"], world.keys.client_id.as_str());
    let nobody = world.send(world.request(Method::GET, "/oauth/token/info").bearer_auth("wrong")).await;
    assert_error(&nobody, StatusCode::UNAUTHORIZED, "invalid_token");
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_a_page_and_never_a_redirect() {
    let world = signed_in_as_ada().await;
    let cases = [
        (("client_id", "unknown"), "Client authentication failed due to unknown client"),
        (("redirect_uri", "http://dovetail.example.com/oauth/callback/"), "The redirect URI included is not valid."),
        (("redirect_uri", "http://evil.example.com/"), "The redirect URI included is not valid."),
        (("scope", "sudo"), "The requested scope is invalid, unknown, or malformed."),
        (("scope", "api write_repository"), "The requested scope is invalid, unknown, or malformed."),
    ];
    for (replaced, sentence) in cases {
        let page = authorize(&world, &[replaced]).await;
        assert_eq!(page.status, StatusCode::OK, "{replaced:?}");
        assert_eq!(page.header("location"), None, "{replaced:?}");
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        assert!(page.text.contains(sentence), "{replaced:?}: {}", page.text);
    }
}

#[tokio::test]
async fn without_a_session_the_browser_signs_in_first() {
    // given a browser that nobody signs in
    let world = World::new().await;
    let away = authorize(&world, &[]).await;
    assert_eq!(away.status, StatusCode::FOUND);
    let sign_in = away.header("location").unwrap().to_owned();
    assert!(sign_in.starts_with("/users/sign_in?return_to=%2Foauth%2Fauthorize%3F"), "{sign_in}");
    // when the user signs in
    let query = Url::parse(&format!("http://x{sign_in}")).unwrap();
    let return_to = query.query_pairs().next().unwrap().1.into_owned();
    let form = [("login", "ada"), ("password", "ada-password"), ("return_to", return_to.as_str())];
    let signed_in = world.form("/users/sign_in", &form).await;
    // then the session leads back to the request, state and all
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("sandbox_gitlab_session="));
    let back = signed_in.header("location").unwrap().to_owned();
    let back = world.send(world.request(Method::GET, &back).header("cookie", cookie)).await;
    assert_eq!(carried(&back, "state").as_deref(), Some("a state & more"));
    assert!(carried(&back, "code").is_some());
}

#[tokio::test]
async fn the_user_may_agree_or_refuse() {
    // given a server that asks
    let world = World::with(|options| {
        options.auto_sign_in = Some("ada".to_owned());
        options.ask_consent = true;
    })
    .await;
    let page = authorize(&world, &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in ["Dovetail", "Authorize", "Deny", "a state &#38; more"] {
        assert!(page.text.contains(text), "{text} is missing: {}", page.text);
    }
    // when the user agrees, then there is a code
    let decide = async |decision: &str| {
        let path = authorize_path(&world, &[("decision", decision)]);
        let (path, query) = path.split_once('?').unwrap();
        let form = world.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        world.send(form.body(query.to_owned())).await
    };
    assert!(carried(&decide("allow").await, "code").is_some());
    // when the user refuses, then there is an error and the state
    let refused = decide("deny").await;
    assert_eq!(carried(&refused, "error").as_deref(), Some("access_denied"));
    assert_eq!(carried(&refused, "state").as_deref(), Some("a state & more"));
    assert_eq!(carried(&refused, "code"), None);
}

#[tokio::test]
async fn an_application_takes_its_tokens_along() {
    let world = signed_in_as_ada().await;
    let (access, refresh_token) = pair(&world).await;
    world.model().delete_application(world.keys.id);
    assert_eq!(current_user(&world, &access).await.status, StatusCode::UNAUTHORIZED);
    assert_error(&refresh(&world, &refresh_token).await, StatusCode::UNAUTHORIZED, "invalid_client");
}
