//! Registering web hooks (GitLab contract §5.10).

use reqwest::StatusCode;
use serde_json::json;

use crate::world::World;

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
