//! What goes with an account, and what sites forget of it.

use model::{Channel, SiteKind, SiteSettings, Told};
use rstest::rstest;
use store::testing::Engine;
use store::{AccountRemoval, AccountState, SiteUpdate, Tally, Withdrawal};

use crate::sites::add;
use crate::world::{NOW, World, branch, commit, merge_request, oid};

const fn all(number: i64) -> Tally {
    Tally { number, more: false }
}

/// The site has been told all that waits for it.
async fn told(world: &World, site: i64) {
    let entries = world.outbox_due(site, Channel::DevInfo, None, i64::MAX, 10_000).await.unwrap();
    let mut tx = world.write().await;
    tx.outbox_sent(site, Channel::DevInfo, &entries.iter().collect::<Vec<_>>(), NOW).await.unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_another_account_shows_stays(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    // given a repository of one's own, its fork that another account shows, too, and one that is not linked
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [own, fork, unlinked] = world.repositories(account, ["1", "2", "3"]).await;
    world.repositories(other, ["2"]).await;
    world.repository_set_linked(account, unlinked, false).await.unwrap();
    world.insert(own, &[commit(1, &["A-1", "A-2"]), commit(2, &["A-1"]), commit(3, &[])]).await;
    world.insert(fork, &[commit(1, &["A-1", "A-2"]), commit(4, &["A-1"])]).await;
    world.insert(unlinked, &[commit(5, &["A-1"])]).await;
    world.lose(own, &[oid(3)]).await;
    world.branches_are(own, &[branch("main", 1, &[]), branch("A-1-x", 2, &["A-1"])], NOW).await;
    world.branches_are(fork, &[branch("A-9-x", 1, &["A-9"])], NOW).await;
    world.put(own, &[merge_request(1, &["A-1", "A-3"])]).await;
    // when
    let removal = world.account_removal(account).await.unwrap();
    // then the commit that stays in the fork is not counted, nor the lost one
    let expected = AccountRemoval {
        repositories: 1,
        staying: 1,
        commits: all(1),
        branches: all(2),
        merge_requests: all(1),
        links: all(1 + 1 + 2),
    };
    assert_eq!(removal, expected);
    // and all of it goes once the other account shows it no more
    world.account_set_state(other, AccountState::Removing).await.unwrap();
    let removal = world.account_removal(account).await.unwrap();
    assert_eq!((removal.repositories, removal.staying, removal.commits), (2, 0, all(3)));
    assert_eq!((removal.branches, removal.links), (all(3), all(2 + 1 + 1 + 1 + 1 + 2)));
    assert_eq!(world.account_removal(account + 1_000).await.unwrap(), AccountRemoval::default());
}

#[rstest]
#[tokio::test]
async fn a_site_forgets_what_no_other_account_of_it_shows(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    // given a site that was told of everything
    let site = add(&world, SiteKind::Cloud, "https://example.atlassian.net").await;
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [own, shared] = world.repositories(account, ["1", "2"]).await;
    world.repositories(other, ["2"]).await;
    for repository in [own, shared] {
        world.imported(repository).await;
    }
    world.insert(own, &[commit(1, &["A-1"]), commit(2, &[])]).await;
    world.insert(shared, &[commit(3, &["A-1"])]).await;
    world.branches_are(own, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    world.put(own, &[merge_request(1, &["A-1", "A-2"])]).await;
    assert_eq!(world.account_withdrawal(account, site).await.unwrap(), Withdrawal::default(), "nothing was told yet");
    told(&world, site).await;
    let link = world.branches(own).await.unwrap()[0].id;
    let mut tx = world.write().await;
    for key in ["A-1", "A-2"] {
        tx.remote_link_put(site, Told::Branch, link, key, "dovetail:1", "digest").await.unwrap();
    }
    tx.commit().await.unwrap();
    // when, then
    let own_alone = Withdrawal { remote_links: all(2), dev_info: all(3) };
    assert_eq!(world.account_withdrawal(account, site).await.unwrap(), own_alone);
    assert_eq!(world.account_withdrawal(other, site).await.unwrap(), Withdrawal::default());
    // and where the other account does not serve the site, what they share goes, too
    let settings = SiteSettings { all_accounts: false, ..SiteSettings::of(SiteKind::Cloud) };
    let update = SiteUpdate { settings: Some(settings), ..SiteUpdate::default() };
    world.site_update(site, &update).await.unwrap();
    world.site_set_accounts(site, &[account]).await.unwrap();
    assert_eq!(world.account_withdrawal(account, site).await.unwrap().dev_info, all(4));
}
