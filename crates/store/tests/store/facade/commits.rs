//! Commits by whatever names them.

use model::Statistics;
use rstest::rstest;
use store::testing::Engine;

use crate::world::{World, branch, commit, oid};

#[rstest]
#[tokio::test]
async fn a_commit_is_found_by_its_id_its_beginning_and_a_branch_in_its_repository_only(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    let mut lone = commit(3, &[]);
    lone.commit.id = format!("abcdef1{}", "0".repeat(33)).parse().unwrap();
    let mut twin = commit(4, &[]);
    twin.commit.id = format!("abcdef1{}", "1".repeat(33)).parse().unwrap();
    world.insert(one, &[commit(1, &["A-1"]), commit(2, &[]), lone.clone()]).await;
    world.insert(two, std::slice::from_ref(&twin)).await;
    world.branches_are(one, &[branch("feature/x", 2, &[]), branch("abcdef1", 1, &[])], 1).await;
    world.branches_are(one, &[branch("feature/x", 2, &[])], 2).await;
    let find = async |repository, revision: &str| {
        let found = world.facade_commit(repository, revision).await.unwrap();
        found.map(|found| found.commit.id)
    };

    // by its id, in any case
    let found = world.facade_commit(one, oid(1).as_str()).await.unwrap().unwrap();
    assert_eq!((found.commit, found.linked, found.statistics), (commit(1, &["A-1"]).commit, true, None));
    assert_eq!(find(one, &lone.commit.id.as_str().to_uppercase()).await.as_ref(), Some(&lone.commit.id));
    assert_eq!(find(two, oid(1).as_str()).await, None);

    // by a branch that is there
    assert_eq!(find(one, "feature/x").await, Some(oid(2)));
    assert_eq!(find(two, "feature/x").await, None);

    // by the beginning of its id, unique in the repository; a branch that has gone is none
    assert_eq!(find(one, "ABCDEF1").await.as_ref(), Some(&lone.commit.id));
    assert_eq!(find(two, "abcdef11").await.as_ref(), Some(&twin.commit.id));
    assert_eq!(find(one, "abcdef").await, None, "too short");
    assert_eq!(find(one, "0000000").await, None, "two of them");
    for nothing in ["", "main", "abcdef1g", "HEAD~1", "no\0thing", &"f".repeat(64), &"é".repeat(5_000)] {
        assert_eq!(find(one, nothing).await, None);
    }

    // a lost one, too
    world.lose(one, &[oid(2)]).await;
    assert!(!world.facade_commit(one, oid(2).as_str()).await.unwrap().unwrap().linked);

    // when both repositories have it, then the beginning names it in each
    world.insert(two, std::slice::from_ref(&lone)).await;
    assert_eq!(find(two, "abcdef1").await, None);
    assert_eq!(find(two, "abcdef10").await.as_ref(), Some(&lone.commit.id));
}

#[rstest]
#[tokio::test]
async fn what_was_asked_for_before_is_told_with_the_commit(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[commit(1, &[])]).await;
    let found = world.facade_commit(one, oid(1).as_str()).await.unwrap().unwrap();
    let statistics = Statistics { additions: 3, ..Statistics::default() };
    world.statistics_put(found.id, &statistics).await.unwrap();
    let found = world.facade_commit(one, oid(1).as_str()).await.unwrap().unwrap();
    assert_eq!((found.statistics, found.linked), (Some(statistics), false));
}
