//! Permissions: one's own, and who has some.

use sandbox::jira::model::Permission;
use serde_json::json;

use crate::world::{World, messages};

#[tokio::test]
async fn people_are_told_what_they_may_do() {
    let world = World::new().await;
    let has = async |user, query: &str, key: &str| {
        world.get(user, &format!("/mypermissions{query}")).await.json()["permissions"][key]["havePermission"].clone()
    };
    assert_eq!(has(world.ada, "", "BROWSE_PROJECTS").await, true);
    assert_eq!(has(world.ada, "", "ADMINISTER").await, false);
    assert_eq!(has(world.root, "", "ADMINISTER").await, true);
    assert_eq!(has(world.ada, "?projectKey=ABC", "ADMINISTER_PROJECTS").await, false);
    assert_eq!(has(world.root, "?projectKey=ABC", "ADMINISTER_PROJECTS").await, true);
    world.model().allow_only(world.abc, world.ada, &[Permission::BrowseProjects]);
    assert_eq!(has(world.ada, "?issueKey=ABC-1", "ADD_COMMENTS").await, false);
    assert_eq!(has(world.ada, "?issueKey=PAY-1", "ADD_COMMENTS").await, true);
    assert_eq!(has(world.eve, "?projectKey=ABC", "BROWSE_PROJECTS").await, false);
    let some = world.get(world.ada, "/mypermissions?permissions=ADD_COMMENTS,ADMINISTER").await.json();
    assert_eq!(some["permissions"].as_object().unwrap().len(), 2);
    assert_eq!(world.get(world.ada, "/mypermissions?permissions=FLY").await.status, 400);
    // Cloud wants to know which
    let cloud = World::cloud().await;
    assert_eq!(cloud.get(cloud.ada, "/rest/api/3/mypermissions").await.status, 400);
    assert_eq!(cloud.get(cloud.ada, "/rest/api/3/mypermissions?permissions=BROWSE_PROJECTS").await.status, 200);
}

#[tokio::test]
async fn an_administrator_asks_who_may_do_something() {
    let world = World::new().await;
    world.model().allow_only(world.abc, world.ben, &[Permission::BrowseProjects, Permission::AddComments]);
    let ask = async |query: &str| world.get(world.root, &format!("/user/permission/search?{query}")).await;
    let found = ask("username=ada@example.com&issueKey=ABC-1&permissions=ADD_COMMENTS,WORK_ON_ISSUES").await;
    assert_eq!(found.column("name"), ["ada"]);
    assert_eq!(ask("username=ben&issueKey=ABC-1&permissions=ADD_COMMENTS,WORK_ON_ISSUES").await.json(), json!([]));
    assert_eq!(ask("username=ben&issueKey=ABC-1&permissions=COMMENT_ISSUE").await.column("name"), ["ben"]);
    assert_eq!(ask("username=eve&projectKey=ABC&permissions=BROWSE_PROJECTS").await.json(), json!([]));
    assert_eq!(ask("projectKey=ABC&permissions=WORK_ON_ISSUES").await.column("name"), ["root", "ada"]);
    for (query, status) in [
        ("username=ada&issueKey=ABC-1", 400),
        ("username=ada&permissions=ADD_COMMENTS", 400),
        ("username=ada&issueKey=ABC-1&permissions=FLY", 400),
        ("username=ada&issueKey=ABC-99&permissions=ADD_COMMENTS", 404),
        ("username=ada&projectKey=NONE&permissions=ADD_COMMENTS", 404),
    ] {
        assert_eq!(ask(query).await.status.as_u16(), status, "{query}");
    }
}

#[tokio::test]
async fn nobody_else_may_ask_that_but_who_administers_the_project() {
    let world = World::new().await;
    let path = "/user/permission/search?username=ben&issueKey=ABC-1&permissions=ADD_COMMENTS";
    let text = "You are not authorized to perform this operation. Administrator privileges are required.";
    assert_eq!(world.get(world.ada, path).await.parts(), (403, messages(&[text])));
    world.model().allow_only(world.abc, world.ada, &Permission::ALL);
    assert_eq!(world.get(world.ada, path).await.column("name"), ["ben"]);
    assert_eq!(world.get(world.ada, &path.replace("ABC", "PAY")).await.status, 403);
    // and there may be a day when nobody can
    world.server.switches().no_permission_search();
    assert_eq!(world.get(world.root, path).await.status, 404);
}
