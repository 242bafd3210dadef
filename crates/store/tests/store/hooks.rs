use model::HookScope;
use model::secret::{ExposeSecret, SecretString};
use rstest::rstest;
use store::testing::Engine;
use store::{Hook, HookOf, HookState};

use crate::world::{NOW, World};

/// The hook of something, made with an id and a secret that say whose they are.
pub async fn ensure(world: &World, of: HookOf, id: &str) -> Hook {
    let mut tx = world.write().await;
    let secret = SecretString::from(format!("secret of {id}"));
    let hook = tx.hook_ensure(of, world.host, id, &secret, NOW).await.unwrap();
    tx.commit().await.unwrap();
    hook
}

async fn ids(world: &World, account: i64) -> Vec<String> {
    world.hooks_of_account(account).await.unwrap().into_iter().map(|hook| hook.id).collect()
}

#[rstest]
#[tokio::test]
async fn a_hook_is_made_once_and_keeps_its_address_and_secret(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    assert!(world.hook_of(HookOf::Repository(one)).await.unwrap().is_none());
    // when
    let of_repository = ensure(&world, HookOf::Repository(one), "aaaa").await;
    let again = ensure(&world, HookOf::Repository(one), "bbbb").await;
    let of_group = ensure(&world, HookOf::Account(account), "cccc").await;
    // then
    assert_eq!((of_repository.id.as_str(), again.id.as_str()), ("aaaa", "aaaa"));
    assert_eq!(again.secret.expose_secret(), "secret of aaaa");
    assert_eq!((again.scope, again.repository_id, again.account_id), (HookScope::Repository, Some(one), None));
    assert_eq!((of_group.scope, of_group.repository_id, of_group.account_id), (HookScope::Group, None, Some(account)));
    assert_eq!((again.state, again.host_id, again.host_kind.as_str()), (HookState::Waiting, world.host, "gitlab"));
    assert_eq!((again.forge_id, again.url, again.checked_at, again.last_event_at), (None, None, None, None));
    let found = world.hook("cccc").await.unwrap().unwrap();
    assert_eq!(found.secret.expose_secret(), "secret of cccc");
    assert!(world.hook("bbbb").await.unwrap().is_none());
    assert_eq!(world.hook_of(HookOf::Account(account)).await.unwrap().unwrap().id, "cccc");
}

#[rstest]
#[tokio::test]
async fn a_hook_says_whether_the_forge_has_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    ensure(&world, HookOf::Account(account), "aaaa").await;
    // when the forge refuses
    let mut tx = world.write().await;
    tx.hook_manual("aaaa", "permission", "The token may not make hooks.", NOW + 1).await.unwrap();
    tx.commit().await.unwrap();
    let refused = world.hook("aaaa").await.unwrap().unwrap();
    assert_eq!((refused.state, refused.checked_at, refused.forge_id), (HookState::Manual, Some(NOW + 1), None));
    assert_eq!(refused.error_kind.as_deref(), Some("permission"));
    assert_eq!(refused.error.as_deref(), Some("The token may not make hooks."));
    // when it makes it after all
    let mut tx = world.write().await;
    tx.hook_registered("aaaa", "77", "https://dovetail.example.com/hooks/gitlab/aaaa", NOW + 2).await.unwrap();
    tx.commit().await.unwrap();
    let made = world.hook("aaaa").await.unwrap().unwrap();
    assert_eq!((made.state, made.checked_at), (HookState::Registered, Some(NOW + 2)));
    assert_eq!((made.error_kind, made.error), (None, None));
    assert_eq!(made.url.as_deref(), Some("https://dovetail.example.com/hooks/gitlab/aaaa"));
    // when the token loses its rights, then what the forge has stays known
    let mut tx = world.write().await;
    tx.hook_manual("aaaa", "permission", "No more.", NOW + 3).await.unwrap();
    tx.commit().await.unwrap();
    let lost = world.hook("aaaa").await.unwrap().unwrap();
    assert_eq!((lost.state, lost.forge_id.as_deref()), (HookState::Manual, Some("77")));
    // when it is removed, then another one may be made
    let mut tx = world.write().await;
    tx.hook_removed("aaaa").await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.hook("aaaa").await.unwrap().is_none());
    assert_eq!(ensure(&world, HookOf::Account(account), "bbbb").await.id, "bbbb");
}

#[rstest]
#[tokio::test]
async fn an_account_has_the_hooks_of_its_group_and_of_what_it_links(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    world.repositories(other, ["2"]).await;
    ensure(&world, HookOf::Repository(two), "two").await;
    ensure(&world, HookOf::Repository(one), "one").await;
    ensure(&world, HookOf::Account(account), "team").await;
    assert_eq!(ids(&world, account).await, ["team", "one", "two"]);
    assert_eq!(ids(&world, other).await, ["two"]);
    // when one is unlinked
    world.repository_set_linked(account, two, false).await.unwrap();
    assert_eq!(ids(&world, account).await, ["team", "one"]);
    // when the account goes, then its own hook goes with it, and a repository's with the repository
    let mut tx = world.write().await;
    tx.account_remove(account).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.hook("team").await.unwrap().is_none());
    assert!(world.purge_repository(one).await.unwrap());
    assert!(world.hook("one").await.unwrap().is_none());
    assert_eq!(ids(&world, other).await, ["two"]);
}

#[rstest]
#[tokio::test]
async fn a_registered_group_hook_tells_of_what_its_accounts_list_names(#[values("sqlite", "postgres")] engine: Engine) {
    // given: two accounts that share a repository; the other has a group hook, and the first a hook of a repository
    let Some(world) = World::open(engine).await else { return };
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [one, two, three] = world.repositories(account, ["1", "2", "3"]).await;
    world.repositories(other, ["2", "3"]).await;
    ensure(&world, HookOf::Repository(one), "one").await;
    ensure(&world, HookOf::Account(other), "other").await;
    let told = async |without| {
        let mut told: Vec<i64> =
            world.repositories_told_by_groups(account, without).await.unwrap().into_iter().collect();
        told.sort_unstable();
        told
    };
    assert!(told(None).await.is_empty(), "it is not registered yet");

    // when
    let mut tx = world.write().await;
    tx.hook_registered("other", "5", "https://dovetail.example.com/hooks/gitlab/other", NOW).await.unwrap();
    let with_hooks = tx.repositories_with_hooks(&[one, two, three, -1]).await.unwrap();
    tx.commit().await.unwrap();

    // then: also of what the other account does not link
    assert_eq!(with_hooks, [(one, world.host)]);
    world.repository_set_linked(other, two, false).await.unwrap();
    assert_eq!(told(None).await, [two, three]);
    assert_eq!(told(Some(account)).await, [two, three]);
    assert!(told(Some(other)).await.is_empty());
    world.repository_set_linked(account, three, false).await.unwrap();
    assert_eq!(told(None).await, [two]);
    world.account_set_state(other, store::AccountState::Removing).await.unwrap();
    assert!(told(None).await.is_empty());
}
