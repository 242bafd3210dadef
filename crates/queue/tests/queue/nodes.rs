//! Several workers and several nodes.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use queue::Limits;
use rstest::rstest;
use store::testing::Engine;

use crate::shop::{Does, NOW, Shop, Task, task};

fn eight() -> Limits {
    Limits { workers: 8, ..Limits::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_workers_do_each_of_two_hundred_jobs_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    for number in 0..200 {
        shop.ask(&task(number, Does::End)).await;
    }
    let pool = shop.start(eight());
    shop.idle().await;
    let done = shop.notes.ended();
    assert_eq!(done.len(), 200);
    assert_eq!(done.iter().collect::<HashSet<_>>().len(), 200);
    assert_eq!(shop.store.jobs_open().await.unwrap(), 0);
    pool.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_never_use_a_resource_at_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((database, here)) = Shop::open(engine).await else { return };
    // given two nodes at work (on SQLite two pools, as it is for one node)
    let there = if engine == Engine::Postgres { here.elsewhere(&database).await } else { here.clone() };
    let pools = [here.start(eight()), there.start(eight())];
    // when 200 jobs for five resources come from both
    for number in 0..200 {
        let shop = if number % 2 == 0 { &here } else { &there };
        shop.ask(&Task { resource: format!("resource:{}", number % 5), ..task(number, Does::End) }).await;
    }
    here.idle().await;
    // then each is done once, and none beside another of its resource
    let done = here.notes.ended();
    assert_eq!((done.len(), done.iter().collect::<HashSet<_>>().len()), (200, 200));
    assert_eq!(here.notes.overlaps.load(Ordering::SeqCst), 0);
    for pool in pools {
        pool.stop().await;
    }
}

#[rstest]
#[tokio::test]
async fn a_commit_wakes_the_workers_at_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((database, here)) = Shop::open(engine).await else { return };
    let there = if engine == Engine::Postgres { here.elsewhere(&database).await } else { here.clone() };
    let pool = there.start(eight());
    let began = Instant::now();
    for round in 0..30 {
        here.ask(&task(round, Does::End)).await;
        here.notes.until(|notes| notes.ended.lock().unwrap().len() == round + 1).await;
    }
    // by looking each second alone it would take half a minute
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn what_is_due_later_is_done_later(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    assert!(shop.ask_at(&task("later", Does::End), NOW + 60_000).await);
    assert!(!shop.ask_at(&task("later", Does::End), NOW + 90_000).await, "one waits already");
    shop.ask(&task("now", Does::End)).await;
    let pool = shop.start(eight());
    shop.idle().await;
    assert_eq!(shop.notes.ended(), ["now"]);
    shop.later(60);
    shop.idle().await;
    assert_eq!(shop.notes.ended(), ["now", "later"]);
    pool.stop().await;
}

#[tokio::test]
async fn what_nobody_announces_is_found_by_looking() {
    // given a job that another process wrote into the file of SQLite, where nothing is announced
    let (database, here) = Shop::open(Engine::Sqlite).await.unwrap();
    let pool = here.start(eight());
    here.ask(&task("announced", Does::End)).await;
    here.idle().await;
    let there = here.elsewhere(&database).await;
    there.ask(&task("silent", Does::End)).await;
    // then it is done all the same
    here.notes.until(|notes| notes.ended() == ["announced", "silent"]).await;
    pool.stop().await;
}
