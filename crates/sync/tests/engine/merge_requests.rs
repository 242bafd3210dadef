//! Merge requests: their links, commits, reviewers and ends.

use std::time::Duration;

use rstest::rstest;
use sandbox::gitlab::model::{MergeMethod, MergeRequestChange, MergeRequestId, NewMergeRequest, ProjectId};
use store::MergeRequestsState;

use crate::world::{Database, GROUP, World, object_id};

async fn open(world: &World, project: ProjectId, source: &str, title: &str) -> MergeRequestId {
    world.model().open_merge_request(NewMergeRequest::within(project, source, "main", title, world.jira)).await.unwrap()
}

async fn rename(world: &World, id: MergeRequestId, title: &str) {
    let change = MergeRequestChange { title: Some(title.to_owned()), ..MergeRequestChange::default() };
    world.clock.advance(60_000);
    world.model().update_merge_request(id, world.jira, change).await.unwrap();
}

/// The base that the store keeps for a merge request, and whether it is final.
async fn base(world: &World, account: i64, number: i64) -> (Option<String>, bool) {
    let repository = world.repository(account, "api").await;
    let heads = world.store.merge_request_heads(repository.id).await.unwrap();
    let stored = heads.into_iter().find(|stored| stored.number == number).unwrap();
    (stored.base.map(|base| base.to_string()), stored.frozen)
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn links_follow_the_title(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "Begin"), ("topic", "PLAT-7 In a commit")]).await;
    let id = open(&world, project, "topic", "PLAT-1 First title").await;
    let account = world.import(GROUP).await;
    assert_eq!(world.merge_requests("PLAT-1").await, [1]);
    assert_eq!(world.merge_requests("PLAT-7").await, [1], "its commits count");

    // when
    rename(&world, id, "PLAT-2 Second title").await;
    world.refresh(account).await;

    // then
    assert!(world.merge_requests("PLAT-1").await.is_empty());
    assert_eq!(world.merge_requests("PLAT-2").await, [1]);
    assert_eq!(world.merge_requests("PLAT-7").await, [1]);
}

#[rstest]
#[case::merge_commit(MergeMethod::MergeCommit)]
#[case::squash(MergeMethod::Squash)]
#[case::fast_forward(MergeMethod::FastForward)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merged_one_keeps_exactly_its_own_commits(#[case] method: MergeMethod) {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 One"), ("topic", "PLAT-3 Two")]).await;
    let before = world.refs(project).await["main"].clone();
    let id = open(&world, project, "topic", "A title").await;
    world.model().merge(id, world.jira, method).await.unwrap();
    world.push(project, &[("main", "PLAT-4 Later")]).await;

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(base(&world, account, 1).await, (Some(before), true));
    for (key, expected) in [("PLAT-1", false), ("PLAT-2", true), ("PLAT-3", true), ("PLAT-4", false)] {
        assert_eq!(!world.merge_requests(key).await.is_empty(), expected, "{key}");
    }

    // when: an edited title does not touch its commits
    rename(&world, id, "PLAT-5 A title").await;
    world.refresh(account).await;

    // then
    assert_eq!(world.merge_requests("PLAT-5").await, [1]);
    assert_eq!(world.merge_requests("PLAT-2").await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_one_follows_its_branch_until_it_is_merged() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 One")]).await;
    let id = open(&world, project, "topic", "A title").await;
    let account = world.import(GROUP).await;
    assert!(!base(&world, account, 1).await.1);

    // when
    world.clock.advance(60_000);
    world.push(project, &[("topic", "PLAT-3 Two")]).await;
    world.refresh(account).await;

    // then
    assert_eq!(world.merge_requests("PLAT-3").await, [1]);

    // when: it is merged, its branch goes, and so does the ref of its head
    world.clock.advance(60_000);
    world.model().merge(id, world.jira, MergeMethod::Squash).await.unwrap();
    world.delete_branch(project, "topic").await;
    world.refresh(account).await;

    // then
    assert_eq!(world.merge_requests("PLAT-2").await, [1]);
    assert!(base(&world, account, 1).await.1);
    let kept = world.commits("PLAT-2").await;
    assert!(kept.iter().all(|(_, unreachable)| !unreachable), "a merge request leads to its commits: {kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_found_over_the_graph_as_few_are_by_git() {
    // given: sixty-six merge requests, a third of them merged
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "Begin")]).await;
    for number in 1..=66 {
        let (branch, message) = (format!("topic-{number}"), format!("PLAT-{number} Work"));
        world.push(project, &[(&branch, &message), (&branch, &format!("More of PLAT-{number}"))]).await;
        let id = open(&world, project, &branch, "A title").await;
        if number % 3 == 0 {
            world.model().merge(id, world.jira, MergeMethod::MergeCommit).await.unwrap();
        }
    }

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    for number in 1..=66 {
        assert_eq!(world.merge_requests(&format!("PLAT-{number}")).await, [number], "PLAT-{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_the_server_lost_comes_by_rest() {
    // given: a merged branch whose commits git has collected
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 One")]).await;
    let id = open(&world, project, "topic", "PLAT-3 A title").await;
    world.model().merge(id, world.jira, MergeMethod::Squash).await.unwrap();
    world.delete_branch(project, "topic").await;
    world.clock.advance(15 * 24 * 3_600_000);
    world.model().drop_expired_head_refs(project).await.unwrap();
    let repository = world.model().repositories().path(project);
    for arguments in [&["reflog", "expire", "--expire=now", "--all"][..], &["gc", "--prune=now", "-q"][..]] {
        git::Git::new().command(arguments.iter().copied()).repository(&repository).output().await.unwrap();
    }

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.merge_requests("PLAT-3").await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_one_goes_with_the_next_full_sync() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "Begin"), ("topic", "PLAT-2 One"), ("other", "PLAT-3 Two")]).await;
    let id = open(&world, project, "topic", "PLAT-1 A title").await;
    open(&world, project, "other", "PLAT-1 Another").await;
    let account = world.import(GROUP).await;
    assert_eq!(world.merge_requests("PLAT-1").await, [1, 2]);

    // when
    world.model().delete_merge_request(id).unwrap();
    world.full_sync(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.merge_requests("PLAT-1").await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_is_not_a_failure() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    world.server.switches().merge_requests_off(project);

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.repository(account, "api").await.merge_requests_state, MergeRequestsState::Unavailable);
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn reviewers_are_read_where_an_issue_is_named_and_again_after_a_change() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    let anna = world.model().user_by_login("anna").unwrap().id;
    world.model().add_member(world.group, anna, sandbox::gitlab::model::AccessLevel::Developer);
    world.push(project, &[("main", "Begin"), ("topic", "One"), ("quiet", "Two")]).await;
    let named = NewMergeRequest {
        reviewers: vec![anna],
        ..NewMergeRequest::within(project, "topic", "main", "PLAT-1 A title", world.jira)
    };
    let id = world.model().open_merge_request(named).await.unwrap();
    open(&world, project, "quiet", "No key").await;
    let account = world.import(GROUP).await;
    let asked = |number: i64| {
        let end = format!("/merge_requests/{number}/approvals");
        world.server.requests().all().into_iter().filter(|request| request.path.ends_with(&end)).count()
    };
    assert_eq!((asked(1), asked(2)), (1, 0));

    // when
    world.wait(Duration::from_secs(60)).await;
    world.model().approve(id, anna).unwrap();
    world.refresh(account).await;

    // then
    let query = crate::world::query("PLAT-1");
    let shown = world.store.issue_merge_requests(&query, None, None).await.unwrap().items;
    let reviewers: Vec<_> =
        shown[0].reviewers.iter().map(|reviewer| (reviewer.user.login.as_str(), reviewer.approved)).collect();
    assert_eq!(reviewers, [("anna", true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn line_counts_are_asked_for_once_and_kept() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    let repository = world.repository(account, "api").await.id;
    let head = object_id(&world.refs(project).await["main"]);
    let ask = || sync::statistics(&world.engine, store::Viewer::Everything, repository, &head, Duration::from_secs(10));

    // when
    let first = ask().await.unwrap();
    world.server.requests().clear();
    let second = ask().await.unwrap();

    // then
    assert_eq!(first.as_ref().map(|statistics| (statistics.additions, statistics.file_count)), Some((1, 1)));
    assert_eq!(first, second);
    assert!(world.server.requests().all().is_empty());
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn one_gains_the_commits_that_its_target_is_forced_back_from(#[case] database: Database) {
    // given: `old` marks where main will be forced back to
    let Some(world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "Begin"), ("old", "Elsewhere")]).await;
    world.push(project, &[("main", "PLAT-7 Goes and comes back")]).await;
    world.push(project, &[("topic", "PLAT-1 Try")]).await;
    open(&world, project, "topic", "PLAT-3 Ask").await;
    let account = world.import(GROUP).await;
    assert_eq!((world.merge_requests("PLAT-1").await, world.merge_requests("PLAT-7").await), (vec![1], vec![]));

    // when
    world.force(project, "main", "old").await;
    world.refresh(account).await;

    // then
    assert_eq!((world.merge_requests("PLAT-1").await, world.merge_requests("PLAT-7").await), (vec![1], vec![1]));
    assert_eq!(world.merge_requests("PLAT-3").await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_loses_the_commits_that_its_target_takes_by_another_way() {
    // given: one merge request builds on the other's branch
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "Begin"), ("first", "PLAT-1 Lay the ground")]).await;
    world.force(project, "second", "first").await;
    world.push(project, &[("second", "PLAT-2 Build on it")]).await;
    let ground = open(&world, project, "first", "Ground").await;
    open(&world, project, "second", "House").await;
    let account = world.import(GROUP).await;
    assert_eq!((world.merge_requests("PLAT-1").await, world.merge_requests("PLAT-2").await), (vec![1, 2], vec![2]));

    // when
    world.clock.advance(60_000);
    world.model().merge(ground, world.jira, MergeMethod::MergeCommit).await.unwrap();
    world.refresh(account).await;

    // then
    assert_eq!((world.merge_requests("PLAT-1").await, world.merge_requests("PLAT-2").await), (vec![1], vec![2]));
}
