//! What becomes of a job.

use queue::{Limits, enqueue};
use rstest::rstest;
use serde_json::json;
use store::testing::Engine;
use store::{JobLane, Lane, NewJob};

use crate::shop::{Does, NOW, Shop, task};

#[rstest]
#[tokio::test]
async fn a_retry_waits_longer_each_time_and_ends(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&task("a", Does::Retry)).await;
    let pool = shop.start(Limits::default());
    shop.idle().await;
    for (attempt, seconds) in [(1, 5), (2, 10)] {
        assert_eq!(shop.notes.began.lock().unwrap().len(), attempt);
        let due = shop.store.jobs_next_run_at().await.unwrap().unwrap();
        assert_eq!(due, model::Clock::now(&*shop.clock) + seconds * 1_000);
        shop.later(seconds);
        shop.idle().await;
    }
    // the third is the last
    let failed = shop.store.jobs_failed().await.unwrap();
    assert_eq!((failed.len(), failed[0].attempts, failed[0].last_error.as_deref()), (1, 3, Some("as told")));
    assert_eq!(shop.store.jobs_open().await.unwrap(), 0);
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_job_may_say_when(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&task("a", Does::RetryAfterAMinute)).await;
    let pool = shop.start(Limits::default());
    shop.idle().await;
    assert_eq!(shop.store.jobs_next_run_at().await.unwrap(), Some(NOW + 60_000));
    pool.stop().await;
}

#[rstest]
#[case::fail(Does::Fail, "as told")]
#[case::panic(Does::Panic, "the program failed in this job (panic)")]
#[tokio::test]
async fn a_failed_job_is_kept_with_its_reason(
    #[values("sqlite", "postgres")] engine: Engine,
    #[case] does: Does,
    #[case] reason: &str,
) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&task("a", does)).await;
    let pool = shop.start(Limits { workers: 1, ..Limits::default() });
    shop.idle().await;
    let failed = shop.store.jobs_failed().await.unwrap();
    assert_eq!((failed.len(), failed[0].kind.as_str(), failed[0].dedup_key.as_str()), (1, "task", "a"));
    assert_eq!(failed[0].last_error.as_deref(), Some(reason));
    // and the worker goes on
    shop.ask(&task("b", Does::End)).await;
    shop.idle().await;
    assert_eq!(shop.notes.ended(), ["b"]);
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_running_job_may_ask_for_itself(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&task("a", Does::AskAgain)).await;
    let pool = shop.start(Limits::default());
    shop.idle().await;
    assert_eq!(shop.notes.ended(), ["a", "a"]);
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_retry_gives_way_to_its_like_that_waits(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&task("a", Does::AskAgainAndRetry)).await;
    let pool = shop.start(Limits::default());
    shop.idle().await;
    assert_eq!(shop.notes.began.lock().unwrap().len(), 2);
    assert_eq!(shop.notes.ended(), ["a"]);
    assert_eq!(shop.store.jobs_open().await.unwrap(), 0);
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn what_this_program_cannot_do_is_not_lost(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    let job = |kind: &str| NewJob {
        kind: kind.to_owned(),
        dedup_key: "x".to_owned(),
        resource_key: kind.to_owned(),
        lane: JobLane::Live,
        priority: 0,
        payload: json!({"no": "task"}),
        run_at: NOW,
    };
    let mut tx = shop.store.begin_write(Lane::Live).await.unwrap();
    tx.job_enqueue(&job("of a newer version"), NOW).await.unwrap();
    tx.job_enqueue(&job("task"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    let pool = shop.start(Limits::default());
    shop.idle().await;
    // then the unknown one waits for someone who knows it, and the unreadable one is given up
    assert_eq!(shop.store.jobs_next_run_at().await.unwrap(), Some(NOW + 60_000));
    let failed = shop.store.jobs_failed().await.unwrap();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].last_error.as_deref().unwrap().starts_with("the job cannot be read"));
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_job_is_part_of_the_transaction_that_asks_for_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    let pool = shop.start(Limits::default());
    let mut tx = shop.store.begin_write(Lane::Live).await.unwrap();
    assert!(enqueue(&mut tx, &task("dropped", Does::End), NOW).await.unwrap());
    drop(tx);
    shop.ask(&task("kept", Does::End)).await;
    shop.idle().await;
    assert_eq!(shop.notes.ended(), ["kept"]);
    pool.stop().await;
}
