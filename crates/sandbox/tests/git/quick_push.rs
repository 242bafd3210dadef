//! Pushes without a client, told as any other.

use axum::http::StatusCode;
use sandbox::gitlab::model::{HookEvent, ModelError, QuickCommit, RefMove};
use serde_json::json;

use crate::listener::Listener;
use crate::stage::stage;

const ZERO: &str = "0000000000000000000000000000000000000000";

#[tokio::test]
async fn commits_are_made_and_told() {
    let stage = stage().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    // when two commits are pushed at once to a branch that is not there
    let commits = [QuickCommit::on("main", "ABC-1 One").with("a.txt", "a\n"), QuickCommit::on("main", "Two")];
    let head = stage.model.push_commits(stage.project, stage.owner, &commits).await.unwrap();
    // then there is one push of both, oldest first
    let calls = listener.calls(&stage.server).await;
    assert_eq!(calls.len(), 1);
    let body = &calls[0].body;
    assert_eq!((&body["before"], &body["after"]), (&json!(ZERO), &json!(head)));
    assert_eq!((&body["commits"][0]["title"], &body["commits"][1]["title"]), (&json!("ABC-1 One"), &json!("Two")));
    assert_eq!(body["commits"][0]["added"], json!(["a.txt"]));
    assert_eq!(body["commits"][0]["author"], json!({ "name": "User olga", "email": "olga@example.com" }));
    // and with another parent than the head it is a force push
    let first = stage.id("main~1").await;
    let other = QuickCommit { parent: Some("main~1".to_owned()), ..QuickCommit::on("main", "Other") };
    let forced = stage.model.push_commit(stage.project, stage.owner, other).await.unwrap();
    let body = &listener.calls(&stage.server).await[0].body;
    assert_eq!((&body["before"], &body["after"]), (&json!(head), &json!(forced)));
    assert_eq!(stage.id("main~1").await, first);
}

#[tokio::test]
async fn a_merge_has_further_parents() {
    let stage = stage().await;
    let push = async |commit| stage.model.push_commit(stage.project, stage.owner, commit).await.unwrap();
    push(QuickCommit::on("main", "One")).await;
    let topic = push(QuickCommit { parent: Some("main".to_owned()), ..QuickCommit::on("topic", "Topic") }).await;
    push(QuickCommit { merges: vec!["topic".to_owned()], ..QuickCommit::on("main", "Merge") }).await;
    assert_eq!(stage.id("main^2").await, topic);
}

#[tokio::test]
async fn refs_are_made_moved_and_deleted() {
    let stage = stage().await;
    let commits = ["One", "Two"].map(|message| QuickCommit::on("main", message));
    stage.model.push_commits(stage.project, stage.owner, &commits).await.unwrap();
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push, HookEvent::TagPush]);
    let (one, two) = (stage.id("main~1").await, stage.id("main").await);
    let run = async |moves: &[RefMove]| {
        stage.model.move_refs(stage.project, stage.owner, moves).await.unwrap();
        let told = |call: &crate::listener::Call| {
            let text = |name: &str| call.body[name].as_str().unwrap().to_owned();
            (text("ref"), text("before"), text("after"))
        };
        listener.calls(&stage.server).await.iter().map(told).collect::<Vec<_>>()
    };
    let told = |name: &str, before: &str, after: &str| (name.to_owned(), before.to_owned(), after.to_owned());
    assert_eq!(run(&[RefMove::branch("b", "main")]).await, [told("refs/heads/b", ZERO, &two)]);
    assert_eq!(run(&[RefMove::branch("b", "main~1")]).await, [told("refs/heads/b", &two, &one)], "by force");
    assert_eq!(run(&[RefMove::branch("b", "main~1")]).await, [], "nothing moved");
    assert_eq!(run(&[RefMove::no_branch("b")]).await, [told("refs/heads/b", &one, ZERO)]);
    assert_eq!(run(&[RefMove::tag("v1", "main")]).await, [told("refs/tags/v1", ZERO, &two)]);
    let four = ["c", "d", "e", "f"].map(|name| RefMove::branch(name, "main"));
    assert_eq!(run(&four).await, [], "too many at once");
    assert_eq!(stage.id("refs/heads/f").await, two, "but done");
    let unknown = stage.model.move_refs(stage.project, stage.owner, &[RefMove::branch("x", "no-such")]).await;
    assert!(matches!(unknown, Err(ModelError::Repository(_))));
}
