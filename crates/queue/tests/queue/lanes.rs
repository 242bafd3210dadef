//! Live before import.

use queue::Limits;
use rstest::rstest;
use store::testing::Engine;

use crate::shop::{Does, Shop, Task, task};

#[rstest]
#[tokio::test]
async fn a_live_job_does_not_wait_behind_imports(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    let import = |name: &str, does| Task { live: false, ..task(name, does) };
    // given more imports than workers, none of which ends
    for number in 0..6 {
        shop.ask(&import(&format!("import {number}"), Does::Wait)).await;
    }
    let pool = shop.start(Limits { workers: 3, live_only: 1, ..Limits::default() });
    shop.notes.until(|notes| notes.began.lock().unwrap().len() == 2).await;
    // when live jobs come, then they are done, one after the other
    for number in 0..3 {
        shop.ask(&task(format!("live {number}"), Does::End)).await;
    }
    shop.notes.until(|notes| notes.ended.lock().unwrap().len() == 3).await;
    assert!(shop.notes.ended().iter().all(|name| name.starts_with("live")));
    assert_eq!(shop.notes.began.lock().unwrap().iter().filter(|name| name.starts_with("import")).count(), 2);
    // and the imports go on afterwards
    shop.notes.lets_on.add_permits(6);
    shop.idle().await;
    assert_eq!(shop.notes.ended().len(), 9);
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_live_job_goes_between_two_chunks_of_an_import(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    let of_one =
        |name: &str, live, does| Task { name: name.to_owned(), resource: "repository:1".to_owned(), live, does };
    // given an import that runs, its next chunk, and then a live job for the same repository
    shop.ask(&of_one("chunk 1", false, Does::Wait)).await;
    let pool = shop.start(Limits { workers: 2, live_only: 1, ..Limits::default() });
    shop.notes.begins("chunk 1", 1).await;
    shop.ask(&of_one("chunk 2", false, Does::End)).await;
    shop.ask(&of_one("live", true, Does::End)).await;
    assert!(shop.store.live_job_waiting("repository:1", crate::shop::NOW).await.unwrap());
    // when the chunk ends
    shop.notes.lets_on.add_permits(1);
    shop.idle().await;
    assert_eq!(shop.notes.ended(), ["chunk 1", "live", "chunk 2"]);
    pool.stop().await;
}

#[rstest]
#[tokio::test]
async fn one_worker_does_everything(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_database, shop)) = Shop::open(engine).await else { return };
    shop.ask(&Task { live: false, ..task("import", Does::End) }).await;
    shop.ask(&task("live", Does::End)).await;
    let pool = shop.start(Limits { workers: 1, live_only: 5, ..Limits::default() });
    shop.idle().await;
    assert_eq!(shop.notes.ended(), ["live", "import"]);
    pool.stop().await;
}
