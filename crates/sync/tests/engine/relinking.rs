//! Many repositories that are linked and unlinked at once.

use model::{Clock, ForgeRepository};
use rstest::rstest;
use store::{JobLane, Lane, Viewer};
use sync::SyncError;

use crate::world::{Database, GROUP, World};

fn listed(number: i64) -> ForgeRepository {
    ForgeRepository {
        forge_id: (10_000 + number).to_string(),
        name: format!("p{number}"),
        path: format!("{GROUP}/p{number}"),
        web_url: None,
        git_url: format!("https://git.example.com/{GROUP}/p{number}.git"),
        default_branch: Some("main".to_owned()),
        fork_of: None,
        archived: false,
        empty: false,
        last_activity_at: Some(number),
    }
}

/// How many of these repositories wait for a sync.
async fn syncs_waiting(world: &World, ids: &[i64]) -> usize {
    world.store.jobs_due_of_repositories(ids).await.unwrap().len()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn sixty_repositories_are_unlinked_and_linked_at_once(#[case] database: Database) {
    // given: all name the same issue, and one is not among those that are meant
    let Some(world) = World::new(database).await else { return };
    let mut projects = Vec::new();
    for number in 0..61 {
        let project = world.project(&format!("p{number:02}")).await;
        world.push(project, &[("main", &format!("PLAT-1 Begin {number}"))]).await;
        projects.push(project);
    }
    let account = world.import(GROUP).await;
    let list = world.store.account_repositories(Viewer::Everything, account).await.unwrap();
    let kept = world.repository(account, "p60").await.id;
    let ids: Vec<i64> = list.iter().map(|seen| seen.repository.id).filter(|id| *id != kept).collect();
    assert_eq!((ids.len(), world.reachable("PLAT-1").await.len()), (60, 61));

    // when
    let unlinked = sync::request::set_all_linked(&world.engine, account, &ids, false).await.unwrap();
    world.push(projects[0], &[("main", "PLAT-2 Later")]).await;
    world.refresh(account).await;

    // then: hidden, and left alone
    assert_eq!(unlinked, 60);
    let linked: Vec<i64> = world.store.linked_repositories(account).await.unwrap().iter().map(|one| one.id).collect();
    assert_eq!(linked, [kept]);
    assert_eq!((world.reachable("PLAT-1").await.len(), world.reachable("PLAT-2").await.len()), (1, 0));

    // when: twice, with one that nobody knows
    let asked: Vec<i64> = ids.iter().copied().chain([-1]).collect();
    for _ in 0..2 {
        assert_eq!(sync::request::set_all_linked(&world.engine, account, &asked, true).await.unwrap(), 60);
    }
    world.idle().await;

    // then: all is brought, and waits for its time again
    assert_eq!(world.store.linked_repositories(account).await.unwrap().len(), 61);
    assert_eq!((world.reachable("PLAT-1").await.len(), world.reachable("PLAT-2").await.len()), (61, 1));
    assert_eq!(world.store.jobs_active(world.clock.now()).await.unwrap(), 0);
    assert_eq!(world.store.jobs_failed().await.unwrap().len(), 0);
    assert_eq!(syncs_waiting(&world, &ids).await, 60);
    world.assert_up_to_date(account).await;
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_linked_before_its_import_waits_in_the_order_named(#[case] database: Database) {
    // given: nothing works jobs off
    let Some(world) = World::asleep(database).await else { return };
    let account = world.connect(GROUP).await;
    let all: Vec<ForgeRepository> = (0..3).map(listed).collect();
    let mut tx = world.store.begin_write(Lane::Live).await.unwrap();
    let ids = tx.repositories_listed(account, &all, false, true, 0).await.unwrap();
    tx.commit().await.unwrap();
    let ids: Vec<i64> = ids.into_iter().map(|(id, _)| id).collect();
    let (order, now) = ([ids[2], ids[0], ids[1]], world.clock.now());

    // when
    sync::request::set_all_linked(&world.engine, account, &order, true).await.unwrap();

    // then: before all other imports
    let mut taken = Vec::new();
    while let Some(job) = world.store.job_claim("me", Some(JobLane::Import), now, now + 30_000).await.unwrap() {
        assert_eq!((job.kind.as_str(), job.priority), ("sync_repository", i64::MAX));
        taken.push(job.resource_key);
    }
    assert_eq!(taken, order.map(|id| format!("repository:{id}")));

    // when: one that the account's list never named
    let refused = sync::request::set_linked(&world.engine, account, -1, true).await;

    // then
    assert!(matches!(refused, Err(SyncError::Missing("repository"))), "{refused:?}");
}
