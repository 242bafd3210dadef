//! Calls of hooks that are lost, doubled, or come in another order.

use axum::http::StatusCode;
use sandbox::gitlab::model::{Deliveries, HookEvent, QuickCommit, RefMove};

use crate::listener::{Call, Listener};
use crate::stage::{Stage, stage};

async fn push(stage: &Stage, message: &str) {
    stage.model.push_commit(stage.project, stage.owner, QuickCommit::on("main", message)).await.unwrap();
}

fn titles(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.body["commits"][0]["title"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn calls_that_are_held_back_go_out_in_any_order() {
    // given three pushes while calls are held back
    let stage = stage().await;
    let listener = Listener::start(StatusCode::OK).await;
    let hook = listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    let hooks = stage.server.hooks();
    stage.server.switches().deliveries(Deliveries::Held);
    for message in ["One", "Two", "Three"] {
        push(&stage, message).await;
    }
    let held = hooks.held().await;
    assert_eq!(held.iter().map(|call| (call.hook, call.trigger)).collect::<Vec<_>>(), [(hook, "push_events"); 3]);
    assert!(held[1].body.contains("Two"));
    assert_eq!(listener.calls(&stage.server).await.len(), 0);
    // when what happens later goes out at once, and the old calls turned round, one of them twice and one never
    stage.server.switches().deliveries(Deliveries::AtOnce);
    push(&stage, "Four").await;
    hooks.lose(&[held[1].id]);
    hooks.release(&[held[2].id, held[0].id, held[2].id]).await;
    // then they arrive so
    let calls = listener.calls(&stage.server).await;
    assert_eq!(titles(&calls), ["Four", "Three", "One", "Three"]);
    // and a call that came twice has one key
    let key = |at: usize| calls[at].header("idempotency-key");
    assert_eq!(key(1), key(3));
    assert_ne!(calls[1].header("x-gitlab-webhook-uuid"), calls[3].header("x-gitlab-webhook-uuid"));
    assert_ne!(key(1), key(2));
    assert_eq!(hooks.held().await, []);
}

#[tokio::test]
async fn calls_get_lost_or_come_twice() {
    let stage = stage().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    stage.server.switches().deliveries(Deliveries::Lost);
    push(&stage, "Lost").await;
    stage.server.switches().deliveries(Deliveries::Twice);
    push(&stage, "Twice").await;
    stage.server.switches().all_well();
    push(&stage, "Once").await;
    assert_eq!(titles(&listener.calls(&stage.server).await), ["Twice", "Twice", "Once"]);
}

#[tokio::test]
async fn all_branches_of_a_push_share_an_event_but_no_key() {
    // given two hooks
    let stage = stage().await;
    push(&stage, "One").await;
    let (one, other) = (Listener::start(StatusCode::OK).await, Listener::start(StatusCode::OK).await);
    for listener in [&one, &other] {
        listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    }
    // when two branches are pushed at once
    let moves = [RefMove::branch("a", "main"), RefMove::branch("b", "main")];
    stage.model.move_refs(stage.project, stage.owner, &moves).await.unwrap();
    // then each hook is called twice: one event, four keys
    let mut calls = one.calls(&stage.server).await;
    calls.extend(other.calls(&stage.server).await);
    let distinct = |name: &str| {
        let values: std::collections::BTreeSet<&str> = calls.iter().map(|call| call.header(name)).collect();
        values.len()
    };
    assert_eq!(calls.len(), 4);
    assert_eq!((distinct("x-gitlab-event-uuid"), distinct("idempotency-key")), (1, 4));
    assert_eq!(distinct("x-gitlab-webhook-uuid"), 4);
}
