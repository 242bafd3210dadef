//! Whatever is asked, the answer is GitHub's or GitLab's, in JSON, and never a defect.

use axum::http::{Request, StatusCode};
use store::testing::Engine;

use crate::caller::Caller;
use crate::facade_scene::{AGENT, Jira, Scene};

const ENGINE: &str = "/api/v3/repos/platform/engine";

async fn fine(jira: &Jira, path: &str) {
    let answer = jira.get(path).await;
    assert!(answer.status.is_success() || answer.status.is_client_error(), "{path}: {} {}", answer.status, answer.text);
    answer.json();
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_breaks_a_path(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.imported().await;
    let long = "a".repeat(10_000);
    let odd = [
        "..",
        ".",
        "%2e%2e",
        "a%2Fb",
        "..%2F..%2Fetc",
        "%00",
        "%ff",
        "%",
        "%zz",
        "@",
        "@@@",
        "a@..@b",
        "-",
        "%F0%9F%98%80",
        "'%3B--",
        "a%20b",
        "%0d%0aX:y",
        "0",
        "-1",
        "99999999999999999999999",
        &long,
    ];

    for part in odd {
        for path in [
            format!("/users/{part}"),
            format!("/users/{part}/repos"),
            format!("/orgs/{part}/repos"),
            format!("/repos/{part}/engine"),
            format!("/repos/platform/{part}"),
            format!("/repos/platform/{part}/branches"),
            format!("/repos/{part}/{part}/hooks"),
            format!("/repos/platform/engine/commits/{part}"),
            format!("/repos/platform/engine/pulls/{part}"),
            format!("/repos/platform/engine/pulls/{part}/commits"),
            format!("/repos/platform/engine/issues/{part}/comments"),
            format!("/repos/platform/engine/hooks/{part}"),
            format!("/repos/-/jira/pulls/{part}"),
            format!("/{part}"),
        ] {
            fine(&jira, &format!("/api/v3{path}")).await;
        }
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_breaks_a_list(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.imported().await;
    let long = "a".repeat(10_000);

    for path in [
        "/users/platform/repos".to_owned(),
        "/repos/platform/engine/branches".to_owned(),
        "/repos/platform/engine/pulls".to_owned(),
        format!("/repos/platform/engine/pulls/{}/commits", scene.open.0),
        format!("/repos/platform/engine/issues/{}/comments", scene.open.0),
        "/repos/platform/engine/events".to_owned(),
        "/repos/-/jira/pulls".to_owned(),
    ] {
        for query in [
            "page=99999999999999999999999&per_page=100",
            "page=92233720368547758&per_page=100",
            "page=-1&per_page=-1",
            "page=0&per_page=0",
            "per_page=1000000",
            "page=%00&per_page=%ff",
            "page=1&page=2&per_page[]=3",
            "state=%00&sort='&direction=\u{1f600}",
            &format!("state={long}&page={long}"),
        ] {
            let query: String =
                query.chars().map(|c| if c.is_ascii() { c.to_string() } else { "%F0".to_owned() }).collect();
            assert_eq!(jira.status(&format!("/api/v3{path}?{query}")).await, StatusCode::OK, "{path}?{query}");
        }
    }
    let beyond = jira.json(&format!("{ENGINE}/branches?page=99999999999999999999")).await;
    assert_eq!(beyond, serde_json::json!([]));
}

#[rstest::rstest]
#[case::unheard_of("application/x-unheard-of", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case::page("text/html", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[case::old_github("application/vnd.github.beta+json", StatusCode::OK)]
#[case::java("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", StatusCode::OK)]
#[tokio::test(flavor = "multi_thread")]
async fn a_media_type_that_there_is_not_is_told_of(#[case] accept: &str, #[case] status: StatusCode) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let token = scene.jira_of(scene.jira).await.token;
    let request = Request::get("/").header("user-agent", AGENT).header("accept", accept);

    let answer =
        Caller::showing(&scene.site, &format!("token {token}")).send_raw(request, "/api/v3/user", String::new()).await;

    assert_eq!(answer.status, status, "{}", answer.text);
    answer.json();
}

#[rstest::rstest]
#[case::small(1_000, StatusCode::OK)]
#[case::too_large(300 * 1024, StatusCode::PAYLOAD_TOO_LARGE)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_where_none_belongs_does_no_harm(#[case] length: usize, #[case] status: StatusCode) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let token = scene.jira_of(scene.jira).await.token;
    let request = Request::get("/")
        .header("user-agent", AGENT)
        .header("content-type", "application/x-unheard-of")
        .header("content-length", length.to_string());

    let caller = Caller::showing(&scene.site, &format!("token {token}"));
    let answer = caller.send_raw(request, "/api/v3/user", "x".repeat(length)).await;

    assert_eq!(answer.status, status, "{}", answer.text);
    answer.json();
}

#[rstest::rstest]
#[case::long(&["token ", "a"], 10_000)]
#[case::nul(&["token ", "%00"], 1)]
#[case::bare(&["token", ""], 1)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_is_refused(#[case] parts: &[&str], #[case] times: usize) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let shown = format!("{}{}", parts[0], parts[1].repeat(times));
    let request = Request::get("/").header("user-agent", AGENT);

    let answer = Caller::showing(&scene.site, &shown).send_raw(request, "/api/v3/user", String::new()).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    answer.json();
}
