//! Hooks of the whole instance (GitLab contract §7.7).

use axum::http::StatusCode;
use sandbox::gitlab::model::{HookChange, HookEvent, HookPlace, QuickCommit, RefMove, Visibility};
use serde_json::{Value, json};

use crate::listener::Listener;
use crate::stage::{Stage, stage};

fn register(stage: &Stage, listener: &Listener, events: &[HookEvent]) {
    let events = events.iter().map(|event| (*event, true)).collect();
    let change = HookChange { url: Some(listener.url.clone()), events, ..HookChange::default() };
    stage.model.create_hook(HookPlace::Instance, change).unwrap();
}

#[tokio::test]
async fn they_are_told_what_happens_to_projects_and_groups() {
    let stage = stage().await;
    let listener = Listener::start(StatusCode::OK).await;
    register(&stage, &listener, &[]);
    let (model, id) = (&stage.model, stage.project);
    model.push_commit(id, stage.owner, QuickCommit::on("main", "One")).await.unwrap();
    listener.calls(&stage.server).await;

    // when a project goes through everything there is
    let other = model.create_group("other", "Other", None, Visibility::Private, stage.owner).unwrap();
    model.fork_project(id, "olga", stage.owner).await.unwrap();
    model.rename_project(id, "hammer", "The Hammer").unwrap();
    model.rename_project(id, "hammer", "The Big Hammer").unwrap();
    model.transfer_project(id, "other").unwrap();
    model.rename_group(other, "another", "Another").unwrap();
    model.archive(id, true);
    model.delete_project(id).await.unwrap();

    // then each of it is told, by its name
    let calls = listener.calls(&stage.server).await;
    assert!(calls.iter().all(|call| call.header("x-gitlab-event") == "System Hook"));
    let names: Vec<&str> = calls.iter().map(|call| call.body["event_name"].as_str().unwrap()).collect();
    let expected = [
        "project_create",
        "project_rename",
        "project_update",
        "project_transfer",
        "group_rename",
        "project_update",
        "project_destroy",
    ];
    assert_eq!(names, expected);
    let field = |at: usize, name: &str| calls[at].body[name].clone();
    assert_eq!(field(0, "path_with_namespace"), "olga/tool");
    assert_eq!((field(0, "owner_name"), field(0, "owner_email")), (json!("User olga"), json!("olga@example.com")));
    assert_eq!(
        (field(1, "path_with_namespace"), field(1, "old_path_with_namespace")),
        (json!("team/hammer"), json!("team/tool"))
    );
    assert_eq!((field(1, "project_id"), field(1, "project_visibility")), (json!(id.0), json!("private")));
    assert_eq!(calls[2].body.get("old_path_with_namespace"), None, "only the name changed");
    assert_eq!(
        (field(3, "path_with_namespace"), field(3, "old_path_with_namespace")),
        (json!("other/hammer"), json!("team/hammer"))
    );
    assert_eq!(
        (field(4, "full_path"), field(4, "old_full_path"), field(4, "group_id")),
        (json!("another"), json!("other"), json!(other.0))
    );
    assert_eq!((field(6, "project_id"), field(6, "path_with_namespace")), (json!(id.0), json!("another/hammer")));
    assert_eq!(stage.server.hooks().deliveries().last().unwrap().trigger, "system_hooks");
}

#[tokio::test]
async fn they_are_told_of_pushes_and_merge_requests_when_they_ask() {
    let stage = stage().await;
    let listener = Listener::start(StatusCode::OK).await;
    let own = Listener::start(StatusCode::OK).await;
    register(&stage, &listener, &[HookEvent::Push, HookEvent::MergeRequests]);
    own.register(&stage.server, stage.project, &[HookEvent::Push]);
    let (model, id, olga) = (&stage.model, stage.project, stage.owner);

    model.push_commits(id, olga, &[QuickCommit::on("main", "One"), QuickCommit::on("main", "Two")]).await.unwrap();
    let calls = listener.calls(&stage.server).await;
    let names: Vec<&Value> = calls.iter().map(|call| &call.body["event_name"]).collect();
    assert_eq!(names, ["push", "repository_update"]);
    let push = &calls[0];
    assert_eq!(push.header("x-gitlab-event"), "System Hook");
    assert_eq!(
        (&push.body["commits"], &push.body["total_commits_count"]),
        (&json!([]), &json!(2)),
        "how many, not which"
    );
    assert_eq!((&calls[1].body["refs"], &calls[1].body["project_id"]), (&json!(["refs/heads/main"]), &json!(id.0)));
    assert_eq!(calls[1].body["changes"][0]["after"], push.body["after"]);
    assert_eq!(own.calls(&stage.server).await[0].body["commits"].as_array().unwrap().len(), 2, "others are told all");

    // a push of many branches is told as an update of the repository alone
    let many = ["a", "b", "c", "d"].map(|name| RefMove::branch(name, "main"));
    model.move_refs(id, olga, &many).await.unwrap();
    let calls = listener.calls(&stage.server).await;
    assert_eq!((calls.len(), &calls[0].body["event_name"]), (1, &json!("repository_update")));
    assert_eq!(calls[0].body["changes"].as_array().unwrap().len(), 4);

    model.push_commit(id, olga, QuickCommit::on("a", "ABC-1")).await.unwrap();
    listener.calls(&stage.server).await;
    let new = sandbox::gitlab::model::NewMergeRequest::within(id, "a", "main", "ABC-1", olga);
    model.open_merge_request(new).await.unwrap();
    let calls = listener.calls(&stage.server).await;
    let kind = (calls[0].header("x-gitlab-event"), calls[0].body["object_kind"].as_str());
    assert_eq!(kind, ("System Hook", Some("merge_request")));
}
