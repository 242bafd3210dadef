//! Whatever is asked, the answer is GitHub's or GitLab's, in JSON, and never a defect.

use axum::http::{Method, Request, StatusCode};
use store::testing::Engine;

use crate::caller::Caller;
use crate::facade_hooks::send;
use crate::facade_scene::{AGENT, BACK, Jira, Scene};

const ENGINE: &str = "/api/v3/repos/platform/engine";

async fn fine(jira: &Jira, path: &str) {
    let answer = jira.get(path).await;
    assert!(answer.status.is_success() || answer.status.is_client_error(), "{path}: {} {}", answer.status, answer.text);
    answer.json();
}

/// What no forge would put into a path.
fn odd_parts() -> Vec<String> {
    let parts = [
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
        "%5C%5Cevil.example.com",
        "https:%2F%2Fevil.example.com",
        "0",
        "-1",
        "1e9",
        "99999999999999999999999",
    ];
    let long = "a".repeat(10_000);
    parts.into_iter().map(str::to_owned).chain([long.clone(), format!("{long}@{long}")]).collect()
}

#[rstest::rstest]
#[case::at_the_root("")]
#[case::below_jira("/-/jira")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_breaks_a_path(#[values("sqlite", "postgres")] engine: Engine, #[case] prefix: &str) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.imported().await;

    for part in odd_parts() {
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
            format!("/repos/platform/engine/pulls/{part}/comments"),
            format!("/repos/platform/engine/issues/{part}/comments"),
            format!("/repos/platform/engine/hooks/{part}"),
            format!("/repos/-/jira/pulls/{part}"),
            format!("/repos/-/jira/pulls/{part}/commits"),
            format!("/repos/-/jira/pulls/{part}/comments"),
            format!("/repos/-/jira/issues/{part}/comments"),
            format!("/{part}"),
        ] {
            fine(&jira, &format!("{prefix}/api/v3{path}")).await;
        }
    }
}

/// Every path that is read, all of which are there.
async fn every_path(scene: &Scene, jira: &Jira) -> Vec<String> {
    let head = jira.json(&format!("{ENGINE}/branches")).await[0]["commit"]["sha"].as_str().unwrap().to_owned();
    let id = scene.open.0;
    let hook = r#"{"config":{"url":"https://jira.example.com/hook"}}"#;
    let made = send(scene, jira, Method::POST, &format!("{ENGINE}/hooks"), Some(hook)).await;
    let below = |root: &str| {
        let tails = ["pulls", "events"].map(|tail| format!("{root}/{tail}"));
        let of_one = [format!("pulls/{id}"), format!("pulls/{id}/commits"), format!("pulls/{id}/comments")];
        let of_one = of_one.into_iter().chain([format!("issues/{id}/comments")]);
        tails.into_iter().chain(of_one.map(|tail| format!("{root}/{tail}"))).collect::<Vec<_>>()
    };
    let lists =
        ["/orgs/platform/repos", "/users/platform/repos", "/user/repos", "/user", "/users/owner", "/rate_limit"];
    let of_engine = ["", "/branches", &format!("/commits/{head}"), "/hooks", &format!("/hooks/{}", made.json()["id"])]
        .map(|tail| format!("{ENGINE}{tail}"));
    let all = lists.into_iter().map(|path| format!("/api/v3{path}")).chain(of_engine);
    all.chain(below(ENGINE)).chain(below("/api/v3/repos/-/jira")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_tells_in_a_media_type_that_there_is_not() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let caller = Caller::showing(&scene.site, &format!("token {}", jira.token));
    for path in every_path(&scene, &jira).await {
        let request = Request::get("/").header("user-agent", AGENT).header("accept", "application/x-unheard-of");

        let answer = caller.send_raw(request, &path, String::new()).await;

        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}: {}", answer.text);
        assert!(answer.json()["message"].as_str().unwrap().contains("Accept"), "{path}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_minds_a_body_or_its_media_type() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let caller = Caller::showing(&scene.site, &format!("token {}", jira.token));
    for path in every_path(&scene, &jira).await {
        let without = jira.get(&path).await;
        assert_eq!(without.status, StatusCode::OK, "{path}: {}", without.text);
        for (kind, body) in [("application/json", "{"), ("application/x-unheard-of", "\0\0"), ("", "page=7")] {
            let request = Request::get("/").header("user-agent", AGENT).header("content-type", kind);

            let answer = caller.send_raw(request, &path, body.to_owned()).await;

            assert_eq!((answer.status, &answer.text), (without.status, &without.text), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_takes_another_method() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let caller = Caller::showing(&scene.site, &format!("token {}", jira.token));
    for path in every_path(&scene, &jira).await {
        for method in ["PUT", "PATCH", "OPTIONS", "UNHEARD-OF"] {
            let request = Request::builder().method(method).header("user-agent", AGENT);

            let answer = caller.send_raw(request, &path, "{}".to_owned()).await;

            assert_eq!(answer.status, StatusCode::GONE, "{method} {path}: {}", answer.text);
            assert!(answer.json()["error"].is_string(), "{path}");
        }
    }
}

#[rstest::rstest]
#[case::long("a", 10_000)]
#[case::a_token_and_more("dvf_", 2_000)]
#[case::nul("%00", 1)]
#[case::no_text("%ff", 1)]
#[case::of_nobody("dvf_", 1)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_an_address_that_is_none_is_refused(#[case] part: &str, #[case] times: usize) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let nobody = Caller::nobody(&scene.site);
    for name in ["access_token", "private_token"] {
        let path = format!("/api/v3/user?{name}={}", part.repeat(times));

        let answer = nobody.send_raw(Request::get("/").header("user-agent", AGENT), &path, String::new()).await;

        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
        assert_eq!(answer.json()["error"], "invalid_token");
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_breaks_a_link(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let _jira = scene.imported().await;

    for part in odd_parts() {
        for path in [
            format!("/{part}"),
            format!("/platform/{part}"),
            format!("/{part}/engine"),
            format!("/platform/engine/commit/{part}"),
            format!("/platform/engine/tree/{part}"),
            format!("/platform/engine/compare/{part}"),
            format!("/platform/engine/compare/{part}...{part}"),
            format!("/platform/engine/compare/{part}:main...{part}:main"),
            format!("/{part}/platform@mobile@app/tree/{part}"),
        ] {
            for prefix in ["", "/-/jira"] {
                let answer = scene.browse(&format!("{prefix}{path}")).await;

                let start: String = path.chars().take(80).collect();
                if answer.status == StatusCode::MOVED_PERMANENTLY {
                    let to = answer.headers["location"].to_str().unwrap();
                    let page = to.strip_prefix(scene.gitlab.url()).unwrap_or_else(|| panic!("{start} leads to {to}"));
                    assert!(page.starts_with("/platform"), "{start} leads to {to}");
                } else {
                    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{start}: {}", answer.text);
                }
            }
        }
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_breaks_the_dance(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let good = scene.authorize_path("", BACK);

    for part in odd_parts() {
        for path in [
            good.replace(&scene.keys.client_id, &part),
            scene.authorize_path("", &part),
            format!("{good}&state={part}"),
            format!("{good}&client_id={part}"),
            format!("/login/oauth/authorize?client_id={part}"),
            format!("/login/oauth/callback?state={part}&code={part}"),
            format!("/oauth/callback?state={part}&error={part}&error_description={part}"),
            format!("/-/jira/login/oauth/callback?state={part}&state={part}"),
        ] {
            let answer = scene.browse(&path).await;
            let start: String = path.chars().take(200).collect();
            assert!(answer.status.is_redirection() || answer.status.is_client_error(), "{start}: {}", answer.status);
            assert!(!format!("{:?}", answer.headers.get("location")).contains("//evil"), "{start}");
        }
        for body in [
            format!("client_id={part}&client_secret={part}&code={part}"),
            format!("client_id={}&client_secret={part}&code={part}", scene.keys.client_id),
            format!("client_id={}&client_secret={}&code={part}", scene.keys.client_id, scene.keys.secret),
        ] {
            let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
            let answer = Caller::nobody(&scene.site).send_raw(request, "/login/oauth/access_token", body).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.text.starts_with("error="), "{}", answer.text);
        }
    }
}

#[rstest::rstest]
#[case::an_endless_address(format!(r#"{{"config":{{"url":"https://jira.example.com/{}"}}}}"#, "a".repeat(10_000)), 422)]
#[case::an_endless_name(format!(r#"{{"name":"{}","config":{{}}}}"#, "a".repeat(10_000)), 422)]
#[case::an_endless_event(
    format!(r#"{{"events":["{}"],"config":{{"url":"https://jira.example.com/"}}}}"#, "a".repeat(10_000)), 422
)]
#[case::endless_events(
    format!(r#"{{"events":[{}"push"],"config":{{"url":"https://jira.example.com/"}}}}"#, r#""push","#.repeat(1_000)), 422
)]
#[case::a_deep_hole("[".repeat(10_000), 400)]
#[case::no_object("[]".to_owned(), 422)]
#[case::nul(r#"{"events":["\u0000"],"config":{"url":"https://jira.example.com/\u0000"}}"#.to_owned(), 422)]
#[case::too_large(format!(r#"{{"name":"{}"}}"#, "a".repeat(300 * 1024)), 413)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_breaks_a_hook(#[case] body: String, #[case] status: u16) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;

    let answer = send(&scene, &jira, Method::POST, &format!("{ENGINE}/hooks"), Some(&body)).await;

    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.json()["message"].is_string());
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
        format!("/repos/platform/engine/pulls/{}/comments", scene.open.0),
        format!("/repos/platform/engine/issues/{}/comments", scene.open.0),
        "/repos/platform/engine/events".to_owned(),
        "/repos/platform/engine/hooks".to_owned(),
        "/orgs/platform/repos".to_owned(),
        "/user/repos".to_owned(),
        "/repos/-/jira/pulls".to_owned(),
        "/repos/-/jira/events".to_owned(),
        format!("/repos/-/jira/pulls/{}/commits", scene.open.0),
        format!("/repos/-/jira/issues/{}/comments", scene.open.0),
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
