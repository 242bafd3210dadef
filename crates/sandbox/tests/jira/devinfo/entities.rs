//! What an entity must look like, and what becomes of those that do not (§3, §3.1).

use sandbox::jira::model::devinfo::EntityKind;
use serde_json::{Value, json};

use super::{Gateway, branch, commit, file, pull_request, refusals, with};

/// An entity with one field changed.
fn but(mut entity: Value, field: &str, value: Value) -> Value {
    entity[field] = value;
    entity
}

/// An entity without a field.
fn without(mut entity: Value, field: &str) -> Value {
    entity.as_object_mut().unwrap().remove(field);
    entity
}

/// What is said of an entity that is refused beside a good one.
async fn refused(gateway: &Gateway, kind: &str, entity: Value) -> Vec<String> {
    let good = match kind {
        "commits" => commit("good", 1, &["ABC-1"]),
        "branches" => branch("good", 1, &["ABC-1"]),
        _ => pull_request("good", 1, &["ABC-1"]),
    };
    let (status, told) = gateway.send(with(kind, vec![entity, good])).await;
    assert_eq!((status, &told["acceptedDevinfoEntities"]["repo-1"][kind]), (202, &json!(["good"])));
    refusals(&told, kind)
}

#[tokio::test]
async fn commits_are_checked_field_by_field() {
    let gateway = Gateway::new().await;
    let one = || commit("c", 1, &["ABC-1"]);
    let files = |count: usize| (0..count).map(|it| file(&format!("{it}"))).collect::<Vec<_>>();
    for (entity, text) in [
        (but(one(), "id", json!("feature/x")), "id may only contain the characters a-z, A-Z, 0-9, ~, ., - and _"),
        (without(one(), "updateSequenceId"), "updateSequenceId must not be null"),
        (without(one(), "message"), "message must not be null"),
        (without(one(), "author"), "author must not be null"),
        (
            but(one(), "author", json!({ "email": "x".repeat(256) })),
            "author.email must not be longer than 255 characters",
        ),
        (but(one(), "authorTimestamp", json!("yesterday")), "authorTimestamp must be a timestamp in ISO 8601 format"),
        (but(one(), "displayId", json!("x".repeat(256))), "displayId must not be longer than 255 characters"),
        (but(one(), "fileCount", json!(-1)), "fileCount must be greater than or equal to 0"),
        (but(one(), "url", json!("ftp://x")), "url must be a valid URL"),
        (
            but(one(), "url", json!(format!("https://x.example.com/{}", "x".repeat(2_000)))),
            "url must not be longer than 2000 characters",
        ),
        (but(one(), "flags", json!(["OTHER"])), "flags must be MERGE_COMMIT"),
        (but(one(), "files", json!(files(13))), "Too many files in entity with ID c, max is 10, was 13"),
        (but(one(), "files", json!([file("")])), "files[].path must not be empty"),
        (
            but(one(), "files", json!([but(file("a"), "changeType", json!("TYPO"))])),
            "files[].changeType must be one of ADDED, COPIED, DELETED, MODIFIED, MOVED, UNKNOWN",
        ),
        (but(one(), "files", json!([without(file("a"), "linesAdded")])), "files[].linesAdded must not be null"),
    ] {
        assert_eq!(refused(&gateway, "commits", entity).await, [text]);
    }
    assert_eq!(gateway.send(with("commits", vec![but(one(), "files", json!(files(10)))])).await.0, 202);
}

#[tokio::test]
async fn branches_are_checked_with_their_last_commit() {
    let gateway = Gateway::new().await;
    let one = || branch("b", 1, &["ABC-1"]);
    let last = without(commit("c", 1, &["ABC-1"]), "url");
    for (entity, text) in [
        (but(one(), "name", json!("x".repeat(513))), "name must not be longer than 512 characters"),
        (without(one(), "lastCommit"), "lastCommit must not be null"),
        (but(one(), "lastCommit", last), "lastCommit.url must not be null"),
        (but(one(), "createPullRequestUrl", json!("nowhere")), "createPullRequestUrl must be a valid URL"),
    ] {
        assert_eq!(refused(&gateway, "branches", entity).await, [text]);
    }
}

#[tokio::test]
async fn pull_requests_are_checked_with_their_people() {
    let gateway = Gateway::new().await;
    let one = || pull_request("9", 1, &["ABC-1"]);
    for (entity, text) in [
        (but(one(), "status", json!("CLOSED")), "status must be one of OPEN, MERGED, DECLINED, UNKNOWN, DRAFT"),
        (but(one(), "title", json!("x".repeat(1_025))), "title must not be longer than 1024 characters"),
        (without(one(), "commentCount"), "commentCount must not be null"),
        (without(one(), "lastUpdate"), "lastUpdate must not be null"),
        (but(one(), "sourceBranch", json!("x".repeat(256))), "sourceBranch must not be longer than 255 characters"),
        (
            but(one(), "reviewers", json!([{ "email": "x".repeat(255) }])),
            "reviewers[].email must not be longer than 254 characters",
        ),
        (
            but(one(), "reviewers", json!([{ "approvalStatus": "MAYBE" }])),
            "reviewers[].approvalStatus must be one of APPROVED, UNAPPROVED, NEEDSWORK",
        ),
    ] {
        assert_eq!(refused(&gateway, "pullRequests", entity).await, [text]);
    }
    let draft = but(one(), "status", json!("DRAFT"));
    assert_eq!(gateway.send(with("pullRequests", vec![draft.clone()])).await.0, 202);
    gateway.world.server.switches().no_drafts();
    let text = "status must be one of OPEN, MERGED, DECLINED, UNKNOWN";
    assert_eq!(refused(&gateway, "pullRequests", draft).await, [text]);
}

#[tokio::test]
async fn a_message_that_is_too_long_is_cut() {
    let gateway = Gateway::new().await;
    let long = but(commit("c", 1, &["ABC-1"]), "message", json!("ü".repeat(2_000)));
    assert_eq!(gateway.send(with("commits", vec![long])).await.0, 202);
    let kept = gateway.world.model().entity("repo-1", EntityKind::Commit, "c").unwrap();
    assert_eq!(kept.body["message"].as_str().unwrap().chars().count(), 1_024);
}

#[tokio::test]
async fn one_malformed_key_spoils_its_entity_alone() {
    let gateway = Gateway::new().await;
    let messages = refused(&gateway, "commits", commit("c", 1, &["ABC-1", "2022-02"])).await;
    assert!(messages[0].starts_with("Issue key '2022-02' must match the pattern"), "{messages:?}");
    let messages = refused(&gateway, "commits", commit("c", 1, &[])).await;
    assert_eq!(messages, ["issueKeys or associations must not be empty"]);
}

#[tokio::test]
async fn five_hundred_keys_are_the_most() {
    let gateway = Gateway::new().await;
    let keys: Vec<String> = (1..=501).map(|number| format!("ABC-{number}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let messages = refused(&gateway, "commits", commit("c", 1, &keys)).await;
    assert_eq!(messages, ["Too many issue keys in entity, can have a maximum of 500 elements"]);
    let (status, told) = gateway.send(with("commits", vec![commit("c", 1, &keys[..500])])).await;
    assert_eq!((status, told["unknownIssueKeys"].as_array().unwrap().len()), (202, 498));
    assert_eq!(gateway.world.model().entity("repo-1", EntityKind::Commit, "c").unwrap().issues.len(), 2);
    // a branch's last commit counts on its own
    let with_last = but(branch("b", 1, &["ABC-1"]), "lastCommit", commit("d", 1, &keys[..500]));
    assert_eq!(gateway.send(with("branches", vec![with_last])).await.0, 202);
}

#[tokio::test]
async fn unknown_keys_are_told_and_what_has_no_other_is_not_stored() {
    let gateway = Gateway::new().await;
    let commits = vec![commit("some", 1, &["ABC-1", "NEW-7"]), commit("none", 1, &["NEW-7", "UTF-8"])];
    let (status, told) = gateway.send(with("commits", commits.clone())).await;
    assert_eq!((status, &told["unknownIssueKeys"]), (202, &json!(["NEW-7", "UTF-8"])));
    assert_eq!(told["acceptedDevinfoEntities"]["repo-1"]["commits"], json!(["some"]));
    let model = gateway.world.model();
    assert!(model.entity("repo-1", EntityKind::Commit, "none").is_none());
    // not later either, when the issue is there, until it is sent again
    model.provide_issues("NEW", 7).unwrap();
    assert_eq!(model.development("NEW-7").len(), 0);
    let (_, told) = gateway.send(with("commits", commits)).await;
    assert_eq!(told["unknownIssueKeys"], json!(["UTF-8"]));
    assert_eq!(model.development("NEW-7").len(), 1, "the other has an equal sequence id");
    // associations are told as such
    let mut by_id = without(commit("id", 1, &[]), "issueKeys");
    let id = model.issue("ABC-2").unwrap().id.to_string();
    by_id["associations"] = json!([{ "associationType": "issueIdOrKeys", "values": [id, "NOT-1"] }]);
    let (_, told) = gateway.send(with("commits", vec![by_id])).await;
    assert_eq!(told["unknownAssociations"], json!([{ "associationType": "issueIdOrKeys", "values": ["NOT-1"] }]));
    assert_eq!(model.development("ABC-2").len(), 1);
}
