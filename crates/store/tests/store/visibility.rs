use rstest::rstest;
use store::testing::Engine;
use store::{Role, Viewer};

use crate::world::{NOW, World, branch, commit, forge_repository, issue_for, merge_request, oid};

/// A restricted account with a repository of its own and one that it shares with an open account.
struct Restricted {
    world: World,
    account: i64,
    secret: i64,
    shared: i64,
    insider: Viewer,
    outsider: Viewer,
}

async fn restricted(engine: Engine) -> Option<Restricted> {
    let world = World::open(engine).await?;
    let (account, open) = (world.connect("secret").await, world.connect("open").await);
    let [secret, shared] = world.repositories(account, ["1", "2"]).await;
    world.repositories(open, ["2"]).await;
    let insider = world.user_insert("in", "In", Role::Reader, None, NOW).await.unwrap();
    let outsider = world.user_insert("out", "Out", Role::Reader, None, NOW).await.unwrap();
    world.account_restrict(account, true, &[insider, insider]).await.unwrap();
    world.insert(secret, &[commit(1, &["A-1", "SECRET-1"]), commit(2, &["A-1"])]).await;
    world.insert(shared, &[commit(2, &["A-1"])]).await;
    world.branches_are(secret, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    world.put(secret, &[merge_request(1, &["A-1"])]).await;
    let (insider, outsider) = (Viewer::User(insider), Viewer::User(outsider));
    Some(Restricted { world, account, secret, shared, insider, outsider })
}

#[rstest]
#[tokio::test]
async fn an_outsider_sees_nothing_of_a_restricted_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Restricted { world, account, secret, shared, insider, outsider }) = restricted(engine).await else {
        return;
    };
    for (viewer, sees) in [(Viewer::Everything, true), (insider, true), (outsider, false)] {
        let query = issue_for(viewer, "A-1");
        let accounts: Vec<_> = world.accounts(viewer).await.unwrap().iter().map(|it| it.path.clone()).collect();
        assert_eq!(accounts, if sees { vec!["secret", "open"] } else { vec!["open"] });
        assert_eq!(world.account_summaries(viewer).await.unwrap().len(), accounts.len());
        assert_eq!(world.account_visible(viewer, account).await.unwrap(), sees);
        assert_eq!(world.account_repositories(viewer, account).await.unwrap().is_empty(), !sees);
        assert_eq!(world.repository_visible(viewer, secret).await.unwrap(), sees);
        assert!(world.repository_visible(viewer, shared).await.unwrap(), "it is in an open account too");

        let commits = world.issue_commits(&query, None, None).await.unwrap().items;
        let seen: Vec<_> = commits.iter().map(|it| (it.commit.object_id.clone(), it.repository.id)).collect();
        if sees {
            assert_eq!(seen, [(oid(2), secret), (oid(1), secret)]);
            assert_eq!(commits[0].also_in[0].id, shared);
        } else {
            assert_eq!(seen, [(oid(2), shared)], "not a word of the repository that has it too");
            assert!(commits[0].also_in.is_empty());
        }
        let number = usize::from(sees);
        assert_eq!(world.issue_branches(&query, None, None).await.unwrap().items.len(), number);
        assert_eq!(world.issue_merge_requests(&query, None, None).await.unwrap().items.len(), number);
        let counts = &world.issue_counts(&query).await.unwrap()[0];
        assert_eq!(
            (counts.commits as usize, counts.branches as usize, counts.open as usize),
            (1 + number, number, number)
        );
        assert_eq!(world.issue_activity(&query, 0).await.unwrap().len(), 1 + number);
        let keys = world.issue_keys_recent(viewer, 10).await.unwrap();
        assert_eq!(keys.iter().any(|(key, _)| key == "SECRET-1"), sees);
        assert_eq!(world.issue_keys_with_prefix(viewer, "S", 10).await.unwrap().len(), number);
        assert_eq!(world.commits_by_prefix(viewer, &oid(1).as_str()[..40], 10).await.unwrap().len(), number);
        let two = world.commit(&oid(2)).await.unwrap().unwrap();
        assert_eq!(world.commit_repositories(viewer, two.id).await.unwrap().len(), 1 + number);
    }
}

#[rstest]
#[tokio::test]
async fn a_source_repository_that_may_not_be_seen_is_not_named(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Restricted { world, insider, outsider, shared, .. }) = restricted(engine).await else { return };
    world.put(shared, &[merge_request(9, &["B-1"])]).await;
    for (viewer, sees) in [(insider, true), (outsider, false)] {
        let shown = world.issue_merge_requests(&issue_for(viewer, "B-1"), None, None).await.unwrap();
        assert_eq!(shown.items[0].source_repository.is_some(), sees);
    }
}

#[rstest]
#[tokio::test]
async fn an_opened_account_is_for_all(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Restricted { world, account, insider, outsider, .. }) = restricted(engine).await else { return };
    let Viewer::User(insider) = insider else { panic!("a reader") };
    assert_eq!(world.account_readers(account).await.unwrap(), [insider]);
    world.account_restrict(account, false, &[]).await.unwrap();
    assert!(world.account_visible(outsider, account).await.unwrap());
    assert_eq!(world.account_readers(account).await.unwrap(), [0_i64; 0]);
    world.account_restrict(account, true, &[]).await.unwrap();
    assert!(!world.account_visible(Viewer::User(insider), account).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn what_the_list_no_longer_names_is_not_shown(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Restricted { world, account, secret, insider, .. }) = restricted(engine).await else { return };
    world.listed(account, &[forge_repository("2")]).await;
    assert!(!world.repository_is_linked(secret).await.unwrap());
    let shown = world.issue_commits(&issue_for(insider, "A-1"), None, None).await.unwrap().items;
    assert_eq!(shown.iter().map(|it| it.commit.object_id.clone()).collect::<Vec<_>>(), [oid(2)]);
}
