//! Merge requests as pull requests.

use model::{MergeRequestState, Millis, ObjectId};
use rstest::rstest;
use store::facade::{PullFilter, PullSort, PullState, PullsOf};
use store::testing::Engine;
use store::{NewMergeRequest, Repository};

use super::grant;
use crate::world::{NOW, World, commit, merge_request, oid};

fn of(of: PullsOf) -> PullFilter {
    PullFilter { of, state: PullState::All, sort: PullSort::Created, descending: false }
}

async fn numbers(world: &World, filter: PullFilter) -> Vec<i64> {
    let page = world.facade_pulls(filter, 0, 100).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
    page.items.iter().map(|pull| pull.merge_request.number).collect()
}

fn changed(number: i64, state: MergeRequestState, created: Millis, updated: Millis) -> NewMergeRequest {
    let mut new = merge_request(number, &[]);
    new.merge_request.state = state;
    new.merge_request.created_at = NOW + created;
    new.merge_request.updated_at = NOW + updated;
    new
}

#[rstest]
#[tokio::test]
async fn merge_requests_are_filtered_sorted_and_paged(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    let mut elsewhere = changed(9, MergeRequestState::Open, 9, 9);
    elsewhere.merge_request.forge_id = "2009".to_owned();
    elsewhere.merge_request.source_repository_forge_id = Some("404".to_owned());
    world
        .put(
            one,
            &[
                changed(1, MergeRequestState::Open, 30, 40),
                changed(2, MergeRequestState::Merged, 10, 60),
                changed(3, MergeRequestState::Declined, 20, 50),
                changed(4, MergeRequestState::Open, 0, 0),
            ],
        )
        .await;
    world.put(two, &[elsewhere]).await;
    let mut tx = world.write().await;
    tx.merge_requests_gone(one, &[4], NOW).await.unwrap();
    tx.commit().await.unwrap();

    let in_one = of(PullsOf::Repository(one));
    assert_eq!(numbers(&world, in_one).await, [2, 3, 1]);
    assert_eq!(numbers(&world, PullFilter { descending: true, ..in_one }).await, [1, 3, 2]);
    assert_eq!(numbers(&world, PullFilter { sort: PullSort::Updated, ..in_one }).await, [1, 3, 2]);
    assert_eq!(numbers(&world, PullFilter { state: PullState::Open, ..in_one }).await, [1]);
    assert_eq!(numbers(&world, PullFilter { state: PullState::Closed, ..in_one }).await, [2, 3]);
    let page = world.facade_pulls(in_one, 1, 1).await.unwrap();
    assert_eq!((page.total, page.items.len(), page.items[0].merge_request.number), (3, 1, 3));

    // by grant: what it sees
    let (ada, bob) = (grant(&world, "ada", &["1", "2"]).await.id, grant(&world, "bob", &["2"]).await.id);
    assert_eq!(numbers(&world, of(PullsOf::Grant(ada))).await, [9, 2, 3, 1]);
    assert_eq!(numbers(&world, of(PullsOf::Grant(bob))).await, [9]);

    // one
    let pull = world.facade_pull(one, "1002").await.unwrap().unwrap();
    assert_eq!(pull.merge_request, changed(2, MergeRequestState::Merged, 10, 60).merge_request);
    assert_eq!((pull.repository_id, pull.first_seen_at), (one, NOW));
    assert_eq!(pull.source.map(|source: Repository| source.id), Some(one));
    let pull = world.facade_pull(two, "2009").await.unwrap().unwrap();
    assert!(pull.source.is_none() && pull.merge_request.source_repository_forge_id.as_deref() == Some("404"));
    for (repository, id) in [(two, "1002"), (one, "2009"), (one, "1004"), (one, "x"), (one, "1\0")] {
        assert!(world.facade_pull(repository, id).await.unwrap().is_none(), "{id}");
    }

    // and where it is
    let home = async |grant, id: &str| {
        let found = world.facade_repository_of_merge_request(grant, id).await.unwrap();
        found.map(|found| found.id)
    };
    assert_eq!((home(ada, "1002").await, home(ada, "2009").await), (Some(one), Some(two)));
    assert_eq!((home(bob, "1002").await, home(bob, "2009").await), (None, Some(two)));
    assert_eq!((home(ada, "1004").await, home(ada, "1\0").await), (None, None));
}

#[rstest]
#[tokio::test]
async fn the_commits_of_a_merge_request_come_oldest_first(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one] = world.repositories(account, ["1"]).await;
    // given: the clock of who wrote the third was slow
    let mut late = commit(3, &["A-3"]);
    late.commit.committed_at = 0;
    world.insert(one, &[commit(1, &[]), commit(2, &[]), late, commit(4, &[])]).await;
    let mut new = merge_request(1, &[]);
    new.commits = Some(vec![oid(4), oid(2), oid(3)]);
    world.put(one, &[new]).await;
    let pull = world.facade_pull(one, "1001").await.unwrap().unwrap();

    let ids = async |offset, limit| {
        let page = world.facade_pull_commits(pull.id, offset, limit).await.unwrap();
        assert_eq!(page.total, 3);
        page.items.into_iter().map(|item| item.commit.id).collect::<Vec<ObjectId>>()
    };
    assert_eq!(ids(0, 10).await, [oid(2), oid(3), oid(4)]);
    assert_eq!(ids(1, 1).await, [oid(3)]);
    assert!(ids(3, 5).await.is_empty() && ids(i64::MAX, i64::MAX).await.is_empty() && ids(0, -1).await.is_empty());
    let all = world.facade_pull_commits(pull.id, 0, 10).await.unwrap();
    assert_eq!(all.items.iter().map(|item| item.linked).collect::<Vec<_>>(), [false, true, false]);
}
