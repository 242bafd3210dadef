//! What is asked of a host by itself, when, and how often.

use std::collections::BTreeMap;
use std::time::Duration;

use rstest::rstest;
use sandbox::gitlab::model::{MergeRequestChange, NewMergeRequest, ProjectId, Visibility};
use sandbox::gitlab::switches::{Failure, How};
use store::Viewer;
use sync::Mode;

use crate::world::{Database, GROUP, World};

/// The interval of refreshes, and what a run may be away from its place.
const ROUND: Duration = Duration::from_secs(63 * 60);

/// Projects with a commit and a merge request each, imported and refreshed once.
async fn in_step(world: &World, names: &[&str]) -> (i64, Vec<ProjectId>) {
    let mut projects = Vec::new();
    for name in names {
        let project = world.project(name).await;
        // What is committed in the same second with the same words is the same commit.
        let messages = ["PLAT-1 Begin", "PLAT-2 Try", "PLAT-2 Try again"].map(|message| format!("{message} {name}"));
        let commits = ["main", "topic", "next"].into_iter().zip(messages.iter().map(String::as_str));
        world.push(project, &commits.collect::<Vec<_>>()).await;
        open(world, project, "topic", "PLAT-3 Review").await;
        projects.push(project);
    }
    let account = world.import(GROUP).await;
    world.wait(ROUND).await;
    world.server.requests().clear();
    (account, projects)
}

async fn open(world: &World, project: ProjectId, branch: &str, title: &str) {
    let new = NewMergeRequest::within(project, branch, "main", title, world.jira);
    world.model().open_merge_request(new).await.unwrap();
}

/// How often each path was asked for.
fn asked(world: &World) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for request in world.server.requests().all() {
        *asked.entry(request.path).or_default() += 1;
    }
    asked
}

/// How often the branches of some repository were asked for.
fn listings(world: &World) -> usize {
    asked(world).iter().filter(|(path, _)| path.ends_with("/git-upload-pack")).map(|(_, count)| count).sum()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_repository_costs_one_request_an_interval(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let names: Vec<String> = (0..12).map(|number| format!("p{number}")).collect();
    let (account, _) = in_step(&world, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;

    // when
    world.wait(ROUND).await;

    // then: beside the lists of projects and of merge requests, and the account itself, each once
    let asked = asked(&world);
    let paths: Vec<_> = asked.keys().filter(|path| path.starts_with("/api/")).collect();
    assert_eq!(listings(&world), 12, "{asked:#?}");
    assert!(asked.values().all(|count| *count == 1), "{asked:#?}");
    assert!(paths.len() <= 3, "{paths:?}");
    world.assert_up_to_date(account).await;
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn asked_for_by_a_person_an_unchanged_repository_costs_one_request_too(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let (account, projects) = in_step(&world, &["a", "b", "c", "d"]).await;

    // when
    world.refresh(account).await;

    // then
    assert_eq!(listings(&world), 4);
    assert_eq!(asked(&world).keys().filter(|path| path.starts_with("/api/v4/projects/")).count(), 0);

    // when: there are news
    world.push(projects[0], &[("main", "PLAT-8 Later")]).await;
    let first = world.model().merge_request_by_iid(projects[1], 1).unwrap().id;
    let change = MergeRequestChange { title: Some("PLAT-9 Review".to_owned()), ..MergeRequestChange::default() };
    world.model().update_merge_request(first, world.jira, change).await.unwrap();
    world.refresh(account).await;

    // then
    assert_eq!((world.reachable("PLAT-8").await.len(), world.merge_requests("PLAT-9").await.len()), (1, 1));
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshes_are_spread_over_the_interval() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let names: Vec<String> = (0..12).map(|number| format!("p{number}")).collect();
    in_step(&world, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;

    // when: an hour passes, five minutes at a time
    let mut at_once = Vec::new();
    for _ in 0..12 {
        world.server.requests().clear();
        world.wait(Duration::from_secs(300)).await;
        at_once.push(listings(&world));
    }

    // then
    assert!(at_once.iter().all(|count| *count <= 3), "{at_once:?}");
    assert!((10..=14).contains(&at_once.iter().sum::<usize>()), "{at_once:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_merge_requests_come_with_the_list_of_the_group() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let (_, projects) = in_step(&world, &["a", "b", "c"]).await;
    let model = world.model();
    let first = model.merge_request_by_iid(projects[1], 1).unwrap().id;
    let change = MergeRequestChange { title: Some("PLAT-4 Review".to_owned()), ..MergeRequestChange::default() };
    model.update_merge_request(first, world.jira, change).await.unwrap();

    // when
    world.wait(ROUND).await;

    // then: only the list of the one that has news was read
    assert_eq!(world.merge_requests("PLAT-4").await.len(), 1);
    let of_projects = |asked: BTreeMap<String, usize>| -> Vec<String> {
        let is_list = |path: &String| path.starts_with("/api/v4/projects/") && path.ends_with("/merge_requests");
        asked.into_keys().filter(is_list).collect()
    };
    assert_eq!(of_projects(asked(&world)), [format!("/api/v4/projects/{}/merge_requests", projects[1].0)]);

    // when: the overlap shows it again
    world.server.requests().clear();
    world.wait(ROUND).await;

    // then
    assert!(of_projects(asked(&world)).is_empty(), "{:?}", asked(&world));
    assert_eq!(asked(&world)[&format!("/api/v4/groups/{}/merge_requests", world.group.0)], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_whose_list_fails_is_followed_project_by_project() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let (_, projects) = in_step(&world, &["a", "b"]).await;
    let forbidden = How::Status(http::StatusCode::FORBIDDEN);
    world.server.switches().fail(Failure::every("/api/v4/groups/*/merge_requests", forbidden));
    open(&world, projects[0], "next", "PLAT-4 One more").await;

    // when: the list is missed, and then each repository has its turn
    world.wait(ROUND).await;
    world.wait(ROUND).await;

    // then
    assert_eq!(world.merge_requests("PLAT-4").await.len(), 1);

    // when: it can be read again, and something happened meanwhile
    world.server.switches().fail_no_more();
    open(&world, projects[1], "next", "PLAT-5 Another").await;
    world.wait(ROUND).await;

    // then
    assert_eq!(world.merge_requests("PLAT-5").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_namespaces_are_followed_project_by_project() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.model().create_project("jira", "mine", "mine", Visibility::Private, world.jira).await.unwrap();
    world.push(project, &[("main", "PLAT-1 Begin"), ("next", "PLAT-2 Try")]).await;
    world.import("jira").await;
    open(&world, project, "next", "PLAT-4 Review").await;
    world.push(project, &[("next", "PLAT-5 Try harder")]).await;

    // when
    world.wait(ROUND).await;

    // then
    assert_eq!((world.merge_requests("PLAT-4").await.len(), world.reachable("PLAT-5").await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_a_person_asks_for_reads_everything_at_once() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let (account, projects) = in_step(&world, &["a", "b", "c"]).await;
    for project in &projects {
        world.push(*project, &[("main", format!("PLAT-4 Later {}", project.0).as_str())]).await;
        open(&world, *project, "next", "PLAT-5 Review").await;
    }

    // when
    world.refresh(account).await;

    // then
    assert_eq!((world.reachable("PLAT-4").await.len(), world.merge_requests("PLAT-5").await.len()), (3, 3));
    let next = sync::next_refresh_at(&world.engine, account).await.unwrap().unwrap();
    let now = model::Clock::now(&*world.clock);
    assert!(next > now && next <= now + 3_780_000, "the next one waits for its time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_vanishes_is_hidden_and_comes_back_unharmed() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let (account, projects) = in_step(&world, &["a", "b"]).await;
    world.model().create_group("elsewhere", "Elsewhere", None, Visibility::Private, world.jira).unwrap();
    world.model().transfer_project(projects[0], "elsewhere").unwrap();

    // when
    world.wait(ROUND).await;

    // then
    let listed = world.store.linked_repositories(account).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["platform/b"]);
    assert_eq!(world.reachable("PLAT-2").await.len(), 2, "only those of the other project");

    // when: it comes back, and had a merge request meanwhile
    open(&world, projects[0], "next", "PLAT-4 Meanwhile").await;
    world.clock.advance(3_600_000);
    world.model().transfer_project(projects[0], GROUP).unwrap();
    world.wait(ROUND).await;

    // then
    assert_eq!(world.store.linked_repositories(account).await.unwrap().len(), 2);
    assert_eq!((world.reachable("PLAT-2").await.len(), world.merge_requests("PLAT-4").await.len()), (4, 1));
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_project_is_imported_with_the_next_list_and_kept_in_step() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let (account, _) = in_step(&world, &["a"]).await;
    let project = world.project("b").await;
    world.push(project, &[("main", "PLAT-4 Begin")]).await;

    // when
    world.wait(ROUND).await;

    // then
    assert_eq!(world.reachable("PLAT-4").await.len(), 1);

    // when
    world.push(project, &[("main", "PLAT-5 Later")]).await;
    world.wait(ROUND).await;

    // then
    assert_eq!(world.reachable("PLAT-5").await.len(), 1);
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_fails_is_left_to_its_retry() {
    // given: it fails for good
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let (account, projects) = in_step(&world, &["a", "b"]).await;
    let forbidden = How::Status(http::StatusCode::FORBIDDEN);
    world.server.switches().fail(Failure::git_of(projects[0], forbidden));
    world.server.switches().fail(Failure::rest_of(projects[0], forbidden));
    for _ in 0..9 {
        world.wait(ROUND).await;
    }
    let failed = world.repository(account, "a").await;
    assert!(failed.failures >= 4, "{}", failed.failures);
    assert_eq!(failed.error_kind.as_deref(), Some("permission"));

    // when: hours pass
    world.server.requests().clear();
    world.wait(ROUND).await;
    world.wait(ROUND).await;

    // then: it is asked less often than once an interval, the other as ever
    let about =
        |path: &str| asked(&world).iter().filter(|(it, _)| it.contains(path)).map(|(_, count)| count).sum::<usize>();
    assert!(about("/platform/a.git/") <= 1, "{:?}", asked(&world));
    assert_eq!(about("/platform/b.git/"), 2);

    // when: a person asks, and it is well again
    world.server.switches().fail_no_more();
    sync::request::sync_repository(&world.engine, failed.id, Mode::Soft).await.unwrap();
    world.idle().await;

    // then
    let healed = world.repository(account, "a").await;
    assert_eq!((healed.failures, healed.retry_at, healed.error), (0, None, None));
    assert!(world.store.account_repositories(Viewer::Everything, account).await.unwrap().len() == 2);
}
