//! Web hooks of accounts and repositories, and their events.

use axum::http::{Method, StatusCode};
use serde_json::json;
use store::testing::Engine;
use store::{HookOf, InboxState, Scope};

use crate::caller::Caller;
use crate::seed;
use crate::site::{Site, options};

const WHEN: &str = "2026-11-22T11:04:00Z";

struct Scene {
    site: Site,
    account: i64,
    repository: i64,
    hook: String,
}

/// An account whose only repository has a hook.
async fn scene(engine: Engine, registered: bool) -> Option<Scene> {
    let mut options = options();
    options.public_url = Some("https://dovetail.example.com".parse().unwrap());
    let site = Site::with(engine, options).await?;
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];
    let hook = seed::hook(&site.store, HookOf::Repository(repository), registered).await;
    Some(Scene { site, account, repository, hook })
}

#[rstest::rstest]
#[tokio::test]
async fn the_hooks_of_an_account_and_their_events_are_listed(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine, true).await else { return };
    let (ignored, why) = (InboxState::Ignored, "Not needed: tag push.");
    let id = seed::event(&scene.site.store, &scene.hook, "Tag Push Hook", Some((ignored, why))).await;

    let listed = Caller::admin(&scene.site).await.json(&format!("/api/v1/accounts/{}/hooks", scene.account)).await;

    let hook = json!({
        "scope": "repository", "repository_id": scene.repository, "state": "registered", "error": null, "checked_at": WHEN,
        "last_event_at": WHEN, "last_event": "Tag Push Hook", "url": null, "secret": null
    });
    let event = json!({
        "id": id, "event": "Tag Push Hook", "repository_id": scene.repository, "received_at": WHEN, "state": "ignored",
        "outcome": why, "worked_at": WHEN
    });
    assert_eq!(listed, json!({ "hooks": [hook], "events": [event] }));
}

#[rstest::rstest]
#[tokio::test]
async fn what_is_to_be_pasted_is_told_to_administrators(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine, false).await else { return };
    let path = format!("/api/v1/accounts/{}/hooks", scene.account);
    let (_, reader) = scene.site.reader("reader").await;

    let admin = Caller::admin(&scene.site).await.json(&path).await;
    let readers = [Caller::with_token(&scene.site, Scope::Read).await.1, Caller::session(&scene.site, &reader)];

    let hook = &admin["hooks"][0];
    assert_eq!(hook["url"], format!("https://dovetail.example.com{}", scene.hook));
    assert_eq!((&hook["secret"], &hook["error"]), (&json!(seed::HOOK_SECRET), &json!(seed::HOOK_ERROR)));
    for reader in readers {
        let listed = reader.json(&path).await;
        assert_eq!(listed["hooks"][0]["state"], "manual");
        assert!(!listed.to_string().contains(seed::HOOK_SECRET) && !listed.to_string().contains("/hooks/gitlab"));
        let repository = reader.json(&format!("/api/v1/repositories/{}", scene.repository)).await;
        assert_eq!(
            repository["hook"],
            json!({ "scope": "repository", "state": "manual", "last_event_at": null, "error": null })
        );
    }
}

#[rstest::rstest]
#[tokio::test]
async fn an_event_is_replayed(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine, true).await else { return };
    let store = &scene.site.store;
    let id = seed::event(store, &scene.hook, "Push Hook", Some((InboxState::Failed, "It was no JSON."))).await;
    let caller = Caller::admin(&scene.site).await;

    let answer = caller.send(Method::POST, &format!("/api/v1/hook-events/{id}/replay"), None).await;

    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(store.inbox_event(id).await.unwrap().unwrap().state, InboxState::Waiting);
    assert_eq!(store.jobs_open().await.unwrap(), 1);
}

#[tokio::test]
async fn a_test_that_cannot_be_says_why() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];

    let path = format!("/api/v1/repositories/{repository}/hook/test");
    let answer = Caller::admin(&site).await.send(Method::POST, &path, None).await;

    let problem = answer.problem(StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().unwrap().contains("public_url"), "{problem}");
}
