//! Accounts that go, and repositories that others still see.

use rstest::rstest;
use store::Viewer;

use crate::world::{Database, GROUP, World};

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_takes_everything_along_that_nobody_else_sees(#[case] database: Database) {
    // given: a subgroup that is an account of its own, too
    let Some(world) = World::new(database).await else { return };
    let visibility = sandbox::gitlab::model::Visibility::Private;
    world.model().create_group("shop", "Shop", Some(world.group), visibility, world.jira).unwrap();
    let own = world.project("api").await;
    let shared = world.model().create_project("platform/shop", "cart", "cart", visibility, world.jira).await.unwrap();
    world.push(own, &[("main", "PLAT-1 Begin")]).await;
    world.push(shared, &[("main", "PLAT-2 Begin")]).await;
    let account = world.import(GROUP).await;
    let other = world.import("platform/shop").await;
    let repository = world.repository(account, "api").await.id;
    let cache = world.engine.options().data_dir.join("cache").join(format!("{repository}.git"));
    assert!(cache.exists());

    // when
    sync::request::remove_account(&world.engine, account).await.unwrap();
    assert!(
        world
            .store
            .accounts(Viewer::Everything)
            .await
            .unwrap()
            .iter()
            .all(|account| account.id == other || account.state == store::AccountState::Removing)
    );
    world.idle().await;

    // then
    assert!(world.store.account(account).await.unwrap().is_none());
    assert!(world.store.repository(repository).await.unwrap().is_none());
    assert!(world.store.commit(&crate::world::object_id(&world.refs(own).await["main"])).await.unwrap().is_none());
    assert!(!cache.exists());
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);
    world.assert_up_to_date(other).await;

    // then: it can come back
    let again = world.import(GROUP).await;
    world.assert_up_to_date(again).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlinked_repository_is_left_alone_and_hidden() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    let repository = world.repository(account, "api").await.id;

    // when
    sync::request::set_linked(&world.engine, account, repository, false).await.unwrap();
    world.push(project, &[("main", "PLAT-2 Later")]).await;
    world.refresh(account).await;

    // then
    assert!(world.reachable("PLAT-1").await.is_empty());

    // when
    sync::request::set_linked(&world.engine, account, repository, true).await.unwrap();
    world.idle().await;

    // then
    assert_eq!((world.reachable("PLAT-1").await.len(), world.reachable("PLAT-2").await.len()), (1, 1));
}
