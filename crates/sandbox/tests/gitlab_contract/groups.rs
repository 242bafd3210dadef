//! Groups and namespaces (GitLab contract §5.4).

use reqwest::{Method, StatusCode};
use sandbox::gitlab::model::Visibility;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_group_is_found_by_id_and_by_path() {
    let world = World::new().await;
    for id in [world.core.to_string(), "acme%2Fcore".to_owned(), "ACME%2fCore".to_owned()] {
        let group = world.get(world.ben, &format!("/groups/{id}")).await.json();
        assert_eq!(group["full_path"], "acme/core", "{id}");
        assert_eq!(group["full_name"], "Acme / Core");
        assert_eq!(group["parent_id"], world.acme.0);
        assert_eq!(group["visibility"], "private");
    }
}

#[tokio::test]
async fn a_private_group_does_not_exist_for_strangers() {
    let world = World::new().await;
    for path in ["/groups/acme", "/groups/acme/projects", "/groups/acme/subgroups", "/groups/nothing"] {
        let reply = world.get(world.eve, path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(reply.json(), json!({ "message": "404 Group Not Found" }), "{path}");
    }
    assert_eq!(world.get(world.eve, "/groups").await.json(), json!([]));
    let anonymous = world.send(world.request(Method::GET, "/api/v4/groups/acme")).await;
    assert_eq!(anonymous.status, StatusCode::NOT_FOUND);
    // an administrator sees everything
    assert_eq!(world.get(world.root, "/groups/acme").await.status, StatusCode::OK);
}

#[tokio::test]
async fn subgroups_are_right_below_and_descendants_anywhere_below() {
    let world = World::new().await;
    let model = world.model();
    model.create_group("deep", "Deep", Some(world.core), Visibility::Private, world.ada).unwrap();
    let below = world.get(world.ada, "/groups/acme/subgroups").await;
    assert_eq!(below.column("full_path"), ["acme/core"]);
    let descendants = world.get(world.ada, "/groups/acme/descendant_groups").await;
    assert_eq!(descendants.column("full_path"), ["acme/core", "acme/core/deep"]);
    let top = world.get(world.ada, "/groups?top_level_only=true").await;
    assert_eq!(top.column("full_path"), ["acme"]);
}

#[tokio::test]
async fn a_namespace_is_a_group_or_a_user() {
    let world = World::new().await;
    let group = world.get(world.ben, "/namespaces/acme%2Fcore").await.json();
    assert_eq!((group["kind"].as_str(), group["full_path"].as_str()), (Some("group"), Some("acme/core")));
    let own = world.get(world.ben, "/namespaces/ben").await.json();
    assert_eq!((own["kind"].as_str(), &own["parent_id"]), (Some("user"), &json!(null)));
    assert_eq!(world.get(world.ben, &format!("/namespaces/{}", own["id"])).await.json()["path"], "ben");
    // somebody else's is hidden, and so is a group without a role in it
    let hidden = world.get(world.ben, "/namespaces/ada").await;
    assert_eq!(hidden.json(), json!({ "message": "404 Namespace Not Found" }));
    assert_eq!(world.get(world.eve, "/namespaces/acme").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(world.ben, "/namespaces").await.column("full_path"), ["ben", "acme", "acme/core"]);
}

#[tokio::test]
async fn groups_are_made_over_rest() {
    let world = World::new().await;
    let made = world.post(world.eve, "/groups", json!({ "name": "Tools", "path": "tools" })).await;
    assert_eq!((made.status, &made.json()["visibility"]), (StatusCode::CREATED, &json!("private")));
    // below a group of others it takes a role there
    let below = json!({ "name": "Mine", "path": "mine", "parent_id": world.acme.0 });
    assert_eq!(world.post(world.eve, "/groups", below).await.status, StatusCode::FORBIDDEN);
    let taken = world.post(world.eve, "/groups", json!({ "name": "A", "path": "acme" })).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
}
