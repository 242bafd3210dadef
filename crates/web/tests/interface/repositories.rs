//! Repositories: when each is synced next, paused, resumed, moved to the front; accounts authorised again.

use axum::http::{Method, StatusCode};
use model::SyncChanges;
use serde_json::json;
use store::testing::Engine;
use store::{HookOf, Lane};

use crate::caller::Caller;
use crate::seed;
use crate::site::{DAY, MINUTE, NOW, Site, options};

async fn scene(engine: Engine) -> Option<(Site, i64, i64)> {
    let site = Site::open(engine).await?;
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];
    Some((site, account, repository))
}

#[rstest::rstest]
#[tokio::test]
async fn a_repository_tells_what_comes_next(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, repository)) = scene(engine).await else { return };
    seed::hook(&site.store, HookOf::Account(account), true).await;
    seed::sync_due(&site.store, repository, NOW + 23 * MINUTE).await;
    let changes = SyncChanges { branches_removed: 3, links_added: 12, ..SyncChanges::default() };
    let mut tx = site.store.begin_write(Lane::Bulk).await.unwrap();
    tx.repository_changes(repository, &changes, NOW).await.unwrap();
    tx.commit().await.unwrap();

    let told = Caller::admin(&site).await.json(&format!("/api/v1/repositories/{repository}")).await;

    assert_eq!((&told["paused"], &told["next_sync_at"]), (&json!(false), &json!("2026-11-22T11:27:00Z")));
    assert_eq!(told["hook"], json!({ "scope": "group", "state": "registered", "last_event_at": null, "error": null }));
    assert_eq!((&told["changes"]["branches_removed"], &told["changes"]["links_added"]), (&json!(3), &json!(12)));
    assert_eq!((&told["changes"]["commits_lost"], &told["changes_at"]), (&json!(0), &json!("2026-11-22T11:04:00Z")));
    assert_eq!(told["retry_at"], json!(null));
}

#[rstest::rstest]
#[tokio::test]
async fn what_failed_is_tried_again_at_a_time(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, _, repository)) = scene(engine).await else { return };
    site.store.repository_failed(repository, "network", "It failed.", Some(NOW + 4 * MINUTE)).await.unwrap();

    let told = Caller::admin(&site).await.json(&format!("/api/v1/repositories/{repository}")).await;

    assert_eq!((&told["state"], &told["retry_at"]), (&json!("failed"), &json!("2026-11-22T11:08:00Z")));
}

#[rstest::rstest]
#[tokio::test]
async fn a_repository_is_paused_and_resumed(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, _, repository)) = scene(engine).await else { return };
    seed::sync_due(&site.store, repository, NOW + 23 * MINUTE).await;
    let caller = Caller::admin(&site).await;
    let path = format!("/api/v1/repositories/{repository}");

    assert_eq!(caller.send(Method::POST, &format!("{path}/pause"), None).await.status, StatusCode::NO_CONTENT);
    let paused = caller.json(&path).await;
    assert_eq!((&paused["paused"], &paused["next_sync_at"]), (&json!(true), &json!(null)));

    assert_eq!(caller.send(Method::POST, &format!("{path}/resume"), None).await.status, StatusCode::NO_CONTENT);
    let resumed = caller.json(&path).await;
    assert_eq!((&resumed["paused"], &resumed["next_sync_at"]), (&json!(false), &json!("2026-11-22T11:04:00Z")));
}

#[rstest::rstest]
#[tokio::test]
async fn a_repository_is_moved_to_the_front(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, _, repository)) = scene(engine).await else { return };
    seed::sync_due(&site.store, repository, NOW + 23 * MINUTE).await;
    let caller = Caller::admin(&site).await;
    let path = format!("/api/v1/repositories/{repository}");

    assert_eq!(caller.send(Method::POST, &format!("{path}/forward"), None).await.status, StatusCode::ACCEPTED);

    assert_eq!(caller.json(&path).await["next_sync_at"], "2026-11-22T11:04:00Z");
}

#[rstest::rstest]
#[tokio::test]
async fn an_account_tells_what_comes_next(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, _)) = scene(engine).await else { return };
    seed::refresh_due(&site.store, account, NOW + 23 * MINUTE).await;
    seed::token(&site.store, account, Some(NOW + 10 * DAY)).await;
    let host = site.store.account(account).await.unwrap().unwrap().host_id;
    site.store.host_pause(host, Some(NOW + 5 * MINUTE), Some("rate_limit")).await.unwrap();

    let told = Caller::admin(&site).await.json(&format!("/api/v1/accounts/{account}")).await;

    assert_eq!((&told["next_refresh_at"], &told["interval_seconds"]), (&json!("2026-11-22T11:27:00Z"), &json!(3600)));
    assert_eq!((&told["paused_until"], &told["paused_reason"]), (&json!("2026-11-22T11:09:00Z"), &json!("rate_limit")));
    assert_eq!(told["token_expires_at"], "2026-12-02T11:04:00Z");
}

#[rstest::rstest]
#[tokio::test]
async fn a_script_is_told_where_a_person_authorises(#[values("sqlite", "postgres")] engine: Engine) {
    let mut options = options();
    options.public_url = Some("https://tools.example.com/dovetail".parse().unwrap());
    let Some(site) = Site::with(engine, options).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let caller = Caller::admin(&site).await;
    let path = format!("/api/v1/accounts/{account}/authorise");

    let answer = caller.send(Method::POST, &path, Some(&json!({}))).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let page = format!("https://tools.example.com/dovetail/accounts/{account}/authorise");
    assert_eq!(answer.json(), json!({ "url": page }));
    let keys = json!({ "client_id": "x", "client_secret": "y" });
    caller.send(Method::POST, &path, Some(&keys)).await.problem(StatusCode::BAD_REQUEST);
}

#[rstest::rstest]
#[case::empty(json!({ "token": " " }), StatusCode::UNPROCESSABLE_ENTITY)]
#[case::an_end_that_was(json!({ "token": "glpat-quoted", "ends_on": "2026-11-22" }), StatusCode::BAD_REQUEST)]
#[case::no_day(json!({ "token": "glpat-quoted", "ends_on": "soon" }), StatusCode::BAD_REQUEST)]
#[case::nobody_there(json!({ "token": "glpat-quoted" }), StatusCode::UNPROCESSABLE_ENTITY)]
#[tokio::test]
async fn a_token_that_cannot_be_used_is_explained(#[case] body: serde_json::Value, #[case] status: StatusCode) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account_at(&site.store, "http://127.0.0.1:1", "platform").await;

    let path = format!("/api/v1/accounts/{account}/token");
    let answer = Caller::admin(&site).await.send(Method::PUT, &path, Some(&body)).await;

    answer.problem(status);
    assert!(!answer.text.contains("glpat-quoted"));
    assert!(site.store.credential(account).await.unwrap().is_none());
}
