//! Deliveries: what sites were told, and what became of it.

use axum::http::StatusCode;
use model::{Channel, OutboxLane, Outcome, Told};
use sandbox::jira::{Options, Server, sample};
use store::testing::Engine;
use store::{Ending, Lane, NewDelivery};

use crate::site::Site;

#[tokio::test]
async fn readers_are_kept_out() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (_, mut reader) = site.reader("ada").await;
    assert_eq!(reader.get("/deliveries").await.status, StatusCode::FORBIDDEN);
    assert_eq!(reader.post("/deliveries/retry", &[]).await.status, StatusCode::FORBIDDEN);
}

#[rstest::rstest]
#[tokio::test]
async fn deliveries_are_listed_filtered_and_tried_again(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let jira = Server::start(Options::data_center()).await.unwrap();
    let token = sample::build(&jira).unwrap().token;
    let mut admin = site.administrator().await;
    assert!(admin.get("/deliveries").await.text.contains("No Jira yet"));
    let fields = [
        ("kind", "data_center"),
        ("url", jira.url()),
        ("name", "Ours"),
        ("method", "token"),
        ("token", token.as_str()),
    ];
    let page = admin.post("/sites", &fields).await;
    let id: i64 = page.location().rsplit('/').next().unwrap().parse().unwrap();
    assert!(admin.get("/deliveries").await.text.contains("Nothing told yet"));

    let delivery = |title: &str, key: &str| NewDelivery {
        site_id: id,
        channel: Channel::RemoteLink,
        kind: Told::MergeRequest,
        entity_id: 7,
        receipt_id: None,
        issue_key: Some(key.to_owned()),
        title: title.to_owned(),
        lane: OutboxLane::Live,
    };
    let ending =
        |outcome, words: &str| Ending { outcome, status: Some(400), words: Some(words.to_owned()), next_at: None };
    let done = [
        (delivery("Merge request !1", "SHOP-1"), ending(Outcome::Sent, "fine")),
        (delivery("Merge request !2", "SHOP-2"), ending(Outcome::Refused, "<script>alert(1)</script>")),
    ];
    let mut tx = site.store.begin_write(Lane::Live).await.unwrap();
    tx.deliveries_done(&done, 1).await.unwrap();
    tx.commit().await.unwrap();

    let all = admin.get("/deliveries").await;
    assert!(all.text.contains("Merge request !1") && all.text.contains("Merge request !2"));
    assert!(!all.text.contains("<script>alert"));
    let refused = admin.get("/deliveries?outcome=refused").await;
    assert!(!refused.text.contains("Merge request !1") && refused.text.contains("Merge request !2"));
    assert!(admin.get("/deliveries?issue=shop-9").await.text.contains("Nothing with this filter"));
    let found = site.store.deliveries(&store::DeliveryFilter::default(), None, 10).await.unwrap();
    let back = admin.post(&format!("/deliveries/{}/retry", found.items[0].id), &[("query", "?outcome=refused")]).await;
    assert_eq!(back.location(), "/deliveries?outcome=refused");
    let back = admin.post("/deliveries/retry", &[("query", "?x=//evil.example.com")]).await;
    assert!(back.location().starts_with("/deliveries?"));
}
