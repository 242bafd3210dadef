//! Who may call what: every route of the OpenAPI document, and those beside it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use store::Scope;
use store::testing::Engine;
use store::users::Role;

use crate::caller::Caller;
use crate::site::{NOW, Site};

/// Ids that nothing has.
const NOTHING: &str = "999";

/// Every documented route with ids that nothing has.
async fn documented(site: &Site) -> Vec<(Method, String)> {
    let document = Caller::nobody(site).json("/api/v1/openapi.json").await;
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path
            .replace("{id}", NOTHING)
            .replace("{token_id}", NOTHING)
            .replace("{person_id}", NOTHING)
            .replace("{address}", "git.example.com:443")
            .replace("{fingerprint}", "AB:CD")
            .replace("{account}", NOTHING)
            .replace("{key}", "ABC-1");
        for method in operations.as_object().unwrap().keys() {
            routes.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    assert!(routes.len() > 15, "{routes:?}");
    routes
}

/// A body that the route understands.
fn body(method: &Method, path: &str) -> Option<Value> {
    match (method.as_str(), path) {
        ("POST", "/api/v1/accounts") => Some(json!({ "host_kind": "folder", "host_url": "/nowhere" })),
        ("POST", "/api/v1/users") => Some(json!({ "login": "ada" })),
        ("POST", "/api/v1/sites") => Some(json!({ "kind": "data_center", "url": "http://jira.example.com" })),
        ("PATCH", _) => Some(json!({})),
        ("POST", "/api/v1/check") => Some(json!({ "host_kind": "gitlab", "host_url": "http://127.0.0.1:1" })),
        ("POST", path) if path.ends_with("/authorise") || path.ends_with("/check") => Some(json!({})),
        ("POST", path) if path.ends_with("/authorities") => Some(json!({ "pem": "" })),
        ("PUT", path) if path.ends_with("/proxy") => Some(json!({ "route": "usual" })),
        ("PUT", path) if path.ends_with("/people") => Some(json!([])),
        ("PUT", path) if path.ends_with("/token") => Some(json!({ "token": "glpat-quoted" })),
        ("PUT", _) => Some(json!({ "linked": true })),
        _ => None,
    }
}

async fn assert_refused(site: &Site, caller: &Caller) {
    let beside = ["/api/v1/events", "/rest/dev-status/1.0/issue/summary", "/rest/dev-status/latest/issue/detail"];
    let beside = beside.map(|path| (Method::GET, format!("{path}?issueKey=ABC-1")));
    for (method, path) in documented(site).await.into_iter().chain(beside) {
        let answer = caller.send(method.clone(), &path, body(&method, &path).as_ref()).await;

        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        answer.problem(StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"Dovetail\"");
    }
}

#[rstest::rstest]
#[case::none(None)]
#[case::unknown(Some("Bearer dvt_unknown"))]
#[case::empty(Some("Bearer "))]
#[case::another_scheme(Some("Basic YWRhOmFkYQ=="))]
#[case::no_scheme(Some("unknown"))]
#[tokio::test]
async fn nobody_is_told_to_show_a_token(#[case] shown: Option<&str>) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let caller = shown.map_or_else(|| Caller::nobody(&site), |shown| Caller::showing(&site, shown));

    assert_refused(&site, &caller).await;
}

#[rstest::rstest]
#[tokio::test]
async fn a_revoked_token_opens_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let (id, caller) = Caller::with_token(&site, Scope::Admin).await;
    assert_eq!(caller.get("/api/v1/accounts").await.status, StatusCode::OK);

    site.store.api_token_revoke(id, NOW).await.unwrap();

    assert_refused(&site, &caller).await;
}

#[tokio::test]
async fn a_wrong_token_is_not_made_good_by_a_session() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut browser = site.administrator().await;
    assert_eq!(browser.get("/api/v1/accounts").await.status, StatusCode::OK);

    browser.headers.push(("authorization", "Bearer dvt_unknown".to_owned()));

    assert_eq!(browser.get("/api/v1/accounts").await.status, StatusCode::UNAUTHORIZED);
}

#[rstest::rstest]
#[tokio::test]
async fn who_may_read_changes_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let reader = site.reader("reader").await.1;
    let callers = [Caller::with_token(&site, Scope::Read).await.1, Caller::session(&site, &reader)];
    for caller in callers {
        for (method, path) in documented(&site).await {
            if method == Method::GET && path != "/api/v1/users" {
                continue;
            }
            let answer = caller.send(method.clone(), &path, body(&method, &path).as_ref()).await;

            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
            answer.problem(StatusCode::FORBIDDEN);
        }
    }
    assert_eq!(site.store.users().await.unwrap().len(), 1, "nobody was added");
}

#[rstest::rstest]
#[tokio::test]
async fn what_is_not_there_is_not_found(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let caller = Caller::admin(&site).await;

    let routes = documented(&site).await;
    for (method, path) in routes.into_iter().filter(|(_, path)| path.contains(NOTHING)) {
        let answer = caller.send(method.clone(), &path, body(&method, &path).as_ref()).await;

        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        answer.problem(StatusCode::NOT_FOUND);
    }
    caller.get("/api/v1/nothing").await.problem(StatusCode::NOT_FOUND);
    caller.send(Method::DELETE, "/api/v1/accounts", None).await.problem(StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn an_administrators_session_does_everything() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let browser = site.user("root", Role::Admin).await.1;

    let answer =
        Caller::session(&site, &browser).send(Method::POST, "/api/v1/users", Some(&json!({ "login": "ada" }))).await;

    assert_eq!(answer.status, StatusCode::CREATED);
}

#[rstest::rstest]
#[case::no_json("{", "application/json", StatusCode::BAD_REQUEST)]
#[case::a_wrong_type("{\"login\": 7}", "application/json", StatusCode::UNPROCESSABLE_ENTITY)]
#[case::an_unknown_field(
    "{\"login\": \"ada\", \"roll\": \"admin\"}",
    "application/json",
    StatusCode::UNPROCESSABLE_ENTITY
)]
#[case::another_type("login=ada", "application/x-www-form-urlencoded", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
#[tokio::test]
async fn a_bad_body_is_explained(#[case] body: &str, #[case] content_type: &str, #[case] status: StatusCode) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let request = axum::http::Request::post("/").header("content-type", content_type);

    let answer = Caller::admin(&site).await.send_raw(request, "/api/v1/users", body.to_owned()).await;

    let problem = answer.problem(status);
    assert_eq!(problem["title"], "The body of the request was not understood.");
}

#[tokio::test]
async fn a_body_of_a_megabyte_is_refused() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let body = json!({ "login": "a".repeat(1024 * 1024) });

    let answer = Caller::admin(&site).await.send(Method::POST, "/api/v1/users", Some(&body)).await;

    answer.problem(StatusCode::PAYLOAD_TOO_LARGE);
}
