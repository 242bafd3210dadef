//! Sequence ids (§5): a write that is not newer is accepted and ignored; a newer one replaces wholesale.

use sandbox::jira::model::devinfo::EntityKind;
use serde_json::json;

use super::{Gateway, commit, pull_request, repository, with};

#[tokio::test]
async fn only_a_higher_sequence_id_replaces() {
    let gateway = Gateway::new().await;
    let model = gateway.world.model();
    let send = async |sequence: i64, title: &str, keys: &[&str]| {
        let mut sent = pull_request("1", sequence, keys);
        sent["title"] = json!(title);
        let (status, told) = gateway.send(with("pullRequests", vec![sent])).await;
        assert_eq!((status, &told["acceptedDevinfoEntities"]["repo-1"]["pullRequests"]), (202, &json!(["1"])));
        let kept = model.entity("repo-1", EntityKind::PullRequest, "1").unwrap();
        kept.body["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(send(5, "five", &["ABC-1", "ABC-2"]).await, "five");
    assert_eq!(send(4, "four", &["ABC-1"]).await, "five");
    assert_eq!(send(5, "equal", &["ABC-1"]).await, "five");
    assert_eq!(model.development("ABC-2").len(), 1);
    // keys are not merged
    assert_eq!(send(6, "six", &["ABC-1"]).await, "six");
    assert_eq!((model.development("ABC-1").len(), model.development("ABC-2").len()), (1, 0));
}

#[tokio::test]
async fn repositories_have_sequence_ids_of_their_own() {
    let gateway = Gateway::new().await;
    let mut renamed = repository(2);
    renamed["name"] = json!("acme/renamed");
    gateway.send(renamed).await;
    let mut old = with("commits", vec![commit("c", 9, &["ABC-1"])]);
    old["name"] = json!("acme/old");
    assert_eq!(gateway.send(old).await.0, 202);
    let model = gateway.world.model();
    assert_eq!(model.development_repository("repo-1").unwrap().body["name"], "acme/renamed");
    assert!(model.entity("repo-1", EntityKind::Commit, "c").is_some(), "what is in it is newer");
}
