//! What a grant sees.

use model::ForgeRepository;
use rstest::rstest;
use store::AccountState;
use store::facade::{Page, PullFilter, PullSort, PullState, PullsOf};
use store::testing::Engine;

use super::{grant, members};
use crate::world::{World, branch, forge_repository, merge_request};

fn at(forge_id: &str, path: &str) -> ForgeRepository {
    ForgeRepository { path: path.to_owned(), ..forge_repository(forge_id) }
}

async fn paths(world: &World, grant: i64, account: &str) -> Vec<String> {
    let page = world.facade_repositories(grant, account, 0, 100).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
    page.items.into_iter().map(|repository| repository.path).collect()
}

#[rstest]
#[tokio::test]
async fn a_grant_sees_the_linked_repositories_that_its_user_is_a_member_of(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("Team").await;
    let listed = [
        at("10", "Team/ten"),
        at("9", "Team/sub/nine"),
        at("8", "Team/hidden"),
        at("7", "Team-two/x"),
        at("6", "team"),
    ];
    let [_, nine, hidden, ..] = world.listed(account, &listed).await;
    let ada = grant(&world, "ada", &["10", "9", "7", "6", "404"]).await.id;
    let bob = grant(&world, "bob", &["8"]).await.id;

    // then: by the forge's numbers, below the namespace only, in any case
    assert_eq!(paths(&world, ada, "team").await, ["Team/sub/nine", "Team/ten"]);
    assert_eq!(paths(&world, ada, "/TEAM/Sub/").await, ["Team/sub/nine"]);
    assert_eq!(paths(&world, bob, "team").await, ["Team/hidden"]);
    for nowhere in ["", "/", "tea", "team%", "te_m", "team\0", "..", "team/ten", "💥"] {
        assert!(paths(&world, ada, nowhere).await.is_empty(), "{nowhere}");
    }
    let page = world.facade_repositories(ada, "team", 1, 1).await.unwrap();
    assert_eq!((page.total, page.items[0].path.as_str()), (2, "Team/ten"));
    let far = world.facade_repositories(ada, "team", i64::MAX, i64::MAX).await.unwrap();
    assert_eq!((far.total, far.items.len()), (2, 0));
    assert!(world.facade_repositories(ada, "team", -5, -5).await.unwrap().items.is_empty());

    // and one by its path
    let one = async |grant, path: &str| world.facade_repository(grant, path).await.unwrap().map(|found| found.id);
    assert_eq!(one(ada, "tEAM/SUB/NINE").await, Some(nine));
    assert_eq!(one(bob, "team/sub/nine").await, None);
    assert_eq!(one(bob, "team/hidden").await, Some(hidden));
    assert_eq!(one(ada, "team/hidden").await, None);
    assert_eq!(one(ada, "team/nine\0").await, None);
    assert!(world.facade_sees(ada, nine).await.unwrap() && !world.facade_sees(bob, nine).await.unwrap());

    // when it is no longer a member, then at once
    members(&world, ada, &["10"]).await;
    assert_eq!(paths(&world, ada, "team").await, ["Team/ten"]);
    assert_eq!(one(ada, "team/sub/nine").await, None);
    assert!(!world.facade_sees(ada, nine).await.unwrap());

    // when it is unlinked
    world.repository_set_linked(account, hidden, false).await.unwrap();
    assert_eq!(one(bob, "team/hidden").await, None);
}

#[rstest]
#[tokio::test]
async fn a_refused_grant_and_a_removed_account_open_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.put(one, &[merge_request(1, &[])]).await;
    let ada = grant(&world, "ada", &["1"]).await.id;
    let opens = async || {
        let filter =
            PullFilter { of: PullsOf::Grant(ada), state: PullState::All, sort: PullSort::Created, descending: false };
        [
            world.facade_repositories(ada, "group", 0, 9).await.unwrap().total > 0,
            world.facade_repository(ada, "group/p1").await.unwrap().is_some(),
            world.facade_repository_of_merge_request(ada, "1001").await.unwrap().is_some(),
            world.facade_pulls(filter, 0, 9).await.unwrap().total > 0,
            world.facade_sees(ada, one).await.unwrap(),
        ]
    };
    assert_eq!(opens().await, [true; 5]);
    world.account_set_state(account, AccountState::Removing).await.unwrap();
    assert_eq!(opens().await, [false; 5]);
    world.account_set_state(account, AccountState::NeedsAuthorisation).await.unwrap();
    assert_eq!(opens().await, [true; 5], "another Jira's grant may still be good");
    let mut tx = world.write().await;
    tx.facade_grant_refused(ada, "authentication", "It was revoked.").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(opens().await, [false; 5]);
}

#[rstest]
#[tokio::test]
async fn a_repository_is_found_where_it_was_until_another_one_is_there(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one] = world.listed(account, &[at("1", "group/Old")]).await;
    let ada = grant(&world, "ada", &["1", "2"]).await.id;
    let bob = grant(&world, "bob", &["2"]).await.id;
    let find = async |grant, path: &str| world.facade_repository(grant, path).await.unwrap().map(|found| found.id);

    // when it is renamed twice
    world.listed(account, &[at("1", "group/new")]).await;
    world.listed(account, &[at("1", "group/newest")]).await;

    // then
    for path in ["group/OLD", "group/new", "group/newest"] {
        assert_eq!(find(ada, path).await, Some(one), "{path}");
        assert_eq!(find(bob, path).await, None, "{path}");
    }

    // when another one takes the first name
    let [_, two] = world.listed(account, &[at("1", "group/newest"), at("2", "group/old")]).await;

    // then
    assert_eq!(find(ada, "group/old").await, Some(two));
    assert_eq!(find(ada, "group/new").await, Some(one));
    let purged = async |id| {
        let mut tx = world.write().await;
        tx.account_remove(account).await.unwrap();
        tx.commit().await.unwrap();
        world.purge_repository(id).await.unwrap()
    };
    assert!(purged(one).await, "what it was called goes with it");
}

#[rstest]
#[tokio::test]
async fn branches_come_in_the_order_of_their_bytes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one] = world.repositories(account, ["1"]).await;
    assert_eq!(world.facade_branches(one, 0, 10).await.unwrap(), Page::empty());
    let branches = ["b", "a/b", "B", "é", "gone"].map(|name| branch(name, 1, &[]));
    world.branches_are(one, &branches, 1).await;
    world.branches_are(one, &branches[..4], 2).await;
    let page = world.facade_branches(one, 0, 10).await.unwrap();
    let names: Vec<&str> = page.items.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((page.total, names), (4, vec!["B", "a/b", "b", "é"]));
    let page = world.facade_branches(one, 1, 2).await.unwrap();
    let names: Vec<&str> = page.items.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((page.total, names), (4, vec!["a/b", "b"]));
}
