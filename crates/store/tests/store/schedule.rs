use std::collections::HashMap;

use model::Millis;
use rstest::rstest;
use serde_json::json;
use store::testing::Engine;
use store::{JobLane, NewJob};

use crate::world::{NOW, World};

fn sync_of(repository: i64, mode: &str, run_at: Millis) -> NewJob {
    NewJob {
        kind: "sync_repository".to_owned(),
        dedup_key: format!("repository:{repository}:{mode}"),
        resource_key: format!("repository:{repository}"),
        lane: JobLane::Import,
        priority: 3,
        payload: json!({}),
        run_at,
    }
}

async fn enqueue<const N: usize>(world: &World, jobs: [NewJob; N]) {
    let mut tx = world.write().await;
    for job in jobs {
        assert!(tx.job_enqueue(&job, NOW).await.unwrap());
    }
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn it_is_told_when_waiting_jobs_are_due(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let other = NewJob { kind: "review".to_owned(), ..sync_of(1, "review", NOW + 1) };
    enqueue(&world, [sync_of(1, "soft", NOW + 20), sync_of(1, "branches", NOW + 10), other]).await;
    enqueue(&world, [sync_of(2, "soft", NOW)]).await;
    assert_eq!(world.job_due_at("sync_repository", "repository:1:soft").await.unwrap(), Some(NOW + 20));
    assert_eq!(world.job_due_at("review", "repository:1:soft").await.unwrap(), None);
    // the earliest sync of each, and no other kind of job
    let due = world.jobs_due_of_repositories(&[1, 2, 3]).await.unwrap();
    assert_eq!(due, HashMap::from([(1, NOW + 10), (2, NOW)]));
    assert_eq!(world.jobs_due_of_repositories(&[]).await.unwrap(), HashMap::new());
    // when one runs, then it waits no more
    world.job_claim("me", None, NOW, NOW + 1_000).await.unwrap().unwrap();
    assert_eq!(world.job_due_at("sync_repository", "repository:2:soft").await.unwrap(), None);
    assert_eq!(world.jobs_due_of_repositories(&[2]).await.unwrap(), HashMap::new());
    // of more than one statement's worth
    let many: Vec<i64> = (1..=1_200).collect();
    assert_eq!(world.jobs_due_of_repositories(&many).await.unwrap(), HashMap::from([(1, NOW + 10)]));
}

#[rstest]
#[tokio::test]
async fn what_waits_can_be_moved_to_the_front(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    enqueue(&world, [sync_of(1, "soft", NOW), sync_of(2, "soft", NOW + 60_000), sync_of(2, "full", NOW - 5)]).await;
    let wakeups = world.wakeups();
    let mut woken = std::pin::pin!(wakeups.notified());
    woken.as_mut().enable();
    // when
    let mut tx = world.write().await;
    tx.job_forward("repository:2", 9, NOW).await.unwrap();
    tx.commit().await.unwrap();
    // then the workers are told, and find them first, in the lane that they were in; what was due longer stays so
    woken.await;
    assert_eq!(world.job_due_at("sync_repository", "repository:2:soft").await.unwrap(), Some(NOW));
    assert_eq!(world.job_due_at("sync_repository", "repository:2:full").await.unwrap(), Some(NOW - 5));
    let first = world.job_claim("me", Some(JobLane::Import), NOW, NOW + 1_000).await.unwrap().unwrap();
    assert_eq!((first.resource_key.as_str(), first.priority, first.lane), ("repository:2", 9, JobLane::Import));
}

#[rstest]
#[tokio::test]
async fn what_waits_can_be_dropped_while_what_runs_goes_on(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    enqueue(&world, [sync_of(1, "soft", NOW)]).await;
    let running = world.job_claim("me", None, NOW, NOW + 1_000).await.unwrap().unwrap();
    enqueue(&world, [sync_of(1, "soft", NOW), sync_of(1, "full", NOW), sync_of(2, "soft", NOW)]).await;
    // when
    let mut tx = world.write().await;
    assert_eq!(tx.job_drop_waiting("repository:1").await.unwrap(), 2);
    assert_eq!(tx.job_drop_waiting("repository:1").await.unwrap(), 0);
    tx.commit().await.unwrap();
    // then
    assert_eq!(world.jobs_open().await.unwrap(), 2);
    let mut tx = world.write().await;
    tx.job_finish(&running).await.unwrap();
    tx.commit().await.unwrap();
}
