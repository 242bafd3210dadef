//! The development-information API of Cloud, by the sections of the devinfo contract.

mod deletions;
mod entities;
mod many;
mod oauth;
mod requests;
mod sequences;

use reqwest::Method;
use sandbox::jira::model::{DataKind, OAuthKeys};
use serde_json::{Value, json};

use crate::world::{Reply, World};

/// A Cloud site, and an access token of a tool that sends development information.
pub struct Gateway {
    pub world: World,
    pub keys: OAuthKeys,
    pub token: String,
}

impl Gateway {
    pub async fn new() -> Self {
        let world = World::cloud().await;
        let keys = world.model().create_oauth_client(&[DataKind::DevelopmentInformation]);
        let mut gateway = Self { world, keys, token: String::new() };
        gateway.token = gateway.grant().await.json()["access_token"].as_str().unwrap().to_owned();
        gateway
    }

    /// Asks for an access token.
    pub async fn grant(&self) -> Reply {
        let body = json!({
            "audience": "api.atlassian.com", "grant_type": "client_credentials",
            "client_id": self.keys.client_id, "client_secret": self.keys.secret,
        });
        self.world.send(self.world.request(Method::POST, "/oauth/token").json(&body)).await
    }

    /// A request below the gateway's address of the site.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let whole = format!("/jira/devinfo/0.1/cloud/{}{path}", self.world.model().cloud_id());
        self.world.request(method, &whole).bearer_auth(&self.token)
    }

    pub async fn ask(&self, method: Method, path: &str) -> Reply {
        self.world.send(self.request(method, path)).await
    }

    pub async fn bulk(&self, body: &Value) -> Reply {
        self.world.send(self.request(Method::POST, "/bulk").json(body)).await
    }

    /// Sends one repository.
    pub async fn send(&self, repository: Value) -> (u16, Value) {
        self.bulk(&json!({ "repositories": [repository] })).await.parts()
    }
}

pub fn repository(sequence: i64) -> Value {
    json!({ "id": "repo-1", "name": "acme/own", "url": "https://gitlab.example.com/acme/own", "updateSequenceId": sequence })
}

/// A repository with some of one kind.
pub fn with(kind: &str, entities: Vec<Value>) -> Value {
    let mut repository = repository(1);
    repository[kind] = Value::Array(entities);
    repository
}

pub fn commit(id: &str, sequence: i64, keys: &[&str]) -> Value {
    json!({
        "id": id, "updateSequenceId": sequence, "issueKeys": keys, "message": "ABC-1 Say hello",
        "author": { "name": "Ada", "email": "ada@example.com" }, "authorTimestamp": "2026-03-01T10:00:00Z",
        "displayId": "abc1234", "fileCount": 1, "url": "https://gitlab.example.com/acme/own/-/commit/abc",
        "files": [file("one.txt")], "flags": ["MERGE_COMMIT"],
    })
}

pub fn file(path: &str) -> Value {
    json!({ "path": path, "url": "https://gitlab.example.com/f", "changeType": "ADDED", "linesAdded": 1, "linesRemoved": 0 })
}

pub fn branch(id: &str, sequence: i64, keys: &[&str]) -> Value {
    json!({
        "id": id, "name": "feature/ABC-1", "updateSequenceId": sequence, "issueKeys": keys,
        "lastCommit": commit("last", sequence, keys), "url": "https://gitlab.example.com/acme/own/-/tree/feature",
        "createPullRequestUrl": "https://gitlab.example.com/acme/own/-/merge_requests/new",
    })
}

pub fn pull_request(id: &str, sequence: i64, keys: &[&str]) -> Value {
    json!({
        "id": id, "updateSequenceId": sequence, "issueKeys": keys, "status": "OPEN", "title": "ABC-1 Hello",
        "author": { "email": "ada@example.com" }, "commentCount": 0, "displayId": "!1",
        "lastUpdate": "2026-03-01T10:00:00.000+01:00", "sourceBranch": "feature/ABC-1", "destinationBranch": "main",
        "url": "https://gitlab.example.com/acme/own/-/merge_requests/1",
        "reviewers": [{ "name": "Ben", "approvalStatus": "APPROVED" }],
    })
}

/// The messages with which an entity was refused.
pub fn refusals(answer: &Value, kind: &str) -> Vec<String> {
    let of_kind = &answer["failedDevinfoEntities"]["repo-1"][kind];
    let messages = of_kind.as_array().into_iter().flatten().flat_map(|it| it["errorMessages"].as_array().unwrap());
    messages.map(|it| it["message"].as_str().unwrap().to_owned()).collect()
}
