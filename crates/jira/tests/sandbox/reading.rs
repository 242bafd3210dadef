//! What a Jira tells of itself, of projects and of issues.

use jira::{Problem, RestAuth};
use rstest::rstest;
use sandbox::jira::model::Permission;

use crate::world::{World, problem};

async fn world(cloud: bool) -> World {
    if cloud { World::cloud().await } else { World::data_center().await }
}

#[rstest]
#[tokio::test]
async fn a_jira_says_who_it_is_to_everybody(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let stranger = world.rest_with(RestAuth::Bearer("no-such-token".to_owned().into()));
    let info = stranger.server_info().await.unwrap();
    assert_eq!((info.cloud, info.title.as_str(), info.base_url.as_str()), (cloud, "Sandbox Jira", world.server.url()));
    assert_eq!(
        (info.version.as_str(), info.version_numbers.as_slice()),
        if cloud { ("1001.0.0-SNAPSHOT", [1001, 0, 0].as_slice()) } else { ("9.12.15", [9, 12, 15].as_slice()) }
    );
}

#[rstest]
#[tokio::test]
async fn projects_are_read_whole_with_their_former_keys(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    for number in 0..120 {
        let workflow = sandbox::jira::model::Workflow::simplified();
        world.model().create_project(&format!("P{number}X"), "More", workflow).unwrap();
    }
    world.model().rename_project(world.pay, "MONEY").unwrap();
    let projects = world.rest.projects().await.unwrap();
    assert_eq!(projects.len(), 122);
    let money = projects.iter().find(|project| project.key == "MONEY").unwrap();
    assert_eq!(money.name, "Payments");
    assert_eq!(world.rest.project_keys("PAY").await.unwrap(), ["MONEY", "PAY"]);
    assert_eq!(world.rest.project_keys(&money.id).await.unwrap(), ["MONEY", "PAY"]);
    assert_eq!(world.rest.project_keys("ABC").await.unwrap(), ["ABC"]);
    assert_eq!(problem(world.rest.project_keys("NONE").await), (Problem::NotFound, false));
}

#[rstest]
#[tokio::test]
async fn an_issue_is_found_by_its_former_keys_and_told_from_one_that_is_not_there(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let issue = world.rest.issue("ABC-1").await.unwrap().unwrap();
    assert_eq!((issue.key.as_str(), issue.project_key.as_str(), issue.status.as_str()), ("ABC-1", "ABC", "To Do"));
    let moved = world.model().move_issue("ABC-1", "PAY").unwrap();
    let again = world.rest.issue("ABC-1").await.unwrap().unwrap();
    assert_eq!((again.id, again.key, again.project_key.as_str()), (issue.id, moved, "PAY"));
    for key in ["ABC-99", "NONE-1", "..", "", "ABC-2/comment", "ABC-2?x", "ÄÖ-1", "ABC 2"] {
        assert_eq!(world.rest.issue(key).await.unwrap(), None, "{key}");
    }
}

#[rstest]
#[tokio::test]
async fn time_tracking_is_on_or_off(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    assert!(world.rest.time_tracking().await.unwrap());
    world.server.switches().time_tracking(false);
    assert!(!world.rest.time_tracking().await.unwrap());
}

#[rstest]
#[tokio::test]
async fn permissions_are_told_by_name(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let names = ["ADD_COMMENTS", "ADMINISTER", "ADMINISTER_PROJECTS"];
    let mine = world.rest.my_permissions(None, &names).await.unwrap();
    assert!(mine.values().all(|has| *has), "{mine:?}");
    world.model().allow_only(world.abc, world.ada, &[Permission::BrowseProjects]);
    let hers = world.rest(world.ada).my_permissions(Some("ABC"), &names).await.unwrap();
    assert_eq!(hers.into_iter().collect::<Vec<_>>(), names.map(|name| (name.to_owned(), false)));
    let elsewhere = world.rest(world.ada).my_permissions(Some("PAY"), &["ADD_COMMENTS"]).await.unwrap();
    assert!(elsewhere["ADD_COMMENTS"]);
}
