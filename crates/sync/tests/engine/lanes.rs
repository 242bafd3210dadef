//! What goes before what, and what people hold back.

use std::time::Duration;

use http::StatusCode;
use sandbox::gitlab::model::ProjectId;
use sandbox::gitlab::switches::{Failure, How, RateLimit};
use store::{JobLane, RepositoryState};
use sync::{Mode, Options};

use crate::world::{Database, GROUP, World};

/// Longer than any pause of the host, and shorter than the interval of refreshes.
const PAUSE: i64 = 600_000;

/// The keys of the jobs that wait in a lane, in the order in which they are taken; without what only waits for its time.
async fn waiting(world: &World, lane: JobLane) -> Vec<String> {
    let now = model::Clock::now(&*world.clock) + PAUSE;
    let mut keys = Vec::new();
    while let Some(job) = world.store.job_claim("test", Some(lane), now, now + 1_000_000).await.unwrap() {
        keys.push(job.dedup_key);
    }
    keys.retain(|key| !key.ends_with(":branches"));
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

/// A world without git over HTTP, whose host takes its time, and a project that is imported page by page.
async fn slow_import() -> Option<(World, i64, ProjectId)> {
    let mut world = World::new(Database::Sqlite).await?;
    let project = world.project("large").await;
    let messages: Vec<String> = (0..1_500).map(|number| format!("PLAT-{} Step", number % 7 + 1)).collect();
    world.push(project, &messages.iter().map(|message| ("main", message.as_str())).collect::<Vec<_>>()).await;
    world.restart_with(Options { git: false, ..world.engine.options().clone() }).await;
    world.server.switches().latency(Duration::from_millis(50));
    let account = world.connect(GROUP).await;
    pages(&world, 3).await;
    Some((world, account, project))
}

/// Waits until so many pages of commits were asked for.
async fn pages(world: &World, count: usize) {
    let is_page = |request: &sandbox::gitlab::request_log::LoggedRequest| request.path.ends_with("/repository/commits");
    while world.server.requests().all().iter().filter(|request| is_page(request)).count() < count {
        tokio::task::yield_now().await;
    }
}

fn page_count(world: &World) -> usize {
    world.server.requests().all().iter().filter(|request| request.path.ends_with("/repository/commits")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_a_repository_stops_its_import_at_the_next_step_and_resuming_ends_it() {
    // given
    let Some((world, account, _)) = slow_import().await else { return };
    let id = world.repository(account, "large").await.id;

    // when
    sync::request::pause_repository(&world.engine, id).await.unwrap();
    world.idle().await;

    // then: of fifteen pages
    assert!(page_count(&world) < 10, "{} pages", page_count(&world));
    let paused = world.repository(account, "large").await;
    assert_eq!((paused.state, paused.paused, paused.imported_at), (RepositoryState::Waiting, true, None));
    assert_eq!(paused.failures, 0);
    let account_row = world.store.account(account).await.unwrap().unwrap();
    assert!(account_row.imported_at.is_some(), "the first import does not wait for what is paused");

    // when: time passes, and lists are read
    world.wait(Duration::from_secs(2 * 3_600)).await;
    world.refresh(account).await;

    // then
    assert!(page_count(&world) < 10, "{} pages", page_count(&world));

    // when
    world.server.switches().latency(Duration::ZERO);
    sync::request::resume_repository(&world.engine, id).await.unwrap();
    world.idle().await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 215);
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_an_account_stops_its_imports_at_the_next_step() {
    // given
    let Some((world, account, _)) = slow_import().await else { return };

    // when
    sync::request::pause(&world.engine, account).await.unwrap();
    world.idle().await;

    // then
    assert!(page_count(&world) < 10, "{} pages", page_count(&world));
    assert_eq!(world.repository(account, "large").await.state, RepositoryState::Waiting);

    // when
    world.server.switches().latency(Duration::ZERO);
    sync::request::resume(&world.engine, account).await.unwrap();
    world.idle().await;

    // then
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unlinking_a_repository_stops_its_import() {
    // given
    let Some((world, account, _)) = slow_import().await else { return };
    let id = world.repository(account, "large").await.id;

    // when
    sync::request::set_linked(&world.engine, account, id, false).await.unwrap();
    world.idle().await;

    // then
    assert!(page_count(&world) < 10, "{} pages", page_count(&world));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_repository_is_synced_only_when_a_person_asks() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    let id = world.repository(account, "api").await.id;
    sync::request::pause_repository(&world.engine, id).await.unwrap();
    world.push(project, &[("main", "PLAT-2 Later")]).await;

    // when
    world.wait(Duration::from_secs(3 * 3_600)).await;
    world.refresh(account).await;

    // then
    assert!(world.reachable("PLAT-2").await.is_empty());

    // when
    sync::request::sync_repository(&world.engine, id, Mode::Soft).await.unwrap();
    world.idle().await;

    // then: and it stays paused
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);
    assert!(world.repository(account, "api").await.paused);

    // when
    world.push(project, &[("main", "PLAT-3 Later still")]).await;
    sync::request::resume_repository(&world.engine, id).await.unwrap();
    world.idle().await;

    // then: and from now on by the schedule
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);
    world.push(project, &[("main", "PLAT-4 By itself")]).await;
    world.wait(Duration::from_secs(63 * 60)).await;
    assert_eq!(world.reachable("PLAT-4").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_can_be_moved_to_the_front() {
    // given: three imports that wait
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
    sync::request::forward_repository(&world.engine, middle).await.unwrap();

    // then
    let expected = [middle, new, old].map(|id| format!("repository:{id}:soft"));
    assert_eq!(waiting(&world, JobLane::Import).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_leave_the_last_fifth_of_the_allowance_to_live_work() {
    // given: an imported repository, and a window of 50 requests
    let Some(mut world) = World::new(Database::Sqlite).await else { return };
    world.restart_with(Options { git: false, ..world.engine.options().clone() }).await;
    let api = world.project("api").await;
    world.push(api, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    let id = world.repository(account, "api").await.id;
    for number in 0..30 {
        let project = world.project(&format!("p{number}")).await;
        world.push(project, &[("main", format!("PLAT-2 Begin {number}").as_str())]).await;
    }
    world.server.switches().rate_limit(Some(RateLimit { limit: 50, window: Duration::from_secs(60) }));

    // when: the imports of thirty projects need more
    world.refresh(account).await;
    let left = world.reachable("PLAT-2").await.len();

    // then: they wait for the next window, and nobody else does
    assert!((1..30).contains(&left), "{left} imported");
    let host = world.store.hosts().await.unwrap().remove(0);
    assert_eq!(host.paused_until, None);

    // when: a person asks
    world.push(api, &[("main", "PLAT-3 Now")]).await;
    sync::request::sync_repository(&world.engine, id, Mode::Soft).await.unwrap();
    world.idle().await;

    // then
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);

    // when: windows pass
    for _ in 0..4 {
        world.wait(Duration::from_secs(61)).await;
    }

    // then
    assert_eq!(world.reachable("PLAT-2").await.len(), 30);
    world.assert_up_to_date(account).await;
}
