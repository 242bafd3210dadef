//! Web hooks as they arrive.

use axum::http::StatusCode;
use sandbox::gitlab::hooks::TestProblem;
use sandbox::gitlab::model::{AccessLevel, HookChange, HookEvent, MergeRequestChange, NewMergeRequest};
use sandbox::gitlab::repositories::MergeMethod;
use serde_json::{Value, json};

use crate::listener::{Listener, SECRET};
use crate::stage::{Stage, commit, git, stage};

const ZERO: &str = "0000000000000000000000000000000000000000";

async fn with_main() -> Stage {
    let stage = stage().await;
    stage.push(commit("main", 0, "First\n", &[], &[("a.txt", "a\n")])).await;
    stage
}

async fn opened(stage: &Stage) -> sandbox::gitlab::model::MergeRequestId {
    stage.push(commit("feature", 1, "ABC-1 One\n", &["refs/heads/main^0"], &[("b.txt", "b\n")])).await;
    let reviewer = stage.member("rita", AccessLevel::Developer);
    let within = NewMergeRequest::within(stage.project, "feature", "main", "ABC-1 A feature", stage.owner);
    stage.model.open_merge_request(NewMergeRequest { reviewers: vec![reviewer], ..within }).await.unwrap()
}

#[tokio::test]
async fn an_older_gitlab_tells_nothing_by_which_a_repetition_is_known() {
    // given
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push]);

    // when
    stage.server.switches().no_delivery_ids();
    stage.push(commit("main", 1, "ABC-1 Second\n", &["refs/heads/main^0"], &[("b.txt", "b\n")])).await;

    // then
    let calls = listener.calls(&stage.server).await;
    let [call] = &calls[..] else { panic!("{} calls", calls.len()) };
    assert_eq!((call.header("x-gitlab-event"), call.header("x-gitlab-token")), ("Push Hook", SECRET));
    let told = &stage.server.hooks().deliveries()[0].request_headers;
    let ids = ["Idempotency-Key", "X-Gitlab-Event-UUID"];
    assert!(told.iter().all(|(name, _)| !ids.contains(&name.as_str())), "{told:?}");
}

#[tokio::test]
async fn a_push_over_http_is_told() {
    // given a listener, and a clone with two new commits
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    let clone = stage.dir.path().join("clone");
    git(stage.dir.path(), &["clone", "-q", &stage.own_address(), "clone"]).await.unwrap();
    let before = stage.id("main").await;
    for (file, message) in [("b.txt", "ABC-1 Second"), ("a.txt", "ABC-2 Third\n\nbody")] {
        std::fs::write(clone.join(file), message).unwrap();
        git(&clone, &["add", "."]).await.unwrap();
        git(&clone, &["commit", "-q", "-m", message]).await.unwrap();
    }

    // when it is pushed
    git(&clone, &["push", "-q", "origin", "main"]).await.unwrap();

    // then one call tells it, oldest commit first
    let calls = listener.calls(&stage.server).await;
    let [call] = &calls[..] else { panic!("{} calls", calls.len()) };
    assert_eq!(call.header("x-gitlab-event"), "Push Hook");
    assert_eq!(call.header("x-gitlab-token"), SECRET);
    assert_eq!(call.header("x-gitlab-instance"), stage.server.url());
    assert_eq!(call.header("content-type"), "application/json");
    assert!(call.header("user-agent").starts_with("GitLab/"));
    for name in ["x-gitlab-webhook-uuid", "x-gitlab-event-uuid", "idempotency-key"] {
        assert_eq!(call.header(name).len(), 36, "{name}");
    }
    let body = &call.body;
    assert_eq!((&body["object_kind"], &body["event_name"]), (&json!("push"), &json!("push")));
    assert_eq!((&body["before"], &body["after"]), (&json!(before), &json!(stage.id("main").await)));
    assert_eq!((&body["ref"], &body["checkout_sha"]), (&json!("refs/heads/main"), &body["after"]));
    assert_eq!((&body["user_username"], &body["total_commits_count"]), (&json!("olga"), &json!(2)));
    assert_eq!(body["project"]["path_with_namespace"], "team/tool");
    assert_eq!(body["project"]["namespace"], "Team", "the display name");
    assert_eq!(body["project"]["git_http_url"], format!("{}/team/tool.git", stage.server.url()));
    let commits = body["commits"].as_array().unwrap();
    assert_eq!((&commits[0]["title"], &commits[1]["title"]), (&json!("ABC-1 Second"), &json!("ABC-2 Third")));
    assert_eq!((&commits[0]["added"], &commits[1]["modified"]), (&json!(["b.txt"]), &json!(["a.txt"])));
    assert_eq!(commits[1]["author"], json!({ "name": "Dev", "email": "dev@example.com" }));
}

#[tokio::test]
async fn branches_come_and_go_with_zeros() {
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push]);

    stage.push(commit("new", 1, "New\n", &["refs/heads/main^0"], &[])).await;
    stage.push("reset refs/heads/same\nfrom refs/heads/main^0\n\n").await;
    stage.push(format!("reset refs/heads/new\nfrom {ZERO}\n\n")).await;

    let calls = listener.calls(&stage.server).await;
    let bodies: Vec<&Value> = calls.iter().map(|call| &call.body).collect();
    assert_eq!(bodies.len(), 3);
    assert_eq!((&bodies[0]["before"], &bodies[0]["total_commits_count"]), (&json!(ZERO), &json!(1)));
    assert_eq!((&bodies[1]["before"], &bodies[1]["commits"]), (&json!(ZERO), &json!([])), "nothing that main has not");
    assert_eq!((&bodies[2]["after"], &bodies[2]["checkout_sha"]), (&json!(ZERO), &Value::Null));
}

#[tokio::test]
async fn at_most_twenty_commits_are_told() {
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push]);

    let mut stream = commit("main", 1, "Number 1\n", &["refs/heads/main^0"], &[]);
    for number in 2..=25 {
        stream += &commit("main", number, &format!("Number {number}\n"), &[], &[]);
    }
    stage.push(stream).await;

    let body = &listener.calls(&stage.server).await[0].body;
    let commits = body["commits"].as_array().unwrap();
    assert_eq!((commits.len(), &body["total_commits_count"]), (20, &json!(25)));
    assert_eq!((&commits[0]["title"], &commits[19]["title"]), (&json!("Number 6"), &json!("Number 25")));
}

#[tokio::test]
async fn a_push_of_more_than_three_branches_is_not_told() {
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::Push, HookEvent::TagPush]);
    let resets =
        |names: &[&str]| names.iter().map(|name| format!("reset {name}\nfrom refs/heads/main^0\n\n")).collect();

    let four: String = resets(&["refs/heads/a", "refs/heads/b", "refs/heads/c", "refs/heads/d", "refs/tags/t"]);
    stage.push(four).await;
    let calls = listener.calls(&stage.server).await;
    assert_eq!(calls.iter().map(|call| call.header("x-gitlab-event")).collect::<Vec<_>>(), ["Tag Push Hook"]);

    let three: String = resets(&["refs/heads/e", "refs/heads/f", "refs/heads/g"]);
    stage.push(three).await;
    assert_eq!(listener.calls(&stage.server).await.len(), 3);
}

#[tokio::test]
async fn tags_are_told_with_their_annotation() {
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::TagPush]);

    stage.push("tag v1\nfrom refs/heads/main^0\ntagger Aki <aki@example.com> 1795000000 +0000\ndata 4\nOne\n\n").await;

    let body = &listener.calls(&stage.server).await[0].body;
    assert_eq!((&body["object_kind"], &body["ref"]), (&json!("tag_push"), &json!("refs/tags/v1")));
    assert_eq!(body["message"], "One\n");
    assert_eq!(body["checkout_sha"], stage.id("main").await);
    assert_ne!(body["after"], body["checkout_sha"], "the tag object's own id");
}

#[tokio::test]
async fn a_merge_request_is_told_from_open_to_merge() {
    let stage = with_main().await;
    let id = opened(&stage).await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::MergeRequests]);
    let old = stage.id("feature").await;

    stage.push(commit("feature", 2, "ABC-1 Two\n", &["refs/heads/feature^0"], &[("b.txt", "2\n")])).await;
    let change = MergeRequestChange { title: Some("ABC-2 Renamed".to_owned()), ..MergeRequestChange::default() };
    stage.model.update_merge_request(id, stage.owner, change).await.unwrap();
    let rita = stage.model.user_by_login("rita").unwrap().id;
    stage.model.approve(id, rita).unwrap();
    stage.model.unapprove(id, rita).unwrap();
    stage.model.close_merge_request(id, stage.owner).unwrap();
    stage.model.reopen_merge_request(id, stage.owner).await.unwrap();
    stage.model.merge(id, stage.owner, MergeMethod::MergeCommit).await.unwrap();

    let calls = listener.calls(&stage.server).await;
    let of = |name: &str| calls.iter().map(|call| call.body["object_attributes"][name].clone()).collect::<Vec<_>>();
    assert_eq!(of("action"), ["update", "update", "approved", "unapproved", "close", "reopen", "merge"]);
    assert_eq!(of("state"), ["opened", "opened", "opened", "opened", "closed", "opened", "merged"]);
    assert!(calls.iter().all(|call| call.header("x-gitlab-event") == "Merge Request Hook"));
    assert_eq!(of("oldrev")[..2], [json!(old), Value::Null], "only a push brings it");
    assert_eq!(calls[0].body["object_attributes"]["last_commit"]["title"], "ABC-1 Two");
    let renamed = json!({ "previous": "ABC-1 A feature", "current": "ABC-2 Renamed" });
    assert_eq!(calls[1].body["changes"]["title"], renamed);
    assert_eq!(calls[2].body["reviewers"][0]["state"], "approved");
    assert_eq!(calls[2].body["user"]["username"], "rita");
    assert_eq!(calls[4].body["changes"]["state_id"], json!({ "previous": 1, "current": 2 }));
    let merged = &calls[6].body;
    assert_eq!(merged["object_attributes"]["merge_commit_sha"], stage.id("main").await);
    assert!(merged.get("assignees").is_none(), "absent where nobody is named");
    assert!(!merged.to_string().contains("@example.com\",\"id"), "no private e-mail of a user");
}

#[tokio::test]
async fn an_opened_merge_request_and_its_notes_are_told() {
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    listener.register(&stage.server, stage.project, &[HookEvent::MergeRequests, HookEvent::Notes]);

    let id = opened(&stage).await;
    stage.model.comment(id, stage.owner, "See ABC-3").unwrap();

    let calls = listener.calls(&stage.server).await;
    let kinds: Vec<_> = calls.iter().map(|call| call.header("x-gitlab-event").to_owned()).collect();
    assert_eq!(kinds, ["Merge Request Hook", "Note Hook"]);
    let (opened, note) = (&calls[0].body, &calls[1].body);
    assert_eq!(opened["object_attributes"]["action"], "open");
    assert_eq!(opened["object_attributes"]["url"], format!("{}/team/tool/-/merge_requests/1", stage.server.url()));
    assert_eq!(opened["reviewers"][0]["username"], "rita");
    assert_eq!((&note["object_kind"], &note["object_attributes"]["note"]), (&json!("note"), &json!("See ABC-3")));
    assert_eq!(note["merge_request"]["iid"], 1);
    assert_ne!(calls[0].header("idempotency-key"), calls[1].header("idempotency-key"));
}

#[tokio::test]
async fn hooks_of_groups_and_branch_filters_are_heeded() {
    let stage = with_main().await;
    let (group, filtered) = (Listener::start(StatusCode::OK).await, Listener::start(StatusCode::OK).await);
    let change = HookChange { url: Some(group.url.clone()), ..HookChange::default() };
    stage.model.create_hook(stage.group, change).unwrap();
    let only = Some("release/*".to_owned());
    let change = HookChange { url: Some(filtered.url.clone()), branch_filter: only, ..HookChange::default() };
    stage.model.create_hook(stage.project, change).unwrap();

    stage.push("reset refs/heads/other\nfrom refs/heads/main^0\n\n").await;
    stage.push("reset refs/heads/release/1\nfrom refs/heads/main^0\n\n").await;

    assert_eq!(group.calls(&stage.server).await.len(), 2);
    let calls = filtered.calls(&stage.server).await;
    assert_eq!(calls.iter().map(|call| call.body["ref"].clone()).collect::<Vec<_>>(), ["refs/heads/release/1"]);
    assert!(!calls[0].headers.contains_key("x-gitlab-token"), "no secret, no header");
}

#[tokio::test]
async fn every_call_is_logged_and_can_be_repeated() {
    // given a listener that fails, and one that is not there
    let stage = with_main().await;
    let failing = Listener::start(StatusCode::INTERNAL_SERVER_ERROR).await;
    failing.register(&stage.server, stage.project, &[HookEvent::Push]);
    let nowhere = HookChange { url: Some("http://127.0.0.1:1/hook".to_owned()), ..HookChange::default() };
    stage.model.create_hook(stage.project, nowhere).unwrap();

    // when something is pushed
    stage.push("reset refs/heads/other\nfrom refs/heads/main^0\n\n").await;
    let first = failing.calls(&stage.server).await;

    // then both calls are in the log: answer or error, the secret masked, nothing repeated by itself
    let log = stage.server.hooks().deliveries();
    let [answered, unanswered] = &log[..] else { panic!("{} deliveries", log.len()) };
    assert_eq!((answered.status, answered.response_body.len(), answered.trigger), (Some(500), 8192, "push_events"));
    assert!(unanswered.status.is_none() && unanswered.error.is_some());
    assert!(!format!("{log:?}").contains(SECRET));

    // and a repetition has the same key and body
    stage.server.hooks().resend(answered.id).await.unwrap();
    let again = failing.calls(&stage.server).await;
    assert_eq!(again[0].header("idempotency-key"), first[0].header("idempotency-key"));
    assert_eq!(again[0].body, first[0].body);
    assert_ne!(again[0].header("x-gitlab-webhook-uuid"), first[0].header("x-gitlab-webhook-uuid"));
    assert_eq!(stage.server.hooks().resend(99).await, Err(TestProblem::NotFound));
}

#[tokio::test]
async fn a_hook_can_be_tested() {
    let stage = with_main().await;
    let listener = Listener::start(StatusCode::OK).await;
    let hook = listener.register(&stage.server, stage.project, &[HookEvent::Push]);
    let hooks = stage.server.hooks();

    hooks.test(hook, "push_events").await.unwrap();
    assert_eq!(listener.calls(&stage.server).await[0].body["object_kind"], "push");
    let without = hooks.test(hook, "merge_requests_events").await;
    assert_eq!(without, Err(TestProblem::NoData("Ensure the project has merge requests.")));
    assert_eq!(hooks.test(hook, "no_such_events").await, Err(TestProblem::Trigger));
}
