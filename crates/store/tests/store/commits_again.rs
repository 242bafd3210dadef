use rstest::rstest;
use store::testing::Engine;
use store::{Lane, LinksChanged};

use crate::world::{NOW, RULES, World, commit, oid, strict};

#[rstest]
#[tokio::test]
async fn a_later_rule_takes_links_away_and_adds_others(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    // given
    world.insert(one, &[commit(1, &["A-1"]), commit(2, &["A-1"])]).await;
    // when
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    let again = [(oid(1), vec![strict("A-1"), strict("A-2")]), (oid(2), vec![]), (oid(77), vec![strict("A-7")])];
    let links = tx.commits_reextract(&again, RULES + 1).await.unwrap();
    tx.commit().await.unwrap();
    // then
    assert_eq!(links, LinksChanged { added: 1, removed: 1 });
    assert_eq!(world.messages("A-1").await, ["A-1: commit 1"]);
    assert_eq!(world.messages("A-2").await, ["A-1: commit 1"]);
    assert_eq!(world.messages("A-7").await, [""; 0]);
    let seen = world.account_repositories(store::Viewer::Everything, account).await.unwrap();
    assert_eq!(seen[0].commits_with_keys, 1);
}

#[rstest]
#[tokio::test]
async fn the_commits_of_a_repository_are_told_page_by_page(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, other] = world.repositories(account, ["1", "2"]).await;
    // given: three, one of them lost, and one elsewhere
    world.insert(one, &[commit(1, &[]), commit(2, &[]), commit(3, &[])]).await;
    world.insert(other, &[commit(4, &[])]).await;
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    tx.commits_lost(one, &[oid(2)], NOW).await.unwrap();
    tx.commit().await.unwrap();
    // when
    let first = world.repository_commit_ids(one, None, 1).await.unwrap();
    let rest = world.repository_commit_ids(one, Some(first[0].0), 10).await.unwrap();
    // then
    let ids: Vec<_> = first.into_iter().chain(rest).map(|(_, id)| id).collect();
    assert_eq!(ids, [oid(1), oid(3)]);
}

#[rstest]
#[tokio::test]
async fn every_commit_is_told_with_its_message(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, other] = world.repositories(account, ["1", "2"]).await;
    // given: one of them is lost, and one is elsewhere
    world.insert(one, &[commit(1, &["A-1"]), commit(2, &[])]).await;
    world.insert(other, &[commit(3, &[])]).await;
    world.lose(one, &[oid(1)]).await;
    // when
    let first = world.repository_messages(one, None, 1).await.unwrap();
    let rest = world.repository_messages(one, Some(first[0].id), 10).await.unwrap();
    // then
    let told: Vec<_> = first.into_iter().chain(rest).map(|told| (told.object_id, told.message)).collect();
    assert_eq!(told, [(oid(1), "A-1: commit 1".to_owned()), (oid(2), ": commit 2".to_owned())]);
}

#[rstest]
#[tokio::test]
async fn a_commit_that_says_what_it_said_is_left_alone(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    // given
    world.insert(one, &[commit(1, &["A-1"]), commit(2, &["A-2", "A-3"]), commit(3, &[])]).await;
    let same = |second: &[&str]| {
        let second = second.iter().map(|key| strict(key)).collect();
        [(oid(1), vec![strict("A-1")]), (oid(2), second), (oid(3), vec![])]
    };
    // when
    let mut tx = world.write().await;
    let unchanged = tx.commits_reextract(&same(&["A-2", "A-3"]), RULES).await.unwrap();
    let other_version = tx.commits_reextract(&same(&["A-2", "A-3"]), RULES + 1).await.unwrap();
    let less = tx.commits_reextract(&same(&["A-3"]), RULES + 1).await.unwrap();
    let more = tx.commits_reextract(&same(&["A-2", "A-3"]), RULES + 1).await.unwrap();
    tx.commit().await.unwrap();
    // then
    let none = store::LinksChanged::default();
    assert_eq!((unchanged, other_version), (none, none));
    assert_eq!((less.added, less.removed, more.added, more.removed), (0, 1, 1, 0));
    assert_eq!(world.messages("A-2").await.len(), 1);
    let seen = world.account_repositories(store::Viewer::Everything, account).await.unwrap();
    assert_eq!(seen[0].commits_with_keys, 2);
}
