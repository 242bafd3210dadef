//! Remote links.

use jira::{Problem, RemoteLink};
use rstest::rstest;
use sandbox::jira::model::Permission;

use crate::world::{World, problem};

fn link(title: &str) -> RemoteLink {
    RemoteLink {
        global_id: "dovetail:host=1&merge_request=7".to_owned(),
        url: "https://gitlab.example.com/acme/-/merge_requests/7".to_owned(),
        title: title.to_owned(),
        summary: Some("from feature to main".to_owned()),
        icon_url: Some("https://gitlab.example.com/favicon.png".to_owned()),
        icon_title: Some("Merge request".to_owned()),
        resolved: title == "merged",
        application_name: "Dovetail".to_owned(),
        relationship: "Merge requests".to_owned(),
    }
}

#[rstest]
#[tokio::test]
async fn a_link_is_made_changed_and_deleted_by_its_global_id(#[values(false, true)] cloud: bool) {
    let world = if cloud { World::cloud().await } else { World::data_center().await };
    let first = world.rest.remote_link_put("ABC-1", &link("open")).await.unwrap();
    let second = world.rest.remote_link_put("ABC-1", &link("merged")).await.unwrap();
    assert_eq!(first, second);
    let there = world.model().remote_links("ABC-1");
    assert_eq!(there.len(), 1);
    let content = &there[0].content;
    assert_eq!((&content.object["title"], &content.object["status"]["resolved"]), (&"merged".into(), &true.into()));
    assert_eq!(
        (content.relationship.as_deref(), &content.application["name"]),
        (Some("Merge requests"), &"Dovetail".into())
    );
    assert_eq!(content.object["icon"]["title"], "Merge request");

    // long titles are cut
    world.rest.remote_link_put("ABC-1", &link(&"ä".repeat(900))).await.unwrap();

    let global_id = link("").global_id;
    assert!(world.rest.remote_link_delete("ABC-1", &global_id).await.unwrap());
    assert!(!world.rest.remote_link_delete("ABC-1", &global_id).await.unwrap());
    assert!(!world.rest.remote_link_delete("ABC-99", &global_id).await.unwrap());
    assert_eq!(world.model().remote_links("ABC-1").len(), 0);
}

#[tokio::test]
async fn a_link_may_be_refused() {
    let world = World::data_center().await;
    let wrong = RemoteLink { url: "no address".to_owned(), ..link("open") };
    assert_eq!(problem(world.rest.remote_link_put("ABC-1", &wrong).await), (Problem::Refused, false));
    assert_eq!(problem(world.rest.remote_link_put("ABC-99", &link("open")).await), (Problem::NotFound, false));
    world.model().allow_only(world.abc, world.ada, &[Permission::BrowseProjects]);
    let ada = world.rest(world.ada);
    assert_eq!(problem(ada.remote_link_put("ABC-1", &link("open")).await), (Problem::Forbidden, false));
}
