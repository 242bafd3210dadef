//! Hooks that a Jira registered.

use rstest::rstest;
use store::facade::{FacadeHook, NewFacadeHook};
use store::testing::Engine;

use super::{grant, members, token};
use crate::world::{NOW, World};

const URL: &str = "https://jira.example.com/rest/bitbucket/1.0/repository/5/sync";

fn new(repository_id: i64, grant_id: i64, json: bool) -> NewFacadeHook {
    let events = if json { vec!["push".to_owned(), "pull_request".to_owned()] } else { vec!["push".to_owned()] };
    NewFacadeHook { repository_id, grant_id, url: URL.to_owned(), events, json, active: true }
}

async fn put(world: &World, hook: &NewFacadeHook) -> FacadeHook {
    let mut tx = world.write().await;
    let kept = tx.facade_hook_put(hook, NOW).await.unwrap();
    tx.commit().await.unwrap();
    kept
}

async fn active(world: &World, repository: i64) -> Vec<i64> {
    let mut tx = world.write().await;
    tx.facade_hooks_active(repository).await.unwrap().iter().map(|hook| hook.id).collect()
}

#[rstest]
#[tokio::test]
async fn a_hook_is_one_for_its_address_and_kind_of_body(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    let (ada, bob) = (grant(&world, "ada", &["1"]).await, grant(&world, "bob", &["1"]).await);
    let form = put(&world, &new(one, ada.id, false)).await;
    let json = put(&world, &new(one, ada.id, true)).await;
    let bobs = put(&world, &new(one, bob.id, true)).await;
    assert_eq!((form.events.as_slice(), form.json, form.called_at), (&["push".to_owned()][..], false, None));
    assert_eq!(world.facade_hooks(one, ada.id).await.unwrap(), [form.clone(), json.clone()]);
    assert_eq!(world.facade_hooks(one, bob.id).await.unwrap(), std::slice::from_ref(&bobs));
    assert!(world.facade_hooks(two, ada.id).await.unwrap().is_empty());

    // when the same is registered again, otherwise
    let again = NewFacadeHook { events: vec![], active: false, ..new(one, ada.id, true) };
    let again = put(&world, &again).await;
    assert_eq!((again.id, again.events.len(), again.active), (json.id, 0, false));
    assert_eq!(active(&world, one).await, [form.id, bobs.id]);

    // when it is called
    world.facade_hook_called(form.id, "Taken with status 200.", NOW + 5).await.unwrap();
    let called = &world.facade_hooks(one, ada.id).await.unwrap()[0];
    assert_eq!((called.called_at, called.outcome.as_deref()), (Some(NOW + 5), Some("Taken with status 200.")));

    // when somebody else, or for another repository, removes it, then it stays
    assert!(!world.facade_hook_remove(form.id, one, bob.id).await.unwrap());
    assert!(!world.facade_hook_remove(form.id, two, ada.id).await.unwrap());
    assert!(world.facade_hook_remove(form.id, one, ada.id).await.unwrap());
    assert!(!world.facade_hook_remove(form.id, one, ada.id).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_hook_is_called_as_long_as_its_user_sees_the_repository(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("group").await;
    let [one] = world.repositories(account, ["1"]).await;
    let ada = grant(&world, "ada", &["1"]).await;
    let hook = put(&world, &new(one, ada.id, false)).await.id;
    let is_called = async || world.facade_hook_to_call(hook).await.unwrap().is_some();
    assert!(!is_called().await, "nobody has a token");
    let id = token(&world, &ada, "hash").await;
    assert!(is_called().await);
    members(&world, ada.id, &["2"]).await;
    assert!(!is_called().await);
    members(&world, ada.id, &["1"]).await;
    world.repository_set_linked(account, one, false).await.unwrap();
    assert!(!is_called().await);
    world.repository_set_linked(account, one, true).await.unwrap();
    assert!(is_called().await);
    world.facade_token_revoke(id, NOW).await.unwrap();
    assert!(!is_called().await);
}
