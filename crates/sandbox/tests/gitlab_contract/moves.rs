//! What happens to projects and groups as a whole, over REST (GitLab contract §5.2, §5.4).

use reqwest::StatusCode;
use sandbox::gitlab::model::{AccessLevel, NewMergeRequest};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_project_is_archived_and_brought_back() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let archived = world.post(world.ada, &format!("/projects/{id}/archive"), json!({})).await;
    assert_eq!((archived.status, &archived.json()["archived"]), (StatusCode::CREATED, &json!(true)));
    assert_eq!(world.get(world.ada, "/groups/acme/projects?archived=false").await.json(), json!([]));
    // it can still be read
    let branches = world.get(world.ben, &format!("/projects/{id}/repository/branches")).await;
    assert_eq!(branches.column("name"), ["ABC-1-topic", "main"]);
    let back = world.post(world.ada, &format!("/projects/{id}/unarchive"), json!({})).await;
    assert_eq!((back.status, &back.json()["archived"]), (StatusCode::CREATED, &json!(false)));
    // by owners alone
    assert_eq!(
        world.post(world.ben, &format!("/projects/{id}/archive"), json!({})).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_project_moves_to_another_group_with_its_id() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let moved = world.put(world.ada, &format!("/projects/{id}/transfer"), json!({ "namespace": world.core.0 })).await;
    assert_eq!((moved.status, &moved.json()["path_with_namespace"]), (StatusCode::OK, &json!("acme/core/own")));
    assert_eq!(world.get(world.ada, "/groups/acme/projects").await.json(), json!([]));
    assert_eq!(world.get(world.ada, "/groups/acme%2Fcore/projects").await.column("id"), [id.to_string()]);
    let elsewhere = world.put(world.ada, &format!("/projects/{id}/transfer"), json!({ "namespace": "eve" })).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_renamed_group_takes_everything_below_along() {
    // given a project two groups deep
    let world = World::new().await;
    let id = world.project_with_code("acme/core", "deep").await;
    // when the group above is renamed
    let change = json!({ "path": "apex", "name": "Apex" });
    let renamed = world.put(world.ada, &format!("/groups/{}", world.acme), change).await;
    assert_eq!((renamed.status, &renamed.json()["full_path"]), (StatusCode::OK, &json!("apex")));
    // then the project has a new path, and the old one leads to it
    assert_eq!(world.get(world.ben, &format!("/projects/{id}")).await.json()["path_with_namespace"], "apex/core/deep");
    assert_eq!(world.get(world.ben, "/projects/acme%2Fcore%2Fdeep").await.status, StatusCode::MOVED_PERMANENTLY);
    assert_eq!(
        world.get(world.ben, "/groups/apex/projects?include_subgroups=true").await.column("id"),
        [id.to_string()]
    );
    assert_eq!(world.get(world.ben, "/groups/acme").await.status, StatusCode::NOT_FOUND);
    // and whoever does not own the group, or wants a path that is taken, is refused
    let path = format!("/groups/{}", world.acme);
    assert_eq!(world.put(world.ben, &path, json!({ "name": "B" })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.put(world.ada, &path, json!({ "path": "eve" })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_project_that_is_made_private_is_gone_for_strangers() {
    let world = World::new().await;
    let id = world.project_with_code("eve", "open").await;
    let set = async |visibility: &str| {
        world.put(world.root, &format!("/projects/{id}"), json!({ "visibility": visibility })).await.status
    };
    assert_eq!(set("public").await, StatusCode::OK);
    assert_eq!(world.get(world.ben, &format!("/projects/{id}")).await.status, StatusCode::OK);
    assert_eq!(set("private").await, StatusCode::OK);
    assert_eq!(world.get(world.ben, &format!("/projects/{id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_is_no_member_any_more_sees_nothing() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let members = format!("/groups/{}/members", world.acme);
    let one = format!("{members}/{}", world.ben);
    // a guest is one no longer, once made a reporter
    let changed = world.put(world.ada, &format!("{members}/{}", world.gil), json!({ "access_level": 20 })).await;
    assert_eq!((changed.status, &changed.json()["access_level"]), (StatusCode::OK, &json!(20)));
    assert!(world.model().can_read_code(Some(world.gil), id));
    // a member who is removed is a stranger
    assert_eq!(world.get(world.ben, &format!("/projects/{id}")).await.status, StatusCode::OK);
    assert_eq!(world.delete(world.gil, &one).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.delete(world.ada, &one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get(world.ben, &format!("/projects/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.delete(world.ada, &one).await.json()["message"], "404 Member Not Found");
    // the same in a project
    let new = json!({ "user_id": world.eve.0, "access_level": 30 });
    world.post(world.ada, &format!("/projects/{id}/members"), new).await;
    assert_eq!(world.get(world.eve, &format!("/projects/{id}")).await.status, StatusCode::OK);
    let one = format!("/projects/{id}/members/{}", world.eve);
    assert_eq!(world.delete(world.ada, &one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get(world.eve, &format!("/projects/{id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_default_branch_can_be_another_one() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let path = format!("/projects/{id}");
    let wrong = world.put(world.ada, &path, json!({ "default_branch": "trunk" })).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json()["message"]["base"][0], "Could not change HEAD: branch 'trunk' does not exist");
    // when the default branch is renamed, step by step as people do it
    world.post(world.ada, &format!("{path}/repository/branches"), json!({ "branch": "trunk", "ref": "main" })).await;
    let changed = world.put(world.ada, &path, json!({ "default_branch": "trunk" })).await;
    assert_eq!((changed.status, &changed.json()["default_branch"]), (StatusCode::OK, &json!("trunk")));
    let gone = world.delete(world.ada, &format!("{path}/repository/branches/main")).await;
    // then the old one can be deleted, and the new one cannot
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let kept = world.delete(world.ada, &format!("{path}/repository/branches/trunk")).await;
    assert_eq!(kept.status, StatusCode::BAD_REQUEST);
    let branches = world.get(world.ada, &format!("{path}/repository/branches")).await.json();
    let default = branches.as_array().unwrap().iter().find(|branch| branch["default"] == json!(true)).unwrap();
    assert_eq!(default["name"], "trunk");
}

#[tokio::test]
async fn a_fork_is_forked_and_merges_into_the_first() {
    // given a fork of a fork
    let world = World::new().await;
    let first = world.project_with_code("acme", "own").await;
    let fork = async |of: &serde_json::Value, user| {
        let path = format!("/projects/{of}/fork");
        world.post(user, &path, json!({ "namespace_path": "acme/core", "path": "second", "name": "Second" })).await
    };
    let second = fork(&json!(first.0), world.ada).await;
    assert_eq!(
        (second.status, &second.json()["path_with_namespace"]),
        (StatusCode::CREATED, &json!("acme/core/second"))
    );
    assert_eq!(fork(&json!(first.0), world.ada).await.status, StatusCode::CONFLICT);
    let third = world.post(world.ben, &format!("/projects/{}/fork", second.json()["id"]), json!({})).await.json();
    assert_eq!(third["path_with_namespace"], "ben/second");
    assert_eq!(third["forked_from_project"]["path_with_namespace"], "acme/core/second");
    let branches = world.get(world.ben, &format!("/projects/{}/repository/branches", third["id"])).await;
    assert_eq!(branches.column("name"), ["ABC-1-topic", "main"]);
    // when it asks the first to be merged
    let new = json!({
        "source_branch": "ABC-1-topic", "target_branch": "main", "title": "ABC-1", "target_project_id": first.0,
    });
    let opened = world.post(world.ben, &format!("/projects/{}/merge_requests", third["id"]), new).await;
    // then it may, and outlives the fork
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text);
    let deleted = world.delete(world.ben, &format!("/projects/{}", third["id"])).await;
    assert_eq!(deleted.status, StatusCode::ACCEPTED);
    let left = world.get(world.ada, &format!("/projects/{first}/merge_requests/1")).await.json();
    assert_eq!((&left["state"], &left["source_project_id"]), (&json!("opened"), &json!(null)));
}

#[tokio::test]
async fn a_deleted_merge_request_leaves_a_gap() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let new = NewMergeRequest::within(id, "ABC-1-topic", "main", "ABC-1", world.ada);
    world.model().open_merge_request(new).await.unwrap();
    let path = format!("/projects/{id}/merge_requests/1");
    world.model().add_member(id, world.ben, AccessLevel::Maintainer);
    assert_eq!(world.delete(world.ben, &path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.delete(world.ada, &path).await.status, StatusCode::NO_CONTENT);
    let missing = world.get(world.ada, &path).await;
    assert_eq!((missing.status, missing.json()), (StatusCode::NOT_FOUND, json!({ "message": "404 Not found" })));
    let again = json!({ "source_branch": "ABC-1-topic", "target_branch": "main", "title": "Again" });
    let again = world.post(world.ada, &format!("/projects/{id}/merge_requests"), again).await;
    assert_eq!(again.json()["iid"], 2, "numbers are not used twice");
}
