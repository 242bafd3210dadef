//! What goes before what.

use http::StatusCode;
use sandbox::gitlab::switches::{Failure, How};
use store::JobLane;
use sync::Mode;

use crate::world::{Database, GROUP, World};

/// Longer than any pause of the host, and shorter than the interval of refreshes.
const PAUSE: i64 = 600_000;

/// The keys of the jobs that wait in a lane, in the order in which they are taken.
async fn waiting(world: &World, lane: JobLane) -> Vec<String> {
    let now = model::Clock::now(&*world.clock) + PAUSE;
    let mut keys = Vec::new();
    while let Some(job) = world.store.job_claim("test", Some(lane), now, now + 1_000_000).await.unwrap() {
        keys.push(job.dedup_key);
    }
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_an_imported_repository_never_waits_behind_imports() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    for name in ["a", "b"] {
        let project = world.project(name).await;
        world.push(project, &[("main", "PLAT-1 Begin")]).await;
    }
    let account = world.import(GROUP).await;
    let (a, b) = (world.repository(account, "a").await.id, world.repository(account, "b").await.id);
    world.stop().await;

    // when
    sync::request::sync_repository(&world.engine, a, Mode::Soft).await.unwrap();
    sync::request::sync_repository(&world.engine, b, Mode::Full).await.unwrap();
    sync::request::refresh_account(&world.engine, account).await.unwrap();

    // then
    let mut live = waiting(&world, JobLane::Live).await;
    live.sort();
    assert_eq!(live, [format!("account:{account}:soft"), format!("repository:{a}:soft")]);
    assert_eq!(waiting(&world, JobLane::Import).await, [format!("repository:{b}:full")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_activity_is_imported_first_and_what_was_clicked_before_it() {
    // given: three projects, each active later than the one before, none imported, as the host asks for a pause
    let Some(world) = World::new(Database::Sqlite).await else { return };
    for name in ["old", "middle", "new"] {
        world.clock.advance(60_000);
        let project = world.project(name).await;
        world.push(project, &[("main", "PLAT-1 Begin")]).await;
    }
    let busy = How::Status(StatusCode::TOO_MANY_REQUESTS);
    world.server.switches().fail(Failure::every("/api/v4/projects/*/merge_requests", busy));
    let account = world.import(GROUP).await;
    world.stop().await;
    let id = async |name: &str| world.repository(account, name).await.id;
    let [old, middle, new] = [id("old").await, id("middle").await, id("new").await];

    // when
    sync::request::sync_repository(&world.engine, old, Mode::Soft).await.unwrap();

    // then
    let expected = [old, new, middle].map(|id| format!("repository:{id}:soft"));
    assert_eq!(waiting(&world, JobLane::Import).await, expected);
}
