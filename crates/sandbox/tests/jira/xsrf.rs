//! Requests that something in a browser may have forged.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_program_that_sends_json_needs_nothing() {
    let world = World::new().await;
    assert_eq!(world.post(world.ada, "/issue/ABC-1/comment", json!({ "body": "x" })).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_browser_must_come_from_the_same_site() {
    let world = World::new().await;
    let post = |headers: &[(&'static str, String)]| {
        let mut request = world.as_user(world.ada, Method::POST, "/issue/ABC-1/comment").json(&json!({ "body": "x" }));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        world.send(request)
    };
    let browser = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)".to_owned());
    let refused = post(std::slice::from_ref(&browser)).await;
    assert_eq!((refused.status, refused.text.as_str()), (StatusCode::FORBIDDEN, "XSRF check failed"));
    let elsewhere = ("origin", "https://evil.example.com".to_owned());
    assert_eq!(post(&[browser.clone(), elsewhere, ("x-atlassian-token", "no-check".to_owned())]).await.status, 403);
    assert_eq!(post(&[browser.clone(), ("origin", world.server.url().to_owned())]).await.status, 201);
    assert_eq!(post(&[browser.clone(), ("referer", format!("{}/browse/ABC-1", world.server.url()))]).await.status, 201);
    // reading is free
    let read = world.as_user(world.ada, Method::GET, "/issue/ABC-1").header("user-agent", "Mozilla/5.0");
    assert_eq!(world.send(read).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_a_form_can_send_needs_the_header_that_no_form_can() {
    let world = World::new().await;
    let post = || world.as_user(world.ada, Method::POST, "/issue/ABC-1/comment").header("content-type", "text/plain");
    assert_eq!(world.send(post().body("{}")).await.status, StatusCode::FORBIDDEN);
    let passed = world.send(post().header("x-atlassian-token", "no-check").body("{}")).await;
    assert_eq!(passed.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
