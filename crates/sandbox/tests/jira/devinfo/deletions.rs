//! Deleting: by id up to a sequence id, and by properties (§2).

use reqwest::Method;
use sandbox::jira::model::devinfo::EntityKind;
use serde_json::json;

use super::{Gateway, branch, commit, pull_request, repository, with};

#[tokio::test]
async fn an_entity_goes_unless_it_is_newer() {
    let gateway = Gateway::new().await;
    gateway.send(with("branches", vec![branch("b", 5, &["ABC-1"])])).await;
    gateway.send(with("pullRequests", vec![pull_request("1", 5, &["ABC-1"])])).await;
    let model = gateway.world.model();
    let delete =
        async |path: &str| gateway.ask(Method::DELETE, &format!("/repository/repo-1/{path}")).await.status.as_u16();
    assert_eq!(delete("branch/b?_updateSequenceId=4").await, 202);
    assert!(model.entity("repo-1", EntityKind::Branch, "b").is_some());
    assert_eq!(delete("branch/b?_updateSequenceId=5").await, 202);
    assert!(model.entity("repo-1", EntityKind::Branch, "b").is_none());
    assert_eq!(delete("pull_request/1").await, 202);
    assert_eq!(delete("commit/not-there").await, 202);
    assert_eq!(delete("pullRequest/1").await, 400);
    assert_eq!(delete("commit/last?_updateSequenceId=x").await, 400);
    // nothing keeps an older write from bringing it back
    gateway.send(with("branches", vec![branch("b", 1, &["ABC-1"])])).await;
    assert!(model.entity("repo-1", EntityKind::Branch, "b").is_some());
}

#[tokio::test]
async fn a_repository_goes_with_what_is_no_newer() {
    let gateway = Gateway::new().await;
    gateway.send(with("commits", vec![commit("old", 3, &["ABC-1"]), commit("new", 9, &["ABC-1"])])).await;
    let model = gateway.world.model();
    assert_eq!(gateway.ask(Method::DELETE, "/repository/repo-1?_updateSequenceId=5").await.status, 202);
    assert_eq!(model.development_counts(), (1, 1));
    assert_eq!(gateway.ask(Method::DELETE, "/repository/repo-1").await.status, 202);
    assert_eq!(model.development_counts(), (0, 0));
    assert_eq!(model.development("ABC-1").len(), 0);
}

#[tokio::test]
async fn everything_goes_that_was_sent_with_all_of_some_properties() {
    let gateway = Gateway::new().await;
    for (id, account, connection) in [("r1", "1", "a"), ("r2", "2", "a"), ("r3", "1", "b")] {
        let mut sent = repository(1);
        sent["id"] = json!(id);
        sent["commits"] = json!([commit("c", 1, &["ABC-1"])]);
        let properties = json!({ "accountId": account, "connectionId": connection });
        gateway.bulk(&json!({ "repositories": [sent], "properties": properties })).await;
    }
    let exists = async |query: &str| {
        gateway.ask(Method::GET, &format!("/existsByProperties?{query}")).await.json()["hasDataMatchingProperties"]
            .clone()
    };
    assert_eq!(exists("accountId=1&connectionId=a").await, true);
    assert_eq!(exists("accountId=2&connectionId=b").await, false);
    let delete = async |query: &str| gateway.ask(Method::DELETE, &format!("/bulkByProperties?{query}")).await.status;
    assert_eq!(delete("accountId=1&connectionId=a&_updateSequenceId=0").await, 202);
    assert_eq!(gateway.world.model().development_counts(), (2, 2));
    assert_eq!(delete("connectionId=a").await, 202);
    assert_eq!(gateway.world.model().development_counts(), (1, 1));
    for query in ["", "_updateSequenceId=1", "accountId=1&accountId=2"] {
        assert_eq!(delete(query).await, 400, "{query}");
    }
    assert_eq!(gateway.ask(Method::GET, "/existsByProperties").await.status, 400);
}
