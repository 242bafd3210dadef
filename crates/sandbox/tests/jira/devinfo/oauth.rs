//! Access tokens (§1.1).

use reqwest::{Method, StatusCode};
use sandbox::jira::model::DataKind;
use serde_json::json;

use super::{Gateway, commit, with};
use crate::world::World;

#[tokio::test]
async fn the_sites_id_is_told_to_everybody() {
    let gateway = Gateway::new().await;
    let told = gateway.world.send(gateway.world.request(Method::GET, "/_edge/tenant_info")).await;
    assert_eq!(told.json(), json!({ "cloudId": gateway.world.model().cloud_id() }));
    let data_center = World::new().await;
    assert_eq!(data_center.send(data_center.request(Method::GET, "/_edge/tenant_info")).await.status, 404);
}

#[tokio::test]
async fn a_credential_is_traded_for_a_token_that_lives_fifteen_minutes() {
    let gateway = Gateway::new().await;
    let told = gateway.grant().await.json();
    assert_eq!((&told["expires_in"], &told["token_type"]), (&json!(900), &json!("Bearer")));
    assert!(told.get("refresh_token").is_none());
    assert_eq!(gateway.send(with("commits", vec![])).await.0, 202);
    gateway.world.clock.advance(900_000);
    let refused = gateway.ask(Method::GET, "/repository/repo-1").await;
    assert_eq!(refused.parts(), (401, json!({ "code": 401, "message": "Unauthorized" })));
    // a form does as well
    let form = [
        ("audience", "api.atlassian.com"),
        ("grant_type", "client_credentials"),
        ("client_id", gateway.keys.client_id.as_str()),
        ("client_secret", gateway.keys.secret.as_str()),
    ];
    let told = gateway.world.send(gateway.world.request(Method::POST, "/oauth/token").form(&form)).await;
    assert_eq!(told.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_credential_audience_or_grant_is_refused() {
    let gateway = Gateway::new().await;
    let ask = async |audience: &str, grant: &str, secret: &str| {
        let id = gateway.keys.client_id.as_str();
        let body = json!({ "audience": audience, "grant_type": grant, "client_id": id, "client_secret": secret });
        let request = gateway.world.request(Method::POST, "/oauth/token").json(&body);
        let (status, told) = gateway.world.send(request).await.parts();
        (status, told["error"].as_str().unwrap().to_owned())
    };
    let secret = gateway.keys.secret.as_str();
    let denied = "access_denied".to_owned();
    assert_eq!(ask("api.atlassian.com", "client_credentials", "wrong").await, (401, denied.clone()));
    assert_eq!(ask("example.com", "client_credentials", secret).await, (403, denied));
    assert_eq!(ask("api.atlassian.com", "password", secret).await, (403, "unauthorized_client".to_owned()));
    // a credential that is deleted takes its tokens with it
    gateway.world.model().delete_oauth_client(&gateway.keys.client_id);
    assert_eq!(gateway.grant().await.status, 401);
    assert_eq!(gateway.send(with("commits", vec![])).await.0, 401);
}

#[tokio::test]
async fn tokens_can_be_ended_at_once() {
    let gateway = Gateway::new().await;
    gateway.world.server.switches().expire_access_tokens();
    assert_eq!(gateway.send(with("commits", vec![commit("c", 1, &["ABC-1"])])).await.0, 401);
    assert_eq!(gateway.world.model().development_counts(), (0, 0));
}

#[tokio::test]
async fn the_tick_box_decides_what_may_be_sent() {
    let gateway = Gateway::new().await;
    gateway.world.model().set_data_kinds(&gateway.keys.client_id, &[DataKind::Builds, DataKind::Deployments]);
    let (status, told) = gateway.send(with("commits", vec![])).await;
    assert_eq!(status, 403);
    assert!(told["errorMessages"][0]["errorTraceId"].is_string());
}

#[tokio::test]
async fn another_sites_id_is_not_found() {
    let gateway = Gateway::new().await;
    let path = "/jira/devinfo/0.1/cloud/00000000-0000-0000-0000-000000000000/bulk";
    let request = gateway.world.request(Method::POST, path).bearer_auth(&gateway.token).json(&json!({}));
    assert_eq!(gateway.world.send(request).await.status, 404);
    let data_center = World::new().await;
    assert_eq!(data_center.send(data_center.request(Method::POST, path)).await.status, 404);
}
