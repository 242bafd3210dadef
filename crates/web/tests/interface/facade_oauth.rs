//! The dance: on to GitLab, back from it, a code for a token.

use axum::http::{Request, StatusCode};
use store::Viewer;
use store::testing::Engine;

use crate::caller::Caller;
use crate::facade_scene::{AGENT, BACK, Jira, Scene, code_of};
use crate::site::MINUTE;

const BAD_CODE: &str = "error=bad_verification_code";

#[rstest::rstest]
#[case::at_the_root("")]
#[case::below_jira("/-/jira")]
#[tokio::test(flavor = "multi_thread")]
async fn jira_gets_a_token_of_our_own(#[values("sqlite", "postgres")] engine: Engine, #[case] prefix: &str) {
    let Some(scene) = Scene::new(engine).await else { return };

    let sent = scene.browse(&scene.authorize_path(prefix, BACK)).await;
    let back = scene.browse(&scene.consent(&sent, scene.jira)).await;
    let answer = scene.exchange(prefix, &scene.keys.secret, &code_of(&back)).await;

    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.starts_with("access_token=dvf_"), "{}", answer.text);
    assert!(answer.text.ends_with("&scope=api&token_type=Bearer"), "{}", answer.text);
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/x-www-form-urlencoded"));
    assert!(scene.site.store.accounts(Viewer::Everything).await.unwrap().is_empty(), "organization= makes no account");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_json_gets_json() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let code = scene.code(scene.jira).await;
    let body =
        serde_json::json!({ "client_id": scene.keys.client_id, "client_secret": scene.keys.secret, "code": code });
    let request = Request::post("/").header("accept", "application/json").header("content-type", "application/json");

    let answer = Caller::nobody(&scene.site).send_raw(request, "/login/oauth/access_token", body.to_string()).await;

    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.json()["access_token"].as_str().unwrap().starts_with("dvf_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_dances_in_one_browser_do_not_meet() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let first = scene.browse(&scene.authorize_path("", BACK)).await;
    let second = scene.browse(&scene.authorize_path("", "https://jira.example.com/other")).await;

    let second = scene.browse(&scene.consent(&second, scene.eve)).await;
    let first = scene.browse(&scene.consent(&first, scene.jira)).await;

    assert!(second.headers["location"].to_str().unwrap().starts_with("https://jira.example.com/other?code="));
    let code = code_of(&first);
    let answer = scene.exchange("", &scene.keys.secret, &code).await;
    assert!(answer.text.starts_with("access_token="), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_comes_back_twice_is_one() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let sent = scene.browse(&scene.authorize_path("", BACK)).await;
    let back = scene.consent(&sent, scene.jira);
    let state = back.rsplit_once("state=").unwrap().1;

    let back = scene.browse(&format!("{back}&state={state}")).await;

    assert!(code_of(&back).starts_with("dvc_"));
}

#[rstest::rstest]
#[case::another_host("https://evil.example.com/")]
#[case::a_longer_host("https://jira.example.com.evil.example/")]
#[case::a_user("https://jira.example.com@evil.example/")]
#[case::another_scheme("http://jira.example.com/")]
#[case::another_port("https://jira.example.com:444/")]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_elsewhere(#[case] back: &str) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();

    let page = scene.browse(&scene.authorize_path("", back)).await;

    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("allowed_redirects") && !page.headers.contains_key("location"));
}

#[rstest::rstest]
#[case::no_address("https://")]
#[case::nothing("")]
#[case::a_script("javascript:alert(1)")]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_is_told_of(#[case] back: &str) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();

    let page = scene.browse(&scene.authorize_path("", back)).await;

    assert!(page.status.is_client_error() && !page.headers.contains_key("location"), "{}", page.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_application_is_told_of() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();

    let page = scene.browse(&scene.authorize_path("", BACK).replace(&scene.keys.client_id, "unknown")).await;

    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("does not know the application"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_goes_back_to_jira_without_a_code() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let sent = scene.browse(&scene.authorize_path("", BACK)).await;
    let back = scene.consent(&sent, scene.jira);
    let state = back.rsplit_once("state=").unwrap().1;

    let denied = scene.browse(&format!("/login/oauth/callback?error=access_denied&state={state}")).await;

    assert_eq!(denied.status, StatusCode::FOUND);
    assert_eq!(denied.headers["location"], format!("{BACK}&error=access_denied"));
    assert_eq!(scene.browse(&back).await.status, StatusCode::SEE_OTHER, "the state is used up: an administrator's now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_makes_jira_show_its_own_sentence() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let code = scene.code(scene.jira).await;

    let answer = scene.exchange("", "wrong", &code).await;

    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "error=incorrect_client_credentials"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_used_twice_takes_its_token_along() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let code = scene.code(scene.jira).await;
    let first = scene.exchange("", &scene.keys.secret, &code).await;
    let token = first.text.split(['=', '&']).nth(1).unwrap();
    let jira = Jira::new(&scene.site, token);
    assert_eq!(jira.status("/api/v3/user").await, StatusCode::OK);

    let second = scene.exchange("", &scene.keys.secret, &code).await;

    assert_eq!((second.status, second.text.as_str()), (StatusCode::OK, BAD_CODE));
    assert_eq!(jira.status("/api/v3/user").await, StatusCode::UNAUTHORIZED);
}

#[rstest::rstest]
#[case::in_time(9, false)]
#[case::too_late(11, true)]
#[tokio::test(flavor = "multi_thread")]
async fn a_code_lives_ten_minutes(#[case] minutes: i64, #[case] over: bool) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let code = scene.code(scene.jira).await;
    scene.later(minutes * MINUTE);

    let answer = scene.exchange("", &scene.keys.secret, &code).await;

    assert_eq!(answer.text == BAD_CODE, over, "{}", answer.text);
}

#[rstest::rstest]
#[case::nothing("")]
#[case::nonsense("client_id=%00&client_secret=%ff&code=%")]
#[case::half("client_id=abc")]
#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_answered_as_github_does(#[case] body: &str) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let request = Request::post("/").header("content-type", "application/x-unheard-of").header("user-agent", AGENT);

    let answer = Caller::nobody(&scene.site).send_raw(request, "/login/oauth/access_token", body.to_owned()).await;

    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "error=incorrect_client_credentials"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_of_nobody_is_the_administrators() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();

    let page = scene.browse("/oauth/callback?code=x&state=unknown").await;

    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert!(page.headers["location"].to_str().unwrap().starts_with("/setup"));
}
