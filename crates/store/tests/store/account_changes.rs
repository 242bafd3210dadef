use model::secret::SecretString;
use model::{AccountKind, ForgeAccount, HostKind};
use rstest::rstest;
use store::testing::Engine;
use store::{Account, AccountState};

use crate::world::{NOW, World};

fn there(path: &str) -> ForgeAccount {
    ForgeAccount {
        forge_id: "7".to_owned(),
        kind: AccountKind::Group,
        path: path.to_owned(),
        name: "New name".to_owned(),
        web_url: Some(format!("https://git.example.com/{path}")),
    }
}

async fn account(world: &World, id: i64) -> Account {
    world.account(id).await.unwrap().unwrap()
}

#[rstest]
#[tokio::test]
async fn an_account_follows_its_group_to_a_new_path(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    // given
    let (team, other) = (world.connect("team").await, world.connect("other").await);
    // when
    let mut tx = world.write().await;
    let moved = tx.account_moved(team, &there("Crew")).await.unwrap();
    let taken = tx.account_moved(other, &there("CREW")).await.unwrap();
    let in_place = tx.account_moved(team, &there("crew")).await.unwrap();
    tx.commit().await.unwrap();
    // then: it is found there, and no other takes its place
    assert_eq!((moved, taken, in_place), (true, false, true));
    let found = world.account_by_path(HostKind::Gitlab, "https://git.example.com", "CREW").await.unwrap().unwrap();
    assert_eq!((found.id, found.path.as_str(), found.name.as_str()), (team, "crew", "New name"));
    assert_eq!(found.web_url.as_deref(), Some("https://git.example.com/crew"));
    assert_eq!(account(&world, other).await.path, "other");
}

#[rstest]
#[tokio::test]
async fn an_account_that_is_authorised_again_goes_on_where_it_waited_for_that(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    // given
    let (waiting, paused) = (world.connect("waiting").await, world.connect("paused").await);
    world.account_set_state(waiting, AccountState::NeedsAuthorisation).await.unwrap();
    world.account_set_state(paused, AccountState::Paused).await.unwrap();
    for id in [waiting, paused] {
        world.account_set_error(id, Some(("authentication", "Refused."))).await.unwrap();
    }
    // when
    let mut tx = world.write().await;
    let application = tx.application_put(world.host, "client", &SecretString::from("secret"), NOW).await.unwrap();
    tx.account_authorised(waiting, Some(application)).await.unwrap();
    tx.account_authorised(paused, None).await.unwrap();
    tx.commit().await.unwrap();
    // then
    let (waiting, paused) = (account(&world, waiting).await, account(&world, paused).await);
    assert_eq!((waiting.state, waiting.application_id), (AccountState::Active, Some(application)));
    assert_eq!((paused.state, paused.application_id), (AccountState::Paused, None));
    assert!([waiting, paused].iter().all(|account| account.error.is_none() && account.error_kind.is_none()));
}

#[rstest]
#[tokio::test]
async fn an_account_remembers_how_far_its_group_was_read_and_by_which_application(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let team = world.connect("team").await;
    assert_eq!(account(&world, team).await.merge_requests_until, None);
    // when
    let mut tx = world.write().await;
    let application = tx.application_put(world.host, "client", &SecretString::from("secret"), NOW).await.unwrap();
    tx.account_application_set(team, Some(application)).await.unwrap();
    tx.account_merge_requests_until(team, Some(NOW)).await.unwrap();
    tx.commit().await.unwrap();
    // then
    let set = account(&world, team).await;
    assert_eq!((set.application_id, set.merge_requests_until), (Some(application), Some(NOW)));
    // and back
    let mut tx = world.write().await;
    tx.account_application_set(team, None).await.unwrap();
    tx.account_merge_requests_until(team, None).await.unwrap();
    tx.commit().await.unwrap();
    let unset = account(&world, team).await;
    assert_eq!((unset.application_id, unset.merge_requests_until), (None, None));
}
