//! The OAuth dance in GitHub's words.

use std::sync::Arc;

use forge::oauth::{OAuthClient, OAuthError, challenge};
use model::HostKind;
use model::clock::ManualClock;
use model::secret::{ExposeSecret as _, SecretString};

use crate::server::{GITHUB, NOW, Server, answer, http, json};

const SECRET: &str = "ghs-do-not-show-me";
const REDIRECT: &str = "http://127.0.0.1:8080/oauth/callback";

fn client(url: &str) -> OAuthClient {
    let clock = Arc::new(ManualClock::new(NOW));
    OAuthClient::new(HostKind::Github, url, "app-id", &SecretString::from(SECRET), http(), clock).unwrap()
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

#[test]
fn the_state_goes_twice_as_old_gitlabs_lose_one_of_them() {
    let cases = [
        ("https://github.com", "https://github.com/login/oauth/authorize?"),
        ("https://git.example.com/code", "https://git.example.com/code/login/oauth/authorize?"),
        ("https://gitlab.example.com/-/jira", "https://gitlab.example.com/-/jira/login/oauth/authorize?"),
    ];
    for (root, expected) in cases {
        // when
        let url =
            client(root).authorize_url("the state", &challenge(&secret(&"v".repeat(43))), REDIRECT, "repo").unwrap();

        // then
        assert!(url.as_str().starts_with(expected), "{url}");
        let told = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!(
            (told("state").as_str(), told("scope").as_str(), told("client_id").as_str()),
            ("the state", "repo", "app-id")
        );
        assert_eq!(told("redirect_uri"), format!("{REDIRECT}?state=the+state"));
    }
}

#[tokio::test]
async fn a_code_becomes_a_token_whether_the_answer_is_a_form_or_json() {
    for (media, body) in [
        ("application/json", r#"{"access_token":"gho_1","scope":"repo,gist","token_type":"bearer"}"#),
        ("application/x-www-form-urlencoded; charset=utf-8", "access_token=gho_1&scope=repo%2Cgist&token_type=bearer"),
        ("text/plain", "access_token=gho_1&scope=repo gist&token_type=Bearer"),
    ] {
        // given
        let server = Server::start(move |_| answer(200, &[("content-type", media)], body)).await;

        // when
        let tokens =
            client(&server.url).exchange(&secret("the code"), &secret("the verifier"), REDIRECT).await.unwrap();

        // then
        assert_eq!((tokens.access.expose_secret(), tokens.scope.as_str()), ("gho_1", "repo gist"), "{media}");
        assert!(tokens.refresh.is_none() && tokens.expires_at.is_none());
        let asked = &server.asked()[0];
        assert_eq!(
            (asked.method.as_str(), asked.path.as_str(), asked.query.as_str()),
            ("POST", "/login/oauth/access_token", "")
        );
        assert!(asked.body.contains("code=the+code") && asked.body.contains(&format!("client_secret={SECRET}")));
        assert!(
            !asked.body.contains("redirect_uri"),
            "the one of the request had a state, which is not known any more"
        );
        assert!(asked.headers["user-agent"].to_str().unwrap().starts_with("Jira DVCS Connector/"));
    }
}

#[tokio::test]
async fn a_token_that_ends_is_renewed() {
    // given
    let server = Server::start(|_| {
        json(
            200,
            r#"{"access_token":"ghu_2","expires_in":28800,"refresh_token":"ghr_2","token_type":"bearer","scope":""}"#,
        )
    })
    .await;

    // when
    let tokens = client(&server.url).refresh(&secret("ghr_1")).await.unwrap();

    // then
    assert_eq!((tokens.access.expose_secret(), tokens.refresh.unwrap().expose_secret()), ("ghu_2", "ghr_2"));
    assert_eq!((tokens.expires_at, tokens.scope.as_str()), (Some(NOW + 28_800_000), ""));
}

async fn failure(status: u16, body: &'static str) -> OAuthError {
    let server = Server::start(move |_| answer(status, &[GITHUB], body)).await;
    let error = client(&server.url).refresh(&secret("r-do-not-show-me")).await.unwrap_err();
    let shown = format!("{error:?} {error} {} {} {:?}", error.cause(), error.remedy(), client(&server.url));
    assert!(!shown.contains("do-not-show-me"), "{shown}");
    error
}

#[tokio::test]
async fn refusals_in_200_are_refusals() {
    assert!(matches!(failure(200, "error=bad_verification_code&error_description=x").await, OAuthError::InvalidGrant));
    assert!(matches!(failure(200, r#"{"error":"incorrect_client_credentials"}"#).await, OAuthError::InvalidClient));
    assert!(matches!(failure(200, r#"{"error":"redirect_uri_mismatch"}"#).await, OAuthError::RedirectMismatch));
    assert!(matches!(failure(200, r#"{"error":"unverified_user_email"}"#).await, OAuthError::Other(_)));
    assert!(matches!(failure(200, "error=r-do-not-show-me").await, OAuthError::Other(_)));
    assert!(matches!(failure(404, r#"{"error":"Not Found"}"#).await, OAuthError::InvalidClient));
    assert!(matches!(failure(404, "<html>").await, OAuthError::NoEndpoint));
    assert!(matches!(failure(410, "").await, OAuthError::NoEndpoint));
    assert!(matches!(failure(401, "invalid_client").await, OAuthError::InvalidClient));
    assert!(matches!(failure(200, "access_token=&scope=&token_type=").await, OAuthError::InvalidGrant));
    assert!(matches!(failure(200, "<html>r-do-not-show-me").await, OAuthError::Data));
    assert!(matches!(failure(502, "<html>").await, OAuthError::Server(502)));
    assert!(matches!(failure(429, "").await, OAuthError::RateLimited { .. }));
}

#[tokio::test]
async fn an_application_is_checked_before_anybody_is_sent_there() {
    // given
    let knows = Server::start(|_| json(200, r#"{"error":"bad_verification_code"}"#)).await;
    let knows_not = Server::start(|_| json(200, r#"{"error":"incorrect_client_credentials"}"#)).await;

    // then
    assert!(client(&knows.url).check_application(REDIRECT).await.is_ok());
    assert!(matches!(client(&knows_not.url).check_application(REDIRECT).await, Err(OAuthError::InvalidClient)));
    assert!(matches!(client(&knows.url).check_application("no address").await, Err(OAuthError::BadRedirect)));
}
