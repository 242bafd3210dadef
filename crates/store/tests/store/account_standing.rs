//! What the list of accounts tells beside their own rows.

use model::{SiteKind, SiteSettings};
use rstest::rstest;
use store::testing::Engine;
use store::{Credential, CredentialKind, HookOf, ServedSite, SiteState, SiteUpdate};

use crate::hooks::ensure;
use crate::sites::add;
use crate::world::{NOW, World, user};

async fn manual(world: &World, id: &str) {
    let mut tx = world.write().await;
    tx.hook_manual(id, "permission", "The token may not make hooks.", NOW).await.unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn accounts_serve_the_sites_that_ask_for_all_or_for_them(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (one, other) = (world.connect("one").await, world.connect("other").await);
    assert!(world.sites_of_accounts().await.unwrap().is_empty());
    // given a site for all accounts, one that chose an account, and one that is being removed
    let all = add(&world, SiteKind::DataCenter, "https://a.example.com").await;
    let chosen = add(&world, SiteKind::DataCenter, "https://b.example.com").await;
    let gone = add(&world, SiteKind::DataCenter, "https://c.example.com").await;
    let settings = SiteSettings { all_accounts: false, ..SiteSettings::of(SiteKind::DataCenter) };
    let update = SiteUpdate { settings: Some(settings), ..SiteUpdate::default() };
    world.site_update(chosen, &update).await.unwrap();
    world.site_set_accounts(chosen, &[other]).await.unwrap();
    world.site_set_state(gone, SiteState::Removing).await.unwrap();
    // when
    let served = world.sites_of_accounts().await.unwrap();
    // then
    let ids = |account: i64| served[&account].iter().map(|site: &ServedSite| site.id).collect::<Vec<_>>();
    assert_eq!((ids(one), ids(other)), (vec![all], vec![all, chosen]));
}

#[rstest]
#[tokio::test]
async fn who_authorised_an_account_is_told_without_its_secrets(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    assert!(world.authorisers().await.unwrap().is_empty());
    // when
    let credential = Credential {
        owner_id: account,
        kind: CredentialKind::Token,
        access: "glpat".to_owned().into(),
        refresh: None,
        expires_at: None,
        issued_at: Some(NOW),
        refresh_attempted_at: None,
        user: user("ada"),
    };
    let mut tx = world.write().await;
    tx.credential_put(&credential).await.unwrap();
    tx.commit().await.unwrap();
    // then
    let authoriser = world.authorisers().await.unwrap().remove(&account).unwrap();
    assert_eq!((authoriser.login.as_str(), authoriser.name.as_str()), ("ada", "ADA"));
    assert_eq!((authoriser.owner_id, authoriser.kind), (account, CredentialKind::Token));
}

#[rstest]
#[tokio::test]
async fn hooks_to_paste_are_those_of_linked_repositories_that_no_group_calls_for(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [one, two, unlinked] = world.repositories(account, ["1", "2", "3"]).await;
    world.repositories(other, ["1"]).await;
    world.repository_set_linked(account, unlinked, false).await.unwrap();
    for (repository, id) in [(one, "aaaa"), (two, "bbbb"), (unlinked, "cccc")] {
        ensure(&world, HookOf::Repository(repository), id).await;
    }
    assert!(world.hooks_to_paste().await.unwrap().is_empty(), "they are being made");
    // when they cannot be made
    for id in ["aaaa", "bbbb", "cccc"] {
        manual(&world, id).await;
    }
    // then
    let to_paste = world.hooks_to_paste().await.unwrap();
    assert_eq!((to_paste[&account], to_paste[&other]), (2, 1));
    // and none once the group's hook calls for all of them
    ensure(&world, HookOf::Account(account), "dddd").await;
    let mut tx = world.write().await;
    tx.hook_registered("dddd", "17", "https://dovetail.example.com/", NOW).await.unwrap();
    tx.commit().await.unwrap();
    let to_paste = world.hooks_to_paste().await.unwrap();
    assert_eq!((to_paste.get(&account), to_paste[&other]), (None, 1));
}
