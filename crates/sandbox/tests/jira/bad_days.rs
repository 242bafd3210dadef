//! Bad days on purpose.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use sandbox::jira::{Failure, Host, How, RateLimit, Reason, TooMany};
use serde_json::{Value, json};

use crate::world::{World, messages, send};

const COMMENT: &str = "/issue/ABC-1/comment";

#[tokio::test]
async fn the_nth_call_of_a_path_fails() {
    let world = World::new().await;
    for (n, status) in [(2, 401), (3, 403), (4, 503), (5, 500)] {
        let how = How::Status(StatusCode::from_u16(status).unwrap());
        world.server.switches().fail(Failure::nth("POST /rest/api/2/issue/*/comment", n, how));
    }
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(world.post(world.ada, COMMENT, json!({ "body": "x" })).await.status.as_u16());
        world.get(world.ada, COMMENT).await;
    }
    assert_eq!(seen, [201, 401, 403, 503, 500, 201]);
    assert_eq!(world.model().totals().comments, 2, "what failed was not done");
}

#[tokio::test]
async fn trouble_has_the_body_of_who_is_in_trouble() {
    let world = World::new().await;
    let answer = async |how: How| {
        world.server.switches().fail_no_more();
        world.server.switches().fail(Failure::every("/rest/*", how));
        world.get(world.ada, "/myself").await
    };
    let unavailable = answer(How::Status(StatusCode::SERVICE_UNAVAILABLE)).await;
    assert!(unavailable.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(answer(How::Status(StatusCode::FORBIDDEN)).await.parts(), (403, messages(&["403 Forbidden"])));
    let page = answer(How::Html).await;
    assert_eq!((page.status, page.text.starts_with("<!DOCTYPE html>")), (StatusCode::OK, true));
    let inside = answer(How::ErrorInside).await;
    assert_eq!(inside.parts(), (200, messages(&["Something went wrong on our side."])));
    let away = answer(How::LogIn).await;
    assert_eq!(away.status, StatusCode::FOUND);
    let location = away.header("location").unwrap();
    assert_eq!(location, format!("{}/login.jsp?permissionViolation=true", world.server.url()));
    assert_eq!(world.send(world.request(Method::GET, "/login.jsp")).await.status, StatusCode::OK);
    let half = answer(How::HalfAnswer).await;
    assert!(half.status == StatusCode::OK && serde_json::from_str::<Value>(&half.text).is_err());
    world.server.switches().all_well();
    assert_eq!(world.get(world.ada, "/myself").await.json()["name"], "ada");
}

#[tokio::test]
async fn an_answer_may_be_lost_before_or_after_the_work_was_done() {
    let world = World::new().await;
    let fail = async |how: How| {
        world.server.switches().fail(Failure::nth("POST *", 1, how));
        let request = world.as_user(world.ada, Method::POST, COMMENT).json(&json!({ "body": "x" }));
        let outcome = send(request.timeout(Duration::from_millis(300))).await;
        world.server.switches().fail_no_more();
        (outcome.is_err(), world.model().totals().comments)
    };
    assert_eq!(fail(How::DropConnection).await, (true, 0));
    assert_eq!(fail(How::Silence).await, (true, 0));
    assert_eq!(fail(How::DropAnswer).await, (true, 1));
    assert_eq!(fail(How::SilenceAfter).await, (true, 2));
    let log = world.server.requests().all();
    assert!(log.iter().all(|entry| entry.status.is_none()));
}

#[tokio::test]
async fn above_the_limit_there_is_a_429_until_the_window_ends() {
    let world = World::new().await;
    let limit = RateLimit { requests: 5, window: Duration::from_secs(60) };
    world.server.switches().rate_limit(Some(limit));
    let token = world.model().create_token(world.ada, None);
    let ask = async || world.send(world.request(Method::GET, "/rest/api/2/myself").bearer_auth(&token)).await;
    world.clock.advance(15_500);
    let first = ask().await;
    assert_eq!((first.header("x-ratelimit-remaining"), first.header("x-ratelimit-nearlimit")), (Some("4"), None));
    for _ in 0..3 {
        ask().await;
    }
    let fifth = ask().await;
    assert_eq!((fifth.status, fifth.header("x-ratelimit-nearlimit")), (StatusCode::OK, Some("true")));
    let sixth = ask().await;
    assert_eq!((sixth.status, sixth.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, Some("45")));
    assert_eq!(sixth.header("x-ratelimit-reset"), Some("2026-03-01T12:01:00Z"));
    assert_eq!(sixth.header("ratelimit-reason"), Some("jira-quota-tenant-based"));
    // others have a count of their own, and in the next window it goes on
    assert_eq!(world.get(world.ben, "/myself").await.status, StatusCode::OK);
    world.clock.advance(44_500);
    assert_eq!(ask().await.status, StatusCode::OK);
}

#[tokio::test]
async fn too_many_requests_are_told_with_a_reason_or_without_anything() {
    let world = World::new().await;
    let answer = async |kind: TooMany| {
        world.server.switches().fail_no_more();
        world.server.switches().fail(Failure::every("/rest/*", How::TooMany(kind)));
        let reply = world.get(world.ada, "/myself").await;
        let header = |name: &str| reply.header(name).map(str::to_owned);
        (reply.status.as_u16(), ["retry-after", "x-ratelimit-reset", "ratelimit-reason"].map(header))
    };
    let text = |text: &str| Some(text.to_owned());
    let burst = answer(TooMany::after(30, Reason::Burst)).await;
    assert_eq!(burst, (429, [text("30"), text("2026-03-01T12:00:30Z"), text("jira-burst-based")]));
    assert_eq!(answer(TooMany::bare()).await, (429, [None, None, None]));
    let reset = TooMany { reset_in: Some(60), ..TooMany::bare() };
    assert_eq!(answer(reset).await, (429, [None, text("2026-03-01T12:01:00Z"), None]));
}

#[tokio::test]
async fn a_renamed_site_sends_everything_on() {
    let world = World::cloud().await;
    world.server.switches().renamed_to(Some("https://new.example.com/"));
    let reply = world.post(world.ada, "/rest/api/3/issue/ABC-1/comment?x=1", json!({ "body": {} })).await;
    assert_eq!(reply.status, StatusCode::FOUND);
    assert_eq!(reply.header("location"), Some("https://new.example.com/rest/api/3/issue/ABC-1/comment?x=1"));
    assert_eq!(world.send(world.request(Method::GET, "/status")).await.status, StatusCode::FOUND);
    // but not what knows the site by its cloud id
    let bulk = format!("/jira/devinfo/0.1/cloud/{}/bulk", world.model().cloud_id());
    assert_eq!(world.send(world.request(Method::POST, &bulk)).await.status, StatusCode::UNAUTHORIZED);
    world.server.switches().renamed_to(None);
    assert_eq!(world.send(world.request(Method::GET, "/status")).await.json(), json!({ "state": "RUNNING" }));
}

#[tokio::test]
async fn a_host_goes_down_and_comes_up_at_the_same_address() {
    let world = World::new().await;
    let ask = || send(world.request(Method::GET, "/rest/api/2/serverInfo"));
    assert_eq!(ask().await.unwrap().status, StatusCode::OK);
    world.server.switches().host(Host::Refusing).await;
    assert!(ask().await.is_err_and(|error| error.is_connect()));
    world.server.switches().host(Host::Up).await;
    assert_eq!(ask().await.unwrap().status, StatusCode::OK);
}
