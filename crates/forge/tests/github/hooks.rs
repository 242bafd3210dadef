//! Registering hooks.

use std::sync::{Arc, Mutex};

use forge::{HookAddress, HookRefusal, HookTarget, Problem, RegisteredHook};
use serde_json::{Value, json as value};

use crate::server::{Asked, Server, answer, json, not_found};

const URL: &str = "https://dovetail.example.com/hooks/github/0123456789abcdef0123456789abcdef";
const SECRET: &str = "0ddba11-do-not-show-me";
const TARGET: HookTarget<'_> = HookTarget::Repository("7");
const HOOKS: &str = "/api/v3/repositories/7/hooks";
const EVENTS: [&str; 5] = ["push", "pull_request", "pull_request_review", "issue_comment", "repository"];

fn address() -> HookAddress {
    HookAddress { url: URL.parse().unwrap(), secret: SECRET.to_owned().into() }
}

/// A hook as it should be.
fn sound(id: u64, url: &str) -> Value {
    value!({ "id": id, "name": "web", "active": true, "events": EVENTS,
        "config": { "url": url, "content_type": "json", "secret": "********", "insecure_ssl": "0" } })
}

/// A repository with these hooks; what is written to it comes back.
async fn with(hooks: Vec<Value>) -> Server {
    let hooks = Arc::new(Mutex::new(hooks));
    Server::start(move |asked: &Asked| {
        let hooks = hooks.lock().unwrap();
        match (asked.method.as_str(), asked.path.strip_prefix(HOOKS)) {
            ("GET", Some("")) => json(200, value!(*hooks).to_string()),
            ("POST", Some("")) => json(201, sound(99, URL).to_string()),
            ("PATCH", Some("/3")) => json(200, sound(3, URL).to_string()),
            ("DELETE", Some(_)) | ("POST", Some("/3/pings")) => answer(204, &[], ""),
            _ => not_found(),
        }
    })
    .await
}

async fn register(server: &Server) -> RegisteredHook {
    server.client().hook_register(TARGET, &address(), None).await.unwrap()
}

fn calls(server: &Server) -> Vec<String> {
    server.asked().iter().map(|asked| format!("{} {}", asked.method, asked.path.trim_start_matches(HOOKS))).collect()
}

#[tokio::test]
async fn a_hook_is_made_with_its_secret_and_what_we_want_to_hear() {
    // given
    let server = with(vec![sound(1, "https://ci.example.com/x")]).await;

    // when
    let hook = register(&server).await;

    // then
    assert_eq!(hook, RegisteredHook { forge_id: "99".into(), disabled: false });
    assert_eq!(calls(&server), ["GET ", "POST "]);
    let sent: Value = serde_json::from_str(&server.asked()[1].body).unwrap();
    assert_eq!(sent["name"], "web");
    assert_eq!((&sent["active"], &sent["events"]), (&value!(true), &value!(EVENTS)));
    assert_eq!(sent["config"], value!({ "url": URL, "content_type": "json", "secret": SECRET, "insecure_ssl": "0" }));
}

#[tokio::test]
async fn a_sound_hook_is_left_alone_and_a_bent_one_repaired() {
    // given
    let with_change = |path: &str, change: Value| {
        let mut hook = sound(3, URL);
        *hook.pointer_mut(path).unwrap() = change;
        hook
    };
    let moved = "https://old.example.com/x/hooks/github/0123456789abcdef0123456789abcdef";

    // then
    let sound = with(vec![sound(3, URL)]).await;
    assert_eq!(register(&sound).await.forge_id, "3");
    assert_eq!(calls(&sound), ["GET "]);
    for bent in [
        with_change("/active", value!(false)),
        with_change("/events", value!(["push"])),
        with_change("/events", value!(["*"])),
        with_change("/config/content_type", value!("form")),
        with_change("/config/secret", Value::Null),
        with_change("/config/url", value!(moved)),
    ] {
        let server = with(vec![bent.clone()]).await;
        assert_eq!(register(&server).await.forge_id, "3", "{bent}");
        assert_eq!(calls(&server), ["GET ", "PATCH /3"], "{bent}");
        assert!(server.asked()[1].body.contains(SECRET), "what is left out is forgotten");
    }
}

#[tokio::test]
async fn whether_certificates_are_checked_is_left_as_somebody_set_it() {
    // given
    let mut hook = sound(3, URL);
    hook["config"]["insecure_ssl"] = value!("1");
    hook["active"] = value!(false);
    let server = with(vec![hook]).await;

    // when
    register(&server).await;

    // then
    let sent: Value = serde_json::from_str(&server.asked()[1].body).unwrap();
    assert_eq!(sent["config"]["insecure_ssl"], "1");
}

#[tokio::test]
async fn doubles_are_removed() {
    // given
    let server = with(vec![sound(2, URL), sound(3, URL)]).await;

    // when
    register(&server).await;

    // then
    assert_eq!(calls(&server), ["GET ", "DELETE /3"]);
}

#[tokio::test]
async fn a_hook_is_pinged_and_removed() {
    // given
    let server = with(Vec::new()).await;
    let gone = Server::start(|_| not_found()).await;

    // then
    server.client().hook_test(TARGET, "3").await.unwrap();
    server.client().hook_remove(TARGET, "3").await.unwrap();
    gone.client().hook_remove(TARGET, "3").await.unwrap();
    assert_eq!(calls(&server), ["POST /3/pings", "DELETE /3"]);
}

#[tokio::test]
async fn an_organisations_hooks_are_found_by_its_name() {
    // given
    let server = Server::start(|asked: &Asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/api/v3/user/4") => json(200, r#"{"id":4,"login":"acme","type":"Organization"}"#),
        ("GET", "/api/v3/orgs/acme/hooks") => json(200, "[]"),
        ("POST", "/api/v3/orgs/acme/hooks") => json(201, sound(5, URL).to_string()),
        _ => not_found(),
    })
    .await;

    // when
    let hook = server.client().hook_register(HookTarget::Group("4"), &address(), None).await.unwrap();

    // then
    assert_eq!(hook.forge_id, "5");
}

async fn refused(list: u16, status: u16, body: &'static str) -> forge::ForgeError {
    let server = Server::start(move |asked: &Asked| match asked.method.as_str() {
        "GET" if list == 200 => json(200, "[]"),
        "GET" => json(list, r#"{"message":"Not Found"}"#),
        _ => json(status, body),
    })
    .await;
    let error = server.client().hook_register(TARGET, &address(), None).await.unwrap_err();
    let told = format!("{error:?} {error} {} {}", error.cause(), error.remedy());
    assert!(!told.contains(SECRET), "{told}");
    error
}

#[tokio::test]
async fn every_refusal_has_its_type() {
    let validation = |message: &'static str| match message {
        "full" => {
            r#"{"message":"Validation Failed","errors":[{"resource":"Hook","code":"custom","message":"The \"push\" event cannot have more than 20 hooks"}]}"#
        }
        "address" => {
            r#"{"message":"Validation Failed","errors":[{"resource":"Hook","code":"custom","message":"Sorry, the URL host localhost is not supported because it isn't reachable over the public Internet"}]}"#
        }
        _ => {
            r#"{"message":"Validation Failed","errors":[{"resource":"Hook","code":"custom","message":"0ddba11-do-not-show-me is no secret"}]}"#
        }
    };
    let why = |error: &forge::ForgeError| match &error.problem {
        Problem::HookRefused { why, .. } => *why,
        other => panic!("{other:?}"),
    };

    let not_allowed = refused(404, 500, "").await;
    assert!(matches!(not_allowed.problem, Problem::Forbidden), "{not_allowed:?}");
    assert!(not_allowed.cause().contains("administrators"), "{}", not_allowed.cause());
    assert!(matches!(refused(200, 404, r#"{"message":"Not Found"}"#).await.problem, Problem::Forbidden));
    assert_eq!(why(&refused(200, 422, validation("full")).await), HookRefusal::Full);
    assert_eq!(why(&refused(200, 422, validation("address")).await), HookRefusal::Address);
    assert_eq!(why(&refused(200, 422, validation("secret")).await), HookRefusal::Other);
}
