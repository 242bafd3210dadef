//! More bad days on purpose: one project that fails, a host that is down, both kinds of 429 (GitLab contract §6).

use std::time::Duration;

use reqwest::{Method, StatusCode};
use sandbox::gitlab::{Failure, Host, How, LimitAnswer, RateLimit, TooMany};
use serde_json::{Value, json};

use crate::world::{Reply, World, send};

#[tokio::test]
async fn one_project_fails_however_it_is_called() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let other = world.project_with_code("acme", "other").await;
    world.server.switches().fail(Failure::rest_of(id, How::Status(StatusCode::INTERNAL_SERVER_ERROR)));
    for path in [format!("/projects/{id}"), format!("/projects/{id}/merge_requests"), "/projects/acme%2Fown".to_owned()]
    {
        assert_eq!(world.get(world.ada, &path).await.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    assert_eq!(world.get(world.ada, &format!("/projects/{other}")).await.status, StatusCode::OK);
    assert_eq!(world.get(world.ada, "/groups/acme/projects").await.column("path"), ["other", "own"]);
    // for a while
    world.server.switches().fail_no_more();
    world.server.switches().fail(Failure::rest_of(id, How::Status(StatusCode::BAD_GATEWAY)).times(1));
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(world.get(world.ada, &format!("/projects/{id}")).await.status.as_u16());
    }
    assert_eq!(seen, [502, 200]);
}

#[tokio::test]
async fn half_an_answer_is_no_json() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    world.server.switches().fail(Failure::rest_of(id, How::HalfAnswer));
    let reply = world.get(world.ada, &format!("/projects/{id}/merge_requests")).await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, "["));
    let reply = world.get(world.ada, &format!("/projects/{id}")).await;
    assert!(reply.header("content-type").unwrap().starts_with("application/json"));
    assert!(serde_json::from_str::<Value>(&reply.text).is_err(), "{}", reply.text);
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let world = World::new().await;
    world.server.switches().fail(Failure::nth("/api/v4/user", 1, How::Silence));
    let request = world.request(Method::GET, "/api/v4/user").bearer_auth(world.token(world.ada));
    let outcome = send(request.timeout(Duration::from_millis(100))).await;
    assert!(outcome.is_err_and(|error| error.is_timeout()));
    assert_eq!(world.get(world.ada, "/user").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_host_goes_down_and_comes_up_at_the_same_address() {
    let world = World::new().await;
    let ask = || send(world.request(Method::GET, "/api/v4/projects"));
    assert_eq!(ask().await.unwrap().status, StatusCode::OK);
    // when nothing listens any more, then connections are refused, the open ones cut
    world.server.switches().host(Host::Refusing).await;
    assert!(ask().await.is_err_and(|error| error.is_connect()));
    // when something takes connections and closes them, then there is no answer
    world.server.switches().host(Host::Dropping).await;
    assert!(ask().await.is_err_and(|error| error.is_request() && error.status().is_none()));
    world.server.switches().host(Host::Refusing).await;
    assert!(ask().await.is_err_and(|error| error.is_connect()));
    // when it is up again, then everything is as it was
    world.server.switches().host(Host::Up).await;
    assert_eq!(ask().await.unwrap().status, StatusCode::OK);
    assert_eq!(world.get(world.ada, "/user").await.json()["username"], "ada");
}

#[tokio::test]
async fn a_call_under_way_is_cut_when_the_host_goes_down() {
    let world = World::new().await;
    world.server.switches().fail(Failure::every("/api/v4/user", How::Silence));
    let waiting = tokio::spawn(send(world.request(Method::GET, "/api/v4/user").bearer_auth(world.token(world.ada))));
    // given a request that has arrived
    while world.server.requests().under_way() == 0 {
        tokio::task::yield_now().await;
    }
    world.server.switches().host(Host::Refusing).await;
    assert!(waiting.await.unwrap().is_err_and(|error| error.is_request()));
}

fn limits(reply: &Reply) -> [Option<&str>; 2] {
    ["retry-after", "ratelimit-reset"].map(|name| reply.header(name))
}

#[tokio::test]
async fn too_many_requests_are_told_in_four_ways() {
    let world = World::new().await;
    let switches = world.server.switches();
    let text = "This endpoint has been requested too many times. Try again later.";
    let answer = async |kind: TooMany| {
        switches.fail_no_more();
        switches.fail(Failure::every("/api/v4/user", How::TooMany(kind)));
        let reply = world.get(world.ada, "/user").await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
        reply
    };
    let reset = (crate::world::NOON / 1000 + 30).to_string();
    let throttle = answer(TooMany::throttle(30)).await;
    assert_eq!(throttle.text.trim(), "Retry later");
    assert_eq!(limits(&throttle), [Some("30"), Some(reset.as_str())]);
    assert_eq!(throttle.header("ratelimit-resettime"), Some("Sun, 01 Mar 2026 12:00:30 GMT"));
    let without = answer(TooMany::throttle(30).without_retry_after()).await;
    assert_eq!((limits(&without), without.text.trim()), ([None, Some(reset.as_str())], "Retry later"));
    let endpoint = answer(TooMany::endpoint(60)).await;
    assert_eq!((limits(&endpoint), endpoint.json()), ([Some("60"), None], json!({ "message": { "error": text } })));
    let old = answer(TooMany::old_endpoint()).await;
    assert_eq!((limits(&old), old.text.as_str()), ([None, None], text));
    assert!(old.header("content-type").unwrap().starts_with("text/plain"));
}

#[tokio::test]
async fn a_limit_can_be_an_endpoints_own() {
    let world = World::new().await;
    let switches = world.server.switches();
    switches.rate_limit(Some(RateLimit { limit: 1, window: Duration::from_secs(60) }));
    switches.rate_limit_answer(LimitAnswer::Endpoint);
    let token = world.token(world.ada);
    let ask = async || world.send(world.request(Method::GET, "/api/v4/user").bearer_auth(&token)).await;
    let (first, second) = (ask().await, ask().await);
    assert_eq!((first.status, first.header("ratelimit-limit")), (StatusCode::OK, None));
    assert_eq!((second.status, limits(&second)), (StatusCode::TOO_MANY_REQUESTS, [Some("60"), None]));
    switches.rate_limit_answer(LimitAnswer::OldEndpoint);
    assert_eq!(limits(&ask().await), [None, None]);
    switches.all_well();
    assert_eq!(ask().await.status, StatusCode::OK);
}
