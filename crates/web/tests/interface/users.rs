//! Users: added, reset, disabled.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use store::testing::Engine;
use store::users::Role;

use crate::caller::Caller;
use crate::site::{DAY, Site, options};

async fn site(engine: Engine) -> Option<Site> {
    let mut options = options();
    options.public_url = Some("https://dovetail.example.com".parse().unwrap());
    Site::with(engine, options).await
}

/// The path of the one-time link in an answer.
#[track_caller]
fn link_path(invitation: &Value) -> String {
    let link = invitation["link"].as_str().unwrap();
    link.strip_prefix("https://dovetail.example.com").expect("the link leads back here").to_owned()
}

#[rstest::rstest]
#[tokio::test]
async fn an_added_user_gets_a_link_of_a_week(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = site(engine).await else { return };
    let caller = Caller::admin(&site).await;

    let body = json!({ "login": " Ada ", "name": "Ada Lovelace", "role": "admin" });
    let added = caller.send(Method::POST, "/api/v1/users", Some(&body)).await;

    assert_eq!(added.status, StatusCode::CREATED);
    let added = added.json();
    let id = added["user"]["id"].clone();
    let user = json!({
        "id": id, "login": "ada", "name": "Ada Lovelace", "role": "admin", "disabled": false, "has_password": false
    });
    assert_eq!(added["user"], user);
    assert_eq!(caller.json("/api/v1/users").await, json!([user]));
    let path = link_path(&added);
    assert_eq!(site.browser().get(&path).await.status, StatusCode::OK);
    site.clock.advance(7 * DAY + 1);
    assert_eq!(site.browser().get(&path).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_user_is_a_reader_called_by_the_log_in_unless_told_otherwise() {
    let site = site(Engine::Sqlite).await.unwrap();

    let body = json!({ "login": "ada", "name": " " });
    let added = Caller::admin(&site).await.send(Method::POST, "/api/v1/users", Some(&body)).await.json();

    assert_eq!((&added["user"]["name"], &added["user"]["role"]), (&json!("ada"), &json!("reader")));
}

#[rstest::rstest]
#[case::taken(json!({ "login": "jira-admin" }), StatusCode::CONFLICT)]
#[case::taken_in_another_case(json!({ "login": "JIRA-admin" }), StatusCode::CONFLICT)]
#[case::empty(json!({ "login": " " }), StatusCode::BAD_REQUEST)]
#[case::blanks(json!({ "login": "ada lovelace" }), StatusCode::BAD_REQUEST)]
#[case::markup(json!({ "login": "<script>" }), StatusCode::BAD_REQUEST)]
#[case::too_long(json!({ "login": "a".repeat(65) }), StatusCode::BAD_REQUEST)]
#[case::a_nul(json!({ "login": "ada\u{0}" }), StatusCode::BAD_REQUEST)]
#[case::a_nul_in_the_name(json!({ "login": "ada", "name": "Ada\u{0}" }), StatusCode::BAD_REQUEST)]
#[case::no_such_role(json!({ "login": "ada", "role": "owner" }), StatusCode::BAD_REQUEST)]
#[tokio::test]
async fn a_user_that_cannot_be_is_explained(
    #[values("sqlite", "postgres")] engine: Engine,
    #[case] body: Value,
    #[case] status: StatusCode,
) {
    let Some(site) = site(engine).await else { return };
    site.administrator().await;

    let answer = Caller::admin(&site).await.send(Method::POST, "/api/v1/users", Some(&body)).await;

    answer.problem(status);
    assert_eq!(site.store.users().await.unwrap().len(), 1);
}

#[rstest::rstest]
#[tokio::test]
async fn a_reset_is_a_link_to_a_new_password(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = site(engine).await else { return };
    let (id, _) = site.reader("ada").await;

    let reset = Caller::admin(&site).await.send(Method::POST, &format!("/api/v1/users/{id}/reset"), None).await;

    assert_eq!(reset.status, StatusCode::CREATED);
    let reset = reset.json();
    assert_eq!(reset["user"]["login"], "ada");
    let password = "correct horse battery";
    let mut ada = site.browser();
    let chosen = ada.post(&link_path(&reset), &[("password", password), ("repeated", password)]).await;
    assert_eq!(chosen.location(), "/");
    assert_eq!(site.browser().get(&link_path(&reset)).await.status, StatusCode::GONE, "good once");
}

#[rstest::rstest]
#[tokio::test]
async fn a_disabled_user_is_out_at_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = site(engine).await else { return };
    let (id, ada) = site.reader("ada").await;
    let (ada, caller) = (Caller::session(&site, &ada), Caller::admin(&site).await);
    assert_eq!(ada.get("/api/v1/accounts").await.status, StatusCode::OK);
    let path = format!("/api/v1/users/{id}");

    let disabled = caller.send(Method::PATCH, &path, Some(&json!({ "disabled": true }))).await;

    assert_eq!(disabled.status, StatusCode::OK);
    assert_eq!(disabled.json()["disabled"], true);
    ada.get("/api/v1/accounts").await.problem(StatusCode::UNAUTHORIZED);
    let enabled = caller.send(Method::PATCH, &path, Some(&json!({ "disabled": false }))).await.json();
    assert_eq!(enabled["disabled"], false);
    ada.get("/api/v1/accounts").await.problem(StatusCode::UNAUTHORIZED);
}

#[rstest::rstest]
#[tokio::test]
async fn a_role_changes_with_the_next_request(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = site(engine).await else { return };
    let (id, ada) = site.reader("ada").await;
    let (ada, caller) = (Caller::session(&site, &ada), Caller::admin(&site).await);
    let path = format!("/api/v1/users/{id}");

    let changed = caller.send(Method::PATCH, &path, Some(&json!({ "role": "admin" }))).await.json();
    assert_eq!((&changed["role"], &changed["disabled"]), (&json!("admin"), &json!(false)));
    assert_eq!(ada.get("/api/v1/users").await.status, StatusCode::OK);

    caller.send(Method::PATCH, &path, Some(&json!({ "role": "owner" }))).await.problem(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nobody_locks_themselves_out() {
    let site = site(Engine::Sqlite).await.unwrap();
    let (id, me) = site.user("jira-admin", Role::Admin).await;
    let me = Caller::session(&site, &me);

    for change in [json!({ "disabled": true }), json!({ "role": "reader" })] {
        let answer = me.send(Method::PATCH, &format!("/api/v1/users/{id}"), Some(&change)).await;
        let problem = answer.problem(StatusCode::CONFLICT);
        assert_eq!(problem["title"], "You cannot disable or demote yourself.");
    }
    assert_eq!(me.get("/api/v1/users").await.status, StatusCode::OK);
}
