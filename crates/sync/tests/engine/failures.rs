//! What goes wrong at the host stays with whom it concerns.

use std::time::Duration;

use http::StatusCode;
use rstest::rstest;
use sandbox::gitlab::model::{MergeMethod, NewMergeRequest};
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

    let failed = world.repository(account, "api").await;
    let after = failed.retry_at.unwrap() - model::Clock::now(&*world.clock);
    assert!((54_000..=66_000).contains(&after), "{after} ms");

    // when
    world.wait(Duration::from_secs(66)).await;

    // then
    world.assert_up_to_date(account).await;
    let healed = world.repository(account, "api").await;
    assert_eq!((healed.failures, healed.retry_at), (0, None));
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

/// Two projects, of which one is bad in some way: the other is not held up by it.
async fn bad_and_good(world: &World) -> sandbox::gitlab::model::ProjectId {
    let (bad, good) = (world.project("bad").await, world.project("good").await);
    world.push(bad, &[("main", "PLAT-1 Begin")]).await;
    world.push(good, &[("main", "PLAT-2 Begin")]).await;
    bad
}

#[rstest]
#[case::half_of_a_list(Failure::rest_of as fn(_, _) -> _, How::HalfAnswer, &["data", "network"])]
#[case::an_error_over_git(Failure::git_of as fn(_, _) -> _, How::Status(StatusCode::INTERNAL_SERVER_ERROR), &["server"])]
#[case::silence(Failure::rest_of as fn(_, _) -> _, How::Silence, &["network"])]
#[case::silence_over_git(Failure::git_of as fn(_, _) -> _, How::Silence, &["network"])]
#[case::connections_that_break(Failure::git_of as fn(_, _) -> _, How::DropConnection, &["network"])]
#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_answers_badly_stops_no_other(
    #[case] what: fn(sandbox::gitlab::model::ProjectId, How) -> Failure,
    #[case] how: How,
    #[case] kinds: &[&str],
) {
    // given: answers are waited for for a second
    let Some(mut world) = World::new(Database::Sqlite).await else { return };
    let mut options = world.engine.options().clone();
    options.network.answer_timeout = Duration::from_secs(1);
    world.restart_with(options).await;
    let bad = bad_and_good(&world).await;
    world.server.switches().fail(what(bad, how));

    // when
    let account = world.import(GROUP).await;

    // then
    let failed = world.repository(account, "bad").await;
    assert_eq!(failed.state, RepositoryState::Failed);
    assert!(kinds.contains(&failed.error_kind.as_deref().unwrap()), "{failed:?}");
    assert!(failed.error.unwrap().len() > 40 && failed.retry_at.is_some());
    assert_eq!(world.repository(account, "good").await.state, RepositoryState::UpToDate);
    assert_eq!(world.store.hosts().await.unwrap()[0].paused_until, None);

    // when
    world.server.switches().fail_no_more();
    world.wait(Duration::from_secs(70)).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_pack_stops_no_other() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let bad = bad_and_good(&world).await;
    world.server.switches().corrupt_pack(bad);

    // when
    let account = world.import(GROUP).await;

    // then
    let failed = world.repository(account, "bad").await;
    assert_eq!(failed.state, RepositoryState::Failed);
    assert!(["git", "data"].contains(&failed.error_kind.as_deref().unwrap()), "{failed:?}");
    assert_eq!(world.repository(account, "good").await.state, RepositoryState::UpToDate);

    // when
    world.server.switches().all_well();
    world.wait(Duration::from_secs(70)).await;

    // then
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_requests_that_are_switched_off_are_no_error() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let bad = bad_and_good(&world).await;
    world.server.switches().merge_requests_off(bad);

    // when
    let account = world.import(GROUP).await;
    world.wait(Duration::from_secs(63 * 60)).await;

    // then
    let without = world.repository(account, "bad").await;
    assert_eq!((without.state, without.error_kind), (RepositoryState::UpToDate, None));
    assert_eq!(without.merge_requests_state, store::MergeRequestsState::Unavailable);
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_down_is_probed_and_not_hammered() {
    // given: twenty repositories, and nobody home
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let mut projects = Vec::new();
    for number in 0..20 {
        let project = world.project(&format!("p{number}")).await;
        world.push(project, &[("main", format!("PLAT-1 Begin {number}").as_str())]).await;
        projects.push(project);
    }
    let account = world.import(GROUP).await;
    for project in &projects {
        world.push(*project, &[("main", format!("PLAT-2 Later {}", project.0).as_str())]).await;
    }
    world.server.switches().fail(Failure::every("*", How::DropConnection));
    world.server.requests().clear();

    // when: everything is asked for
    for repository in world.store.linked_repositories(account).await.unwrap() {
        sync::request::sync_repository(&world.engine, repository.id, sync::Mode::Soft).await.unwrap();
    }
    world.idle().await;

    // then: three outages, and those that were on their way
    let connections = world.server.requests().all().len();
    assert!(connections <= 16, "{connections} connections");
    let host = world.store.hosts().await.unwrap().remove(0);
    assert_eq!(host.paused_reason.as_deref(), Some("down"));
    assert!(host.paused_until.is_some());

    // when: an hour passes, half a minute at a time
    world.server.requests().clear();
    for _ in 0..120 {
        world.wait(Duration::from_secs(30)).await;
    }

    // then: one probe at 30 s, 60 s, … 10 min
    let connections = world.server.requests().all().len();
    assert!((6..=12).contains(&connections), "{connections} connections");
    assert!(world.server.requests().all().iter().all(|request| request.path == "/api/v4/user"));

    // when: it is back
    world.server.switches().fail_no_more();
    world.wait(Duration::from_secs(600)).await;
    world.wait(Duration::from_secs(600)).await;

    // then
    let host = world.store.hosts().await.unwrap().remove(0);
    assert_eq!((host.paused_until, host.failures), (None, 0));
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-2").await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_repository_that_fails_again_and_again_is_no_outage_of_its_host() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let bad = bad_and_good(&world).await;
    world.server.switches().fail(Failure::rest_of(bad, How::Status(StatusCode::BAD_GATEWAY)));
    let account = world.import(GROUP).await;

    // when: it is tried some times
    for _ in 0..10 {
        world.wait(Duration::from_secs(300)).await;
    }

    // then
    let failed = world.repository(account, "bad").await;
    assert!(failed.failures >= 4, "{}", failed.failures);
    let host = world.store.hosts().await.unwrap().remove(0);
    assert_eq!(host.paused_until, None);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_sync_wrote_before_it_failed_is_lost_when_the_next_finds_nothing_that_leads_there(
    #[case] database: Database,
) {
    // given: a sync that fails after its commits were written, as it asks where a merge request began
    let Some(world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 Try")]).await;
    let account = world.import(GROUP).await;
    let new = NewMergeRequest::within(project, "topic", "main", "PLAT-3 Ask", world.jira);
    let request = world.model().open_merge_request(new).await.unwrap();
    world.model().merge(request, world.jira, MergeMethod::FastForward).await.unwrap();
    world.push(project, &[("wrong", "PLAT-9 Never mind")]).await;
    let failure = Failure::every("/api/v4/projects/*/merge_requests/*", How::Status(StatusCode::BAD_GATEWAY));
    world.server.switches().fail(failure);
    world.refresh(account).await;
    let repository = world.repository(account, "api").await;
    assert_eq!(repository.state, RepositoryState::Failed);
    assert_eq!(world.reachable("PLAT-9").await.len(), 1, "it was written");

    // when
    world.delete_branch(project, "wrong").await;
    world.server.switches().fail_no_more();
    world.refresh(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-9").await, Vec::<String>::new());
    assert_eq!(world.commits("PLAT-9").await.len(), 1, "it is shown as one that no branch has any more");
}

/// Held beside a cache while somebody fetches into it.
const FETCH_LOCK: &str = "dovetail.fetch.lock";

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_another_one_fetches_into_is_waited_for() {
    // given: a job whose lease ran out still fetches
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    let repository = world.repository(account, "api").await;
    let cache = world.path(&format!("data/cache/{}.git", repository.id));
    let held = std::fs::File::create(cache.join(FETCH_LOCK)).unwrap();
    held.lock().unwrap();

    // when
    world.push(project, &[("main", "PLAT-2 Go on")]).await;
    world.refresh(account).await;

    // then: that is no failure
    let waiting = world.repository(account, "api").await;
    assert_eq!((waiting.error, waiting.failures, waiting.retry_at), (None, 0, None));
    assert!(world.reachable("PLAT-2").await.is_empty());

    // when
    held.unlock().unwrap();
    world.wait(Duration::from_secs(5)).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);
}
