//! Work that is logged.

use sandbox::jira::model::Permission;
use serde_json::{Value, json};

use crate::world::{World, column, messages};

/// What Jira says of a field of a worklog.
fn refused(name: &str, text: &str) -> (u16, Value) {
    (400, json!({ "errorMessages": ["Worklog must not be null."], "errors": { name: text } }))
}

#[tokio::test]
async fn work_is_logged_and_told() {
    let world = World::new().await;
    let body = json!({ "timeSpent": "1h 30m", "started": "2026-02-27T10:00:00.000+0100", "comment": "typing" });
    let (status, told) = world.post(world.ada, "/issue/ABC-1/worklog?adjustEstimate=auto", body).await.parts();
    assert_eq!(status, 201);
    assert_eq!((&told["timeSpent"], &told["timeSpentSeconds"]), (&json!("1h 30m"), &json!(5_400)));
    assert_eq!((&told["started"], &told["comment"]), (&json!("2026-02-27T09:00:00.000+0000"), &json!("typing")));
    assert_eq!(told["issueId"], world.model().issue("ABC-1").unwrap().id.to_string());
    world.post(world.ben, "/issue/ABC-1/worklog", json!({ "timeSpentSeconds": 28_830 })).await;
    let list = world.get(world.ada, "/issue/ABC-1/worklog").await.json();
    assert_eq!((&list["total"], &list["startAt"]), (&json!(2), &json!(0)));
    assert_eq!(column(&list["worklogs"], "timeSpent"), ["1h 30m", "1d"]);
    assert_eq!(list["worklogs"][1]["started"], "2026-03-01T12:00:00.000+0000");
    let one = world.get(world.ada, &format!("/issue/ABC-1/worklog/{}", told["id"].as_str().unwrap())).await;
    assert_eq!(one.json(), told);
    let fields = world.get(world.ada, "/issue/ABC-1?fields=timetracking").await.json();
    assert_eq!(fields["fields"]["timetracking"]["timeSpent"], "1d 1h 30m");
}

#[tokio::test]
async fn what_is_no_duration_is_refused() {
    let world = World::new().await;
    let post = async |body: Value| world.post(world.ada, "/issue/ABC-1/worklog", body).await.parts();
    let invalid = refused("timeLogged", "Invalid time duration entered.");
    for body in
        [json!({ "timeSpent": "an hour" }), json!({ "timeSpent": "" }), json!({}), json!({ "timeSpentSeconds": -5 })]
    {
        assert_eq!(post(body.clone()).await, invalid, "{body}");
    }
    let zero = refused("timeLogged", "Time Spent can not be zero.");
    for body in [json!({ "timeSpent": "0m" }), json!({ "timeSpentSeconds": 59 })] {
        assert_eq!(post(body.clone()).await, zero, "{body}");
    }
    assert_eq!(world.model().totals().worklogs, 0);
}

#[tokio::test]
async fn a_time_in_another_form_breaks_jira() {
    let world = World::new().await;
    for started in ["2026-02-27T10:00:00Z", "2026-02-27T10:00:00.000+01:00", "2026-02-27"] {
        let reply =
            world.post(world.ada, "/issue/ABC-1/worklog", json!({ "timeSpent": "1h", "started": started })).await;
        assert_eq!(reply.parts(), (500, messages(&["Internal server error"])), "{started}");
    }
    assert_eq!(world.model().totals().worklogs, 0);
}

#[tokio::test]
async fn without_the_permission_or_with_time_tracking_off_nothing_is_logged() {
    let world = World::new().await;
    world.model().allow_only(world.abc, world.ada, &[Permission::BrowseProjects, Permission::AddComments]);
    let post = async || world.post(world.ada, "/issue/ABC-1/worklog", json!({ "timeSpent": "1h" })).await.parts();
    let text = "Ada Kowalska, you do not have the permission to associate a worklog to this issue.";
    assert_eq!(post().await, (400, messages(&[text, "Worklog must not be null."])));
    world.server.switches().time_tracking(false);
    let told = world.get(world.ada, "/configuration").await.json();
    assert_eq!((&told["timeTrackingEnabled"], &told["timeTrackingConfiguration"]), (&json!(false), &Value::Null));
    assert_eq!(post().await, (400, messages(&["Time Tracking is not enabled.", "Worklog must not be null."])));
    assert_eq!(
        world.post(world.ben, "/issue/PAY-1/worklog", json!({ "timeSpent": "x" })).await.parts().1["errors"],
        json!({})
    );
    world.server.switches().time_tracking(true);
    assert_eq!(world.post(world.ben, "/issue/ABC-1/worklog", json!({ "timeSpent": "1h" })).await.status, 201);
}

#[tokio::test]
async fn the_remaining_estimate_is_adjusted_as_asked() {
    let world = World::new().await;
    let log = async |query: &str| {
        let reply = world.post(world.ada, &format!("/issue/ABC-1/worklog?{query}"), json!({ "timeSpent": "1h" })).await;
        let told = world.get(world.ada, "/issue/ABC-1?fields=timetracking").await.json();
        (reply.status.as_u16(), told["fields"]["timetracking"]["remainingEstimate"].clone())
    };
    assert_eq!(log("adjustEstimate=auto").await, (201, Value::Null));
    assert_eq!(log("adjustEstimate=new&newEstimate=5h").await, (201, json!("5h")));
    assert_eq!(log("").await, (201, json!("4h")));
    assert_eq!(log("adjustEstimate=LEAVE").await, (201, json!("4h")));
    assert_eq!(log("adjustEstimate=manual&reduceBy=3h").await, (201, json!("1h")));
    for query in ["adjustEstimate=new", "adjustEstimate=manual&reduceBy=x", "adjustEstimate=maybe"] {
        assert_eq!(log(query).await.0, 400, "{query}");
    }
}
