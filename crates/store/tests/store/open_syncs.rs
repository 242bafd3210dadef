//! The syncs of all nodes, for those who watch.

use rstest::rstest;
use store::testing::Engine;
use store::{JobLane, NewJob, OpenSync};

use crate::jobs::new_job;
use crate::world::{NOW, World};

const KIND: &str = "sync_repository";

async fn enqueue(world: &World, repository: i64, mode: &str, run_at: i64) {
    let (kind, resource_key) = (KIND.to_owned(), format!("repository:{repository}"));
    let job = NewJob { kind, resource_key, lane: JobLane::Live, run_at, ..new_job(&format!("{repository}:{mode}")) };
    let mut tx = world.write().await;
    tx.job_enqueue(&job, NOW).await.unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn syncs_that_wait_or_run_are_told_once_for_each_account_that_lists_them(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    // given: one repository that runs and waits, one that waits, one that is not due, and jobs of other kinds
    let Some(world) = World::open(engine).await else { return };
    assert_eq!(world.is_shared(), engine == Engine::Postgres);
    let (one, other) = (world.connect("one").await, world.connect("other").await);
    let [running, waiting, later] = world.repositories(one, ["1", "2", "3"]).await;
    let [shared] = world.repositories(other, ["1"]).await;
    assert_eq!(shared, running);
    enqueue(&world, running, "soft", NOW).await;
    world.job_claim("elsewhere", None, NOW, NOW + 30_000).await.unwrap().unwrap();
    let mut tx = world.write().await;
    tx.repository_syncing(running, 900).await.unwrap();
    tx.repository_progress(running, 40).await.unwrap();
    tx.commit().await.unwrap();
    enqueue(&world, running, "full", NOW).await;
    enqueue(&world, waiting, "soft", NOW).await;
    enqueue(&world, later, "soft", NOW + 1).await;

    // when
    let open = world.open_syncs(KIND, "repository:", NOW).await.unwrap();

    // then
    let sync = |account_id, repository_id, number: i64, running, commits_done, commits_total| OpenSync {
        account_id,
        repository_id,
        path: format!("group/p{number}"),
        running,
        commits_done,
        commits_total,
    };
    let expected = [
        sync(one, running, 1, true, 40, 900),
        sync(one, waiting, 2, false, 0, 0),
        sync(other, running, 1, true, 40, 900),
    ];
    assert_eq!(open, expected);
    assert_eq!(world.open_syncs("other_kind", "repository:", NOW).await.unwrap(), []);
}
