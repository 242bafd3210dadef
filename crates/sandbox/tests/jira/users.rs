//! Users, and who is found by a text.

use sandbox::jira::model::{EmailVisibility, NewUser};
use serde_json::json;

use crate::world::{World, messages};

#[tokio::test]
async fn users_are_found_by_the_beginning_of_login_name_and_email() {
    let world = World::new().await;
    for (text, found) in [
        ("ada@example.com", vec!["ada"]),
        ("ADA@EXAMPLE.COM", vec!["ada"]),
        ("oka", vec!["ben"]),
        ("kowalska", vec!["ada"]),
        (".", vec!["root", "ada", "ben", "eve"]),
        ("nobody@example.com", vec![]),
        ("da@example.com", vec![]),
    ] {
        let reply = world.get(world.ben, &format!("/user/search?username={text}")).await;
        assert_eq!(reply.column("name"), found, "{text}");
    }
    let page = world.get(world.ben, "/user/search?username=.&startAt=1&maxResults=2").await;
    assert_eq!(page.column("name"), ["ada", "ben"]);
    let none = world.get(world.ben, "/user/search?query=ada").await;
    assert_eq!(none.parts(), (400, messages(&["The username query parameter was not provided"])));
}

#[tokio::test]
async fn those_who_may_not_log_in_are_found_only_when_asked_for() {
    let world = World::new().await;
    world.model().change_user(world.ada, |user| user.active = false);
    assert_eq!(world.get(world.ben, "/user/search?username=ada").await.json(), json!([]));
    let found = world.get(world.ben, "/user/search?username=ada&includeInactive=true").await;
    assert_eq!((found.column("name"), found.column("active")), (vec!["ada".to_owned()], vec!["false".to_owned()]));
}

#[tokio::test]
async fn two_people_may_have_one_email() {
    let world = World::new().await;
    let twin = NewUser {
        login: "ada2".to_owned(),
        name: "Ada K.".to_owned(),
        email: "Ada@example.com".to_owned(),
        ..NewUser::default()
    };
    world.model().create_user(twin.clone()).unwrap();
    assert_eq!(world.get(world.ben, "/user/search?username=ada@example.com").await.column("name"), ["ada", "ada2"]);
    assert!(world.model().create_user(twin).is_err(), "but not one login");
}

#[tokio::test]
async fn one_user_is_told_by_name_or_key() {
    let world = World::new().await;
    let told = world.get(world.ben, "/user?username=ADA").await.json();
    assert_eq!(told["emailAddress"], "ada@example.com");
    let key = told["key"].as_str().unwrap();
    assert!(key.starts_with("JIRAUSER"));
    assert_eq!(world.get(world.ben, &format!("/user?key={key}")).await.json()["name"], "ada");
    let missing = world.get(world.ben, "/user?username=bofh").await;
    assert_eq!(missing.parts(), (404, messages(&["The user named 'bofh' does not exist"])));
}

#[tokio::test]
async fn emails_can_be_masked_and_hidden() {
    let world = World::new().await;
    world.server.switches().emails(EmailVisibility::Masked);
    let found = world.get(world.ben, "/user/search?username=ada").await;
    assert_eq!(found.column("emailAddress"), ["ada at example dot com"]);
    world.server.switches().emails(EmailVisibility::Hidden);
    assert_eq!(world.get(world.ben, "/user/search?username=ada@example.com").await.json(), json!([]));
    let found = world.get(world.ben, "/user/search?username=ada").await.json();
    assert!(found[0].get("emailAddress").is_none());
    assert_eq!(found[0]["name"], "ada");
}

#[tokio::test]
async fn cloud_knows_people_by_their_account_id() {
    let world = World::cloud().await;
    let found = world.get(world.ben, "/rest/api/3/user/search?query=ada@example.com").await.json();
    let id = world.model().user(world.ada).unwrap().account_id();
    assert_eq!((&found[0]["accountId"], &found[0]["name"]), (&json!(id), &json!(null)));
    let told = world.get(world.ben, &format!("/rest/api/3/user?accountId={id}")).await.json();
    assert_eq!(told["displayName"], "Ada Kowalska");
    assert_eq!(world.get(world.ben, "/rest/api/3/user/search?username=ada").await.status, 400);
}
