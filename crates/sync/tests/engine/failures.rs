//! What goes wrong at the host stays with whom it concerns.

use std::time::Duration;

use http::StatusCode;
use rstest::rstest;
use sandbox::gitlab::switches::{Failure, How, RateLimit};
use store::RepositoryState;

use crate::world::{Database, GROUP, World};

#[rstest]
#[case::forbidden(StatusCode::FORBIDDEN, "permission")]
#[case::missing(StatusCode::NOT_FOUND, "not_found")]
#[case::broken(StatusCode::BAD_GATEWAY, "server")]
#[tokio::test(flavor = "multi_thread")]
async fn one_bad_repository_fails_alone(#[case] status: StatusCode, #[case] kind: &str) {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let (bad, good) = (world.project("bad").await, world.project("good").await);
    world.push(bad, &[("main", "PLAT-1 Begin")]).await;
    world.push(good, &[("main", "PLAT-2 Begin")]).await;
    let switches = world.server.switches();
    switches.fail(Failure::every("/platform/bad.git/*", How::Status(status)));
    switches.fail(Failure::every(&format!("/api/v4/projects/{}/*", bad.0), How::Status(status)));

    // when
    let account = world.import(GROUP).await;

    // then
    let failed = world.repository(account, "bad").await;
    assert_eq!((failed.state, failed.error_kind.as_deref()), (RepositoryState::Failed, Some(kind)));
    assert!(failed.error.unwrap().len() > 40);
    assert_eq!(world.repository(account, "good").await.state, RepositoryState::UpToDate);
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);
    assert!(world.store.account(account).await.unwrap().unwrap().imported_at.is_some(), "the others are imported");

    // when: it is well again, and refreshed
    world.server.switches().fail_no_more();
    world.refresh(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_failure_is_tried_again_by_itself() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let failure = Failure::nth("/platform/api.git/*", 1, How::Status(StatusCode::SERVICE_UNAVAILABLE));
    world.server.switches().fail(failure);
    let account = world.import(GROUP).await;
    assert_eq!(world.repository(account, "api").await.state, RepositoryState::Failed);

    // when
    world.wait(Duration::from_secs(6)).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.repository(account, "api").await.failures, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_pauses_the_host_and_burns_no_attempt() {
    // given: ten requests a minute
    let Some(world) = World::new(Database::Sqlite).await else { return };
    for name in ["a", "b", "c", "d"] {
        let project = world.project(name).await;
        world.push(project, &[("main", format!("PLAT-1 Begin {name}").as_str())]).await;
    }
    let account = world.connect(GROUP).await;
    world.server.switches().rate_limit(Some(RateLimit { limit: 10, window: Duration::from_secs(60) }));

    // when
    world.idle().await;
    let host = world.store.hosts().await.unwrap().remove(0);

    // then
    let until = host.paused_until.expect("the host is paused");
    assert!(until > model::Clock::now(&*world.clock), "{until}");
    assert!(host.paused_reason.is_some());

    // when: the minutes pass
    for _ in 0..5 {
        world.wait(Duration::from_secs(61)).await;
    }

    // then
    world.assert_up_to_date(account).await;
    for name in ["a", "b", "c", "d"] {
        assert_eq!(world.repository(account, name).await.failures, 0);
    }
    assert_eq!(world.reachable("PLAT-1").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_git_over_http_everything_comes_by_rest() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    let many: Vec<String> = (0..250).map(|number| format!("PLAT-{} Step {number}", number % 7 + 1)).collect();
    world.push(project, &many.iter().map(|message| ("main", message.as_str())).collect::<Vec<_>>()).await;
    world.push(project, &[("topic", "PLAT-9 Try")]).await;
    world.server.switches().no_git_http();

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    let expected = world.git(project, &["log", "--all", "--format=%H", "--grep=PLAT-3 "]).await;
    assert_eq!(world.reachable("PLAT-3").await, expected);
    assert_eq!(world.reachable("PLAT-9").await.len(), 1);

    // when: only what is new is asked for
    world.push(project, &[("main", "PLAT-10 More"), ("main", "PLAT-11 And more")]).await;
    world.server.requests().clear();
    world.refresh(account).await;

    // then
    assert_eq!(world.reachable("PLAT-10").await.len(), 1);
    let pages =
        world.server.requests().all().into_iter().filter(|request| request.path.ends_with("/repository/commits"));
    assert_eq!(pages.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_filters_is_not_asked_for_whole_repositories() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 Try")]).await;
    world.server.switches().no_filters();

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!((world.reachable("PLAT-1").await.len(), world.reachable("PLAT-2").await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_without_commits_or_repository_are_empty() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    world.project("empty").await;
    let none = world.project("none").await;
    world.server.switches().no_repository(none);

    // when
    let account = world.import(GROUP).await;

    // then
    for name in ["empty", "none"] {
        let repository = world.repository(account, name).await;
        assert_eq!(repository.state, RepositoryState::Empty, "{name}: {:?}", repository.error);
    }
    assert!(world.store.account(account).await.unwrap().unwrap().imported_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_is_kept_with_the_account_and_tried_again() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.connect(GROUP).await;
    world.idle().await;
    world.server.switches().fail(Failure::every("/api/v4/groups/*", How::Status(StatusCode::BAD_GATEWAY)));

    // when
    world.refresh(account).await;

    // then
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!(stored.error_kind.as_deref(), Some("server"));
    assert_eq!(world.reachable("PLAT-1").await.len(), 1, "nothing is shown less");

    // when
    world.server.switches().fail_no_more();
    world.wait(Duration::from_secs(10)).await;

    // then
    assert_eq!(world.store.account(account).await.unwrap().unwrap().error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_refreshed_by_themselves() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    world.import(GROUP).await;
    world.push(project, &[("main", "PLAT-2 Later")]).await;

    // when
    world.wait(Duration::from_secs(50 * 60)).await;

    // then: not before its time
    assert!(world.reachable("PLAT-2").await.is_empty());

    // when
    world.wait(Duration::from_secs(20 * 60)).await;

    // then
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_account_is_left_alone_until_it_goes_on() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    sync::request::pause(&world.engine, account).await.unwrap();
    world.push(project, &[("main", "PLAT-2 Later")]).await;
    world.server.requests().clear();

    // when
    world.wait(Duration::from_secs(3 * 3_600)).await;

    // then
    assert!(world.server.requests().all().is_empty());

    // when
    sync::request::resume(&world.engine, account).await.unwrap();
    world.idle().await;

    // then
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);
}
