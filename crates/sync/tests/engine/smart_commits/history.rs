//! Which commits run commands: those that are new, wherever they are seen.

use model::ReceiptReason;
use rstest::rstest;
use sandbox::gitlab::model::Visibility;

use super::town::{Pushed, Town, done, refused};
use crate::world::{Database, GROUP};

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_with_an_import_runs_nothing_and_what_follows_does(#[case] database: Database) {
    // given another group, with a history
    let Some(town) = Town::new(database).await else { return };
    let (model, jira) = (town.world.model(), town.world.jira);
    model.create_group("second", "Second", None, Visibility::Private, jira).unwrap();
    let project = model.create_project("second", "app", "App", Visibility::Private, jira).await.unwrap();
    town.write_to(project, &[Pushed::new("PLAT-1 #comment history")]).await;

    // when
    let account = town.world.import("second").await;

    // then
    assert_eq!(town.told("PLAT-1").await, [refused("comment", ReceiptReason::NotLive)]);

    // when
    town.write_to(project, &[Pushed::new("PLAT-1 #comment live")]).await;
    town.world.refresh(account).await;
    town.world.full_sync(account).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [refused("comment", ReceiptReason::NotLive), done("comment")]);
    assert_eq!(town.comments("PLAT-1"), ["live"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_made_after_the_import_is_live_from_its_first_commit() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.wait(60).await;
    let project = town.world.project("new").await;
    town.write_to(project, &[Pushed::new("PLAT-1 #comment first")]).await;

    // when
    town.world.refresh(town.account).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment")]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_runs_once_over_forks_and_branches_and_a_cherry_pick_is_another(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };
    town.say("PLAT-1 #comment hello #done").await;

    // when it is on another branch, and in a fork
    let model = town.world.model();
    let head = town.world.refs(town.project).await["main"].clone();
    model.repositories().set_ref(town.project, "refs/heads/other", &head).await.unwrap();
    model.fork_project_as(town.project, GROUP, ("fork", "Fork"), town.world.jira).await.unwrap();
    town.world.refresh(town.account).await;
    town.world.full_sync(town.account).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment"), done("done")]);
    assert_eq!(town.comments("PLAT-1"), ["hello"]);

    // when
    town.wait(60).await;
    town.say("PLAT-1 #comment hello #done\n\n(cherry picked from commit 0a1b2c3d)").await;

    // then
    assert_eq!(town.comments("PLAT-1"), ["hello", "hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_added_later_runs_nothing_of_what_is_known() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.say("PLAT-1 #comment before").await;

    // when the same Jira is added by another address
    let other = town.jira.url().replace("127.0.0.1", "localhost");
    let token = town.model().create_token(town.dovetail, None);
    let site = town.add_site_at(&other, &token).await;
    town.world.full_sync(town.account).await;
    town.say("PLAT-1 #comment after").await;

    // then
    let receipts = town.receipts("PLAT-1").await;
    assert_eq!(receipts.iter().filter(|receipt| receipt.site_id == site).count(), 1);
    assert_eq!(town.comments("PLAT-1"), ["before", "after", "after"]);
}
