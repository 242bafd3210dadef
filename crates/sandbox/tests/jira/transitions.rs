//! Transitions, their screens and on whom they depend.

use sandbox::jira::model::{Condition, Field, Permission, Transition, Workflow};
use serde_json::{Value, json};

use crate::world::{World, column, field, messages};

async fn names(world: &World, user: sandbox::jira::model::UserId, key: &str) -> Vec<String> {
    column(&world.get(user, &format!("/issue/{key}/transitions")).await.json()["transitions"], "name")
}

fn to(id: &str) -> Value {
    json!({ "transition": { "id": id } })
}

#[tokio::test]
async fn an_issue_goes_where_its_workflow_leads() {
    let world = World::new().await;
    assert_eq!(names(&world, world.ada, "ABC-1").await, ["To Do", "In Progress", "Done"]);
    assert_eq!(names(&world, world.ada, "PAY-1").await, ["Start Progress", "Resolve Issue", "Close Issue"]);
    let done = world.post(world.ada, "/issue/ABC-1/transitions", to("31")).await;
    assert_eq!((done.status.as_u16(), done.text.as_str()), (204, ""));
    let told = world.get(world.ada, "/issue/ABC-1?fields=status,resolution,resolutiondate").await.json();
    assert_eq!(
        (&told["fields"]["status"]["name"], &told["fields"]["resolution"]["name"]),
        (&json!("Done"), &json!("Done"))
    );
    assert_eq!(told["fields"]["resolutiondate"], "2026-03-01T12:00:00.000+0000");
    // and back, with a number for an id
    world.post(world.ada, "/issue/ABC-1/transitions", json!({ "transition": { "id": 11 } })).await;
    let told = world.get(world.ada, "/issue/ABC-1?fields=status,resolution").await.json();
    assert_eq!((&told["fields"]["status"]["name"], &told["fields"]["resolution"]), (&json!("To Do"), &Value::Null));
}

#[tokio::test]
async fn what_is_told_of_a_transition() {
    let world = World::new().await;
    let list = world.get(world.ada, "/issue/PAY-1/transitions?expand=transitions.fields").await.json();
    let resolve = &list["transitions"][1];
    assert_eq!(
        (&resolve["id"], &resolve["hasScreen"], &resolve["isGlobal"]),
        (&json!("5"), &json!(true), &json!(false))
    );
    assert_eq!(resolve["to"]["statusCategory"]["key"], "done");
    assert_eq!(
        (&resolve["fields"]["resolution"]["required"], &resolve["fields"]["assignee"]["required"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(resolve["fields"]["resolution"]["allowedValues"][0]["name"], "Done");
    // a comment is possible on each screen and told on none
    assert!(resolve["fields"].get("comment").is_none());
    assert_eq!((&list["transitions"][0]["fields"], &list["transitions"][0]["hasScreen"]), (&json!({}), &json!(false)));
    let plain = world.get(world.ada, "/issue/PAY-1/transitions").await.json();
    assert!(plain["transitions"][1].get("fields").is_none());
    let one = world.get(world.ada, "/issue/PAY-1/transitions?transitionId=5").await.json();
    assert_eq!(column(&one["transitions"], "id"), ["5"]);
}

#[tokio::test]
async fn a_screen_wants_its_required_fields_and_no_others() {
    let world = World::new().await;
    let post = async |body: Value| world.post(world.ada, "/issue/PAY-1/transitions", body).await;
    assert_eq!(post(to("5")).await.parts(), (400, field("resolution", "Resolution is required.")));
    let summary = json!({ "transition": { "id": "4" }, "fields": { "summary": "New" } });
    let text = "Field 'summary' cannot be set. It is not on the appropriate screen, or unknown.";
    assert_eq!(post(summary).await.parts(), (400, field("summary", text)));
    let wrong = json!({ "transition": { "id": "5" }, "fields": { "resolution": { "name": "Because" } } });
    assert_eq!(post(wrong).await.parts(), (400, field("resolution", "Resolution is not valid.")));
    assert_eq!(world.status("PAY-1"), "Open");
    let right = json!({
        "transition": { "id": "5" },
        "fields": { "resolution": { "name": "Duplicate" }, "assignee": { "name": "ben" } },
        "update": {
            "comment": [{ "add": { "body": "as PAY-2" } }],
            "worklog": [{ "add": { "timeSpent": "1h", "started": "2026-03-01T10:00:00.000+0000" } }],
        },
    });
    assert_eq!(post(right).await.status, 204);
    let told = world.get(world.ada, "/issue/PAY-1").await.json();
    assert_eq!(
        (&told["fields"]["resolution"]["name"], &told["fields"]["assignee"]["name"]),
        (&json!("Duplicate"), &json!("ben"))
    );
    assert_eq!(world.model().comments("PAY-1")[0].body, "as PAY-2");
    assert_eq!(world.model().worklogs("PAY-1")[0].seconds, 3_600);
}

#[tokio::test]
async fn without_a_screen_a_comment_is_dropped_without_a_word() {
    let world = World::new().await;
    let body = json!({ "transition": { "id": "31" }, "update": { "comment": [{ "add": { "body": "gone" } }] } });
    assert_eq!(world.post(world.ada, "/issue/ABC-1/transitions", body).await.status, 204);
    assert_eq!((world.status("ABC-1").as_str(), world.model().comments("ABC-1").len()), ("Done", 0));
}

#[tokio::test]
async fn what_does_not_begin_here_is_refused() {
    let world = World::new().await;
    let post = async |body: Value| world.post(world.ada, "/issue/PAY-1/transitions", body).await.parts();
    let text = "It seems that you have tried to perform a workflow operation (Stop Progress) that is not valid for the current \
                state of this issue (PAY-1). The likely cause is that somebody has changed the issue recently, please look at \
                the issue history for details.";
    assert_eq!(post(to("301")).await, (400, messages(&[text])));
    assert_eq!(post(to("99")).await, (400, messages(&["Transition id '99' is not valid for this issue."])));
    assert_eq!(post(json!({})).await, (400, messages(&["Missing 'transition' identifier"])));
    assert_eq!(world.model().history("PAY-1"), []);
}

#[tokio::test]
async fn nothing_is_changed_when_the_comment_is_refused() {
    let world = World::new().await;
    let may = [Permission::BrowseProjects, Permission::TransitionIssues];
    world.model().allow_only(world.pay, world.ada, &may);
    let body = json!({
        "transition": { "id": "5" },
        "fields": { "resolution": { "name": "Done" } },
        "update": { "comment": [{ "add": { "body": "done" } }] },
    });
    let text = "Ada Kowalska, you do not have the permission to comment on this issue.";
    assert_eq!(world.post(world.ada, "/issue/PAY-1/transitions", body).await.parts(), (400, messages(&[text])));
    assert_eq!(world.status("PAY-1"), "Open");
}

#[tokio::test]
async fn transitions_depend_on_the_user() {
    let world = World::new().await;
    // without the permission there are none
    world.model().allow_only(world.abc, world.ben, &[Permission::BrowseProjects, Permission::AddComments]);
    assert_eq!(names(&world, world.ben, "ABC-1").await, Vec::<String>::new());
    assert_eq!(world.post(world.ben, "/issue/ABC-1/transitions", to("31")).await.status, 400);
    // and a condition may want more
    let note = Field::Text { id: "customfield_10042".to_owned(), name: "Release note".to_owned() };
    let mut workflow = Workflow::simplified();
    workflow.transitions = vec![
        Transition::new(41, "Ship", &["To Do"], "Done").only_for(Condition::Only(vec![world.ada])),
        Transition::new(51, "Take", &["To Do"], "In Progress").only_for(Condition::Assignee),
        Transition::new(61, "Sign off", &[], "Done").only_for(Condition::Permission(Permission::AdministerProjects)),
        Transition::new(71, "Publish", &["To Do"], "Done").asking(&[(note, true), (Field::Comment, true)]),
    ];
    world.model().create_project("FLOW", "Flow", workflow).unwrap();
    world.model().create_issue("FLOW", "One", None).unwrap();
    assert_eq!(names(&world, world.ada, "FLOW-1").await, ["Ship", "Publish"]);
    assert_eq!(names(&world, world.root, "FLOW-1").await, ["Sign off", "Publish"]);
    world.model().assign("FLOW-1", Some(world.ben));
    assert_eq!(names(&world, world.ben, "FLOW-1").await, ["Take", "Publish"]);
    assert_eq!(world.post(world.ben, "/issue/FLOW-1/transitions", to("41")).await.status, 400);
    // a comment that is required is told, and a text of one's own is taken
    let list = world.get(world.ben, "/issue/FLOW-1/transitions?expand=transitions.fields").await.json();
    assert_eq!(list["transitions"][1]["fields"]["comment"]["required"], true);
    assert_eq!(list["transitions"][0]["isConditional"], true);
    let refused = world.post(world.ben, "/issue/FLOW-1/transitions", to("71")).await.json();
    let wanted = json!({ "customfield_10042": "Release note is required.", "comment": "Comment is required." });
    assert_eq!(refused["errors"], wanted);
    let body = json!({
        "transition": { "id": "71" },
        "fields": { "customfield_10042": "Faster" },
        "update": { "comment": [{ "add": { "body": "out" } }] },
    });
    assert_eq!(world.post(world.ben, "/issue/FLOW-1/transitions", body).await.status, 204);
}
