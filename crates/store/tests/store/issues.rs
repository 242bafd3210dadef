use model::{ForgeRepository, HostKind};
use rstest::rstest;
use store::testing::Engine;
use store::{AccountState, Cursor, IssueQuery, Viewer};

use crate::world::{NOW, World, branch, commit, forge_repository, issue, merge_request, new_account, oid};

#[rstest]
#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, hidden] = world.repositories(account, ["1", "2"]).await;
    world.repository_set_linked(account, hidden, false).await.unwrap();
    // given 250 commits to see among 500 not to see, several written in the same moment
    let mut commits: Vec<_> = (1..=750).map(|number| commit(number, &["A-1"])).collect();
    for new in &mut commits {
        new.commit.authored_at -= new.commit.authored_at % 7_000;
    }
    let (mine, theirs): (Vec<_>, Vec<_>) = commits.into_iter().enumerate().partition(|(at, _)| at % 3 == 0);
    world.insert(one, &mine.into_iter().map(|(_, new)| new).collect::<Vec<_>>()).await;
    world.insert(hidden, &theirs.into_iter().map(|(_, new)| new).collect::<Vec<_>>()).await;

    let all = world.issue_commits(&issue("A-1"), None, None).await.unwrap();
    assert_eq!((all.items.len(), all.next), (250, None));
    let order: Vec<_> = all.items.iter().map(|item| (item.commit.authored_at, item.commit.id)).collect();
    assert!(order.is_sorted_by(|one, next| one > next), "newest first");

    for size in [1, 7, 50, 249, 250, 251] {
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let page = world.issue_commits(&issue("A-1"), after, Some(size)).await.unwrap();
            assert!(page.items.len() as i64 <= size && !page.items.is_empty());
            paged.extend(page.items.into_iter().map(|item| (item.commit.authored_at, item.commit.id)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(paged, order, "pages of {size}");
    }
    let behind = Cursor { sort_at: 0, entity_id: 0 };
    assert!(world.issue_commits(&issue("A-1"), Some(behind), Some(5)).await.unwrap().items.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_commit_is_shown_under_its_first_repository_that_is_no_fork(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let fork = |forge_id: &str| ForgeRepository { fork_of: Some("9".to_owned()), ..forge_repository(forge_id) };
    let [fork_one, fork_two] = world.listed(account, &[fork("1"), fork("2")]).await;
    let [_, _, parent, other] =
        world.listed(account, &[fork("1"), fork("2"), forge_repository("3"), forge_repository("4")]).await;
    for repository in [fork_two, other, fork_one, parent] {
        world.insert(repository, &[commit(1, &["A-1"])]).await;
    }
    let shown = async || {
        let item = world.issue_commits(&issue("A-1"), None, None).await.unwrap().items.remove(0);
        let also: Vec<i64> = item.also_in.iter().map(|repository| repository.id).collect();
        (item.repository.id, also, item.unreachable)
    };
    assert_eq!(shown().await, (parent, vec![other, fork_one, fork_two], false));
    let by_commit = world.commit_repositories(Viewer::Everything, world.commit(&oid(1)).await.unwrap().unwrap().id);
    let by_commit: Vec<i64> = by_commit.await.unwrap().iter().map(|repository| repository.id).collect();
    assert_eq!(by_commit, [parent, other, fork_one, fork_two]);

    // when it is lost in some, then it is reachable still
    for repository in [parent, other, fork_one] {
        world.lose(repository, &[oid(1)]).await;
    }
    assert_eq!(shown().await, (parent, vec![other, fork_one, fork_two], false));
    // when the one that has it is not shown, then it is unreachable
    world.repository_set_linked(account, fork_two, false).await.unwrap();
    assert_eq!(shown().await, (parent, vec![other, fork_one], true));
    // when none is linked, then it is not shown
    for repository in [parent, other, fork_one] {
        world.repository_set_linked(account, repository, false).await.unwrap();
    }
    assert!(world.issue_commits(&issue("A-1"), None, None).await.unwrap().items.is_empty());
}

#[rstest]
#[tokio::test]
async fn counts_are_by_host(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    let mut tx = world.write().await;
    let folder = tx.host_ensure(HostKind::Folder, "/srv/git", NOW).await.unwrap();
    let local = tx.account_insert(&new_account(folder, "local"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    let [three] = world.repositories(local, ["1"]).await;
    for repository in [one, two, three] {
        world.insert(repository, &[commit(1, &["A-1"]), commit(2, &["A-1"])]).await;
    }
    world.insert(three, &[commit(5, &["A-1"])]).await;
    world.branches_are(one, &[branch("A-1-a", 1, &["A-1"]), branch("A-1-b", 1, &["A-1"])], NOW).await;
    world.branches_are(one, &[branch("A-1-a", 1, &["A-1"])], NOW + 5).await;
    world.branches_are(two, &[branch("A-1-a", 1, &["A-1"])], NOW + 9).await;
    let mut requests = [1, 2, 3, 4].map(|number| merge_request(number, &["A-1"]));
    requests[1].merge_request.state = model::MergeRequestState::Merged;
    requests[2].merge_request.state = model::MergeRequestState::Declined;
    world.put(one, &requests).await;

    let counts = world.issue_counts(&issue("A-1")).await.unwrap();
    let told: Vec<_> =
        counts.iter().map(|it| (it.host_kind, it.commits, it.branches, it.open, it.merged, it.declined)).collect();
    assert_eq!(told, [(HostKind::Gitlab, 2, 2, 2, 1, 1), (HostKind::Folder, 3, 0, 0, 0, 0)]);
    assert_eq!(counts[0].last_commit_at, Some(NOW + 2_000));
    assert_eq!((counts[0].last_branch_at, counts[0].last_merge_request_at), (Some(NOW + 9), Some(NOW + 4)));
    assert_eq!((counts[1].last_commit_at, counts[1].last_branch_at), (Some(NOW + 5_000), None));
    assert_eq!((counts[1].host_id, counts[1].host_url.as_str()), (folder, "/srv/git"));

    // when only one host is asked for, then a commit that is on both is shown there
    let there = IssueQuery { host_ids: Some(vec![folder]), ..issue("A-1") };
    assert_eq!(world.issue_counts(&there).await.unwrap(), counts[1..]);
    let page = world.issue_commits(&there, None, None).await.unwrap();
    assert_eq!(page.items.len(), 3);
    assert!(page.items.iter().all(|item| item.repository.id == three && item.also_in.is_empty()));
    assert!(world.issue_branches(&there, None, None).await.unwrap().items.is_empty());
    let nowhere = IssueQuery { host_ids: Some(vec![]), ..issue("A-1") };
    assert!(world.issue_counts(&nowhere).await.unwrap().is_empty());
    assert!(world.issue_counts(&issue("NOTHING-1")).await.unwrap().is_empty());

    // when the account is being removed, then nothing of it is shown
    world.account_set_state(local, AccountState::Removing).await.unwrap();
    assert!(world.issue_counts(&there).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn activity_is_when_commits_were_written(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[1, 5, 3, 2].map(|number| commit(number, &["A-1"]))).await;
    let activity = world.issue_activity(&issue("A-1"), NOW + 2_000).await.unwrap();
    assert_eq!(activity, [NOW + 2_000, NOW + 3_000, NOW + 5_000]);
}

#[rstest]
#[tokio::test]
async fn issues_are_listed_by_time_and_by_name(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, hidden] = world.repositories(account, ["1", "2"]).await;
    world.repository_set_linked(account, hidden, false).await.unwrap();
    // given one commit that names more issues than are read at a time, and a newer one that is not shown
    let many: Vec<String> = (1..=1_200).map(|number| format!("MANY-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    world.insert(one, &[commit(1, &["A-1", "AB-2"]), commit(2, &["A-1", "A-10", "a-"]), commit(3, &many)]).await;
    world.insert(one, &[commit(4, &["A-1"]), commit(5, &["A-2"])]).await;
    world.insert(hidden, &[commit(9, &["A-99", "A-1"])]).await;
    world.branches_are(one, &[branch("A-3", 77, &["A-3"])], NOW + 9_000_000).await;
    world.put(one, &[merge_request(1, &["A-4"])]).await;

    let recent = world.issue_keys_recent(Viewer::Everything, 4).await.unwrap();
    let recent: Vec<_> = recent.iter().map(|(key, at)| (key.as_str(), at - NOW)).collect();
    assert_eq!(recent[..3], [("A-3", 9_000_000), ("A-2", 5_000), ("A-1", 4_000)]);
    assert!(recent[3].0.starts_with("MANY-"));
    let all = world.issue_keys_recent(Viewer::Everything, 10_000).await.unwrap();
    assert_eq!(all.len(), 1_200 + 7);
    assert!(!all.iter().any(|(key, _)| key == "A-99"));
    assert!(world.issue_keys_recent(Viewer::Everything, 0).await.unwrap().is_empty());

    let named =
        async |prefix: &str, limit| world.issue_keys_with_prefix(Viewer::Everything, prefix, limit).await.unwrap();
    assert_eq!(named("A", 10).await, ["A-1", "A-10", "A-2", "A-3", "A-4", "AB-2"]);
    assert_eq!(named("A-1", 10).await, ["A-1", "A-10"]);
    assert_eq!(named("A", 2).await, ["A-1", "A-10"]);
    assert_eq!(named("MANY-", 5_000).await.len(), 1_200);
    assert_eq!(named("A-99", 10).await, [""; 0]);
    assert_eq!(named("%", 10).await, [""; 0]);
}
