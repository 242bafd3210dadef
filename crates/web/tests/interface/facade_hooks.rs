//! The web hooks that Jira registers, by a client that calls itself Java and shows the token in the address.

use axum::http::{Method, Request, StatusCode};
use serde_json::json;
use store::testing::Engine;

use crate::caller::{Answer, Caller};
use crate::facade_scene::{Jira, Scene};

const HOOKS: &str = "/api/v3/repos/platform/engine/hooks";
pub const PUSH_HOOK: &str = r#"{"id":null,"name":"web","active":true,"events":["push"],
    "config":{"url":"https://jira.example.com/rest/bitbucket/1.0/repository/7/sync"}}"#;
const PULL_HOOK: &str = r#"{"id":null,"name":"web","active":true,
    "events":["push","pull_request","pull_request_review_comment","issue_comment"],
    "config":{"url":"https://jira.example.com/rest/bitbucket/1.0/repository/7/sync","content_type":"json"}}"#;

/// Calls as Jira's client of web hooks does.
pub async fn send(scene: &Scene, jira: &Jira, method: Method, path: &str, body: Option<&str>) -> Answer {
    let request =
        Request::builder().method(method).header("user-agent", "Java/1.8.0_412").header("accept", "application/json");
    let request = if body.is_some() { request.header("content-type", "application/json") } else { request };
    let path = format!("{path}?access_token={}", jira.token);
    Caller::nobody(&scene.site).send_raw(request, &path, body.unwrap_or_default().to_owned()).await
}

#[rstest::rstest]
#[case::at_the_root("")]
#[case::below_jira("/-/jira")]
#[tokio::test(flavor = "multi_thread")]
async fn jira_registers_two_lists_them_and_takes_them_away(
    #[values("sqlite", "postgres")] engine: Engine,
    #[case] prefix: &str,
) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.imported().await;
    let hooks = format!("{prefix}{HOOKS}");
    assert_eq!(send(&scene, &jira, Method::GET, &hooks, None).await.json(), json!([]));

    let push = send(&scene, &jira, Method::POST, &hooks, Some(PUSH_HOOK)).await;
    let pulls = send(&scene, &jira, Method::POST, &hooks, Some(PULL_HOOK)).await;
    let listed = send(&scene, &jira, Method::GET, &hooks, None).await;

    assert_eq!((push.status, pulls.status), (StatusCode::CREATED, StatusCode::CREATED), "{}{}", push.text, pulls.text);
    assert_eq!((listed.json()[0].clone(), listed.json()[1].clone()), (push.json(), pulls.json()));
    assert_eq!(push.json()["config"]["content_type"], "form");
    assert_eq!(pulls.json()["config"]["content_type"], "json");
    assert_eq!((&push.json()["name"], &push.json()["active"]), (&json!("web"), &json!(true)));
    assert!(!listed.text.contains(&jira.token) && !format!("{:?}", listed.headers).contains(&jira.token));

    let one = format!("{hooks}/{}", push.json()["id"]);
    assert_eq!(send(&scene, &jira, Method::GET, &one, None).await.json(), push.json());
    let removed = send(&scene, &jira, Method::DELETE, &one, None).await;
    assert_eq!((removed.status, removed.text.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(send(&scene, &jira, Method::DELETE, &one, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&scene, &jira, Method::GET, &one, None).await.status, StatusCode::NOT_FOUND);
}

#[rstest::rstest]
#[case::elsewhere(r#"{"config":{"url":"https://evil.example.com/"}}"#, "allowed_redirects")]
#[case::inside(r#"{"config":{"url":"http://127.0.0.1:5432/"}}"#, "allowed_redirects")]
#[case::no_address(r#"{"config":{"url":"jira"}}"#, "no address")]
#[case::no_config(r#"{"name":"web"}"#, "missing")]
#[case::another_shape(r#"{"config":"https://jira.example.com/"}"#, "another shape")]
#[case::a_service(r#"{"name":"jenkins","config":{"url":"https://jira.example.com/"}}"#, "only")]
#[case::signed(r#"{"config":{"url":"https://jira.example.com/","secret":"s3cret"}}"#, "not signed")]
#[case::xml(r#"{"config":{"url":"https://jira.example.com/","content_type":"xml"}}"#, "only")]
#[case::no_events(r#"{"events":[],"config":{"url":"https://jira.example.com/"}}"#, "names")]
#[case::odd_events(r#"{"events":["<b>"],"config":{"url":"https://jira.example.com/"}}"#, "names")]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_called_is_refused(#[case] body: &str, #[case] why: &str) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;

    let answer = send(&scene, &jira, Method::POST, HOOKS, Some(body)).await;

    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert!(answer.json()["message"].as_str().unwrap().contains(why), "{}", answer.text);
    assert!(!answer.text.contains("s3cret"));
    assert_eq!(send(&scene, &jira, Method::GET, HOOKS, None).await.json(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_hook_is_registered_once() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    send(&scene, &jira, Method::POST, HOOKS, Some(PUSH_HOOK)).await;

    let again = send(&scene, &jira, Method::POST, HOOKS, Some(PUSH_HOOK)).await;

    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.json()["errors"][0]["message"], "Hook already exists on this repository");
}

#[rstest::rstest]
#[case::no_json("application/json", "{", StatusCode::BAD_REQUEST)]
#[case::nothing("application/json", "", StatusCode::BAD_REQUEST)]
#[case::another_kind("application/xml", "<hook/>", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case::unheard_of("x", PUSH_HOOK, StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_is_refused(#[case] kind: &str, #[case] body: &str, #[case] status: StatusCode) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let request = Request::post("/").header("content-type", kind);
    let path = format!("{HOOKS}?access_token={}", jira.token);

    let answer = Caller::nobody(&scene.site).send_raw(request, &path, body.to_owned()).await;

    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.json()["message"].is_string());
}
