//! The step `http`.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::routing::{any, get};
use http::{HeaderMap, StatusCode, header};
use net::check::{Reached, Verdict};

use super::servers::answers;
use super::{check, failure, stage, verdicts, words};
use crate::server::{client, serve};

/// A server that answers so at its root.
async fn answering(status: u16, headers: &'static [(&'static str, &'static str)], body: &'static str) -> Reached {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    let answer = (StatusCode::from_u16(status).unwrap(), map, body);
    let url = serve(Router::new().route("/", get(async move || answer))).await;
    check(&client(), url.as_str()).await
}

fn warning(reached: &Reached) -> String {
    let stage = stage(reached, "http");
    assert_eq!(stage.verdict, Verdict::Warning, "{reached:#?}");
    words(stage)
}

#[tokio::test]
async fn an_answer_passes_and_is_handed_on() {
    let reached =
        answering(200, &[("server", "nginx"), ("content-type", "text/html")], "<html><title>\n GitLab </title>").await;
    assert_eq!(verdicts(&reached), "url passed, name passed, proxy skipped, tcp passed, tls skipped, http passed");
    let details = &stage(&reached, "http").details;
    assert_eq!(details[..], ["200 OK", "Server: nginx", "Content type: text/html", "Title: GitLab"]);
    let answer = reached.response.unwrap();
    assert_eq!((answer.status, answer.url), (StatusCode::OK, reached.url.unwrap()));
    assert!(answer.body.starts_with(b"<html>") && answer.headers.contains_key("server"));
}

#[tokio::test]
async fn one_request_is_sent_and_no_credential_in_it() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let keep = move |request: Request| {
        kept.lock().unwrap().push((request.method().clone(), request.uri().to_string(), request.headers().clone()));
        async { "x".repeat(200_000) }
    };
    let url = serve(Router::new().fallback(any(keep))).await.join("gitlab").unwrap();

    let reached = check(&client(), url.as_str()).await;

    let seen = seen.lock().unwrap().clone();
    let [(method, path, headers)] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((method, path.as_str()), (&http::Method::GET, "/gitlab"));
    for name in [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION] {
        assert!(!headers.contains_key(name));
    }
    assert_eq!(reached.response.unwrap().body.len(), 64 * 1024, "what is longer is cut");
}

#[tokio::test]
async fn redirects_are_told_with_where_to() {
    let own = answering(302, &[("location", "/users/sign_in?token=s3cret")], "").await;
    let http = stage(&own, "http");
    assert!(http.verdict == Verdict::Passed && http.seen.ends_with("/users/sign_in."), "{http:?}");

    let secure = answering(301, &[("location", "https://127.0.0.1/")], "").await;
    let told = words(failure(&secure, "http"));
    assert!(told.contains("Use https://127.0.0.1/."), "{told}");
    assert!(secure.response.is_some(), "the answer is handed on all the same");

    let moved = warning(&answering(301, &[("location", "https://about.example.com/")], "").await);
    assert!(moved.contains("sends on to https://about.example.com/"), "{moved}");
    let wall = warning(&answering(302, &[("location", "https://login.microsoftonline.com/x?y=s3cret")], "").await);
    assert!(wall.contains("single sign-on") && !wall.contains("s3cret"), "{wall}");
    let nameless = warning(&answering(302, &[], "").await);
    assert!(nameless.contains("an unnamed address"), "{nameless}");
}

#[tokio::test]
async fn what_stands_before_the_server_is_told() {
    let wall = answering(401, &[("www-authenticate", "Basic realm=\"x\"")], "").await;
    assert!(words(failure(&wall, "http")).contains("(401, Basic)"), "{wall:?}");
    let api = answering(401, &[("www-authenticate", "Bearer")], "").await;
    assert_eq!(stage(&api, "http").verdict, Verdict::Passed, "an API that wants its own log-in");
    let robots = answering(403, &[("cf-mitigated", "challenge")], "").await;
    assert!(words(failure(&robots, "http")).contains("Cloudflare"), "{robots:?}");
    let down = answering(502, &[], "").await;
    assert!(words(failure(&down, "http")).contains("the application behind it does not"), "{down:?}");
    let certificate = answering(400, &[], "<center>No required SSL certificate was sent</center>").await;
    assert!(words(failure(&certificate, "http")).contains("wants a client certificate"), "{certificate:?}");
    let tls = answering(400, &[], "The plain HTTP request was sent to HTTPS port").await;
    assert!(words(failure(&tls, "http")).contains("It speaks HTTPS there"), "{tls:?}");
}

#[tokio::test]
async fn odd_answers_are_warnings_as_only_the_next_steps_can_tell() {
    assert!(warning(&answering(404, &[], "").await).contains("There is nothing at"));
    assert!(warning(&answering(403, &[], "").await).contains("answers 403"));
    assert!(warning(&answering(500, &[], "").await).contains("answers 500"));
}

#[tokio::test]
async fn what_is_not_http_is_told_apart() {
    let ssh = check(&client(), &format!("http://{}", answers(b"SSH-2.0-OpenSSH_9.2\r\n"))).await;
    assert!(words(failure(&ssh, "http")).contains("SSH answers there"), "{ssh:?}");
    let alert = answers(&[0x15, 3, 1, 0, 2, 2, 70]);
    let tls = check(&client(), &format!("http://{alert}")).await;
    assert!(words(failure(&tls, "http")).contains(&format!("Use https://{alert}.")), "{tls:?}");
    let other = check(&client(), &format!("http://{}", answers(b"\0\0"))).await;
    assert!(words(failure(&other, "http")).contains("does not speak HTTP"), "{other:?}");
}
