//! Issues.

use sandbox::jira::model::{Execution, NewComment};
use serde_json::json;

use crate::world::{World, column, messages};

#[tokio::test]
async fn an_issue_is_told_with_the_fields_that_are_asked_for() {
    let world = World::new().await;
    let told = world.get(world.ada, "/issue/abc-1").await.json();
    assert_eq!(told["key"], "ABC-1");
    assert_eq!(told["fields"]["status"]["statusCategory"]["key"], "new");
    assert_eq!(told["fields"]["project"]["key"], "ABC");
    assert_eq!(told["fields"]["created"], "2026-03-01T12:00:00.000+0000");
    assert_eq!(told["fields"]["reporter"]["name"], "ada");
    let by_id = world.get(world.ada, &format!("/issue/{}", told["id"].as_str().unwrap())).await.json();
    assert_eq!(by_id["key"], "ABC-1");
    let few = world.get(world.ada, "/issue/ABC-1?fields=summary,status").await.json();
    assert_eq!(few["fields"].as_object().unwrap().len(), 2);
    let without = world.get(world.ada, "/issue/ABC-1?fields=*all,-comment").await.json();
    assert!(without["fields"].get("comment").is_none() && without["fields"]["worklog"]["total"] == 0);
}

#[tokio::test]
async fn who_may_not_see_an_issue_is_told_so_or_not() {
    let world = World::new().await;
    let sight = "You do not have the permission to see the specified issue.";
    assert_eq!(world.get(world.ada, "/issue/ABC-99").await.parts(), (404, messages(&["Issue Does Not Exist"])));
    assert_eq!(world.get(world.ada, "/issue/nonsense").await.status, 404);
    assert_eq!(world.get(world.eve, "/issue/ABC-1").await.parts(), (403, messages(&[sight])));
    let nobody = world.send(world.request(reqwest::Method::GET, "/rest/api/2/issue/ABC-1")).await;
    assert_eq!(nobody.parts(), (401, messages(&[sight, "Login Required"])));
    // Cloud makes no difference
    let cloud = World::cloud().await;
    let text = "Issue does not exist or you do not have permission to see it.";
    for (user, key) in [(cloud.eve, "ABC-1"), (cloud.ada, "ABC-99")] {
        let reply = cloud.get(user, &format!("/rest/api/3/issue/{key}")).await;
        assert_eq!(reply.parts(), (404, messages(&[text])), "{key}");
    }
}

#[tokio::test]
async fn a_moved_issue_answers_to_its_former_key_with_the_present_one() {
    let world = World::new().await;
    world
        .model()
        .comment("ABC-1", world.ada, NewComment { body: "before".to_owned(), ..NewComment::default() })
        .unwrap();
    assert_eq!(world.model().move_issue("ABC-1", "PAY").unwrap(), "PAY-3");
    let told = world.get(world.ada, "/issue/ABC-1?fields=summary,status,comment").await.json();
    assert_eq!((&told["key"], &told["fields"]["summary"]), (&json!("PAY-3"), &json!("First")));
    // in the workflow of its new project, with what belongs to it
    assert_eq!(told["fields"]["status"]["name"], "Open");
    assert_eq!(told["fields"]["comment"]["total"], 1);
    // what is written under the former key is the same issue's
    assert_eq!(world.post(world.ada, "/issue/ABC-1/comment", json!({ "body": "after" })).await.status, 201);
    assert_eq!(world.model().comments("PAY-3").len(), 2);
    // and it can go on
    assert_eq!(world.model().move_issue("PAY-3", "ABC").unwrap(), "ABC-3");
    for former in ["ABC-1", "PAY-3"] {
        assert_eq!(world.get(world.ada, &format!("/issue/{former}")).await.json()["key"], "ABC-3");
    }
}

#[tokio::test]
async fn an_issue_that_is_deleted_is_gone_with_everything() {
    let world = World::new().await;
    world.model().comment("ABC-1", world.ada, NewComment { body: "x".to_owned(), ..NewComment::default() }).unwrap();
    world.model().delete_issue("ABC-1").unwrap();
    assert_eq!(world.get(world.ada, "/issue/ABC-1").await.status, 404);
    assert_eq!(world.model().totals().comments, 0);
}

#[tokio::test]
async fn the_history_tells_who_changed_what_and_when() {
    let world = World::new().await;
    let go = |id: &str| Execution { transition: id.to_owned(), ..Execution::default() };
    world.model().transition("ABC-1", world.ada, go("21")).unwrap();
    world.clock.advance(60_000);
    world.model().transition("ABC-1", world.ben, go("31")).unwrap();
    let told = world.get(world.ada, "/issue/ABC-1?expand=changelog&fields=status").await.json();
    let histories = &told["changelog"]["histories"];
    assert_eq!(told["changelog"]["total"], 2);
    assert_eq!(column(histories, "created"), ["2026-03-01T12:00:00.000+0000", "2026-03-01T12:01:00.000+0000"]);
    assert_eq!((&histories[0]["author"]["name"], &histories[1]["author"]["name"]), (&json!("ada"), &json!("ben")));
    let item = json!({
        "field": "status", "fieldtype": "jira", "from": "3", "fromString": "In Progress", "to": "10001", "toString": "Done",
    });
    assert_eq!(histories[1]["items"][0], item);
    assert_eq!(histories[1]["items"][1]["field"], "resolution");
    assert!(world.get(world.ada, "/issue/ABC-1").await.json().get("changelog").is_none());
    assert_eq!(world.get(world.ada, "/issue/ABC-1/changelog").await.status, 404, "a Data Center has no such address");
    // Cloud has it in pages as well
    let cloud = World::cloud().await;
    for id in ["21", "31"] {
        cloud.model().transition("ABC-1", cloud.ada, go(id)).unwrap();
    }
    let page = cloud.get(cloud.ada, "/rest/api/3/issue/ABC-1/changelog?startAt=1").await.json();
    assert_eq!((&page["total"], &page["isLast"]), (&json!(2), &json!(true)));
    assert_eq!(page["values"][0]["items"][0]["toString"], "Done");
}
