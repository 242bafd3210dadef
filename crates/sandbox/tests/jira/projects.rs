//! Projects, with the keys that they had.

use serde_json::json;

use crate::world::{World, messages};

#[tokio::test]
async fn projects_are_told_to_those_who_may_see_them() {
    let world = World::new().await;
    let listed = world.get(world.ada, "/project").await;
    assert_eq!(
        (listed.column("key"), listed.column("name")),
        (vec!["ABC".to_owned(), "PAY".to_owned()], vec!["Alphabet".to_owned(), "Payments".to_owned()],)
    );
    assert_eq!(world.get(world.eve, "/project").await.json(), json!([]));
    let one = world.get(world.ada, "/project/PAY").await.json();
    assert_eq!(one["id"], world.pay.to_string());
    assert_eq!(world.get(world.ada, &format!("/project/{}", world.pay)).await.json()["key"], "PAY");
    for key in ["PAY", "NONE", "search"] {
        let (status, body) = world.get(world.eve, &format!("/project/{key}")).await.parts();
        assert_eq!((status, body), (404, messages(&[&format!("No project could be found with key '{key}'.")])));
    }
}

#[tokio::test]
async fn a_renamed_project_is_found_by_its_former_key_and_tells_it() {
    let world = World::new().await;
    world.model().rename_project(world.abc, "LETTERS").unwrap();
    let one = world.get(world.ada, "/project/ABC?expand=projectKeys").await.json();
    assert_eq!((&one["key"], &one["projectKeys"]), (&json!("LETTERS"), &json!(["LETTERS", "ABC"])));
    let listed = world.get(world.ada, "/project?expand=description,projectKeys").await.json();
    assert_eq!(listed[0]["projectKeys"], json!(["LETTERS", "ABC"]));
    assert!(world.get(world.ada, "/project").await.json()[0].get("projectKeys").is_none());
    // its issues too
    assert_eq!(world.get(world.ada, "/issue/ABC-1").await.json()["key"], "LETTERS-1");
    // the key is nobody else's
    let again = world.model().create_project("ABC", "Again", sandbox::jira::model::Workflow::simplified());
    assert!(again.is_err());
    // and it may come back
    world.model().rename_project(world.abc, "ABC").unwrap();
    let one = world.get(world.ada, "/project/LETTERS?expand=projectKeys").await.json();
    assert_eq!(one["projectKeys"], json!(["ABC", "LETTERS"]));
}

#[tokio::test]
async fn cloud_tells_projects_in_pages() {
    let world = World::cloud().await;
    for number in 0..60 {
        world.model().provide_issues(&format!("P{number}"), 0).unwrap();
    }
    let first = world.get(world.ada, "/rest/api/3/project/search?maxResults=100").await.json();
    assert_eq!((&first["maxResults"], &first["total"], &first["isLast"]), (&json!(50), &json!(62), &json!(false)));
    let last = world.get(world.ada, "/rest/api/3/project/search?startAt=50&expand=projectKeys").await.json();
    assert_eq!((last["values"].as_array().unwrap().len(), &last["isLast"]), (12, &json!(true)));
    let found = world.get(world.ada, "/rest/api/3/project/search?query=alpha").await.json();
    assert_eq!(found["values"][0]["key"], "ABC");
}

#[tokio::test]
async fn a_project_with_issues_is_made_on_demand() {
    let world = World::new().await;
    let id = world.model().provide_issues("KAFKA", 3).unwrap();
    assert_eq!(world.model().provide_issues("KAFKA", 5).unwrap(), id, "again it is only filled up");
    assert_eq!(world.get(world.ada, "/issue/KAFKA-5").await.status, 200);
    assert_eq!(world.get(world.ada, "/issue/KAFKA-6").await.status, 404);
    assert!(world.model().provide_issues("no key", 1).is_err());
    assert!(world.model().provide_issues("MANY", 1_000_000).is_err());
}
