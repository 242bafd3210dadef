//! What has never been seen: how everything stands that might have it.

use model::ForgeRepository;
use store::AccountState;
use store::host_outages::DOWN;
use store::testing::Engine as Database;
use sync::explain::{FactKind, Mark, Subject};

use crate::world::{MINUTE, NOW, World, forge_repository};

const COMMIT: &str = "9f3c2ab";

async fn world() -> (World, i64) {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    (world, repository)
}

#[tokio::test]
async fn without_accounts_there_is_nothing_to_see() {
    let world = World::empty(Database::Sqlite).await.unwrap();

    let told = world.ask(COMMIT).await;

    assert_eq!(told.kinds(), [FactKind::CommitUnknown, FactKind::NoAccounts]);
}

#[tokio::test]
async fn where_all_is_well_it_was_not_pushed_to_what_is_linked() {
    let (world, _) = world().await;

    let told = world.ask(COMMIT).await;

    assert_eq!((told.0.subject, told.title().as_str()), (Subject::Commit, "No commit 9f3c2ab has been seen here."));
    assert_eq!(told.kinds(), [FactKind::CommitUnknown, FactKind::LinkedRepositories, FactKind::Push]);
    assert_eq!(told.said(FactKind::LinkedRepositories, Mark::Note), "1 repository is linked: platform/web.");
    assert!(told.remedy(FactKind::Push).contains("press ⟳"));
}

#[tokio::test]
async fn of_many_linked_repositories_some_are_named() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let listed: Vec<ForgeRepository> = (1..=9).map(|number| forge_repository(&format!("platform/r{number}"))).collect();
    world.lists(world.account, &listed).await;

    let said = world.ask(COMMIT).await.said(FactKind::LinkedRepositories, Mark::Note);

    assert_eq!(
        said,
        "9 repositories are linked: platform/r1, platform/r2, platform/r3, platform/r4, platform/r5 and 4 more."
    );
}

#[tokio::test]
async fn a_sync_that_fails_is_told_with_its_error_and_the_next_try() {
    let (world, repository) = world().await;
    world.repository_failed(repository, "server", "The host answered with 502.", Some(NOW + MINUTE)).await.unwrap();
    world.repository_failed(repository, "server", "The host answered with 502.", Some(NOW + MINUTE)).await.unwrap();

    let told = world.ask(COMMIT).await;

    assert_eq!(
        told.said(FactKind::RepositoryFailed, Mark::Bad),
        "The last sync of platform/web failed, 2 times in a row: The host answered with 502."
    );
    assert!(told.remedy(FactKind::RepositoryFailed).contains("tries again by itself 22 Nov 2026, 11:05 UTC"));
}

#[tokio::test]
async fn a_sync_that_runs_is_told_with_its_numbers() {
    let (world, repository) = world().await;
    let mut tx = world.write().await;
    tx.repository_syncing(repository, 5_102).await.unwrap();
    tx.repository_progress(repository, 1_204).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask(COMMIT).await;

    assert_eq!(
        told.said(FactKind::RepositorySyncing, Mark::Bad),
        "platform/web is being synced: 1204 of 5102 commits."
    );
}

#[tokio::test]
async fn a_first_import_that_waits_is_told() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let mut tx = world.write().await;
    let listed = [forge_repository("platform/web")];
    tx.repositories_listed(world.account, &listed, true, false, NOW).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask(COMMIT).await;

    assert_eq!(told.said(FactKind::RepositoryWaiting, Mark::Bad), "platform/web waits for its first import.");
}

#[tokio::test]
async fn a_rate_limit_is_told_with_its_end() {
    let (world, _) = world().await;
    world.host_pause(world.host, Some(NOW + MINUTE), Some("rate_limit")).await.unwrap();

    let told = world.ask(COMMIT).await;
    assert!(told.said(FactKind::RateLimited, Mark::Bad).contains("because of its rate limit"));
    assert_eq!(told.remedy(FactKind::RateLimited), "Dovetail goes on by itself 22 Nov 2026, 11:05 UTC.");

    world.clock.advance(61_000);
    assert!(!world.ask(COMMIT).await.has(FactKind::RateLimited), "it is over");
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_told() {
    let (world, _) = world().await;
    world.host_pause(world.host, Some(NOW + MINUTE), Some(DOWN)).await.unwrap();

    let said = world.ask(COMMIT).await.said(FactKind::HostDown, Mark::Bad);

    assert!(said.contains("does not answer; Dovetail asks again 22 Nov 2026, 11:05 UTC"), "{said}");
}

#[tokio::test]
async fn an_account_that_must_be_authorised_again_is_told_with_why() {
    let (world, _) = world().await;
    world.account_set_state(world.account, AccountState::NeedsAuthorisation).await.unwrap();
    world.account_set_error(world.account, Some(("authentication", "The grant was revoked."))).await.unwrap();

    let told = world.ask(COMMIT).await;

    let said = told.said(FactKind::NeedsAuthorisation, Mark::Bad);
    assert!(said.ends_with("needs to be authorised again. The grant was revoked."), "{said}");
    assert!(!told.has(FactKind::AccountFailed), "once is enough");
}

#[tokio::test]
async fn an_account_and_a_repository_that_were_paused_are_told() {
    let (world, repository) = world().await;
    world.repository_set_paused(repository, true).await.unwrap();
    assert_eq!(
        world.ask(COMMIT).await.said(FactKind::RepositoryPaused, Mark::Bad),
        "Somebody paused the syncs of platform/web."
    );
    world.account_set_state(world.account, AccountState::Paused).await.unwrap();
    assert!(world.ask(COMMIT).await.said(FactKind::AccountPaused, Mark::Bad).contains("Somebody paused platform,"));
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_told() {
    let (world, _) = world().await;
    world.account_set_error(world.account, Some(("not_found", "There is no such group."))).await.unwrap();

    let said = world.ask(COMMIT).await.said(FactKind::AccountFailed, Mark::Bad);

    assert_eq!(said, "The list of repositories of platform cannot be read: There is no such group.");
}

#[tokio::test]
async fn known_but_not_linked_and_hidden_repositories_are_told_and_counted() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let fork = ForgeRepository { fork_of: Some("7".to_owned()), ..forge_repository("platform/fork") };
    let mut listed = vec![fork, forge_repository("platform/hidden")];
    listed.extend((1..=5).map(|number| forge_repository(&format!("platform/r{number}"))));
    let ids = world.lists(world.account, &listed).await;
    for id in ids.iter().filter(|id| **id != ids[1]) {
        world.repository_set_linked(world.account, *id, false).await.unwrap();
    }
    listed.remove(1);
    let mut tx = world.write().await;
    tx.repositories_listed(world.account, &listed, false, false, NOW).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask(COMMIT).await;

    assert_eq!(
        told.kinds(),
        [
            FactKind::CommitUnknown,
            FactKind::NothingLinked,
            FactKind::RepositoryNotLinked,
            FactKind::RepositoryNotLinked,
            FactKind::RepositoryNotLinked,
            FactKind::RepositoryNotLinked,
            FactKind::ForkNotLinked,
            FactKind::RepositoryHidden,
            FactKind::Push,
        ]
    );
    assert!(told.text().contains("2 more repositories are known but not linked."), "{}", told.text());
}
