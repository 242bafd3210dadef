//! Bad days on purpose (GitLab contract §6).

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use sandbox::gitlab::{Failure, How, RateLimit};
use serde_json::json;

use crate::world::{NOON, World, send};

#[tokio::test]
async fn above_the_limit_there_is_a_429_until_the_window_ends() {
    // given two requests in thirty seconds
    let world = World::new().await;
    let limit = RateLimit { limit: 2, window: Duration::from_secs(30) };
    world.server.switches().rate_limit(Some(limit));
    let token = world.token(world.ada);
    let ask = async || world.send(world.request(Method::GET, "/api/v4/user").bearer_auth(&token)).await;
    world.clock.advance(10_500);
    // when a third comes
    let first = ask().await;
    let remaining = |reply: &crate::world::Reply| reply.header("ratelimit-remaining").map(str::to_owned);
    assert_eq!((first.status, remaining(&first).as_deref()), (StatusCode::OK, Some("1")));
    assert_eq!((first.header("ratelimit-limit"), first.header("retry-after")), (Some("4"), None));
    assert_eq!(remaining(&ask().await).as_deref(), Some("0"));
    let third = ask().await;
    // then it is told to come back
    assert_eq!((third.status, third.text.trim()), (StatusCode::TOO_MANY_REQUESTS, "Retry later"));
    assert!(third.header("content-type").unwrap().starts_with("text/plain"));
    assert_eq!(third.header("ratelimit-observed"), Some("3"));
    assert_eq!(third.header("retry-after"), Some("20"));
    assert_eq!(third.header("ratelimit-reset"), Some((NOON / 1000 + 30).to_string().as_str()));
    assert_eq!(third.header("ratelimit-resettime"), Some("Sun, 01 Mar 2026 12:00:30 GMT"));
    // others have a count of their own
    assert_eq!(world.get(world.ben, "/user").await.status, StatusCode::OK);
    // and in the next window it goes on
    world.clock.advance(19_500);
    assert_eq!(ask().await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_nth_call_of_a_path_fails() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    world.server.switches().fail(Failure::nth("GET /api/v4/projects/*/hooks", 2, How::Status(StatusCode::BAD_GATEWAY)));
    let path = format!("/projects/{id}/hooks");
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(world.get(world.ada, &path).await.status.as_u16());
        world.get(world.ada, &format!("/projects/{id}")).await;
    }
    assert_eq!(seen, [200, 502, 200]);
    world.server.switches().fail(Failure::every("/api/v4/*", How::Status(StatusCode::INTERNAL_SERVER_ERROR)));
    let failed = world.get(world.ada, "/user").await;
    assert_eq!(failed.json(), json!({ "message": "500 Internal Server Error" }));
    world.server.switches().fail_no_more();
    assert_eq!(world.get(world.ada, "/user").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_dropped_connection_leaves_nothing_done() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let hook = world.request(Method::POST, &format!("/api/v4/projects/{id}/hooks")).bearer_auth(world.token(world.ada));
    world.server.switches().fail(Failure::nth("POST *", 1, How::DropConnection));
    let outcome = send(hook.json(&json!({ "url": "http://example.com/" }))).await;
    assert!(outcome.is_err_and(|error| error.is_request()));
    assert_eq!(world.model().hooks_for(id).len(), 0);
}

#[tokio::test]
async fn a_dropped_answer_leaves_everything_done() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    let hook = world.request(Method::POST, &format!("/api/v4/projects/{id}/hooks")).bearer_auth(world.token(world.ada));
    world.server.switches().fail(Failure::nth("POST *", 1, How::DropAnswer));
    let outcome = send(hook.json(&json!({ "url": "http://example.com/" }))).await;
    assert!(outcome.is_err_and(|error| error.is_request()));
    assert_eq!(world.model().hooks_for(id).len(), 1);
    // the log knows that nobody got an answer, and the next request is fine
    let log = world.server.requests().all();
    assert_eq!((log.last().unwrap().method.as_str(), log.last().unwrap().status), ("POST", None));
    assert_eq!(world.get(world.ada, "/user").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_has_used_the_refresh_token_up() {
    // given a pair of tokens
    let world = World::new().await;
    let pair = world.pair();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", world.keys.client_id.as_str()),
        ("client_secret", world.keys.secret.as_str()),
        ("refresh_token", pair.refresh_token.as_str()),
    ];
    // when the answer to its refresh does not arrive
    world.server.switches().fail(Failure::nth("POST /oauth/token", 1, How::DropAnswer));
    let refresh = || world.request(Method::POST, "/oauth/token").form(&fields);
    assert!(send(refresh()).await.is_err_and(|error| error.is_request()));
    // then neither token is good any more
    let again = world.send(refresh()).await;
    assert_eq!((again.status, &again.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
    let user = world.send(world.request(Method::GET, "/api/v4/user").bearer_auth(&pair.access_token)).await;
    assert_eq!(user.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn latency_is_added_to_every_request() {
    let world = World::new().await;
    world.server.switches().latency(Duration::from_millis(150));
    let start = Instant::now();
    world.get(world.ada, "/user").await;
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn tokens_of_applications_expire_and_are_revoked_at_once() {
    // given tokens of a person and of an application
    let world = World::with(|options| options.auto_sign_in = Some("ada".to_owned())).await;
    let personal = world.token(world.ada);
    let client = (world.keys.client_id.as_str(), world.keys.secret.as_str());
    let pair = world.pair();
    let ask = async |token: &str| {
        let reply = world.send(world.request(Method::GET, "/api/v4/user").bearer_auth(token)).await;
        reply.json()["error_description"].as_str().map(str::to_owned)
    };
    // when they expire, then only the application's is over, and it can be refreshed
    world.server.switches().expire_tokens();
    assert!(ask(&pair.access_token).await.unwrap().starts_with("Token is expired"));
    assert_eq!(ask(&personal).await, None);
    let pair = world.model().refresh(client, &pair.refresh_token).unwrap();
    assert_eq!(ask(&pair.access_token).await, None);
    // when they are revoked, then it cannot
    world.server.switches().revoke_tokens();
    assert!(ask(&pair.access_token).await.unwrap().starts_with("Token was revoked"));
    assert!(world.model().refresh(client, &pair.refresh_token).is_err());
}

#[tokio::test]
async fn the_log_tells_what_was_asked_without_secrets() {
    let world = World::new().await;
    let token = world.token(world.ada);
    let path = format!("/api/v4/groups/acme/projects?per_page=5&private_token={token}");
    let reply = world.send(world.request(Method::GET, &path).header("user-agent", "Test/1")).await;
    let log = world.server.requests().all();
    let entry = &log[0];
    assert_eq!((entry.method.as_str(), entry.path.as_str()), ("GET", "/api/v4/groups/acme/projects"));
    assert_eq!((entry.query.as_str(), entry.user_agent.as_str()), ("per_page=5", "Test/1"));
    assert_eq!((entry.status, entry.bytes), (Some(200), reply.text.len() as u64));
    assert_eq!(world.server.requests().count("/api/v4/groups/"), 1);
    world.server.requests().clear();
    assert_eq!(world.server.requests().all(), []);
}

#[tokio::test]
async fn a_server_stops_when_it_is_told_to() {
    let world = World::new().await;
    let World { server, .. } = world;
    let url = server.url().to_owned();
    let address = url.strip_prefix("http://").unwrap().to_owned();
    server.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
