//! Accounts that a Jira asks for.

use std::time::Duration;

use rstest::rstest;
use sandbox::gitlab::model::{AccessLevel, Visibility};
use sandbox::gitlab::switches::{Failure, How};
use store::Viewer;
use sync::connect::ConnectError;
use sync::facade::{self, FacadeError};

use super::jira::{Jira, PATIENT, imported, reader_of, seen, user};
use crate::world::{Database, GROUP, World};

async fn accounts(world: &World) -> Vec<String> {
    world.store.accounts(Viewer::Everything).await.unwrap().into_iter().map(|account| account.path).collect()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_by_the_first_request_that_names_it(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let jira = Jira::known(&world).await;
    let token = jira.token(&world, world.jira).await;
    let visitor = super::jira::visitor(&world, &token).await;
    assert!(accounts(&world).await.is_empty(), "to authorise alone adds nothing");

    // when
    let made = facade::account(&world.engine, &visitor, "Platform", PATIENT).await.unwrap().unwrap();

    // then both lists are read already
    assert_eq!((made.path.as_str(), made.grant_id, made.auto_link), (GROUP, Some(visitor.grant.id), true));
    assert!(made.listed_at.is_some());
    assert_eq!(seen(&world, &visitor).await, ["platform/api"]);

    // and it is imported with the grant's credential, and renewed as any other
    world.idle().await;
    world.assert_up_to_date(made.id).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
    let again = facade::account(&world.engine, &visitor, "/PLATFORM/", PATIENT).await.unwrap().unwrap();
    assert_eq!((again.id, accounts(&world).await.len()), (made.id, 1));
    let used = world.store.facade_tokens_of_account(made.id).await.unwrap();
    assert_eq!(used.iter().map(|(token, _)| token.id).collect::<Vec<_>>(), [visitor.token_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_invisible_is_none_and_leaves_nothing() {
    // given: a private group that the asker does not see, a project, and somebody else's personal namespace
    let Some(world) = World::new(Database::Sqlite).await else { return };
    world.project("api").await;
    let stranger = user(&world, "stranger");
    let jira = Jira::known(&world).await;
    let visitor = jira.visit(&world, stranger).await;

    // then
    for path in [GROUP, "platform/api", "nothing", "anna", "", "/", "..", "a/../b", "http://127.0.0.1/platform", "a b"]
    {
        let account = facade::account(&world.engine, &visitor, path, PATIENT).await.unwrap();
        assert!(account.is_none(), "{path}");
    }
    assert!(accounts(&world).await.is_empty());

    // when somebody added it, then it is invisible all the same
    world.import(GROUP).await;
    assert!(facade::account(&world.engine, &visitor, GROUP, PATIENT).await.unwrap().is_none());

    // but their own namespace is theirs
    let own = facade::account(&world.engine, &visitor, "stranger", PATIENT).await.unwrap().unwrap();
    assert_eq!(own.kind, model::AccountKind::User);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_an_administrator_added_keeps_its_credential() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    world.project("api").await;
    world.project("web").await;
    let account = world.import(GROUP).await;
    let jira = Jira::known(&world).await;
    let reader = reader_of(&world, "reader", "platform/web");
    let visitor = jira.visit(&world, reader).await;

    // when
    let found = facade::account(&world.engine, &visitor, GROUP, PATIENT).await.unwrap().unwrap();

    // then
    assert_eq!((found.id, found.grant_id), (account, None));
    assert_eq!(seen(&world, &visitor).await, ["platform/web"]);
    assert!(world.store.credential(account).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_a_minute_old_is_read_again_with_the_question() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    world.project("api").await;
    let jira = Jira::known(&world).await;
    let visitor = jira.visit(&world, world.jira).await;
    imported(&world, &visitor).await;
    world.project("new").await;

    // when Jira asks at once, then what was read stands; a minute later, it is read again
    facade::account(&world.engine, &visitor, GROUP, PATIENT).await.unwrap().unwrap();
    assert_eq!(seen(&world, &visitor).await, ["platform/api"]);
    world.clock.advance(60_000);
    facade::account(&world.engine, &visitor, GROUP, PATIENT).await.unwrap().unwrap();
    assert_eq!(seen(&world, &visitor).await, ["platform/api", "platform/new"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subgroup_is_an_account_of_its_own() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let model = world.model();
    let below = model.create_group("backend", "Backend", Some(world.group), Visibility::Private, world.jira).unwrap();
    model.create_project("platform/backend", "core", "core", Visibility::Private, world.jira).await.unwrap();
    let reader = user(&world, "reader");
    model.add_member(below, reader, AccessLevel::Reporter);
    let jira = Jira::known(&world).await;
    let visitor = jira.visit(&world, reader).await;

    // when
    let made = facade::account(&world.engine, &visitor, "platform/backend", PATIENT).await.unwrap().unwrap();

    // then
    assert_eq!(made.path, "platform/backend");
    assert_eq!(seen(&world, &visitor).await, ["platform/backend/core"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forge_that_does_not_answer_is_an_error_at_first_and_no_matter_later() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    world.project("api").await;
    let jira = Jira::known(&world).await;
    let visitor = jira.visit(&world, world.jira).await;
    world.server.switches().fail(Failure::every("/api/v4/groups*", How::Silence));

    // when
    let late = facade::account(&world.engine, &visitor, GROUP, Duration::from_millis(300)).await;

    // then
    assert!(matches!(late, Err(FacadeError::Forge(ConnectError::Unreachable { .. }))), "{late:?}");
    assert!(accounts(&world).await.is_empty());

    // when it was read once, then what is known is served
    world.server.switches().fail_no_more();
    imported(&world, &visitor).await;
    world.server.switches().fail(Failure::every("/api/v4/groups*", How::Silence));
    world.clock.advance(60_000);
    let known = facade::account(&world.engine, &visitor, GROUP, Duration::from_millis(300)).await.unwrap();
    assert!(known.is_some());
    assert_eq!(seen(&world, &visitor).await, ["platform/api"]);
}
