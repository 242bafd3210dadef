use model::{ForgeRepository, SyncChanges};
use rstest::rstest;
use store::testing::Engine;
use store::{MergeRequestsState, RepositoryState, StoreError, Viewer};

use crate::world::{NOW, World, branch, commit, forge_repository, merge_request, oid};

#[rstest]
#[tokio::test]
async fn a_rename_keeps_the_repository(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    // when the next list renames one, leaves out the other, and names a new one twice
    let renamed = ForgeRepository {
        name: "Renamed".to_owned(),
        path: "elsewhere/renamed".to_owned(),
        archived: true,
        last_activity_at: Some(NOW),
        ..forge_repository("1")
    };
    let mut tx = world.write().await;
    let listed = [forge_repository("3"), renamed, forge_repository("3")];
    let ids = tx.repositories_listed(account, &listed, false, true, NOW + 1).await.unwrap();
    tx.commit().await.unwrap();
    // then the answer is in the order of the list
    let three = ids[0].0;
    assert_eq!(ids, [(three, true), (one, false), (three, true)]);
    let renamed = world.repository(one).await.unwrap().unwrap();
    assert_eq!(
        (renamed.path.as_str(), renamed.name.as_str(), renamed.archived),
        ("elsewhere/renamed", "Renamed", true)
    );
    assert_eq!((renamed.state, renamed.created_at), (RepositoryState::Waiting, NOW));
    let seen = world.account_repositories(Viewer::Everything, account).await.unwrap();
    let seen: Vec<_> = seen.iter().map(|one| (one.repository.id, one.linked, one.visible, one.smart_commits)).collect();
    // newest activity first, then by path; what the list no longer names stays, marked
    assert_eq!(seen, [(one, true, true, false), (two, true, false, false), (three, false, true, true)]);
    let linked: Vec<i64> = world.linked_repositories(account).await.unwrap().iter().map(|one| one.id).collect();
    assert_eq!(linked, [one]);
}

#[rstest]
#[tokio::test]
async fn a_list_longer_than_one_statement_is_written_whole(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let listed: Vec<ForgeRepository> = (0..1_203).map(|number| forge_repository(&number.to_string())).collect();
    for new in [true, false] {
        let mut tx = world.write().await;
        let ids = tx.repositories_listed(account, &listed, true, false, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ids.len(), listed.len());
        assert!(ids.iter().all(|(_, first)| *first == new));
    }
    assert_eq!(world.linked_repositories(account).await.unwrap().len(), 1_203);
    let mut tx = world.write().await;
    assert_eq!(tx.repositories_listed(account, &[], true, false, NOW).await.unwrap(), []);
    tx.commit().await.unwrap();
    assert_eq!(world.linked_repositories(account).await.unwrap().len(), 0);
    let mut tx = world.write().await;
    let refused = tx.repositories_listed(-1, &listed, true, false, NOW).await;
    assert!(matches!(refused, Err(StoreError::Missing { .. })));
}

#[rstest]
#[tokio::test]
async fn more_repositories_than_a_statement_takes_are_linked_at_once(#[values("sqlite", "postgres")] engine: Engine) {
    // given: another account that sees one of them, and a repository that only the other sees
    let Some(world) = World::open(engine).await else { return };
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let listed: Vec<ForgeRepository> = (0..2_500).map(|number| forge_repository(&number.to_string())).collect();
    let mut tx = world.write().await;
    let ids = tx.repositories_listed(account, &listed, true, false, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let mut ids: Vec<i64> = ids.into_iter().map(|(id, _)| id).collect();
    ids.sort_unstable();
    let [shared, elsewhere] = world.repositories(other, ["7", "elsewhere"]).await;
    let linked = async || world.linked_repositories(account).await.unwrap().len();
    let set = async |ids: &[i64], linked| {
        let mut tx = world.write().await;
        let mut named = tx.repositories_set_linked(account, ids, linked).await.unwrap();
        tx.commit().await.unwrap();
        named.sort_unstable();
        named
    };

    // when
    let asked: Vec<i64> = ids.iter().copied().chain([elsewhere, -1]).collect();
    let named = set(&asked, false).await;

    // then
    assert_eq!(named, ids, "what the account's list names");
    assert_eq!(linked().await, 0);
    assert!(world.repository_is_linked(shared).await.unwrap() && world.repository_is_linked(elsewhere).await.unwrap());
    let found: Vec<i64> = world.repositories_by_ids(&asked).await.unwrap().iter().map(|one| one.id).collect();
    assert_eq!(found, asked[..2_501], "in the order asked for, without those that are not there");

    // when
    set(&ids[..1_300], true).await;
    assert!(set(&[], true).await.is_empty());

    // then
    assert_eq!(linked().await, 1_300);

    // when the transaction is not committed
    let mut tx = world.write().await;
    tx.repositories_set_linked(account, &ids, true).await.unwrap();
    drop(tx);

    // then
    assert_eq!(linked().await, 1_300);
}

#[rstest]
#[tokio::test]
async fn accounts_share_a_repository(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (first, second) = (world.connect("a").await, world.connect("b").await);
    let [one] = world.repositories(first, ["1"]).await;
    assert_eq!(world.repositories(second, ["1"]).await, [one]);
    assert_eq!(world.repository_accounts(one).await.unwrap(), [first, second]);
    // when the first does not link it any more, then the second comes first
    world.repository_set_linked(first, one, false).await.unwrap();
    assert_eq!(world.repository_accounts(one).await.unwrap(), [second, first]);
    assert!(world.repository_is_linked(one).await.unwrap());
    world.repository_set_linked(second, one, false).await.unwrap();
    assert!(!world.repository_is_linked(one).await.unwrap());
    let found = world.repository_by_forge_id(world.host, "1").await.unwrap().unwrap();
    assert_eq!((found.id, found.host_url.as_str()), (one, "https://git.example.com"));
    assert!(world.repository_by_forge_id(world.host, "nothing").await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn a_sync_leaves_its_traces(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let listed = [forge_repository("1"), ForgeRepository { empty: true, ..forge_repository("2") }];
    let [one, two] = world.listed(account, &listed).await;
    assert_eq!(world.repository(two).await.unwrap().unwrap().state, RepositoryState::Empty);
    let mut tx = world.write().await;
    tx.repository_syncing(one, 100).await.unwrap();
    tx.repository_progress(one, 40).await.unwrap();
    tx.merge_requests_watermark(one, Some(NOW), MergeRequestsState::Available).await.unwrap();
    tx.commit().await.unwrap();
    let syncing = world.repository(one).await.unwrap().unwrap();
    assert_eq!((syncing.state, syncing.commits_done, syncing.commits_total), (RepositoryState::Syncing, 40, 100));
    assert_eq!(
        (syncing.merge_requests_until, syncing.merge_requests_state),
        (Some(NOW), MergeRequestsState::Available)
    );

    world.repository_failed(one, "network", "It broke.", None).await.unwrap();
    world.repository_failed(one, "git", "It broke again.", Some(NOW + 60_000)).await.unwrap();
    let failed = world.repository(one).await.unwrap().unwrap();
    assert_eq!(
        (failed.state, failed.failures, failed.error_kind.as_deref(), failed.retry_at),
        (RepositoryState::Failed, 2, Some("git"), Some(NOW + 60_000))
    );

    for (at, empty, state) in [(1, false, RepositoryState::UpToDate), (2, true, RepositoryState::Empty)] {
        let mut tx = world.write().await;
        tx.repository_synced(one, NOW + at, empty).await.unwrap();
        tx.commit().await.unwrap();
        let synced = world.repository(one).await.unwrap().unwrap();
        assert_eq!((synced.state, synced.failures, synced.error, synced.retry_at), (state, 0, None, None));
        assert_eq!((synced.synced_at, synced.imported_at), (Some(NOW + at), Some(NOW + 1)));
    }
    let mut tx = world.write().await;
    tx.repository_waiting(one).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.repository(one).await.unwrap().unwrap().state, RepositoryState::Waiting);
}

#[rstest]
#[tokio::test]
async fn tips_are_those_of_the_last_sync(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    let many: Vec<_> = (0..1_100).map(oid).collect();
    for tips in [many.as_slice(), &[oid(7), oid(3), oid(7)]] {
        let mut tx = world.write().await;
        tx.tips_replace(one, tips).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(world.tips(one).await.unwrap(), [oid(3), oid(7)]);
    assert_eq!(world.tips(two).await.unwrap(), []);
}

#[rstest]
#[tokio::test]
async fn tips_that_a_sync_began_with_are_told_until_one_ends(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    let mut tx = world.write().await;
    tx.tips_replace(one, &[oid(1), oid(2)]).await.unwrap();
    tx.tips_begin(one, &[oid(2), oid(3)]).await.unwrap();
    tx.tips_begin(one, &[oid(3), oid(4)]).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(world.tips(one).await.unwrap(), [oid(1), oid(2)]);
    assert_eq!(world.tips_begun(one).await.unwrap(), [oid(3), oid(4)]);
    assert_eq!(world.tips_begun(two).await.unwrap(), []);

    let mut tx = world.write().await;
    tx.tips_replace(one, &[oid(4)]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.tips(one).await.unwrap(), [oid(4)]);
    assert_eq!(world.tips_begun(one).await.unwrap(), []);
}

#[rstest]
#[tokio::test]
async fn the_list_counts_what_is_there_now(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, fork] = world.repositories(account, ["1", "2"]).await;
    world.insert(one, &[commit(1, &["A-1"]), commit(2, &[]), commit(3, &["A-1", "A-2"]), commit(4, &["A-3"])]).await;
    // when some are seen again, lost, found again, and attached elsewhere
    world.insert(one, &[commit(3, &["A-1", "A-2"]), commit(4, &["A-3"])]).await;
    world.lose(one, &[oid(2), oid(3), oid(4), oid(99)]).await;
    world.lose(one, &[oid(3)]).await;
    world.insert(one, &[commit(4, &["A-3"])]).await;
    let mut tx = world.write().await;
    assert_eq!(tx.commits_attach(fork, &[oid(1), oid(77), oid(2)], NOW).await.unwrap(), [oid(77)]);
    tx.commit().await.unwrap();
    world.branches_are(one, &[branch("main", 1, &[]), branch("old", 1, &[])], NOW).await;
    world.branches_are(one, &[branch("main", 1, &[])], NOW).await;
    world.put(one, &[merge_request(1, &[]), merge_request(2, &[])]).await;
    let mut tx = world.write().await;
    tx.merge_requests_gone(one, &[2], NOW).await.unwrap();
    tx.commit().await.unwrap();

    let listed = world.account_repositories(Viewer::Everything, account).await.unwrap();
    let counts = listed.iter().map(|it| (it.repository.id, it.commits_with_keys, it.branches, it.merge_requests));
    assert_eq!(counts.collect::<Vec<_>>(), [(one, 2, 1, 1), (fork, 1, 0, 0)]);
}

#[rstest]
#[tokio::test]
async fn a_repository_tells_what_its_last_full_sync_changed_and_whether_it_is_paused(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let fresh = world.repository(one).await.unwrap().unwrap();
    assert_eq!((fresh.paused, fresh.changes, fresh.changes_at, fresh.retry_at), (false, None, None, None));
    // when
    let changes = SyncChanges { branches_removed: 3, links_added: 12, ..SyncChanges::default() };
    let mut tx = world.write().await;
    tx.repository_changes(one, &SyncChanges::default(), NOW).await.unwrap();
    tx.repository_changes(one, &changes, NOW + 1).await.unwrap();
    tx.commit().await.unwrap();
    world.repository_set_paused(one, true).await.unwrap();
    // then
    let kept = world.repository(one).await.unwrap().unwrap();
    assert_eq!((kept.paused, kept.changes, kept.changes_at), (true, Some(changes), Some(NOW + 1)));
    let seen = world.account_repositories(Viewer::Everything, account).await.unwrap();
    assert_eq!((seen[0].repository.paused, seen[0].repository.changes), (true, Some(changes)));
    world.repository_set_paused(one, false).await.unwrap();
    assert!(!world.repository(one).await.unwrap().unwrap().paused);
}
