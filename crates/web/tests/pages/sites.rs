//! Sites and deliveries: which Jiras are told, and what became of it.

use axum::http::StatusCode;
use model::{Channel, OutboxLane, Outcome, Told};
use sandbox::jira::{Options, Server, sample};
use store::testing::Engine;
use store::{Ending, Lane, NewDelivery};

use crate::site::{Page, Site};

const KEY: &str = "data_center";

async fn jira() -> (Server, String) {
    let server = Server::start(Options::data_center()).await.unwrap();
    let token = sample::build(&server).unwrap().token;
    (server, token)
}

async fn add(site: &Site, url: &str, secret: &str, name: &str) -> Page {
    let fields = [("kind", KEY), ("url", url), ("secret", secret), ("name", name), ("smart_commits", "on")];
    site.administrator().await.post("/sites", &fields).await
}

#[rstest::rstest]
#[tokio::test]
async fn a_jira_is_added_tested_paused_and_removed(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let (jira, token) = jira().await;
    let mut admin = site.administrator().await;
    assert!(admin.get("/sites").await.text.contains("No Jira yet"));
    assert!(admin.get("/sites/new").await.text.contains("Add and test"));

    // when it is added with its address pasted from a page
    let page = add(&site, &format!("{}/browse/SHOP-1", jira.url()), &token, "<b>Ours</b>").await;
    let path = page.location().to_owned();
    let shown = admin.get(&path).await;
    assert!(shown.text.contains("&#60;b&#62;Ours") || shown.text.contains("&lt;b&gt;Ours"), "{}", shown.text);
    assert!(shown.text.contains("The user sees 4 projects") && !shown.text.contains(&token), "{}", shown.text);
    assert!(admin.get("/sites").await.text.contains("smart commits"));

    // and again
    let again = add(&site, jira.url(), &token, "").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("A site has this address already") && again.text.contains(&path));

    // then its buttons do what they say
    admin.post(&format!("{path}/test"), &[]).await;
    admin.post(&format!("{path}/refresh"), &[]).await;
    admin.post(&format!("{path}/pause"), &[]).await;
    assert!(admin.get(&path).await.text.contains("Resume"));
    admin.post(&format!("{path}/pause"), &[]).await;
    assert!(admin.get(&format!("{path}/remove")).await.text.contains("Keep it"));
    assert_eq!(admin.post(&format!("{path}/remove"), &[]).await.location(), "/sites");
    assert_eq!(admin.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_said_where_it_is() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (jira, _) = jira().await;
    let empty = add(&site, jira.url(), "", "").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("The password or token is empty") && empty.text.contains("aria-invalid"));

    // A wrong token is no reason not to keep the site: its page says what to do.
    let page = add(&site, jira.url(), "wrong", "").await;
    let shown = site.administrator().await.get(page.location()).await;
    assert!(shown.text.contains("Jira does not accept the credentials"), "{}", shown.text);
}

#[tokio::test]
async fn readers_are_kept_out() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (_, mut reader) = site.reader("ada").await;
    for path in ["/sites", "/sites/new", "/sites/1", "/deliveries"] {
        assert_eq!(reader.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(reader.post("/sites/1/remove", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(reader.post("/deliveries/retry", &[]).await.status, StatusCode::FORBIDDEN);
}

#[rstest::rstest]
#[tokio::test]
async fn deliveries_are_listed_filtered_and_tried_again(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let (jira, token) = jira().await;
    let mut admin = site.administrator().await;
    assert!(admin.get("/deliveries").await.text.contains("No Jira yet"));
    let page = add(&site, jira.url(), &token, "Ours").await;
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
