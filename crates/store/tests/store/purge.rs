use rstest::rstest;
use store::NewMergeRequest;
use store::testing::Engine;

use crate::world::{NOW, World, branch, commit, forge_repository, issue, merge_request, oid};

/// An account with a repository of 1,300 commits, 600 branches and 550 merge requests, and another account that shares the
/// first commit through a fork.
async fn large(engine: Engine) -> Option<(World, i64, i64, i64)> {
    let world = World::open(engine).await?;
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [one] = world.repositories(account, ["1"]).await;
    let [fork] = world.repositories(other, ["2"]).await;
    let commits: Vec<_> = (1..=1_300).map(|number| commit(number, &["A-1"])).collect();
    world.insert(one, &commits).await;
    world.insert(fork, &commits[..1]).await;
    let branches: Vec<_> = (0..600).map(|number| branch(&format!("A-1-{number}"), 1, &["A-1"])).collect();
    world.branches_are(one, &branches, NOW).await;
    let requests: Vec<_> = (1..=550)
        .map(|number| NewMergeRequest {
            commits: Some(vec![oid(1), oid(number as u64)]),
            ..merge_request(number, &["A-1"])
        })
        .collect();
    world.put(one, &requests).await;
    let mut tx = world.write().await;
    tx.tips_replace(one, &[oid(1_300)]).await.unwrap();
    tx.repository_synced(one, NOW, false).await.unwrap();
    tx.commit().await.unwrap();
    Some((world, account, one, fork))
}

async fn remove(world: &World, account: i64) {
    let mut tx = world.write().await;
    tx.account_remove(account).await.unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_repository_goes_with_its_last_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, account, one, fork)) = large(engine).await else { return };
    // when the account goes, then nothing of it is shown at once
    remove(&world, account).await;
    assert!(world.account(account).await.unwrap().is_none());
    assert_eq!(world.orphan_repositories().await.unwrap(), [one]);
    assert_eq!(world.messages("A-1").await, ["A-1: commit 1"]);
    // and when it is purged, then everything of it is gone but what another repository has
    assert!(world.purge_repository(one).await.unwrap());
    assert!(world.repository(one).await.unwrap().is_none());
    assert_eq!(world.orphan_repositories().await.unwrap(), [0_i64; 0]);
    assert!(world.commit(&oid(2)).await.unwrap().is_none());
    let shown = world.issue_commits(&issue("A-1"), None, None).await.unwrap().items;
    assert_eq!(
        shown.iter().map(|it| (it.repository.id, it.commit.object_id.clone())).collect::<Vec<_>>(),
        [(fork, oid(1))]
    );
    assert_eq!(rows_left(&world, engine).await, [0, 0, 0, 1, 1, 1]);
    // and once more does no harm
    assert!(world.purge_repository(one).await.unwrap());
}

/// Branches, merge requests, their commits; commits, mentions, issue links.
async fn rows_left(world: &World, engine: Engine) -> [i64; 6] {
    let counts = "SELECT (SELECT COUNT(*) FROM branch), (SELECT COUNT(*) FROM merge_request), \
                  (SELECT COUNT(*) FROM merge_request_commit), (SELECT COUNT(*) FROM git_commit), \
                  (SELECT COUNT(*) FROM mention), (SELECT COUNT(*) FROM issue_link)";
    let row: (i64, i64, i64, i64, i64, i64) = match engine {
        Engine::Sqlite => {
            let pool = sqlx::SqlitePool::connect(world.url()).await.unwrap();
            let row = sqlx::query_as(counts).fetch_one(&pool).await.unwrap();
            pool.close().await;
            row
        }
        Engine::Postgres => {
            let pool = sqlx::PgPool::connect(world.url()).await.unwrap();
            let row = sqlx::query_as(counts).fetch_one(&pool).await.unwrap();
            pool.close().await;
            row
        }
    };
    row.into()
}

#[rstest]
#[tokio::test]
async fn a_repository_that_is_seen_again_is_not_purged(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, account, one, _)) = large(engine).await else { return };
    assert!(!world.purge_repository(one).await.unwrap(), "an account sees it");
    assert_eq!(world.tips(one).await.unwrap(), [oid(1_300)]);

    // given a purge that was stopped half-way
    remove(&world, account).await;
    let store = store::Store::clone(&world);
    let purge = tokio::spawn(async move { store.purge_repository(one).await });
    while world.branches(one).await.unwrap().len() == 600 {
        tokio::task::yield_now().await;
    }
    purge.abort();
    let _ = purge.await;
    // when the account is connected again
    let account = world.connect("team").await;
    let again = world.listed(account, &[forge_repository("1")]).await;
    // then the repository is itself if it was still there, and is read anew
    let [again] = again;
    let repository = world.repository(again).await.unwrap().unwrap();
    assert_eq!((repository.imported_at, repository.synced_at), (None, None));
    assert_eq!(world.tips(again).await.unwrap(), []);
    assert!(!world.purge_repository(again).await.unwrap());
    let commits: Vec<_> = (1..=1_300).map(|number| commit(number, &["A-1"])).collect();
    world.insert(again, &commits).await;
    assert_eq!(world.messages("A-1").await.len(), 1_300);
    let listed = world.account_repositories(store::Viewer::Everything, account).await.unwrap();
    assert_eq!(listed[0].commits_with_keys, 1_300);
}

#[rstest]
#[tokio::test]
async fn a_commit_of_anothers_merge_request_stays(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [fork] = world.repositories(account, ["1"]).await;
    let [parent] = world.repositories(other, ["2"]).await;
    world.insert(fork, &[commit(1, &["A-1"])]).await;
    world.put(parent, &[NewMergeRequest { commits: Some(vec![oid(1)]), ..merge_request(1, &[]) }]).await;
    remove(&world, account).await;
    assert!(world.purge_repository(fork).await.unwrap());
    assert!(world.commit(&oid(1)).await.unwrap().is_some());
    // until the merge request goes too
    remove(&world, other).await;
    assert!(world.purge_repository(parent).await.unwrap());
    assert!(world.commit(&oid(1)).await.unwrap().is_none());
    assert_eq!(rows_left(&world, engine).await, [0; 6]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_purge_and_an_import_of_the_same_commits_do_not_hinder_each_other(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let commits: Vec<_> = (1..=400).map(|number| commit(number, &["A-1"])).collect();
    for round in 0..10 {
        // given a repository that no account sees any more
        let (account, kept) = (world.connect("team").await, world.connect("kept").await);
        let (forge_id, fork_id) = (format!("{round}"), format!("fork-{round}"));
        let [one] = world.repositories(account, [forge_id.as_str()]).await;
        world.insert(one, &commits).await;
        let request = NewMergeRequest { commits: Some(vec![oid(7), oid(9)]), ..merge_request(1, &[]) };
        world.put(one, &[request]).await;
        let [fork] = world.repositories(kept, [fork_id.as_str()]).await;
        remove(&world, account).await;
        // when it is purged while a fork of it is imported in steps
        let store = store::Store::clone(&world);
        let purge = tokio::spawn(async move { store.purge_repository(one).await });
        for chunk in commits.chunks(40) {
            world.insert(fork, chunk).await;
        }
        // then both come to their end, and the fork has everything
        assert!(purge.await.unwrap().unwrap());
        let counted = world.account_repositories(store::Viewer::Everything, kept).await.unwrap();
        let counted = counted.iter().find(|seen| seen.repository.id == fork).unwrap().commits_with_keys;
        assert_eq!((counted, world.messages("A-1").await.len()), (400, 400));
        // and goes, so that the next round begins with nothing
        remove(&world, kept).await;
        assert!(world.purge_repository(fork).await.unwrap());
        assert_eq!(rows_left(&world, engine).await, [0; 6]);
    }
}
