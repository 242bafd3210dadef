//! Properties of issues.

use sandbox::jira::model::Permission;
use serde_json::{Value, json};

use crate::world::{World, column, messages};

#[tokio::test]
async fn a_property_is_set_changed_told_and_deleted() {
    let world = World::new().await;
    let path = "/issue/ABC-1/properties/dovetail.receipt";
    assert_eq!(world.put(world.ada, path, json!({ "commits": ["abc"] })).await.status, 201);
    assert_eq!(world.put(world.ada, path, json!(["abc", "def"])).await.status, 200);
    let told = world.get(world.ben, path).await.json();
    assert_eq!(told, json!({ "key": "dovetail.receipt", "value": ["abc", "def"] }));
    world.put(world.ada, "/issue/ABC-1/properties/another", json!("text")).await;
    let keys = world.get(world.ben, "/issue/ABC-1/properties").await.json();
    assert_eq!(column(&keys["keys"], "key"), ["another", "dovetail.receipt"]);
    assert_eq!(world.get(world.ben, "/issue/ABC-2/properties").await.json(), json!({ "keys": [] }));
    assert_eq!(world.delete(world.ada, path).await.status, 204);
    let missing = messages(&["The property with key 'dovetail.receipt' does not exist."]);
    assert_eq!(world.get(world.ada, path).await.parts(), (404, missing.clone()));
    assert_eq!(world.delete(world.ada, path).await.parts(), (404, missing));
}

#[tokio::test]
async fn a_property_that_is_too_long_or_not_allowed_is_refused() {
    let world = World::new().await;
    let path = |key: &str| format!("/issue/ABC-1/properties/{key}");
    assert_eq!(world.put(world.ada, &path(&"k".repeat(256)), json!(1)).await.status, 400);
    assert_eq!(world.put(world.ada, &path("k"), Value::String("x".repeat(32_768))).await.status, 400);
    assert_eq!(world.put(world.ada, &path("k"), Value::String("x".repeat(32_766))).await.status, 201);
    world.model().allow_only(world.abc, world.ben, &[Permission::BrowseProjects]);
    assert_eq!(world.put(world.ben, &path("k"), json!(1)).await.status, 403);
    assert_eq!(world.put(world.eve, &path("k"), json!(1)).await.status, 403);
}
