//! The end of the process.

use std::time::{Duration, Instant};

use queue::Limits;
use rstest::rstest;
use store::testing::Engine;

use crate::shop::{Does, Shop, task};

#[rstest]
#[tokio::test]
async fn a_stop_takes_less_than_two_seconds(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    // given one job that listens and two that do not
    shop.ask(&task("listens", Does::UntilCancelled)).await;
    shop.ask(&task("deaf 1", Does::Forever)).await;
    shop.ask(&task("deaf 2", Does::Forever)).await;
    let pool = shop.start(Limits::default());
    for name in ["listens", "deaf 1", "deaf 2"] {
        shop.notes.begins(name, 1).await;
    }
    let began = Instant::now();
    pool.stop().await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // then the one has ended, and the others wait, as if nothing had been
    assert_eq!(shop.notes.ended(), ["listens"]);
    let now = model::Clock::now(&*shop.clock);
    assert_eq!((shop.store.jobs_open().await.unwrap(), shop.store.jobs_waiting(now).await.unwrap()), (2, 2));
    let job = shop.store.job_claim("next", None, now, now + 1).await.unwrap().unwrap();
    assert_eq!((job.dedup_key.as_str(), job.attempts), ("deaf 1", 1));
}

#[rstest]
#[tokio::test]
async fn nothing_is_begun_after_the_stop(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    let pool = shop.start(Limits::default());
    shop.ask(&task("before", Does::End)).await;
    shop.idle().await;
    pool.stop().await;
    shop.ask(&task("after", Does::End)).await;
    assert_eq!(shop.notes.ended(), ["before"]);
    // but by the next start
    let pool = shop.start(Limits::default());
    shop.idle().await;
    assert_eq!(shop.notes.ended(), ["before", "after"]);
    pool.stop().await;
}
