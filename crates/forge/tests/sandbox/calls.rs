//! Calls of hooks as they arrive, and what they ask for.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge::{HookEvent, HookNews};
use model::HostKind;
use model::secret::ExposeSecret as _;
use sandbox::gitlab::model::{
    AccessLevel, ApprovalRules, HookChange, HookPlace, MergeMethod, MergeRequestChange, NewMergeRequest, ProjectId,
};
use serde_json::json;

use crate::listener::{Call, Listener};
use crate::place::{NOW, Place, history, user};

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
    model.set_approval_rules(api, ApprovalRules { required: 2, reset_on_push: true });

    // when
    let new = NewMergeRequest::within(api, "feature", "main", "PLAT-1 A feature", place.anna);
    let id = model.open_merge_request(NewMergeRequest { reviewers: vec![rita], ..new }).await.unwrap();
    place.push(api, history("feature", Some("refs/heads/feature^0"), 1)).await;
    let change = MergeRequestChange { title: Some("PLAT-2 Renamed".to_owned()), ..MergeRequestChange::default() };
    model.update_merge_request(id, place.anna, change).await.unwrap();
    model.approve(id, rita).unwrap();
    model.approve(id, place.root).unwrap();
    model.unapprove(id, place.root).unwrap();
    model.unapprove(id, rita).unwrap();
    model.approve(id, rita).unwrap();
    place.push(api, history("feature", Some("refs/heads/feature^0"), 1)).await;
    model.close_merge_request(id, place.anna).unwrap();
    model.reopen_merge_request(id, place.anna).await.unwrap();
    model.comment(id, rita, "Looks good, 5/5").unwrap();
    model.merge(id, place.anna, MergeMethod::MergeCommit).await.unwrap();

    // then
    let calls = listener.calls(&place).await;
    let of = |name: &str| calls.iter().filter(|it| it.header("x-gitlab-event").unwrap() == name).collect::<Vec<_>>();
    let told = |name: &str| of(name).into_iter().map(Call::news).collect::<Vec<_>>();
    let actions: BTreeSet<String> = of("Merge Request Hook")
        .into_iter()
        .map(|call| call.json()["object_attributes"]["action"].as_str().unwrap().to_owned())
        .collect();
    let all = ["open", "close", "reopen", "update", "approval", "approved", "unapproval", "unapproved", "merge"];
    assert_eq!(actions, all.map(str::to_owned).into());
    let merge_request = news(api, HookEvent::MergeRequest { number: 1 });
    assert!(told("Merge Request Hook").iter().all(|told| *told == merge_request));
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

#[tokio::test]
async fn a_call_that_is_signed_with_our_secret_is_genuine() {
    // given a GitLab that signs, with our secret as the signing token
    let (place, api, listener) = watched().await;
    place.server.switches().signing_tokens();
    let key = hex::decode(listener.address.secret.expose_secret()).unwrap();
    let signing =
        HookChange { signing_token: Some(format!("whsec_{}", STANDARD.encode(key))), ..HookChange::default() };
    let model = place.server.model();
    model.update_hook(model.hooks_at(api)[0].id, signing).unwrap();

    // when
    place.push(api, history("main", Some("refs/heads/main^0"), 1)).await;

    // then the call is accepted, and with another body it is not
    let [call] = &listener.calls(&place).await[..] else { panic!("one call") };
    assert!(call.header("webhook-signature").is_some());
    let (header, secret) = (|name: &str| call.header(name), &listener.address.secret);
    assert!(!forge::hook_verify(HostKind::Gitlab, &header, b"{}", secret, NOW));
    assert_eq!(call.key(), call.header("webhook-id").unwrap());
}

#[tokio::test]
async fn system_hooks_tell_pushes_and_what_becomes_of_projects() {
    // given a hook of the whole instance
    let place = Place::new().await;
    let listener = Listener::start().await;
    let (url, token) = (&listener.address.url, listener.address.secret.expose_secret());
    let hook = HookChange { url: Some(url.to_string()), token: Some(token.to_owned()), ..HookChange::default() };
    place.server.model().create_hook(HookPlace::Instance, hook).unwrap();

    // when
    let api = place.project("platform", "api").await;
    let branches = ["a", "b", "c", "d"].map(|branch| history(branch, Some("refs/heads/main"), 1)).concat();
    place.push(api, history("main", None, 1) + &branches).await;
    place.server.model().rename_project(api, "service", "Service").unwrap();
    place.server.model().rename_group(place.group, "base", "Base").unwrap();

    // then
    let told: Vec<_> = listener.calls(&place).await.iter().map(Call::news).collect();
    let list = HookNews { repository_forge_id: None, event: HookEvent::RepositoryChanged };
    assert_eq!(told.iter().filter(|news| **news == list).count(), 3, "{told:?}");
    assert!(told.contains(&news(api, HookEvent::Push)), "however many branches: {told:?}");
}
