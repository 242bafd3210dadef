//! Registering web hooks (GitLab contract §5.10).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use sandbox::gitlab::model::{HookChange, HookEvent, QuickCommit};
use serde_json::json;
use sha2::Sha256;

use crate::listener::Listener;
use crate::world::{NOON, World};

const URL: &str = "http://dovetail.example.com/hooks/gitlab/abc";

#[tokio::test]
async fn a_hook_is_registered_changed_and_removed() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let hooks = format!("/projects/{id}/hooks");
    // when it is registered
    let new = json!({ "url": URL, "token": "secret", "merge_requests_events": true, "enable_ssl_verification": false });
    let made = world.post(world.ada, &hooks, new).await;
    let hook = made.json();
    // then push events are on by themselves, and the token is not told
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!((&hook["url"], &hook["project_id"]), (&json!(URL), &json!(id.0)));
    let flags = ["push_events", "merge_requests_events", "tag_push_events", "note_events", "enable_ssl_verification"];
    assert_eq!(flags.map(|flag| hook[flag].as_bool().unwrap()), [true, true, false, false, false]);
    assert!(!made.text.contains("secret"));
    assert_eq!(world.get(world.ada, &hooks).await.column("url"), [URL]);
    // when it is changed without its address, then the token stays
    let one = format!("{hooks}/{}", hook["id"]);
    let changed = world.put(world.ada, &one, json!({ "push_events": false })).await.json();
    assert_eq!((&changed["push_events"], &changed["merge_requests_events"]), (&json!(false), &json!(true)));
    assert_eq!(world.model().hooks_for(id)[0].token.as_deref(), Some("secret"));
    // when the address changes, then the token is forgotten
    world.put(world.ada, &one, json!({ "url": "http://other.example.com/" })).await;
    assert_eq!(world.model().hooks_for(id)[0].token, None);
    // when it is removed, then it is gone
    assert_eq!(world.delete(world.ada, &one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.delete(world.ada, &one).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(world.ada, &hooks).await.json(), json!([]));
}

#[tokio::test]
async fn what_is_wrong_with_a_hook_is_said() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let hooks = format!("/projects/{id}/hooks");
    let missing = world.post(world.ada, &hooks, json!({})).await;
    assert_eq!((missing.status, missing.json()), (StatusCode::BAD_REQUEST, json!({ "error": "url is missing" })));
    let wrong = world.post(world.ada, &hooks, json!({ "url": "ftp://example.com" })).await;
    assert_eq!(
        (wrong.status, wrong.json()),
        (StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": "Invalid url given" }))
    );
    let hook = world.post(world.ada, &hooks, json!({ "url": URL })).await.json();
    let empty = world.put(world.ada, &format!("{hooks}/{}", hook["id"]), json!({})).await;
    assert_eq!(empty.json(), json!({ "message": "No parameters provided" }));
    let ill = world.post(world.ada, &hooks, json!({ "url": URL, "push_events": "perhaps" })).await;
    assert_eq!(ill.json(), json!({ "error": "push_events is invalid" }));
}

#[tokio::test]
async fn a_project_has_at_most_a_hundred_hooks() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let hooks = format!("/projects/{id}/hooks");
    for _ in 0..100 {
        let change = sandbox::gitlab::model::HookChange { url: Some(URL.to_owned()), ..Default::default() };
        world.model().create_hook(id, change).unwrap();
    }
    let refused = world.post(world.ada, &hooks, json!({ "url": URL })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["message"]["base"][0], "Maximum number of project hooks (100) exceeded");
}

#[tokio::test]
async fn hooks_are_for_maintainers_and_those_of_groups_for_owners() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let hooks = format!("/projects/{id}/hooks");
    assert_eq!(world.get(world.ben, &hooks).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.post(world.ben, &hooks, json!({ "url": URL })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.get(world.eve, &hooks).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(world.ben, "/groups/acme/hooks").await.status, StatusCode::FORBIDDEN);
    // a group's hook concerns the projects below it
    let made = world.post(world.ada, "/groups/acme/hooks", json!({ "url": URL })).await;
    assert_eq!((made.status, &made.json()["group_id"]), (StatusCode::CREATED, &json!(world.acme.0)));
    let below = world.project("acme/core", "below").await;
    assert_eq!(world.model().hooks_for(below).len(), 1);
    // and is no hook of the project itself
    assert_eq!(world.get(world.ada, &hooks).await.json(), json!([]));
}

#[tokio::test]
async fn a_hook_says_whether_it_is_called() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let listener = Listener::start(StatusCode::INTERNAL_SERVER_ERROR).await;
    let hook = listener.register(&world.server, id, &[HookEvent::Push]);
    let told = async || {
        let hook = world.get(world.ada, &format!("/projects/{id}/hooks/{hook}")).await.json();
        (hook["alert_status"].as_str().unwrap().to_owned(), hook["disabled_until"].as_str().map(str::to_owned))
    };
    assert_eq!(told().await, ("executable".to_owned(), None));
    for number in 0..4 {
        world.model().push_commit(id, world.ada, QuickCommit::on("main", &number.to_string())).await.unwrap();
    }
    world.server.hooks().idle().await;
    let until = Some("2026-03-01T12:01:00.000Z".to_owned());
    assert_eq!(told().await, ("temporarily_disabled".to_owned(), until.clone()));
    world.clock.advance(60_001);
    assert_eq!(told().await, ("executable".to_owned(), until));
    // a test that succeeds makes it well again
    listener.answer(StatusCode::OK);
    world.post(world.ada, &format!("/projects/{id}/hooks/{hook}/test/push_events"), json!({})).await;
    assert_eq!(told().await, ("executable".to_owned(), None));
}

#[tokio::test]
async fn groups_have_no_hooks_where_the_edition_has_none() {
    let world = World::new().await;
    let switches = world.server.switches();
    switches.no_group_hooks(StatusCode::NOT_FOUND);
    for user in [world.ada, world.eve] {
        let listed = world.get(user, "/groups/acme/hooks").await;
        assert_eq!((listed.status, listed.json()), (StatusCode::NOT_FOUND, json!({ "error": "404 Not Found" })));
    }
    switches.no_group_hooks(StatusCode::FORBIDDEN);
    let refused = world.post(world.ada, "/groups/acme/hooks", json!({ "url": URL })).await;
    assert_eq!((refused.status, refused.json()), (StatusCode::FORBIDDEN, json!({ "message": "403 Forbidden" })));
    // projects have theirs
    let id = world.project("acme", "own").await;
    let made = world.post(world.ada, &format!("/projects/{id}/hooks"), json!({ "url": URL })).await;
    assert_eq!(made.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_group_has_at_most_fifty_hooks() {
    let world = World::new().await;
    for _ in 0..50 {
        let change = HookChange { url: Some(URL.to_owned()), ..HookChange::default() };
        world.model().create_hook(world.acme, change).unwrap();
    }
    let refused = world.post(world.ada, "/groups/acme/hooks", json!({ "url": URL })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["message"]["base"][0], "Maximum number of group hooks (50) exceeded");
}

#[tokio::test]
async fn local_addresses_are_refused_where_the_administrator_does_not_allow_them() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let hooks = format!("/projects/{id}/hooks");
    let hook = world.post(world.ada, &hooks, json!({ "url": "http://127.0.0.1:8080/" })).await;
    assert_eq!(hook.status, StatusCode::CREATED);
    world.server.switches().no_local_hooks();
    for url in ["http://localhost/", "http://127.0.0.1:8080/", "http://192.168.1.2/", "http://[::1]/"] {
        let refused = world.post(world.ada, &hooks, json!({ "url": url })).await;
        let expected = (StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": "Invalid url given" }));
        assert_eq!((refused.status, refused.json()), expected, "{url}");
        let one = format!("{hooks}/{}", hook.json()["id"]);
        assert_eq!(world.put(world.ada, &one, json!({ "url": url })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(world.post(world.ada, &hooks, json!({ "url": URL })).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn calls_are_signed_where_gitlab_is_new_enough() {
    // given a hook with a signing token, on an old GitLab
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let listener = Listener::start(StatusCode::OK).await;
    let token = format!("whsec_{}", BASE64_STANDARD.encode([7; 32]));
    let hooks = format!("/projects/{id}/hooks");
    let new = json!({ "url": listener.url, "token": "secret", "signing_token": token });
    let old = world.post(world.ada, &hooks, new.clone()).await;
    assert_eq!((old.status, old.json().get("signing_token_present")), (StatusCode::CREATED, None));
    world.delete(world.ada, &format!("{hooks}/{}", old.json()["id"])).await;
    // when GitLab is new enough
    world.server.switches().signing_tokens();
    assert_eq!(world.get(world.ada, "/version").await.json()["version"], "19.1.0");
    let ill = world.post(world.ada, &hooks, json!({ "url": listener.url, "signing_token": "short" })).await;
    assert_eq!(ill.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = world.post(world.ada, &hooks, new).await.json();
    assert_eq!((&made["token_present"], &made["signing_token_present"]), (&json!(true), &json!(true)));
    assert!(!made.to_string().contains("whsec_"));
    world.model().push_commit(id, world.ada, QuickCommit::on("main", "One")).await.unwrap();
    // then calls carry the headers of Standard Webhooks
    let call = &listener.calls(&world.server).await[0];
    assert_eq!(call.header("webhook-id"), call.header("idempotency-key"));
    assert_eq!(call.header("webhook-timestamp"), (NOON / 1000).to_string());
    let body = &world.server.hooks().deliveries()[0].request_body;
    let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
    mac.update(format!("{}.{}.{body}", call.header("webhook-id"), call.header("webhook-timestamp")).as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(call.header("webhook-signature"), format!("v1,{signature}"));
    assert_eq!((call.header("x-gitlab-token"), call.header("user-agent")), ("secret", "GitLab/19.1.0"));
}

#[tokio::test]
async fn system_hooks_are_for_administrators() {
    let world = World::new().await;
    let refused = world.post(world.ada, "/hooks", json!({ "url": URL })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let made = world.post(world.root, "/hooks", json!({ "url": URL, "token": "secret", "push_events": true })).await;
    let hook = made.json();
    assert_eq!((made.status, &hook["push_events"]), (StatusCode::CREATED, &json!(true)));
    assert_eq!((&hook["repository_update_events"], &hook["merge_requests_events"]), (&json!(true), &json!(false)));
    assert_eq!(world.get(world.root, "/hooks").await.column("url"), [URL]);
    let one = format!("/hooks/{}", hook["id"]);
    let changed = world.put(world.root, &one, json!({ "merge_requests_events": true })).await.json();
    assert_eq!(changed["merge_requests_events"], true);
    assert_eq!(world.get(world.root, &one).await.json()["url"], URL);
    assert_eq!(world.delete(world.root, &one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get(world.root, &one).await.status, StatusCode::NOT_FOUND);
}
