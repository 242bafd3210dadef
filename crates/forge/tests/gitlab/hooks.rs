//! Registering hooks at GitLabs that misbehave.

use std::sync::{Arc, Mutex};

use axum::response::Response;
use forge::{HookAddress, HookRefusal, HookTarget, Problem, RegisteredHook};
use net::NetError;
use serde_json::{Value, json as value};

use crate::server::{Asked, Server, answer, json, not_found};

const URL: &str = "https://dovetail.example.com/hooks/gitlab/0123456789abcdef0123456789abcdef";
const SECRET: &str = "0ddba11-do-not-show-me";
const TARGET: HookTarget<'_> = HookTarget::Repository("7");
const HOOKS: &str = "/api/v4/projects/7/hooks";

fn address() -> HookAddress {
    HookAddress { url: URL.parse().unwrap(), secret: SECRET.to_owned().into() }
}

/// A hook as it should be.
fn sound(id: u64, url: &str) -> Value {
    value!({ "id": id, "url": url, "push_events": true, "merge_requests_events": true, "note_events": true,
        "alert_status": "executable" })
}

fn disabled(id: u64, url: &str) -> Value {
    let mut hook = sound(id, url);
    hook["alert_status"] = value!("disabled");
    hook
}

async fn register(server: &Server) -> RegisteredHook {
    server.client().hook_register(TARGET, &address(), None).await.unwrap()
}

/// The problem that everything but the list ends with.
async fn refused(status: u16, body: &'static str) -> forge::ForgeError {
    let server = Server::start(move |asked: &Asked| match asked.method.as_str() {
        "GET" => json(200, "[]"),
        _ => json(status, body),
    })
    .await;
    let error = server.client().hook_register(TARGET, &address(), None).await.unwrap_err();
    let told = format!("{error:?} {error} {} {}", error.cause(), error.remedy());
    assert!(!told.contains(SECRET), "{told}");
    error
}

/// A GitLab with one hook of ours that is switched off, which a test call brings back if `good`.
async fn with_disabled_hook(good: bool) -> Server {
    let enabled = Arc::new(Mutex::new(false));
    Server::start(move |asked: &Asked| -> Response {
        let mut enabled = enabled.lock().unwrap();
        let hook = if *enabled { sound(3, URL) } else { disabled(3, URL) };
        match (asked.method.as_str(), asked.path.strip_prefix(HOOKS)) {
            ("GET", Some("")) => json(200, value!([hook]).to_string()),
            ("GET" | "PUT", Some("/3")) => json(200, hook.to_string()),
            ("POST", Some("/3/test/push_events")) if good => {
                *enabled = true;
                json(201, r#"{"message":"201 Created"}"#)
            }
            ("POST", Some("/3/test/push_events")) => json(422, r#"{"message":"Failed to open TCP connection"}"#),
            _ => not_found(),
        }
    })
    .await
}

#[tokio::test]
async fn a_hook_that_was_switched_off_comes_back_by_a_call_that_succeeds() {
    // given
    let server = with_disabled_hook(true).await;

    // when
    let hook = register(&server).await;

    // then
    assert_eq!(hook, RegisteredHook { forge_id: "3".into(), disabled: false });
    let asked: Vec<_> = server.asked().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
    assert_eq!(
        asked[1..],
        [
            "PUT /api/v4/projects/7/hooks/3",
            "POST /api/v4/projects/7/hooks/3/test/push_events",
            "GET /api/v4/projects/7/hooks/3",
        ]
    );
}

#[tokio::test]
async fn a_hook_that_stays_switched_off_is_told() {
    // given
    let server = with_disabled_hook(false).await;

    // then
    assert_eq!(register(&server).await, RegisteredHook { forge_id: "3".into(), disabled: true });
}

#[tokio::test]
async fn our_hook_is_found_behind_a_hundred_others() {
    // given three pages of hooks, ours at the end
    let server = Server::start(|asked: &Asked| {
        let page: u64 = asked.parameter("page").map_or(1, |page| page.parse().unwrap());
        let other = |number: u64| sound(number, &format!("https://ci.example.com/{number}"));
        let mut hooks: Vec<Value> = (1..=100).map(|number| other(page * 100 + number)).collect();
        let next = if page < 3 { (page + 1).to_string() } else { String::new() };
        if page == 3 {
            hooks.push(sound(3, URL));
        }
        answer(200, &[("x-next-page", next.as_str())], value!(hooks).to_string())
    })
    .await;

    // when
    let hook = register(&server).await;

    // then
    assert_eq!(hook.forge_id, "3");
    assert!(server.asked().iter().all(|asked| asked.method == "GET" && asked.parameter("per_page") == Some("100")));
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_list_of_hooks_without_end_is_left_at_a_bound() {
    // given
    let server = Server::start(|asked: &Asked| {
        let page: u64 = asked.parameter("page").map_or(1, |page| page.parse().unwrap());
        let hook = sound(page, "https://ci.example.com/");
        answer(200, &[("x-next-page", (page + 1).to_string().as_str())], value!([hook]).to_string())
    })
    .await;

    // when
    let error = server.client().hook_register(TARGET, &address(), None).await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::Data(_)), "{error:?}");
    assert_eq!(server.asked().len(), 20);
    assert!(server.asked().iter().all(|asked| asked.method == "GET"), "and none is made beside one that may be there");
}

#[tokio::test]
async fn the_id_that_we_know_counts_only_where_no_address_is_ours() {
    // given
    let strangers = value!([sound(3, "https://ci.example.com/"), sound(4, "https://moved.example.com/x")]);
    let with_ours = value!([sound(3, "https://ci.example.com/"), sound(5, URL)]);
    let serving = |list: Value| {
        Server::start(move |asked: &Asked| match (asked.method.as_str(), asked.path.strip_prefix(HOOKS)) {
            ("GET", Some("")) => json(200, list.to_string()),
            ("PUT", Some("/4")) => json(200, sound(4, URL).to_string()),
            _ => not_found(),
        })
    };
    let (moved, found) = (serving(strangers).await, serving(with_ours).await);

    // when
    let moved = moved.client().hook_register(TARGET, &address(), Some("4")).await.unwrap();
    let ours = found.client().hook_register(TARGET, &address(), Some("3")).await.unwrap();

    // then
    assert_eq!((moved.forge_id.as_str(), ours.forge_id.as_str()), ("4", "5"));
    assert_eq!(found.asked().len(), 1, "the stranger's hook is neither changed nor removed");
}

#[tokio::test]
async fn a_new_hook_is_asked_for_with_everything_that_it_needs() {
    // given
    let server = Server::start(|asked: &Asked| match asked.method.as_str() {
        "GET" => json(200, "[]"),
        _ => json(201, sound(9, URL).to_string()),
    })
    .await;

    // when
    register(&server).await;
    let http = HookAddress { url: "http://10.0.0.1:8080/hooks/gitlab/1".parse().unwrap(), ..address() };
    server.client().hook_register(HookTarget::Group("a/b"), &http, None).await.unwrap();

    // then
    let asked = server.asked();
    let body: Value = serde_json::from_str(&asked[1].body).unwrap();
    let on: Vec<_> = body.as_object().unwrap().iter().filter(|(_, it)| **it == true).map(|(name, _)| name).collect();
    assert_eq!(on, ["enable_ssl_verification", "merge_requests_events", "note_events", "push_events"]);
    assert_eq!(
        (&body["url"], &body["token"], &body["tag_push_events"]),
        (&value!(URL), &value!(SECRET), &value!(false))
    );
    assert_eq!((asked[1].path.as_str(), asked[3].path.as_str()), (HOOKS, "/api/v4/groups/a%2Fb/hooks"));
    let body: Value = serde_json::from_str(&asked[3].body).unwrap();
    assert_eq!(body["enable_ssl_verification"], value!(false), "there is nothing to verify");
    assert!(asked.iter().all(|asked| !format!("{}{}", asked.path, asked.query).contains(SECRET)));
}

#[tokio::test]
async fn every_refusal_of_a_hook_becomes_a_problem() {
    let why = async |body: &'static str| match refused(422, body).await.problem {
        Problem::HookRefused { why, said } => (why, said),
        other => panic!("{other:?}"),
    };
    let cases = [
        (r#"{"error":"Invalid url given"}"#, HookRefusal::Address, "Invalid url given"),
        (
            r#"{"message":{"url":["is blocked: Requests to the local network are not allowed"]}}"#,
            HookRefusal::Address,
            "url is blocked: Requests to the local network are not allowed",
        ),
        (
            r#"{"message":{"base":["Maximum number of project hooks (100) exceeded"]}}"#,
            HookRefusal::Full,
            "Maximum number of project hooks (100) exceeded",
        ),
        (r#"{"error":"Invalid branch filter given"}"#, HookRefusal::Other, "Invalid branch filter given"),
        ("{\"message\":\"two\\nlines\\u0000\"}", HookRefusal::Other, "two lines"),
        ("<html>", HookRefusal::Other, ""),
        ("[1]", HookRefusal::Other, ""),
        (r#"{"message":{"token":["0ddba11-do-not-show-me is too short"]}}"#, HookRefusal::Other, ""),
    ];
    for (body, expected, said) in cases {
        assert_eq!(why(body).await, (expected, said.to_owned()), "{body}");
    }
    let long: &'static str = Box::leak(format!(r#"{{"message":"{}"}}"#, "é".repeat(5_000)).into_boxed_str());
    assert_eq!(why(long).await.1.chars().count(), 201);
}

#[tokio::test]
async fn other_refusals_are_the_usual_problems() {
    assert!(matches!(refused(403, r#"{"message":"403 Forbidden"}"#).await.problem, Problem::Forbidden));
    assert!(matches!(refused(403, r#"{"error":"insufficient_scope"}"#).await.problem, Problem::InsufficientScope));
    assert!(matches!(refused(404, r#"{"error":"404 Not Found"}"#).await.problem, Problem::NotFound));
    assert!(matches!(refused(400, r#"{"error":"url is missing"}"#).await.problem, Problem::Data(_)));
    assert!(matches!(refused(500, "").await.problem, Problem::Server(500)));
    assert!(matches!(refused(201, "{}").await.problem, Problem::Data(_)));
}

#[tokio::test]
async fn a_change_is_never_sent_on_to_another_address() {
    // given
    let elsewhere = Server::start(|_| json(201, sound(1, URL).to_string())).await;
    let target = format!("{}{HOOKS}?x=1", elsewhere.url);
    let server = Server::start(move |asked: &Asked| match asked.method.as_str() {
        "GET" => json(200, "[]"),
        _ => answer(307, &[("location", &target)], ""),
    })
    .await;

    // when
    let error = server.client().hook_register(TARGET, &address(), None).await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::Network(NetError::Redirected { .. })), "{error:?}");
    assert!(elsewhere.asked().is_empty(), "the secret went to another server");
}

#[tokio::test]
async fn a_test_too_many_keeps_nothing_else_waiting() {
    // given the limit of that endpoint, and one of the whole host
    let text = r#"{"message":{"error":"This endpoint has been requested too many times. Try again later."}}"#;
    let limited = |headers: &'static [(&'static str, &'static str)]| {
        Server::start(move |asked: &Asked| match asked.method.as_str() {
            "POST" => answer(429, headers, text),
            _ => json(200, r#"{"id":1,"username":"anna"}"#),
        })
    };
    let endpoint = limited(&[("retry-after", "60")]).await;
    let host = limited(&[("retry-after", "60"), ("ratelimit-name", "throttle_authenticated_api")]).await;

    for (server, goes_on) in [(endpoint, true), (host, false)] {
        // when
        let client = server.client();
        let refused = client.hook_test(TARGET, "3").await.unwrap_err();

        // then
        assert!(matches!(refused.problem, Problem::RateLimited { until: Some(_) }), "{refused:?}");
        assert_eq!(client.current_user().await.is_ok(), goes_on);
    }
}

#[tokio::test]
async fn removing_is_done_where_nothing_is_left_to_remove() {
    // given
    let gone = Server::start(|_| not_found()).await;
    let forbidden = Server::start(|_| json(403, r#"{"message":"403 Forbidden"}"#)).await;
    let done = Server::start(|_| answer(204, &[], "")).await;

    // then
    gone.client().hook_remove(TARGET, "3").await.unwrap();
    done.client().hook_remove(HookTarget::Group("5"), "3").await.unwrap();
    assert_eq!((done.asked()[0].method.as_str(), done.paths()[0].as_str()), ("DELETE", "/api/v4/groups/5/hooks/3"));
    let error = forbidden.client().hook_remove(TARGET, "3").await.unwrap_err();
    assert!(matches!(error.problem, Problem::Forbidden), "{error:?}");
}
