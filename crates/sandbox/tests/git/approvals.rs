//! What hooks are told of approvals, labels and comments (GitLab contract §7.5, §7.6).

use axum::http::StatusCode;
use sandbox::gitlab::model::{
    AccessLevel, ApprovalRules, HookEvent, MergeRequestChange, MergeRequestId, NewMergeRequest, QuickCommit,
};
use serde_json::{Value, json};

use crate::listener::{Call, Listener};
use crate::stage::{Stage, stage};

async fn opened(stage: &Stage) -> MergeRequestId {
    let push = async |commit| stage.model.push_commit(stage.project, stage.owner, commit).await.unwrap();
    push(QuickCommit::on("main", "One")).await;
    push(QuickCommit { parent: Some("main".to_owned()), ..QuickCommit::on("topic", "ABC-1 Topic") }).await;
    let new = NewMergeRequest::within(stage.project, "topic", "main", "ABC-1", stage.owner);
    stage.model.open_merge_request(new).await.unwrap()
}

fn attributes<'a>(calls: &'a [Call], name: &str) -> Vec<&'a Value> {
    calls.iter().map(|call| &call.body["object_attributes"][name]).collect()
}

#[tokio::test]
async fn approvals_count_up_to_the_rule_and_down_again() {
    // given a project that wants two approvals
    let stage = stage().await;
    let id = opened(&stage).await;
    stage.model.set_approval_rules(stage.project, ApprovalRules { required: 2, reset_on_push: false });
    let [ann, bob] = ["ann", "bob"].map(|login| stage.member(login, AccessLevel::Developer));
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::MergeRequests]);
    // when two approve and take it back
    stage.model.approve(id, ann).unwrap();
    stage.model.approve(id, bob).unwrap();
    stage.model.unapprove(id, ann).unwrap();
    stage.model.unapprove(id, bob).unwrap();
    // then the words tell when the rule was met
    let calls = listener.calls(&stage.server).await;
    assert_eq!(attributes(&calls, "action"), ["approval", "approved", "unapproved", "unapproval"]);
    assert_eq!(attributes(&calls, "system"), [&json!(false); 4]);
}

#[tokio::test]
async fn a_push_takes_approvals_away_where_the_rules_say_so() {
    let stage = stage().await;
    let id = opened(&stage).await;
    stage.model.set_approval_rules(stage.project, ApprovalRules { required: 1, reset_on_push: true });
    let ann = stage.member("ann", AccessLevel::Developer);
    stage.model.approve(id, ann).unwrap();
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::MergeRequests]);
    stage.model.push_commit(stage.project, stage.owner, QuickCommit::on("topic", "More")).await.unwrap();
    let calls = listener.calls(&stage.server).await;
    assert_eq!(attributes(&calls, "action"), ["update", "unapproved"]);
    assert_eq!(attributes(&calls, "system_action"), [&Value::Null, &json!("approvals_reset_on_push")]);
    assert_eq!(attributes(&calls, "system"), [&json!(false), &json!(true)]);
    assert_eq!(attributes(&calls, "oldrev")[1], &Value::Null, "only an update has it");
    assert_eq!(stage.model.merge_request(id).unwrap().approvals, []);
}

#[tokio::test]
async fn labels_and_drafts_are_changes() {
    let stage = stage().await;
    let id = opened(&stage).await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::MergeRequests]);
    let change = MergeRequestChange { labels: Some(vec!["bug".to_owned()]), ..MergeRequestChange::default() };
    stage.model.update_merge_request(id, stage.owner, change).await.unwrap();
    let change = MergeRequestChange { title: Some("Draft: ABC-1".to_owned()), ..MergeRequestChange::default() };
    stage.model.update_merge_request(id, stage.owner, change).await.unwrap();
    let calls = listener.calls(&stage.server).await;
    let labels = &calls[0].body["changes"]["labels"];
    assert_eq!((&labels["previous"], &labels["current"][0]["title"]), (&json!([]), &json!("bug")));
    assert_eq!(calls[1].body["changes"]["draft"], json!({ "previous": false, "current": true }));
}

#[tokio::test]
async fn comments_are_told_when_they_are_made_and_changed_but_not_when_they_go() {
    let stage = stage().await;
    let id = opened(&stage).await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Notes]);
    let note = stage.model.comment(id, stage.owner, "ABC-2?").unwrap();
    stage.clock.advance(60_000);
    stage.model.edit_note(note, "ABC-3!").unwrap();
    stage.clock.advance(60_000);
    let changed_at = stage.model.merge_request(id).unwrap().updated_at;
    stage.model.delete_note(note).unwrap();
    let calls = listener.calls(&stage.server).await;
    assert_eq!(attributes(&calls, "action"), ["create", "update"]);
    assert_eq!(attributes(&calls, "note"), ["ABC-2?", "ABC-3!"]);
    assert_eq!(calls[1].body["merge_request"]["iid"], 1);
    assert_eq!(stage.model.merge_request(id).unwrap().updated_at, changed_at, "a comment that goes is no change");
    assert!(stage.model.edit_note(note, "again").is_err());
}
