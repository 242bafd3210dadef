//! Calls of hooks as they arrive, and what they ask for.

use forge::{HookEvent, HookNews};
use sandbox::gitlab::model::{AccessLevel, HookChange, MergeMethod, MergeRequestChange, NewMergeRequest, ProjectId};
use serde_json::json;

use crate::listener::{Call, Listener};
use crate::place::{Place, history, user};

const ZERO: &str = "0000000000000000000000000000000000000000";

async fn watched() -> (Place, ProjectId, Listener) {
    let place = Place::new().await;
    let api = place.project("platform", "api").await;
    let branch = history("feature", Some("refs/heads/main"), 2);
    place.push(api, history("main", None, 2) + &branch).await;
    let listener = Listener::at(&place, api).await;
    listener.calls(&place).await;
    (place, api, listener)
}

fn news(project: ProjectId, event: HookEvent) -> HookNews {
    HookNews { repository_forge_id: Some(project.to_string()), event }
}

#[tokio::test]
async fn every_fate_of_a_branch_is_a_push() {
    // given
    let (place, api, listener) = watched().await;

    // when a long push, a new branch, a push that loses commits, and a deletion
    place.push(api, history("main", Some("refs/heads/main^0"), 25)).await;
    place.push(api, history("other", Some("refs/heads/main"), 1)).await;
    place.push(api, "reset refs/heads/feature\nfrom refs/heads/main~3\n\n".to_owned()).await;
    place.push(api, format!("reset refs/heads/other\nfrom {ZERO}\n\n")).await;

    // then
    let calls = listener.calls(&place).await;
    assert_eq!(calls.iter().map(Call::news).collect::<Vec<_>>(), vec![news(api, HookEvent::Push); 4]);
    let bodies: Vec<_> = calls.iter().map(Call::json).collect();
    assert_eq!(bodies[0]["total_commits_count"], json!(25), "more than the twenty that are told");
    assert_eq!((&bodies[1]["before"], &bodies[3]["after"]), (&json!(ZERO), &json!(ZERO)));
}

#[tokio::test]
async fn every_step_of_a_merge_request_names_it() {
    // given
    let (place, api, listener) = watched().await;
    let model = place.server.model();
    let rita = model.create_user(user("rita", false)).unwrap();
    model.add_member(api, rita, AccessLevel::Developer);

    // when
    let new = NewMergeRequest::within(api, "feature", "main", "PLAT-1 A feature", place.anna);
    let id = model.open_merge_request(NewMergeRequest { reviewers: vec![rita], ..new }).await.unwrap();
    place.push(api, history("feature", Some("refs/heads/feature^0"), 1)).await;
    let change = MergeRequestChange { title: Some("PLAT-2 Renamed".to_owned()), ..MergeRequestChange::default() };
    model.update_merge_request(id, place.anna, change).await.unwrap();
    model.approve(id, rita).unwrap();
    model.unapprove(id, rita).unwrap();
    model.close_merge_request(id, place.anna).unwrap();
    model.reopen_merge_request(id, place.anna).await.unwrap();
    model.comment(id, rita, "Looks good, 5/5").unwrap();
    model.merge(id, place.anna, MergeMethod::MergeCommit).await.unwrap();

    // then
    let calls = listener.calls(&place).await;
    let told = |name: &str| {
        calls
            .iter()
            .filter(|call| call.header("x-gitlab-event").as_deref() == Some(name))
            .map(Call::news)
            .collect::<Vec<_>>()
    };
    let merge_request = news(api, HookEvent::MergeRequest { number: 1 });
    assert_eq!(told("Merge Request Hook"), vec![merge_request; 8]);
    assert_eq!(told("Note Hook"), [news(api, HookEvent::Note { merge_request: Some(1) })]);
    assert!(told("Push Hook").iter().all(|push| *push == news(api, HookEvent::Push)));
}

#[tokio::test]
async fn a_repetition_keeps_its_key_and_nothing_else_has_it() {
    // given
    let (place, api, listener) = watched().await;
    place.push(api, history("main", Some("refs/heads/main^0"), 1)).await;
    place.push(api, history("main", Some("refs/heads/main^0"), 1)).await;
    let [first, second] = &listener.calls(&place).await[..] else { panic!("two calls") };

    // when
    let delivery = place.server.hooks().deliveries().iter().map(|delivery| delivery.id).max().unwrap();
    place.server.hooks().resend(delivery).await.unwrap();

    // then
    let [again] = &listener.calls(&place).await[..] else { panic!("one call") };
    assert_eq!(again.key(), second.key());
    assert_ne!(first.key(), second.key());
}

#[tokio::test]
async fn a_tag_is_nothing_that_is_kept_here() {
    // given a hook that somebody let hear tags
    let (place, api, listener) = watched().await;
    let tags = HookChange { events: vec![(sandbox::gitlab::model::HookEvent::TagPush, true)], ..HookChange::default() };
    let model = place.server.model();
    model.update_hook(model.hooks_at(api)[0].id, tags).unwrap();

    // when
    place.push(api, "reset refs/tags/v1\nfrom refs/heads/main\n\n".to_owned()).await;

    // then
    let told: Vec<_> = listener.calls(&place).await.iter().map(Call::news).collect();
    assert_eq!(told, [news(api, HookEvent::Ignored { what: "tag_push".to_owned() })]);
}
