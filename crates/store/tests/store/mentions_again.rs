use model::{EntityKind, Mention};
use rstest::rstest;
use store::testing::Engine;
use store::{NewMergeRequest, Viewer};

use crate::world::{NOW, RULES, World, branch, commit, issue, merge_request, oid, strict};

async fn say(world: &World, kind: EntityKind, id: i64, keys: &[&str]) -> (u64, u64) {
    let mentions: Vec<Mention> = keys.iter().map(|key| strict(key)).collect();
    let mut tx = world.write().await;
    let links = tx.mentions_replace(kind, id, &mentions, RULES + 1).await.unwrap();
    tx.commit().await.unwrap();
    links
}

#[rstest]
#[tokio::test]
async fn a_text_that_is_read_again_changes_the_issues_of_its_entity(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[commit(1, &["A-1", "A-2"])]).await;
    world.branches_are(one, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    world.put(one, &[NewMergeRequest { commits: Some(vec![oid(1)]), ..merge_request(7, &["A-5"]) }]).await;
    let commit_id = world.commit(&oid(1)).await.unwrap().unwrap().id;
    let (branch, request) =
        (world.branches(one).await.unwrap().remove(0).id, world.merge_request_heads(one).await.unwrap().remove(0).id);
    // when, then
    assert_eq!(say(&world, EntityKind::Branch, branch, &["A-3", "A-4"]).await, (2, 1));
    assert_eq!(say(&world, EntityKind::Branch, branch, &["A-3", "A-4"]).await, (0, 0));
    assert_eq!(world.issue_branches(&issue("A-3"), None, None).await.unwrap().items[0].moved_at, NOW);
    assert_eq!(world.mentions_of(EntityKind::Branch, branch).await.unwrap(), [strict("A-3"), strict("A-4")]);
    // a merge request stays with the issues of its commits
    assert_eq!(say(&world, EntityKind::MergeRequest, request, &["A-6"]).await, (1, 1));
    for key in ["A-1", "A-2", "A-6"] {
        assert_eq!(world.issue_merge_requests(&issue(key), None, None).await.unwrap().items.len(), 1, "{key}");
    }
    // a commit without issues is counted no more
    assert_eq!(say(&world, EntityKind::Commit, commit_id, &[]).await, (0, 2));
    assert_eq!(world.account_repositories(Viewer::Everything, account).await.unwrap()[0].commits_with_keys, 0);
    assert_eq!(say(&world, EntityKind::Commit, -1, &["A-1"]).await, (0, 0));
    assert_eq!(world.messages("A-1").await.len(), 0);
}

#[rstest]
#[tokio::test]
async fn what_is_gone_is_not_shown_by_reading_it_again(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.branches_are(one, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    let gone = world.branches(one).await.unwrap().remove(0).id;
    world.branches_are(one, &[], NOW + 1).await;
    // when
    let links = say(&world, EntityKind::Branch, gone, &["A-2"]).await;
    // then
    assert_eq!(links, (0, 0));
    assert_eq!(world.mentions_of(EntityKind::Branch, gone).await.unwrap(), [strict("A-2")]);
    assert_eq!(world.issue_branches(&issue("A-2"), None, None).await.unwrap().items.len(), 0);
}
