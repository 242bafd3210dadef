//! What the server says of itself, and who may come in.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::world::{NOON, World, messages};

#[tokio::test]
async fn everybody_may_ask_what_it_is() {
    let world = World::new().await;
    let told = world.send(world.request(Method::GET, "/rest/api/2/serverInfo")).await.json();
    assert_eq!(told["baseUrl"], world.server.url());
    assert_eq!((&told["version"], &told["versionNumbers"]), (&json!("9.12.15"), &json!([9, 12, 15])));
    assert_eq!((&told["deploymentType"], &told["serverTime"]), (&json!("Server"), &json!(null)));
    let told = world.get(world.ada, "/serverInfo").await.json();
    assert_eq!(told["serverTime"], "2026-03-01T12:00:00.000+0000");
    let cloud = World::cloud().await;
    let told = cloud.send(cloud.request(Method::GET, "/rest/api/3/serverInfo")).await.json();
    assert_eq!(told["deploymentType"], "Cloud");
}

#[tokio::test]
async fn a_context_path_stands_in_front_of_everything() {
    let world = World::with(|options| options.context_path = "/jira".to_owned()).await;
    assert!(world.server.url().ends_with("/jira"));
    let told = world.get(world.ada, "/issue/ABC-1").await.json();
    assert!(told["self"].as_str().unwrap().starts_with(&format!("{}/rest/api/2/issue/", world.server.url())));
    assert_eq!(world.send(world.request(Method::GET, "/browse/ABC-1")).await.status, StatusCode::OK);
    assert_eq!(world.send(world.request(Method::GET, "/../rest/api/2/serverInfo")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn versions_and_addresses_that_there_are_not_are_not_found() {
    let world = World::new().await;
    for path in ["/rest/api/3/myself", "/rest/api/1/myself", "/rest/api/2/nothing", "/rest/devinfo/0.10/bulk"] {
        let (status, body) = world.get(world.ada, path).await.parts();
        assert_eq!((status, body["status-code"].as_u64()), (404, Some(404)), "{path}");
    }
    assert_eq!(world.get(world.ada, "/rest/api/latest/myself").await.json()["name"], "ada");
}

#[tokio::test]
async fn a_personal_access_token_opens_until_it_expires_or_is_revoked() {
    let world = World::new().await;
    let token = world.model().create_token(world.ada, Some(NOON + 60_000));
    let ask = async || world.send(world.request(Method::GET, "/rest/api/2/myself").bearer_auth(&token)).await;
    let told = ask().await.json();
    assert_eq!((&told["name"], &told["emailAddress"]), (&json!("ada"), &json!("ada@example.com")));
    assert_eq!((&told["displayName"], &told["active"]), (&json!("Ada Kowalska"), &json!(true)));
    world.clock.advance(60_000);
    let refused = ask().await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.header("content-type").unwrap().starts_with("text/html"));
    // one that does not expire
    let token = world.model().create_token(world.ada, None);
    let ask = async || world.send(world.request(Method::GET, "/rest/api/2/myself").bearer_auth(&token)).await;
    assert_eq!(ask().await.status, StatusCode::OK);
    world.model().revoke_tokens(world.ada);
    assert_eq!(ask().await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_older_jira_has_no_personal_access_tokens() {
    for (version, status) in [("8.13.27", 401), ("8.14.0", 200), ("10.3.1", 200)] {
        let world = World::with(|options| options.version = version.to_owned()).await;
        assert_eq!(world.get(world.ada, "/myself").await.status.as_u16(), status, "{version}");
    }
}

#[tokio::test]
async fn a_password_opens_too_until_it_was_wrong_too_often() {
    let world = World::new().await;
    let ask = async |password: &str| {
        world.send(world.request(Method::GET, "/rest/api/2/myself").basic_auth("Ada", Some(password))).await
    };
    assert_eq!(ask("ada-password").await.json()["name"], "ada");
    for _ in 0..3 {
        let refused = ask("guess").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.header("x-seraph-loginreason"), Some("AUTHENTICATED_FAILED"));
    }
    // then the right one does not help either, until somebody solves the riddle
    let refused = ask("ada-password").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.header("x-authentication-denied-reason").unwrap().starts_with("CAPTCHA_CHALLENGE"));
    world.model().reset_failed_log_ins(world.ada);
    assert_eq!(ask("ada-password").await.status, StatusCode::OK);
    // and not for somebody who may not log in
    world.model().change_user(world.ada, |user| user.active = false);
    assert_eq!(ask("ada-password").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_is_told_nothing() {
    let world = World::new().await;
    let (status, body) = world.send(world.request(Method::GET, "/rest/api/2/myself")).await.parts();
    let text = "You are not authenticated. Authentication required to perform this operation.";
    assert_eq!((status, body), (401, messages(&[text])));
    assert_eq!(world.send(world.request(Method::GET, "/rest/api/2/project")).await.json(), json!([]));
}

#[tokio::test]
async fn cloud_wants_the_email_and_an_api_token() {
    let world = World::cloud().await;
    let token = world.model().create_token(world.ada, None);
    let ask = async |name: &str, password: &str| {
        world.send(world.request(Method::GET, "/rest/api/3/myself").basic_auth(name, Some(password))).await
    };
    let told = ask("ada@example.com", &token).await.json();
    assert_eq!((&told["name"], &told["accountType"]), (&json!(null), &json!("atlassian")));
    assert_eq!(told["accountId"], world.model().user(world.ada).unwrap().account_id());
    for (name, password) in [("ada", token.as_str()), ("ada@example.com", "ada-password"), ("ben@example.com", &token)]
    {
        let refused = ask(name, password).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(refused.text, "Client must be authenticated to access this resource.");
    }
    let bearer = world.send(world.request(Method::GET, "/rest/api/3/myself").bearer_auth(&token)).await;
    assert_eq!(bearer.status, StatusCode::UNAUTHORIZED);
}
