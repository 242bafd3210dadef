use model::Millis;
use rstest::rstest;
use store::account_activity::DAY;
use store::testing::Engine;
use store::{AccountState, DayOfAccount, NewCommit, Role, Viewer};

use crate::world::{NOW, World, commit, oid};

/// The first of the days that are asked for.
const SINCE: Millis = NOW - NOW % DAY;

/// A commit that was written so long after the first day began, and names these issues.
fn written(number: u64, after: Millis, keys: &[&str]) -> NewCommit {
    let mut new = commit(number, keys);
    new.commit.authored_at = SINCE + after;
    new
}

/// The days as (number, commits, links), over three days.
async fn days(world: &World, viewer: Viewer, account: i64) -> Vec<(i64, i64, i64)> {
    let days = world.account_activity(viewer, account, SINCE, SINCE + 3 * DAY).await.unwrap();
    days.into_iter().map(|DayOfAccount { day, commits, links }| (day, commits, links)).collect()
}

#[rstest]
#[tokio::test]
async fn commits_and_their_links_count_on_the_day_they_were_written(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    assert!(days(&world, Viewer::Everything, account).await.is_empty());
    // when commits are written around the ends of the days
    let commits = [
        written(1, -1, &["A-1"]),
        written(2, 0, &["A-1", "A-2"]),
        written(3, DAY - 1, &[]),
        written(4, 2 * DAY, &["A-1"]),
        written(5, 3 * DAY, &["A-1"]),
    ];
    world.insert(repository, &commits).await;
    // then days without any are left out, and what is before the first or behind the last
    assert_eq!(days(&world, Viewer::Everything, account).await, [(0, 2, 2), (2, 1, 1)]);
}

#[rstest]
#[tokio::test]
async fn a_commit_in_several_repositories_counts_once_for_each_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    // given a repository and its fork in one account, and the fork in another account, too
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [origin, fork] = world.repositories(account, ["1", "2"]).await;
    world.repositories(other, ["2"]).await;
    // when
    let shared = [written(1, 0, &["A-1"]), written(2, 0, &["A-2"])];
    world.insert(origin, &shared).await;
    world.insert(fork, &shared).await;
    world.insert(fork, &[written(3, DAY, &[])]).await;
    // then
    let expected = [(0, 2, 2), (1, 1, 0)];
    assert_eq!(days(&world, Viewer::Everything, account).await, expected);
    assert_eq!(days(&world, Viewer::Everything, other).await, expected);
}

#[rstest]
#[tokio::test]
async fn what_is_not_shown_does_not_count(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [kept, unlinked, gone] = world.repositories(account, ["1", "2", "3"]).await;
    for (number, repository) in (1..).zip([kept, unlinked, gone]) {
        world.insert(repository, &[written(number, 0, &["A-1"])]).await;
    }
    assert_eq!(days(&world, Viewer::Everything, account).await, [(0, 3, 3)]);
    // when one is unlinked, one is no longer listed, and a commit of the third is lost
    world.repository_set_linked(account, unlinked, false).await.unwrap();
    world.repositories(account, ["1", "2"]).await;
    assert_eq!(days(&world, Viewer::Everything, account).await, [(0, 1, 1)]);
    world.lose(kept, &[oid(1)]).await;
    // then
    assert!(days(&world, Viewer::Everything, account).await.is_empty());
    // and what is found again counts again, until its account is removed
    world.insert(kept, &[written(1, 0, &["A-1"])]).await;
    assert_eq!(days(&world, Viewer::Everything, account).await, [(0, 1, 1)]);
    world.account_set_state(account, AccountState::Removing).await.unwrap();
    assert!(days(&world, Viewer::Everything, account).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn what_an_issue_is_linked_to_by_git_counts_after_rest_was_read(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    // given a commit as REST tells it
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.insert_from(repository, &[written(1, 0, &["A-1"])], store::Source::Rest).await;
    // when git says that it was written on another day and names another issue, too
    world.insert(repository, &[written(1, DAY, &["A-1", "A-2"])]).await;
    // then
    assert_eq!(days(&world, Viewer::Everything, account).await, [(1, 1, 2)]);
}

#[rstest]
#[tokio::test]
async fn a_reader_sees_the_days_of_accounts_that_may_be_seen(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("secret").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.insert(repository, &[written(1, 0, &["A-1"])]).await;
    let insider = world.user_insert("in", "In", Role::Reader, None, NOW).await.unwrap();
    let outsider = world.user_insert("out", "Out", Role::Reader, None, NOW).await.unwrap();
    // when
    world.account_restrict(account, true, &[insider]).await.unwrap();
    // then
    assert_eq!(days(&world, Viewer::User(insider), account).await, [(0, 1, 1)]);
    assert!(days(&world, Viewer::User(outsider), account).await.is_empty());
    assert!(days(&world, Viewer::Everything, account + 1).await.is_empty());
}
