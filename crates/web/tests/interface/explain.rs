//! Explain.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::Scope;
use store::testing::Engine;

use crate::caller::Caller;
use crate::seed;
use crate::site::Site;

#[rstest::rstest]
#[tokio::test]
async fn a_story_is_told_in_facts(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    seed::commits(&site.store, repository, &["abc-12 retry".to_owned()]).await;
    let id = seed::object_id("abc-12 retry");
    let (_, caller) = Caller::with_token(&site, Scope::Read).await;

    let story = caller.json(&format!("/api/v1/explain?q={}", id.short())).await;

    assert_eq!(story["asked"], id.short());
    assert_eq!(story["subject"], "commit");
    assert_eq!(story["title"], format!("Commit {} names no issue.", id.short()));
    let kinds: Vec<&Value> = story["facts"].as_array().unwrap().iter().map(|fact| &fact["kind"]).collect();
    assert_eq!(kinds, ["commit_known", "names_nothing", "near_miss"]);
    assert_eq!(
        story["facts"][0],
        json!({
            "kind": "commit_known",
            "mark": "good",
            "sentence": format!("Commit {} is known: platform/web, first seen 22 Nov 2026, 11:04 UTC.", id.short()),
            "remedy": null,
        })
    );
    assert_eq!(story["facts"][2]["mark"], "bad");
    assert!(story["facts"][2]["remedy"].as_str().unwrap().starts_with("Write “ABC-12” in capitals"));
}

#[tokio::test]
async fn a_question_that_is_none_is_a_problem() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let caller = Caller::admin(&site).await;

    for path in ["/api/v1/explain", "/api/v1/explain?q=", "/api/v1/explain?q=%20%22"] {
        assert_eq!(caller.get(path).await.problem(StatusCode::BAD_REQUEST)["title"], "Nothing was asked.");
    }
    let long = caller.get(&format!("/api/v1/explain?q={}", "a".repeat(2_049))).await;
    assert_eq!(long.problem(StatusCode::BAD_REQUEST)["title"], "The question is too long.");
    Caller::nobody(&site).get("/api/v1/explain?q=ABC-1").await.problem(StatusCode::UNAUTHORIZED);
}

#[rstest::rstest]
#[tokio::test]
async fn a_session_obeys_the_rights_of_its_user(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "secret").await;
    let repository = seed::repositories(&site.store, account, &["secret/vault"]).await[0];
    seed::commits(&site.store, repository, &["ABC-1 vault".to_owned()]).await;
    site.store.account_restrict(account, true, &[]).await.unwrap();
    let (_, reader) = site.reader("out").await;
    let path = format!("/api/v1/explain?q={}", seed::object_id("ABC-1 vault"));

    let stranger = Caller::session(&site, &reader).json(&path).await;
    let token = Caller::admin(&site).await.json(&path).await;

    assert_eq!(stranger["facts"][1]["kind"], "no_accounts");
    assert_eq!(token["facts"][0]["kind"], "commit_known");
}
