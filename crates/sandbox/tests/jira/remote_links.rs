//! Remote links.

use sandbox::jira::model::Permission;
use serde_json::{Value, json};

use crate::world::{World, field};

const PATH: &str = "/issue/ABC-1/remotelink";

fn link(global_id: &str, title: &str) -> Value {
    json!({
        "globalId": global_id,
        "application": { "type": "dev.dovetail", "name": "Dovetail" },
        "relationship": "merge request",
        "object": {
            "url": "https://gitlab.example.com/acme/own/-/merge_requests/1",
            "title": title,
            "icon": { "url16x16": "https://gitlab.example.com/icon.png", "title": "GitLab" },
            "status": { "resolved": true },
        },
    })
}

#[tokio::test]
async fn a_link_with_the_same_global_id_replaces_the_first() {
    let world = World::new().await;
    let (status, made) = world.post(world.ada, PATH, link("mr=1&host=a", "!1 First")).await.parts();
    assert_eq!(status, 201);
    let (status, again) = world.post(world.ada, PATH, link("mr=1&host=a", "!1 Renamed")).await.parts();
    assert_eq!((status, &again), (200, &made));
    world.post(world.ada, PATH, link("mr=2&host=a", "!2 Second")).await;
    let told = world.get(world.ben, PATH).await.json();
    assert_eq!(told.as_array().unwrap().len(), 2);
    assert_eq!(
        (&told[0]["object"]["title"], &told[0]["relationship"]),
        (&json!("!1 Renamed"), &json!("merge request"))
    );
    assert_eq!((&told[0]["id"], &told[0]["object"]["status"]), (&made["id"], &json!({ "resolved": true, "icon": {} })));
    // the global id is found as it is, percent signs resolved
    let one = world.get(world.ben, &format!("{PATH}?globalId=mr%3D2%26host%3Da")).await.json();
    assert_eq!(one["globalId"], "mr=2&host=a");
    let by_id = world.get(world.ben, &format!("{PATH}/{}", made["id"])).await.json();
    assert_eq!(by_id["object"]["title"], "!1 Renamed");
}

#[tokio::test]
async fn links_are_deleted_by_global_id_and_by_id() {
    let world = World::new().await;
    world.post(world.ada, PATH, link("a", "A")).await;
    let made = world.post(world.ada, PATH, link("b", "B")).await.json();
    assert_eq!(world.delete(world.ada, &format!("{PATH}?globalId=a")).await.status, 204);
    assert_eq!(world.delete(world.ada, &format!("{PATH}?globalId=a")).await.status, 404);
    assert_eq!(world.delete(world.ada, PATH).await.status, 400, "never all of them");
    assert_eq!(world.delete(world.ada, &format!("{PATH}/{}", made["id"])).await.status, 204);
    assert_eq!(world.get(world.ada, PATH).await.json(), json!([]));
    assert_eq!(world.get(world.ada, &format!("{PATH}?globalId=a")).await.status, 404);
}

#[tokio::test]
async fn a_link_without_a_global_id_is_never_replaced() {
    let world = World::new().await;
    let plain = json!({ "object": { "url": "https://example.com/", "title": "Example" } });
    for _ in 0..2 {
        assert_eq!(world.post(world.ada, PATH, plain.clone()).await.status, 201);
    }
    let told = world.get(world.ada, PATH).await.json();
    assert_eq!(told.as_array().unwrap().len(), 2);
    assert_eq!((&told[0]["application"], &told[0]["globalId"]), (&json!({}), &Value::Null));
}

#[tokio::test]
async fn a_link_that_lacks_something_is_refused() {
    let world = World::new().await;
    let post = async |body: Value| world.post(world.ada, PATH, body).await.parts();
    let none =
        json!({ "errorMessages": [], "errors": { "url": "'url' is required.", "title": "'title' is required." } });
    assert_eq!(post(json!({})).await, (400, none));
    let with = |url: &str, title: &str| json!({ "object": { "url": url, "title": title } });
    assert_eq!(post(with("gitlab", "x")).await, (400, field("url", "'url' is not a valid URL.")));
    assert_eq!(post(with("javascript:alert(1)", "x")).await.0, 400);
    assert_eq!(
        post(with("https://example.com/", &"x".repeat(256))).await,
        (400, field("title", "'title' cannot be longer than 255 characters."))
    );
    assert_eq!(post(link(&"x".repeat(256), "x")).await.0, 400);
    world.model().allow_only(world.abc, world.ada, &[Permission::BrowseProjects]);
    assert_eq!(post(link("a", "A")).await.0, 403);
    world.model().change_settings(|settings| settings.issue_linking = false);
    assert_eq!(world.post(world.ben, PATH, link("a", "A")).await.status, 403);
    assert_eq!(world.model().totals().remote_links, 0);
}
