use rstest::rstest;
use store::testing::Engine;

use crate::world::{World, commit, oid};

#[rstest]
#[tokio::test]
async fn lost_commits_are_told_page_by_page_with_their_messages(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, other] = world.repositories(account, ["1", "2"]).await;
    // given: two of three are lost here, and one elsewhere
    world.insert(one, &[commit(1, &["A-1"]), commit(2, &[]), commit(3, &[])]).await;
    world.insert(other, &[commit(2, &[])]).await;
    world.lose(one, &[oid(1), oid(3)]).await;
    world.lose(other, &[oid(2)]).await;
    // when
    let first = world.commits_lost_in(one, None, 1).await.unwrap();
    let rest = world.commits_lost_in(one, Some(first[0].id), 10).await.unwrap();
    // then
    let told: Vec<_> = first.into_iter().chain(rest).map(|lost| (lost.object_id, lost.message)).collect();
    assert_eq!(told, [(oid(1), "A-1: commit 1".to_owned()), (oid(3), ": commit 3".to_owned())]);
}
