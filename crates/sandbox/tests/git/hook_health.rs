//! Hooks that fail (GitLab contract §7.1).

use axum::http::StatusCode;
use sandbox::gitlab::hooks::TestProblem;
use sandbox::gitlab::model::{AlertStatus, HookChange, HookEvent, QuickCommit};

use crate::listener::Listener;
use crate::stage::{Stage, stage};

async fn push(stage: &Stage) {
    stage.clock.advance(1_000);
    stage.model.push_commit(stage.project, stage.owner, QuickCommit::on("main", "More\n")).await.unwrap();
}

#[tokio::test]
async fn a_hook_that_fails_four_times_is_not_called_for_a_while() {
    // given a hook whose receiver is in trouble
    let stage = stage().await;
    let listener = Listener::start(StatusCode::INTERNAL_SERVER_ERROR).await;
    let hook = listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    let status = || stage.model.alert_status(hook).unwrap();
    // when three calls fail, then it is still called
    for _ in 0..3 {
        push(&stage).await;
    }
    assert_eq!((listener.calls(&stage.server).await.len(), status()), (3, AlertStatus::Executable));
    // when a fourth fails, then nothing is told for a minute, and never made up for
    push(&stage).await;
    assert_eq!((listener.calls(&stage.server).await.len(), status()), (1, AlertStatus::TemporarilyDisabled));
    let until = stage.model.hook(hook).unwrap().disabled_until().unwrap();
    push(&stage).await;
    assert_eq!(listener.calls(&stage.server).await.len(), 0);
    stage.clock.advance(until + 1 - stage.model.now());
    assert_eq!((listener.calls(&stage.server).await.len(), status()), (0, AlertStatus::Executable));
    // and a success makes up for all failures
    listener.answer(StatusCode::OK);
    push(&stage).await;
    assert_eq!(listener.calls(&stage.server).await.len(), 1);
    assert_eq!(stage.model.hook(hook).unwrap().failures(), 0);
}

#[tokio::test]
async fn after_forty_failures_only_a_test_brings_a_hook_back() {
    // given a hook that failed forty times
    let stage = stage().await;
    let listener = Listener::start(StatusCode::BAD_GATEWAY).await;
    let hook = listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    for _ in 0..40 {
        push(&stage).await;
        stage.server.hooks().idle().await;
        stage.clock.advance(25 * 60 * 60 * 1000);
    }
    assert_eq!(listener.calls(&stage.server).await.len(), 40);
    assert_eq!(stage.model.alert_status(hook), Some(AlertStatus::Disabled));
    // when time passes, then it stays as it is
    stage.clock.advance(30 * 24 * 60 * 60 * 1000);
    push(&stage).await;
    assert_eq!(listener.calls(&stage.server).await.len(), 0);
    // when a test fails, then too
    assert!(matches!(stage.server.hooks().test(hook, "push_events").await, Err(TestProblem::Failed(_))));
    assert_eq!(stage.model.alert_status(hook), Some(AlertStatus::Disabled));
    // when a test succeeds, then it is called again
    listener.answer(StatusCode::NO_CONTENT);
    stage.server.hooks().test(hook, "push_events").await.unwrap();
    assert_eq!(stage.model.alert_status(hook), Some(AlertStatus::Executable));
    listener.calls(&stage.server).await;
    push(&stage).await;
    assert_eq!(listener.calls(&stage.server).await.len(), 1);
}

#[tokio::test]
async fn hooks_of_groups_and_those_of_a_lenient_instance_are_never_disabled() {
    let stage = stage().await;
    let listener = Listener::start(StatusCode::NOT_FOUND).await;
    let change = HookChange { url: Some(listener.url.clone()), ..HookChange::default() };
    let of_group = stage.model.create_hook(stage.group, change).unwrap();
    let of_project = listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    for _ in 0..6 {
        push(&stage).await;
    }
    assert_eq!(listener.calls(&stage.server).await.len(), 6 + 4);
    assert_eq!(stage.model.alert_status(of_group), Some(AlertStatus::Executable));
    assert_eq!(stage.model.alert_status(of_project), Some(AlertStatus::TemporarilyDisabled));
    stage.server.switches().no_hook_disabling();
    push(&stage).await;
    assert_eq!(listener.calls(&stage.server).await.len(), 2);
}
