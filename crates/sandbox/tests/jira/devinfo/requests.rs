//! A bulk write as a whole (§3, §6, §7).

use std::collections::BTreeMap;
use std::time::Duration;

use sandbox::jira::model::devinfo::EntityKind;
use sandbox::jira::{Lane, RateLimit};
use serde_json::{Value, json};

use super::{Gateway, branch, commit, pull_request, repository, with};

/// What is said of a request that is refused as a whole.
async fn refused(gateway: &Gateway, body: &Value) -> String {
    let (status, told) = gateway.bulk(body).await.parts();
    assert_eq!(status, 400, "{body}");
    told["errorMessages"][0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn everything_that_is_valid_is_accepted_and_kept_with_how_it_was_sent() {
    let gateway = Gateway::new().await;
    let mut sent = repository(7);
    sent["commits"] = json!([commit("c1", 1, &["ABC-1", "PAY-2"])]);
    sent["branches"] = json!([branch("b1", 2, &["ABC-1"])]);
    sent["pullRequests"] = json!([pull_request("1", 3, &["ABC-1"])]);
    let body = json!({
        "repositories": [sent], "preventTransitions": true, "operationType": "BACKFILL",
        "properties": { "connectionId": "c-17" }, "providerMetadata": { "product": "dovetail 1" },
    });
    let (status, told) = gateway.bulk(&body).await.parts();
    assert_eq!(status, 202);
    let accepted = json!({ "repo-1": { "commits": ["c1"], "branches": ["b1"], "pullRequests": ["1"] } });
    assert_eq!(told["acceptedDevinfoEntities"], accepted);
    assert_eq!((&told["failedDevinfoEntities"], &told["unknownIssueKeys"]), (&json!({}), &json!([])));
    let model = gateway.world.model();
    let kept = model.entity("repo-1", EntityKind::Commit, "c1").unwrap();
    assert_eq!((kept.issues.len(), kept.sequence), (2, 1));
    assert_eq!((kept.submission.prevent_transitions, kept.submission.lane), (true, Lane::Backfill));
    assert_eq!(kept.submission.properties, BTreeMap::from([("connectionId".to_owned(), "c-17".to_owned())]));
    // the branch's last commit is a commit too
    assert_eq!(model.development("ABC-1").len(), 4);
    assert_eq!(model.development_counts(), (1, 4));
    let told = gateway.ask(reqwest::Method::GET, "/repository/repo-1").await.json();
    assert_eq!((&told["name"], told["commits"].as_array().unwrap().len()), (&json!("acme/own"), 2));
    assert_eq!(gateway.ask(reqwest::Method::GET, "/repository/none").await.status, 404);
}

#[tokio::test]
async fn a_request_that_is_malformed_is_refused_as_a_whole() {
    let gateway = Gateway::new().await;
    let one = || json!([repository(1)]);
    for (body, part) in [
        (json!([]), "must be an object"),
        (json!({}), "repositories must not be null"),
        (json!({ "repositories": [] }), "must not be empty"),
        (json!({ "repositories": [{}] }), "id must not be null"),
        (json!({ "repositories": [repository(1), repository(2)] }), "Duplicate repository id"),
        (
            json!({ "repositories": [with("commits", vec![commit("c", 1, &["ABC-1"]), commit("c", 2, &["ABC-1"])])] }),
            "Duplicate id 'c'",
        ),
        (json!({ "repositories": one(), "preventTransitions": "yes" }), "preventTransitions"),
        (json!({ "repositories": one(), "operationType": "SLOW" }), "operationType"),
        (json!({ "repositories": one(), "properties": { "_hidden": "x" } }), "must not begin with '_'"),
        (json!({ "repositories": one(), "properties": { "a:b": "x" } }), "or contain ':'"),
        (json!({ "repositories": one(), "properties": { "a": 1 } }), "must be a text"),
        (json!({ "repositories": one(), "properties": { "a": "x".repeat(256) } }), "longer than 255"),
        (
            json!({ "repositories": one(), "properties": { "a": "", "b": "", "c": "", "d": "", "e": "", "f": "" } }),
            "at most 5",
        ),
        (json!({ "repositories": one(), "providerMetadata": { "product": "x".repeat(256) } }), "product"),
    ] {
        let text = refused(&gateway, &body).await;
        assert!(text.contains(part), "{text}");
    }
    let request = gateway.request(reqwest::Method::POST, "/bulk").header("content-type", "application/json").body("{");
    assert_eq!(gateway.world.send(request).await.status, 400);
    assert_eq!(gateway.world.model().development_counts(), (0, 0));
}

#[tokio::test]
async fn counts_have_limits() {
    let gateway = Gateway::new().await;
    let repositories = |count: usize, commits: usize| {
        let repository = |number: usize| {
            let mut one = repository(1);
            one["id"] = json!(format!("repo-{number}"));
            let commits = (0..commits).map(|commit| super::commit(&format!("c{commit}"), 1, &["ABC-1"]));
            one["commits"] = commits.collect();
            one
        };
        json!({ "repositories": (0..count).map(repository).collect::<Vec<_>>() })
    };
    assert_eq!(gateway.bulk(&repositories(100, 0)).await.status, 202);
    assert!(refused(&gateway, &repositories(101, 0)).await.contains("Too many repositories, max is 100, was 101"));
    assert_eq!(gateway.bulk(&repositories(1, 400)).await.status, 202);
    assert!(refused(&gateway, &repositories(1, 401)).await.contains("Too many commits"));
    assert_eq!(gateway.bulk(&repositories(4, 250)).await.status, 202);
    assert!(
        refused(&gateway, &repositories(7, 143)).await.contains("Too many entities in request, max is 1000, was 1001")
    );
}

#[tokio::test]
async fn one_emoji_fails_the_whole_request() {
    let gateway = Gateway::new().await;
    let mut party = commit("c2", 1, &["ABC-1"]);
    party["message"] = json!("ABC-1 🎉");
    let body = json!({ "repositories": [with("commits", vec![commit("c1", 1, &["ABC-1"]), party])] });
    assert_eq!(refused(&gateway, &body).await, "Invalid binary character '#xD83C'");
    assert_eq!(gateway.world.model().development_counts(), (0, 0));
}

#[tokio::test]
async fn keys_and_associations_do_not_come_together() {
    let gateway = Gateway::new().await;
    let mut both = commit("c1", 1, &["ABC-1"]);
    both["associations"] = json!([{ "associationType": "issueIdOrKeys", "values": ["ABC-1"] }]);
    let text = refused(&gateway, &json!({ "repositories": [with("commits", vec![both.clone()])] })).await;
    assert!(text.starts_with("issueKeysOrAssociationsOrNone.invalid"));
    both.as_object_mut().unwrap().remove("issueKeys");
    let (status, told) = gateway.send(with("commits", vec![both])).await;
    assert_eq!((status, &told["acceptedDevinfoEntities"]["repo-1"]["commits"]), (202, &json!(["c1"])));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let gateway = Gateway::new().await;
    gateway.world.server.switches().largest_body(2_000);
    let commits = |count: usize| (0..count).map(|it| commit(&format!("c{it}"), 1, &["ABC-1"])).collect();
    assert_eq!(gateway.send(with("commits", commits(10))).await.0, 413);
    assert_eq!(gateway.send(with("commits", commits(1))).await.0, 202);
}

#[tokio::test]
async fn when_nothing_is_valid_the_request_is_not() {
    let gateway = Gateway::new().await;
    let mut wrong = repository(1);
    wrong["name"] = json!("x".repeat(256));
    let (status, told) = gateway.send(wrong.clone()).await;
    assert_eq!((status, &told["acceptedDevinfoEntities"]), (400, &json!({})));
    assert_eq!(told["errorMessages"][0]["message"], "name must not be longer than 255 characters");
    // beside one that is, it is only named
    let mut other = repository(1);
    other["id"] = json!("repo-2");
    let (status, told) = gateway.bulk(&json!({ "repositories": [wrong, other] })).await.parts();
    assert_eq!(status, 202);
    let message = &told["failedDevinfoEntities"]["repo-1"]["errorMessages"][0]["message"];
    assert_eq!(message, "name must not be longer than 255 characters");
    assert!(told["acceptedDevinfoEntities"].get("repo-2").is_some());
}

#[tokio::test]
async fn backfill_and_live_writes_have_limits_of_their_own() {
    let gateway = Gateway::new().await;
    let limit = RateLimit { requests: 1, window: Duration::from_secs(60) };
    gateway.world.server.switches().lane_limit(Lane::Backfill, Some(limit));
    let send = async |lane: &str| {
        let body = json!({ "repositories": [repository(1)], "operationType": lane });
        gateway.bulk(&body).await
    };
    assert_eq!(send("BACKFILL").await.status, 202);
    let refused = send("BACKFILL").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, Some("60")));
    for _ in 0..3 {
        assert_eq!(send("NORMAL").await.status, 202);
    }
}
