//! Ten thousand entities: none is lost, none is doubled.

use sandbox::jira::model::devinfo::EntityKind;
use serde_json::json;

use super::{Gateway, commit, with};

/// Entities of a request.
const BATCH: usize = 400;
/// Requests.
const BATCHES: usize = 25;

#[tokio::test]
async fn many_entities_are_kept_apart() {
    let gateway = Gateway::new().await;
    for batch in 0..BATCHES {
        let commits = (0..BATCH).map(|it| commit(&format!("{:08x}", batch * BATCH + it), 1, &["ABC-1"])).collect();
        assert_eq!(gateway.send(with("commits", commits)).await.0, 202);
    }
    assert_eq!(gateway.world.model().development_counts(), (1, BATCH * BATCHES));
    // and the newest four hundred are told
    let newest = commit("ffffffff", 2, &["ABC-1"]);
    gateway.send(with("commits", vec![newest])).await;
    let told = gateway.ask(reqwest::Method::GET, "/repository/repo-1").await.json();
    assert_eq!(told["commits"].as_array().unwrap().len(), 400);
    assert_eq!(told["commits"][0]["id"], json!("ffffffff"));
    assert!(gateway.world.model().entity("repo-1", EntityKind::Commit, "00000000").is_some());
}
