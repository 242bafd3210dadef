//! The links that issues of sites have: what has to be taken back is known however long it takes.

use model::{Channel, SiteKind, Told};
use rstest::rstest;
use store::SentLink;
use store::testing::Engine;

use crate::sites::add;
use crate::world::{NOW, World, merge_request};

fn link(issue_key: &str, digest: &str) -> SentLink {
    SentLink { issue_key: issue_key.to_owned(), global_id: "dovetail:7".to_owned(), digest: digest.to_owned() }
}

async fn put(world: &World, site: i64, told: Told, entity: i64, link: &SentLink) {
    let mut tx = world.write().await;
    tx.remote_link_put(site, told, entity, &link.issue_key, &link.global_id, &link.digest).await.unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_link_is_kept_once_for_each_issue_entity_and_site(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let one = add(&world, SiteKind::DataCenter, "https://one.example.com").await;
    let other = add(&world, SiteKind::DataCenter, "https://other.example.com").await;
    put(&world, one, Told::Branch, 7, &link("A-2", "old")).await;
    put(&world, one, Told::Branch, 7, &link("A-1", "x")).await;
    put(&world, one, Told::Branch, 7, &link("A-2", "new")).await;
    put(&world, one, Told::MergeRequest, 7, &link("A-3", "x")).await;
    put(&world, other, Told::Branch, 7, &link("A-4", "x")).await;
    let of_branch = world.remote_links(one, Told::Branch, 7).await.unwrap();
    assert_eq!(of_branch, [link("A-1", "x"), link("A-2", "new")]);

    let mut tx = world.write().await;
    tx.remote_link_forget(one, Told::Branch, 7, "A-1").await.unwrap();
    tx.remote_link_forget(one, Told::Branch, 7, "A-4").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.remote_links(one, Told::Branch, 7).await.unwrap(), [link("A-2", "new")]);
    assert_eq!(world.remote_links(one, Told::MergeRequest, 7).await.unwrap(), [link("A-3", "x")]);
    assert_eq!(world.remote_links(other, Told::Branch, 7).await.unwrap(), [link("A-4", "x")]);
}

#[rstest]
#[tokio::test]
async fn links_of_what_is_purged_are_due_to_be_taken_back(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let site = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.imported(repository).await;
    // given a merge request whose link the site has
    world.put(repository, &[merge_request(1, &["A-1"])]).await;
    let due = world.outbox_due(site, Channel::RemoteLink, None, NOW, 10).await.unwrap();
    let entity = due[0].entity_id;
    put(&world, site, Told::MergeRequest, entity, &link("A-1", "x")).await;
    let mut tx = world.write().await;
    tx.outbox_sent(site, Channel::RemoteLink, &due.iter().collect::<Vec<_>>(), NOW).await.unwrap();
    tx.commit().await.unwrap();
    // when its repository goes
    let mut tx = world.write().await;
    tx.account_remove(account).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.purge_repository(repository).await.unwrap());
    // then
    let due = world.outbox_due(site, Channel::RemoteLink, None, i64::MAX, 10).await.unwrap();
    let due: Vec<(Told, i64)> = due.iter().map(|entry| (entry.kind, entry.entity_id)).collect();
    assert_eq!(due, [(Told::MergeRequest, entity)]);
    assert!(world.told_merge_requests(site, &[entity]).await.unwrap().is_empty());
    assert_eq!(world.remote_links(site, Told::MergeRequest, entity).await.unwrap(), [link("A-1", "x")]);
}
