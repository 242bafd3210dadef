//! Calls of web hooks that somebody asks for over REST (GitLab contract §5.10).

use reqwest::StatusCode;
use sandbox::gitlab::model::{HookChange, HookEvent, NewMergeRequest, QuickCommit};
use serde_json::json;

use crate::listener::Listener;
use crate::world::World;

#[tokio::test]
async fn a_test_calls_the_hook_with_the_newest_of_its_kind() {
    // given a project with code, whose hook answers
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let listener = Listener::start(StatusCode::OK).await;
    let hook = listener.register(&world.server, id, &[HookEvent::Push]);
    let test = async |trigger: &str| {
        world.post(world.ada, &format!("/projects/{id}/hooks/{hook}/test/{trigger}"), json!({})).await
    };
    // when its push is tested
    let reply = test("push_events").await;
    // then it was called and GitLab is content
    assert_eq!((reply.status, reply.json()), (StatusCode::CREATED, json!({ "message": "201 Created" })));
    let calls = listener.calls(&world.server).await;
    assert_eq!((calls.len(), &calls[0].body["object_kind"]), (1, &json!("push")));
    // and what the project does not have cannot be tested
    let none = test("merge_requests_events").await;
    let reason = json!({ "message": "Ensure the project has merge requests." });
    assert_eq!((none.status, none.json()), (StatusCode::UNPROCESSABLE_ENTITY, reason));
    assert_eq!(test("note_events").await.json()["message"], "Ensure the project has notes.");
    let wrong = test("birthdays").await;
    assert_eq!(
        (wrong.status, wrong.json()),
        (StatusCode::BAD_REQUEST, json!({ "error": "trigger does not have a valid value" }))
    );
    // until it has it
    let new = NewMergeRequest::within(id, "ABC-1-topic", "main", "ABC-1", world.ada);
    let opened = world.model().open_merge_request(new).await.unwrap();
    world.model().comment(opened, world.ada, "Nice.").unwrap();
    assert_eq!(test("merge_requests_events").await.status, StatusCode::CREATED);
    assert_eq!(test("note_events").await.status, StatusCode::CREATED);
    let calls = listener.calls(&world.server).await;
    assert_eq!(
        calls.iter().map(|call| call.body["object_kind"].clone()).collect::<Vec<_>>(),
        ["merge_request", "note"]
    );
}

#[tokio::test]
async fn a_test_that_fails_says_why() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let refusing = Listener::start(StatusCode::FORBIDDEN).await;
    let hook = refusing.register(&world.server, id, &[HookEvent::Push]);
    let refused = world.post(world.ada, &format!("/projects/{id}/hooks/{hook}/test/push_events"), json!({})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.json()["message"].as_str().unwrap().starts_with("xxx"), "what the receiver said");
    let nowhere = HookChange { url: Some("http://127.0.0.1:1/".to_owned()), ..HookChange::default() };
    let nowhere = world.model().create_hook(id, nowhere).unwrap();
    let unanswered =
        world.post(world.ada, &format!("/projects/{id}/hooks/{nowhere}/test/push_events"), json!({})).await;
    assert_eq!(unanswered.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!unanswered.json()["message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_hook_of_a_group_is_tested_with_a_project_below_it() {
    let world = World::new().await;
    let listener = Listener::start(StatusCode::OK).await;
    let change = HookChange { url: Some(listener.url.clone()), ..HookChange::default() };
    let hook = world.model().create_hook(world.acme, change).unwrap();
    let test = async |user| world.post(user, &format!("/groups/acme/hooks/{hook}/test/push_events"), json!({})).await;
    assert_eq!(test(world.ada).await.json()["message"], "Ensure the group has a project.");
    world.project_with_code("acme/core", "below").await;
    listener.calls(&world.server).await;
    assert_eq!(test(world.ada).await.status, StatusCode::CREATED);
    let calls = listener.calls(&world.server).await;
    assert_eq!(calls[0].body["project"]["path_with_namespace"], "acme/core/below");
    // only by who owns the group
    assert_eq!(test(world.ben).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn five_tests_a_minute_are_enough() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let other = world.project_with_code("acme", "other").await;
    let listener = Listener::start(StatusCode::OK).await;
    let [hook, elsewhere] = [id, other].map(|project| listener.register(&world.server, project, &[HookEvent::Push]));
    let test = async |project, hook| {
        world.post(world.ada, &format!("/projects/{project}/hooks/{hook}/test/push_events"), json!({})).await
    };
    for _ in 0..5 {
        assert_eq!(test(id, hook).await.status, StatusCode::CREATED);
    }
    let sixth = test(id, hook).await;
    assert_eq!((sixth.status, sixth.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, Some("60")));
    let text = "This endpoint has been requested too many times. Try again later.";
    assert_eq!(sixth.json(), json!({ "message": { "error": text } }));
    assert_eq!(sixth.header("ratelimit-limit"), None, "this limiter has no headers of its own");
    assert_eq!(test(other, elsewhere).await.status, StatusCode::CREATED, "each project has its own count");
    world.clock.advance(60_000);
    assert_eq!(test(id, hook).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn every_call_is_listed_and_can_be_sent_again() {
    // given a hook that was called twice, the second time in vain
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let listener = Listener::start(StatusCode::OK).await;
    let hook = listener.register(&world.server, id, &[HookEvent::Push]);
    let push = async |message: &str| {
        let commit = QuickCommit { branch: "main".to_owned(), message: message.to_owned(), ..QuickCommit::default() };
        world.model().push_commit(id, world.ada, commit).await.unwrap();
        world.server.hooks().idle().await;
    };
    push("Good").await;
    listener.answer(StatusCode::BAD_GATEWAY);
    push("Bad").await;
    let first = listener.calls(&world.server).await;
    let path = format!("/projects/{id}/hooks/{hook}/events");
    // when its calls are listed
    let listed = world.get(world.ada, &path).await.json();
    // then the newest is the first, with what was sent and answered, but without secrets
    assert_eq!((&listed[0]["response_status"], &listed[1]["response_status"]), (&json!("502"), &json!("200")));
    assert_eq!((&listed[0]["trigger"], &listed[0]["url"]), (&json!("push_hooks"), &json!(listener.url)));
    assert_eq!(listed[0]["request_data"]["commits"][0]["title"], "Bad");
    assert_eq!(listed[0]["request_headers"]["X-Gitlab-Token"], "[REDACTED]");
    assert_eq!(listed[0]["request_headers"]["Idempotency-Key"], first[1].header("idempotency-key"));
    assert!(listed[0]["response_headers"]["content-type"].as_str().unwrap().starts_with("text/plain"));
    let narrowed = world.get(world.ada, &format!("{path}?status=server_failure")).await.json();
    assert_eq!(narrowed.as_array().unwrap().len(), 1);
    assert_eq!(world.get(world.ada, &format!("{path}?per_page=21")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        world.get(world.ada, &format!("{path}?per_page=1&page=2")).await.column("id"),
        [listed[1]["id"].to_string()]
    );
    // when the failed one is sent again, then with the same body and key
    listener.answer(StatusCode::OK);
    let again = world.post(world.ada, &format!("{path}/{}/resend", listed[0]["id"]), json!({})).await;
    assert_eq!((again.status, again.json()), (StatusCode::CREATED, json!({ "response_status": 200 })));
    let calls = listener.calls(&world.server).await;
    assert_eq!(calls[0].body, first[1].body);
    assert_eq!(calls[0].header("idempotency-key"), first[1].header("idempotency-key"));
    assert_ne!(calls[0].header("x-gitlab-webhook-uuid"), first[1].header("x-gitlab-webhook-uuid"));
    // others' calls and old ones are not there
    assert_eq!(world.post(world.ada, &format!("{path}/99/resend"), json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(world.ben, &path).await.status, StatusCode::FORBIDDEN);
    world.clock.advance(7 * 24 * 60 * 60 * 1000 + 1);
    assert_eq!(world.get(world.ada, &path).await.json(), json!([]));
}
