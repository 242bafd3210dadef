//! Leases: what a crash, or a worker that was slow, leaves behind.

use std::sync::atomic::Ordering;
use std::time::Duration;

use queue::Limits;
use rstest::rstest;
use store::Store;
use store::testing::{Engine, key};

use crate::shop::{Does, Shop, task};

/// With a lease so long that no heartbeat comes within a test.
fn no_heartbeat() -> Limits {
    Limits { lease: Duration::from_secs(3_600), ..Limits::default() }
}

#[rstest]
#[tokio::test]
async fn who_lost_the_lease_cannot_write(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((database, here)) = Shop::open(engine).await else { return };
    let there = if engine == Engine::Postgres { here.elsewhere(&database).await } else { here.clone() };
    // given a job that is slow, and its lease that runs out
    here.ask(&task("a", Does::WaitAndWrite)).await;
    let slow = here.start(no_heartbeat());
    here.notes.begins("a", 1).await;
    here.later(3_600);
    let quick = there.start(no_heartbeat());
    here.notes.begins("a", 2).await;
    // when both want to write
    here.notes.lets_on.add_permits(2);
    here.notes.until(|notes| notes.refused.load(Ordering::SeqCst) == 1 && notes.ended().len() == 1).await;
    here.idle().await;
    // then one of them did
    assert_eq!(here.store.hosts().await.unwrap().len(), 1);
    assert!(here.store.jobs_failed().await.unwrap().is_empty());
    slow.stop().await;
    quick.stop().await;
}

#[rstest]
fn a_killed_process_leaves_its_jobs_to_the_next(#[values("sqlite", "postgres")] engine: Engine) {
    let next = tokio::runtime::Runtime::new().unwrap();
    let Some((database, shop)) = next.block_on(Shop::open(engine)) else { return };
    next.block_on(shop.ask(&task("a", Does::Wait)));
    // given a process that dies in a job, without a word
    let killed = tokio::runtime::Runtime::new().unwrap();
    killed.block_on(async {
        let store = Store::open(database.url(), &key()).await.unwrap();
        Shop { store, ..shop.clone() }.start(no_heartbeat());
        shop.notes.begins("a", 1).await;
    });
    killed.shutdown_background();
    // when the next one starts, then the job is held until the lease runs out
    next.block_on(async {
        let pool = shop.start(no_heartbeat());
        shop.ask(&task("b", Does::End)).await;
        shop.notes.until(|notes| notes.ended() == ["b"]).await;
        // Its row goes a little later; an hour later its lease would have run out, too.
        while shop.store.jobs_open().await.unwrap() > 1 {
            tokio::task::yield_now().await;
        }
        shop.later(3_600);
        shop.notes.begins("a", 2).await;
        shop.notes.lets_on.add_permits(1);
        shop.idle().await;
        assert_eq!(shop.notes.ended(), ["b", "a"]);
        pool.stop().await;
    });
    drop(database);
}

#[rstest]
#[tokio::test]
async fn a_job_that_kills_its_process_each_time_is_given_up(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&task("a", Does::End)).await;
    for _ in 0..3 {
        let now = model::Clock::now(&*shop.clock);
        assert!(shop.store.job_claim("dies", None, now, now + 1_000).await.unwrap().is_some());
        shop.later(1);
    }
    let pool = shop.start(Limits::default());
    shop.idle().await;
    assert!(shop.notes.began.lock().unwrap().is_empty());
    let failed = shop.store.jobs_failed().await.unwrap();
    assert_eq!(failed[0].last_error.as_deref(), Some("begun 3 times and never ended"));
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_heartbeat_keeps_a_long_job(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&task("a", Does::Wait)).await;
    let pool = shop.start(Limits { lease: Duration::from_millis(300), ..Limits::default() });
    shop.notes.begins("a", 1).await;
    // when its time is nearly over three times, each time it is written anew before the next step
    for _ in 0..3 {
        let before = shop.store.jobs_next_run_at().await.unwrap().unwrap();
        shop.clock.advance(200);
        let lives = async {
            while shop.store.jobs_next_run_at().await.unwrap().unwrap() != before + 200 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(crate::shop::LONG, lives).await.expect("a heartbeat comes");
    }
    shop.notes.lets_on.add_permits(1);
    shop.idle().await;
    assert_eq!((shop.notes.ended(), shop.notes.began.lock().unwrap().len()), (vec!["a".to_owned()], 1));
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_job_is_dropped_when_its_lease_is_lost(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&task("a", Does::Forever)).await;
    let pool = shop.start(Limits { lease: Duration::from_millis(30), ..Limits::default() });
    shop.notes.begins("a", 1).await;
    // when another has taken it, which is rare enough that nobody keeps time here
    let now = model::Clock::now(&*shop.clock);
    let taken = shop.store.job_claim("another", None, now + 1_000_000, now + 2_000_000).await.unwrap();
    let taken = taken.expect("its lease has run out by then");
    // then the worker lets go of it, and does not touch the other's row
    shop.notes.until(|notes| notes.quiet()).await;
    pool.stop().await;
    let mut tx = shop.store.begin_write(store::Lane::Live).await.unwrap();
    tx.job_finish(&taken).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(shop.store.jobs_open().await.unwrap(), 0);
}
