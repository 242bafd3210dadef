use model::Millis;
use rstest::rstest;
use serde_json::json;
use store::testing::Engine;
use store::{Job, JobLane, NewJob, Store, StoreError, WriteTx};

use crate::world::{NOW, World};

const LEASE: Millis = 30_000;

pub fn new_job(key: &str) -> NewJob {
    NewJob {
        kind: "sync".to_owned(),
        dedup_key: key.to_owned(),
        resource_key: format!("repository:{key}"),
        lane: JobLane::Import,
        priority: 0,
        payload: json!({"repository": key}),
        run_at: NOW,
    }
}

async fn enqueue(store: &Store, job: NewJob) -> bool {
    let mut tx = store.begin_write(store::Lane::Live).await.unwrap();
    let new = tx.job_enqueue(&job, NOW).await.unwrap();
    tx.commit().await.unwrap();
    new
}

async fn claim(store: &Store, now: Millis) -> Option<Job> {
    store.job_claim("me", None, now, now + LEASE).await.unwrap()
}

async fn write<T>(store: &Store, work: impl AsyncFnOnce(&mut WriteTx) -> store::Result<T>) -> store::Result<T> {
    let mut tx = store.begin_write(store::Lane::Live).await.unwrap();
    let answer = work(&mut tx).await?;
    tx.commit().await?;
    Ok(answer)
}

#[rstest]
#[tokio::test]
async fn one_job_waits_and_takes_the_best_of_both(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    assert!(enqueue(&world, NewJob { run_at: NOW + 50, priority: 5, ..new_job("1") }).await);
    assert!(!enqueue(&world, NewJob { lane: JobLane::Live, payload: json!(null), ..new_job("1") }).await);
    assert!(!enqueue(&world, NewJob { run_at: NOW + 99, ..new_job("1") }).await);
    assert!(enqueue(&world, NewJob { kind: "other".to_owned(), resource_key: "x".to_owned(), ..new_job("1") }).await);
    assert_eq!((world.jobs_open().await.unwrap(), world.jobs_waiting(NOW).await.unwrap()), (2, 2));
    let job = claim(&world, NOW).await.unwrap();
    assert_eq!((job.kind.as_str(), job.lane, job.priority, job.run_at), ("sync", JobLane::Live, 5, NOW));
    assert_eq!((job.payload, job.attempts), (json!({"repository": "1"}), 1));
    // while it runs, the next one may wait
    assert!(enqueue(&world, new_job("1")).await);
    assert!(!enqueue(&world, new_job("1")).await);
}

#[rstest]
#[tokio::test]
async fn more_jobs_than_a_statement_takes_are_kept_as_each_alone(#[values("sqlite", "postgres")] engine: Engine) {
    // given: two that wait already
    let Some(world) = World::open(engine).await else { return };
    enqueue(&world, NewJob { priority: 7, run_at: NOW + 50, payload: json!("first"), ..new_job("10") }).await;
    enqueue(&world, NewJob { lane: JobLane::Live, run_at: NOW - 50, ..new_job("11") }).await;
    // when
    let mut jobs: Vec<NewJob> = (0..2_500).map(|number| new_job(&number.to_string())).collect();
    jobs.push(NewJob { priority: 9, ..new_job("2499") });
    jobs.push(NewJob { lane: JobLane::Live, run_at: NOW + 50, ..new_job("2499") });
    write(&world, async |tx| tx.jobs_enqueue(&jobs, NOW).await).await.unwrap();
    write(&world, async |tx| tx.jobs_enqueue(&[], NOW).await).await.unwrap();
    // then: each waits once, with the best of all
    assert_eq!((world.jobs_open().await.unwrap(), world.jobs_waiting(NOW).await.unwrap()), (2_500, 2_500));
    let mut taken = Vec::new();
    for _ in 0..5 {
        let job = claim(&world, NOW).await.unwrap();
        taken.push((job.dedup_key, job.priority, job.run_at));
    }
    let expected = [("2499", 9, NOW), ("11", 0, NOW - 50), ("10", 7, NOW), ("0", 0, NOW), ("1", 0, NOW)];
    assert_eq!(taken, expected.map(|(key, priority, run_at)| (key.to_owned(), priority, run_at)));
}

#[rstest]
#[tokio::test]
async fn live_goes_before_import_and_high_before_low(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let live = |key: &str| NewJob { lane: JobLane::Live, ..new_job(key) };
    enqueue(&world, NewJob { priority: 100, ..new_job("import-high") }).await;
    enqueue(&world, NewJob { run_at: NOW - 9, ..new_job("import-early") }).await;
    enqueue(&world, new_job("import")).await;
    enqueue(&world, live("live")).await;
    enqueue(&world, NewJob { priority: 1, run_at: NOW + 1, ..live("later") }).await;
    assert_eq!(world.jobs_next_run_at().await.unwrap(), Some(NOW - 9));
    let mut order = Vec::new();
    while let Some(job) = claim(&world, NOW).await {
        order.push(job.dedup_key);
    }
    assert_eq!(order, ["live", "import-high", "import-early", "import"]);
    assert_eq!(world.jobs_next_run_at().await.unwrap(), Some(NOW + 1));
    assert!(world.job_claim("me", Some(JobLane::Import), NOW + 1, NOW + LEASE).await.unwrap().is_none());
    assert!(world.job_claim("me", Some(JobLane::Live), NOW + 1, NOW + LEASE).await.unwrap().is_some());
}

#[rstest]
#[tokio::test]
async fn a_resource_has_one_job_at_a_time(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let same = |key: &str| NewJob { resource_key: "repository:1".to_owned(), ..new_job(key) };
    enqueue(&world, same("a")).await;
    enqueue(&world, NewJob { lane: JobLane::Live, run_at: NOW + 5, ..same("b") }).await;
    let first = claim(&world, NOW).await.unwrap();
    assert!(claim(&world, NOW + 9).await.is_none());
    assert!(!world.live_job_waiting("repository:1", NOW).await.unwrap());
    assert!(world.live_job_waiting("repository:1", NOW + 5).await.unwrap());
    assert!(!world.live_job_waiting("repository:2", NOW + 5).await.unwrap());
    assert_eq!(world.jobs_active(NOW).await.unwrap(), 1);
    write(&world, async |tx| tx.job_finish(&first).await).await.unwrap();
    assert_eq!(claim(&world, NOW + 9).await.unwrap().dedup_key, "b");
    assert_eq!(world.jobs_open().await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn a_lost_lease_cannot_write(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    enqueue(&world, new_job("1")).await;
    let slow = claim(&world, NOW).await.unwrap();
    assert!(world.job_heartbeat(&slow, NOW + LEASE + 10).await.unwrap());
    assert!(claim(&world, NOW + LEASE + 9).await.is_none(), "it lives");
    // when its time is over and another takes it
    let quick = claim(&world, NOW + LEASE + 10).await.unwrap();
    assert_eq!((quick.id, quick.attempts), (slow.id, 2));
    assert!(quick.fence > slow.fence);
    // then the first can do nothing with it any more
    assert!(!world.job_heartbeat(&slow, NOW + 10 * LEASE).await.unwrap());
    let lost = |result: store::Result<()>| assert!(matches!(result, Err(StoreError::LeaseLost)), "{result:?}");
    lost(write(&world, async |tx| tx.job_guard(&slow).await).await);
    lost(write(&world, async |tx| tx.job_finish(&slow).await).await);
    lost(write(&world, async |tx| tx.job_retry(&slow, NOW, "").await).await);
    lost(write(&world, async |tx| tx.job_release(&slow, NOW).await).await);
    lost(write(&world, async |tx| tx.job_fail(&slow, "").await).await);
    write(&world, async |tx| tx.job_guard(&quick).await).await.unwrap();
    write(&world, async |tx| tx.job_finish(&quick).await).await.unwrap();
    lost(write(&world, async |tx| tx.job_guard(&quick).await).await);
}

#[rstest]
#[tokio::test]
async fn a_job_waits_again_or_is_given_up(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    enqueue(&world, new_job("1")).await;
    let job = claim(&world, NOW).await.unwrap();
    write(&world, async |tx| tx.job_retry(&job, NOW + 100, "the server said 503").await).await.unwrap();
    assert!(claim(&world, NOW + 99).await.is_none());
    let job = claim(&world, NOW + 100).await.unwrap();
    assert_eq!(job.attempts, 2);
    // a stop is no attempt
    write(&world, async |tx| tx.job_release(&job, NOW + 100).await).await.unwrap();
    let job = claim(&world, NOW + 100).await.unwrap();
    assert_eq!(job.attempts, 2);
    write(&world, async |tx| tx.job_fail(&job, "it will never work").await).await.unwrap();
    assert!(claim(&world, NOW + 10 * LEASE).await.is_none());
    let failed = world.jobs_failed().await.unwrap();
    assert_eq!((failed.len(), failed[0].last_error.as_deref(), failed[0].attempts), (1, Some("it will never work"), 2));
    assert_eq!((world.jobs_open().await.unwrap(), world.jobs_active(NOW + 100).await.unwrap()), (0, 0));
    world.jobs_prune(NOW).await.unwrap();
    assert_eq!(world.jobs_failed().await.unwrap().len(), 1);
    world.jobs_prune(NOW + 1).await.unwrap();
    assert!(world.jobs_failed().await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn who_waits_already_is_enough(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    enqueue(&world, new_job("1")).await;
    let job = claim(&world, NOW).await.unwrap();
    enqueue(&world, NewJob { run_at: NOW + 70, ..new_job("1") }).await;
    write(&world, async |tx| tx.job_retry(&job, NOW + 5, "…").await).await.unwrap();
    assert_eq!(world.jobs_open().await.unwrap(), 1);
    assert!(claim(&world, NOW + 69).await.is_none());
    let job = claim(&world, NOW + 70).await.unwrap();
    assert_eq!(job.attempts, 1);
    // but what was interrupted goes on at once
    enqueue(&world, NewJob { run_at: NOW + 500, ..new_job("1") }).await;
    write(&world, async |tx| tx.job_release(&job, NOW + 80).await).await.unwrap();
    assert_eq!(world.jobs_open().await.unwrap(), 1);
    assert!(claim(&world, NOW + 80).await.is_some());
}

#[rstest]
#[tokio::test]
async fn a_job_of_a_dropped_transaction_was_never_asked_for(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let mut tx = world.write().await;
    assert!(tx.job_enqueue(&new_job("1"), NOW).await.unwrap());
    drop(tx);
    assert!(claim(&world, NOW).await.is_none());
    assert_eq!(world.jobs_next_run_at().await.unwrap(), None);
}
