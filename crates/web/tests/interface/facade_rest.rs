//! What Jira asks, in the order in which it does, and what it finds in the answers.

use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use store::testing::Engine;

use crate::caller::Caller;
use crate::facade_scene::{AGENT, Jira, Scene};
use crate::site::{Site, options};

const ENGINE: &str = "/api/v3/repos/platform/engine";
const APP: &str = "/api/v3/repos/platform/platform@mobile@app";
const API: &str = "http://dovetail.example.com/api/v3";

fn texts(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
}

/// Every `url` in an answer lies below REST v3.
fn assert_urls(value: &Value, config: bool) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| assert_urls(item, config)),
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == "url" && !config {
                    assert!(value.as_str().unwrap().starts_with(API), "{value}");
                }
                assert_urls(value, key == "config");
            }
        }
        _ => {}
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_first_list_makes_the_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.jira_of(scene.jira).await;

    let users = jira.json("/api/v3/users/Platform/repos?per_page=100&page=1").await;
    let organisation = jira.json("/api/v3/orgs/Platform/repos?per_page=100&page=1").await;

    assert_eq!(users, organisation);
    assert_eq!(texts(&users, "name"), ["engine", "platform@mobile@app"]);
    assert_eq!(users[1]["full_name"], "platform/platform@mobile@app");
    assert_eq!((&users[1]["owner"]["login"], &users[1]["owner"]["type"]), (&json!("platform"), &json!("Organization")));
    assert_eq!((&users[0]["fork"], users[0].get("parent")), (&json!(false), None));
    assert_eq!(users[0]["html_url"], format!("{}/platform/engine", scene.gitlab.url()));
    assert_urls(&users, false);
    assert_eq!(jira.json("/api/v3/user/repos?per_page=100&page=1").await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_invisible_makes_no_account() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    scene
        .model()
        .create_group("hidden", "Hidden", None, sandbox::gitlab::model::Visibility::Private, scene.owner)
        .unwrap();
    let jira = scene.jira_of(scene.jira).await;

    for path in ["/api/v3/users/hidden/repos", "/api/v3/orgs/nothing/repos", "/api/v3/users/../repos"] {
        assert_eq!(jira.status(path).await, StatusCode::NOT_FOUND, "{path}");
    }

    assert!(scene.site.store.accounts(store::Viewer::Everything).await.unwrap().is_empty());
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn branches_and_commits(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.imported().await;

    let branches = jira.json(&format!("{ENGINE}/branches?per_page=100&page=1")).await;
    assert_eq!(texts(&branches, "name"), ["feature/PLAT-2", "main"]);
    let head = branches[1]["commit"]["sha"].as_str().unwrap();
    let commit = jira.json(&format!("{ENGINE}/commits/{head}")).await;
    let parent = commit["parents"][0]["sha"].as_str().unwrap();
    let first = jira.json(&format!("{ENGINE}/commits/{parent}")).await;

    assert_eq!((&commit["sha"], &commit["commit"]["message"]), (&json!(head), &json!("Go on")));
    assert!(first["commit"]["message"].as_str().unwrap().starts_with("PLAT-1 Begin\n\nWith a body."));
    let author = &first["commit"]["author"];
    assert_eq!((&author["name"], &author["email"]), (&json!("The owner user"), &json!("owner@example.com")));
    assert_eq!((&author["date"], &author["type"]), (&json!("2026-11-22T11:04:00Z"), &json!("User")));
    assert_eq!((&first["parents"], &first["author"]), (&json!([]), &Value::Null));
    assert_urls(&first, false);
    for same in [&head[..7], &head.to_uppercase()[..12], "main"] {
        assert_eq!(jira.json(&format!("{ENGINE}/commits/{same}")).await["sha"], head, "{same}");
    }
    assert_eq!(
        jira.get(&format!("{ENGINE}/commits/{}", "0".repeat(40))).await.json()["message"],
        "404 Commit Not Found"
    );
    assert_eq!(jira.status(&format!("{ENGINE}/commits/nothing")).await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_repository_has_no_branches() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let visibility = sandbox::gitlab::model::Visibility::Private;
    scene.model().create_project("platform", "empty", "empty", visibility, scene.owner).await.unwrap();
    let jira = scene.imported().await;

    assert_eq!(jira.json("/api/v3/repos/platform/empty/branches").await, json!([]));
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn merge_requests_with_commits_comments_and_events(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.imported().await;
    let id = scene.open.0;

    let pulls = jira.json(&format!("{ENGINE}/pulls?state=all&sort=created&direction=asc&per_page=30&page=1")).await;
    let pull = jira.json(&format!("{ENGINE}/pulls/{id}")).await;
    let commits = jira.json(&format!("{ENGINE}/pulls/{id}/commits?per_page=100&page=1")).await;
    let comments = jira.json(&format!("{ENGINE}/issues/{id}/comments?per_page=100&page=1")).await;
    let events = jira.json(&format!("{ENGINE}/events?per_page=1&page=1")).await;

    assert_eq!((pulls.as_array().unwrap().len(), &pulls[0]["number"]), (1, &json!(id)));
    assert_eq!((&pull["id"], &pull["state"], &pull["merged_at"]), (&json!(id), &json!("open"), &Value::Null));
    assert_eq!((&pull["head"]["ref"], &pull["base"]["ref"]), (&json!("feature/PLAT-2"), &json!("main")));
    assert_eq!(
        (&pull["head"]["repo"]["name"], &pull["base"]["repo"]["owner"]["login"]),
        (&json!("engine"), &json!("platform"))
    );
    assert_eq!((&pull["user"]["login"], &pull["comments"], &pull["commits"]), (&json!("owner"), &json!(1), &json!(1)));
    assert_eq!(pull["html_url"], format!("{}/platform/engine/-/merge_requests/1", scene.gitlab.url()));
    assert_eq!(commits[0]["commit"]["message"].as_str().unwrap().trim_end(), "PLAT-2 Run faster");
    assert_eq!((&comments[0]["body"], &comments[0]["user"]["login"]), (&json!("Looks **good**"), &json!("jira")));
    assert_eq!(jira.json(&format!("{ENGINE}/pulls/{id}/comments")).await, json!([]));
    assert_eq!(events[0]["type"], "PullRequestEvent");
    assert_eq!(events[0]["payload"]["pull_request"]["id"], id);
    for one in [&pulls, &pull, &commits, &comments, &events] {
        assert_urls(one, false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_one_is_closed_and_tells_when() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let id = scene.merged.0;

    let pull = jira.json(&format!("{APP}/pulls/{id}")).await;

    assert_eq!((&pull["state"], &pull["merged"]), (&json!("closed"), &json!(true)));
    assert_eq!(pull["merged_at"], "2026-11-22T11:04:00Z");
    assert_eq!(jira.json(&format!("{APP}/pulls?state=open")).await, json!([]));
    assert_eq!(texts(&jira.json(&format!("{APP}/pulls?state=closed")).await, "title"), ["PLAT-3 Show it"]);
    assert_eq!(jira.json(&format!("{APP}/events")).await[0]["payload"]["action"], "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_a_new_event() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let before = jira.json(&format!("{ENGINE}/events")).await;
    scene.later(60_000);
    scene.model().close_merge_request(scene.open, scene.owner).unwrap();
    let account = scene.site.store.accounts(store::Viewer::Everything).await.unwrap()[0].id;
    sync::request::refresh_account(scene.site.state.engine(), account).await.unwrap();
    scene.idle().await;

    let after = jira.json(&format!("{ENGINE}/events")).await;

    assert_eq!(after.as_array().unwrap().len(), 1);
    assert_ne!(before[0]["id"], after[0]["id"]);
    assert_eq!(after[0]["created_at"], "2026-11-22T11:05:00Z");
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn below_jira_everything_is_one_repository(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.imported().await;
    let (all, id) = ("/api/v3/repos/-/jira", scene.merged.0);

    let pulls = jira.json(&format!("{all}/pulls?state=all")).await;
    let mut titles = texts(&pulls, "title");
    titles.sort();

    assert_eq!(titles, ["PLAT-2 Run faster", "PLAT-3 Show it"]);
    assert_eq!(jira.json(&format!("{all}/pulls/{id}")).await["head"]["repo"]["name"], "platform@mobile@app");
    assert_eq!(jira.json(&format!("{all}/pulls/{id}/commits")).await.as_array().unwrap().len(), 1);
    assert_eq!(jira.json(&format!("{all}/pulls/{id}/comments")).await, json!([]));
    assert_eq!(jira.json(&format!("{all}/issues/{}/comments", scene.open.0)).await.as_array().unwrap().len(), 1);
    assert_eq!(jira.json(&format!("{all}/events")).await.as_array().unwrap().len(), 2);
    assert_eq!(jira.json("/-/jira/api/v3/repos/platform/engine/branches").await.as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_and_groups() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;

    let group = jira.json("/api/v3/users/PLATFORM").await;
    let owner = jira.json("/api/v3/users/Owner").await;
    let me = jira.json("/api/v3/user").await;

    assert_eq!((&group["login"], &group["type"]), (&json!("platform"), &json!("Organization")));
    assert_eq!(
        (&owner["login"], &owner["type"], &owner["name"]),
        (&json!("owner"), &json!("User"), &json!("The owner user"))
    );
    assert_eq!(me["login"], "jira");
    assert_eq!(jira.status("/api/v3/users/nobody").await, StatusCode::NOT_FOUND);
    [group, owner, me].iter().for_each(|one| assert_urls(one, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_with_links_that_jira_follows() {
    let mut options = options();
    options.public_url = None;
    options.facade.allowed_redirects = vec!["https://jira.example.com/".parse().unwrap()];
    let scene = Scene::with(Engine::Sqlite, options).await.unwrap();
    let jira = scene.imported().await;

    let first = jira.get(&format!("{ENGINE}/branches?page=1&per_page=1")).await;

    let header = |name: &str| first.headers[name].to_str().unwrap().to_owned();
    let at = |page: u8| format!("<{API}/repos/platform/engine/branches?page={page}&per_page=1>");
    assert_eq!(header("link"), format!("{}; rel=\"next\", {}; rel=\"first\", {}; rel=\"last\"", at(2), at(1), at(2)));
    let numbers = ["x-page", "x-per-page", "x-next-page", "x-prev-page", "x-total", "x-total-pages"].map(header);
    assert_eq!(numbers, ["1", "1", "2", "", "2", "2"]);
    let second = jira.json(&format!("{ENGINE}/branches?page=2&per_page=1")).await;
    assert_eq!(texts(&second, "name"), ["main"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_rate_limit() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.jira_of(scene.jira).await;

    let answer = jira.get("/api/v3/rate_limit").await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["rate"]["used"], 0);
    assert_eq!(answer.headers["x-ratelimit-remaining"], "5000");
}

/// How a caller shows a token, and what of it stands in the address.
#[rstest::rstest]
#[case::github("authorization", "token {}", "")]
#[case::bearer("authorization", "Bearer {}", "")]
#[case::gitlab("private-token", "{}", "")]
#[case::query("accept", "*/*", "?access_token={}")]
#[case::old_query("accept", "*/*", "?private_token={}")]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_in_five_ways(#[case] name: &str, #[case] value: &str, #[case] query: &str) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let token = scene.jira_of(scene.jira).await.token;
    let request = Request::get("/").header("user-agent", AGENT).header(name, value.replace("{}", &token));
    let path = format!("/api/v3/user/repos{}", query.replace("{}", &token));

    let answer = Caller::nobody(&scene.site).send_raw(request, &path, String::new()).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[rstest::rstest]
#[case::nothing(None, json!({ "message": "401 Unauthorized" }))]
#[case::unknown(Some("token dvf_unknown"), json!({
    "message": "401 Unauthorized", "error": "invalid_token", "error_description": "Bad Access Token."
}))]
#[case::basic(Some("Basic amlyYTpqaXJh"), json!({
    "message": "401 Unauthorized", "error": "invalid_token", "error_description": "Bad Access Token."
}))]
#[tokio::test]
async fn without_a_token_nothing_is_told(#[case] shown: Option<&str>, #[case] body: Value) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    for path in [
        "/users/a/repos",
        "/orgs/a/repos",
        "/user/repos",
        "/rate_limit",
        "/repos/a/b",
        "/repos/a/b/hooks",
        "/repos/-/jira/pulls",
    ] {
        let mut request = Request::get("/").header("user-agent", AGENT);
        if let Some(shown) = shown {
            request = request.header("authorization", shown);
        }

        let answer = Caller::nobody(&site).send_raw(request, &format!("/api/v3{path}"), String::new()).await;

        assert_eq!((answer.status, answer.json()), (StatusCode::UNAUTHORIZED, body.clone()), "{path}");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    }
}

#[tokio::test]
async fn jiras_dialog_learns_that_this_is_a_github() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let request = Request::get("/").header("user-agent", AGENT);

    let answer = Caller::nobody(&site).send_raw(request, "/api/v3/users/platform", String::new()).await;

    assert_eq!((answer.status, answer.json()), (StatusCode::FORBIDDEN, json!({ "message": "403 Forbidden" })));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_find_nothing() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let other = Caller::showing(&scene.site, &format!("token {}", jira.token));

    for path in [ENGINE.to_owned(), format!("{ENGINE}/branches"), "/api/v3/users/platform".to_owned()] {
        let answer = other.get(&path).await;
        assert_eq!(
            (answer.status, answer.json()),
            (StatusCode::NOT_FOUND, json!({ "message": "404 Not Found" })),
            "{path}"
        );
    }
    assert_eq!(other.get("/api/v3/user").await.status, StatusCode::OK);
    assert_eq!(other.get(&format!("{ENGINE}/hooks")).await.status, StatusCode::OK);
    assert_eq!(Caller::nobody(&scene.site).get(&format!("{ENGINE}/hooks")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_are_answered_where_the_configuration_says_so() {
    let mut options = options();
    options.facade.allowed_redirects = vec!["https://jira.example.com/".parse().unwrap()];
    options.facade.require_user_agent = false;
    let scene = Scene::with(Engine::Sqlite, options).await.unwrap();
    let jira = scene.imported().await;

    let other = Caller::showing(&scene.site, &format!("token {}", jira.token));

    assert_eq!(other.get(ENGINE).await.status, StatusCode::OK);
}

#[rstest::rstest]
#[case("/api/v3")]
#[case("/api/v3/")]
#[case("/api/v3/repos/a/b/issues")]
#[case("/api/v3/repos/a/b/commits")]
#[case("/api/v3/search/code?q=x")]
#[case("/-/jira/api/v3/zen")]
#[tokio::test]
async fn undefined_paths_are_gone(#[case] path: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    for method in ["GET", "POST", "DELETE", "PUT", "PATCH"] {
        let answer = Caller::nobody(&site).send_raw(Request::builder().method(method), path, String::new()).await;

        let body = r#"{"error":"API V3 is no longer supported. Use API V4 instead."}"#;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::GONE, body), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_project_is_found_where_it_was() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    scene.model().rename_project(scene.engine, "motor", "Motor").unwrap();
    let account = scene.site.store.accounts(store::Viewer::Everything).await.unwrap()[0].id;
    sync::request::refresh_account(scene.site.state.engine(), account).await.unwrap();
    scene.idle().await;

    assert_eq!(jira.json(ENGINE).await["name"], "motor");
    assert_eq!(jira.json("/api/v3/repos/Platform/Motor").await["name"], "motor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_just_pushed_comes_at_once() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let commit = sandbox::gitlab::model::QuickCommit::on("main", "PLAT-9 Just now").with("now.txt", "now");
    let id = scene.model().push_commit(scene.engine, scene.owner, commit).await.unwrap();
    // What a sync of the last seconds did not find is not looked for again.
    scene.later(60_000);

    let found = jira.json(&format!("{ENGINE}/commits/{id}")).await;

    assert_eq!(found["commit"]["message"].as_str().unwrap().trim_end(), "PLAT-9 Just now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_opens_nothing() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let jira = scene.imported().await;
    let admin = Caller::admin(&scene.site).await;
    let account = scene.site.store.accounts(store::Viewer::Everything).await.unwrap()[0].id;
    let path = format!("/api/v1/accounts/{account}/jira-tokens");
    let tokens = admin.json(&path).await;
    assert_eq!((&tokens[0]["login"], &tokens[0]["state"]), (&json!("jira"), &json!("active")));
    assert!(!tokens.to_string().contains(&jira.token));

    let one = format!("{path}/{}", tokens[0]["id"]);
    assert_eq!(admin.send(axum::http::Method::DELETE, &one, None).await.status, StatusCode::NO_CONTENT);

    assert_eq!(jira.status(ENGINE).await, StatusCode::UNAUTHORIZED);
    assert_eq!(admin.json(&path).await[0]["state"], "revoked");
    assert_eq!(admin.send(axum::http::Method::DELETE, &format!("{path}/1"), None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(Jira::new(&scene.site, "").status("/api/v3/user").await, StatusCode::UNAUTHORIZED);
}
