//! Several nodes on one PostgreSQL.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use sandbox::gitlab::model::NewMergeRequest;
use sandbox::jira::model::devinfo::EntityKind;
use sandbox::jira::{Failure, How};
use store::Store;
use sync::{Engine, Mode, Options};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::deliver::town::Town;
use crate::world::{Database, GROUP, World, sync_options};

/// How long a job is held without a sign of life.
const LEASE: i64 = 30_000;

/// A node beside the world's own: its own connections, its own cache.
struct Node {
    options: Options,
    /// Of its own, so that it can be killed with all its tasks.
    runtime: Option<Runtime>,
    shutdown: CancellationToken,
    tracker: TaskTracker,
}

impl Node {
    async fn start(world: &World, name: &str) -> Self {
        Self::start_with(world, Options { data_dir: world.path(name), ..world.engine.options().clone() }).await
    }

    async fn start_with(world: &World, options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        // Its connections are tied to its runtime.
        let (url, clock, told) = (world.store.url().to_owned(), world.clock.clone(), options.clone());
        let opened = runtime.spawn(async move {
            let store = Store::open(&url, &store::testing::key()).await.unwrap();
            Engine::new(store, told, clock).unwrap()
        });
        let engine = opened.await.unwrap();
        let (shutdown, tracker) = (CancellationToken::new(), TaskTracker::new());
        let entered = runtime.enter();
        engine.start(&shutdown, &tracker);
        drop(entered);
        Self { options, runtime: Some(runtime), shutdown, tracker }
    }

    /// What it fetched, by repository.
    fn caches(&self) -> BTreeSet<String> {
        caches(&self.options)
    }

    /// Drops all its tasks where they are, as a power cut does.
    fn kill(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }

    async fn stop(mut self) {
        self.shutdown.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        self.kill();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn caches(options: &Options) -> BTreeSet<String> {
    let directory = std::fs::read_dir(options.data_dir.join("cache"));
    directory.into_iter().flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A project whose import by REST takes some fifteen pages.
async fn large_project(world: &World) {
    let project = world.project("large").await;
    let messages: Vec<String> = (0..1_500).map(|number| format!("PLAT-{} Step", number % 7 + 1)).collect();
    world.push(project, &messages.iter().map(|message| ("main", message.as_str())).collect::<Vec<_>>()).await;
}

fn page_count(world: &World) -> usize {
    world.server.requests().all().iter().filter(|request| request.path.ends_with("/repository/commits")).count()
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_the_work_and_nothing_is_done_twice() {
    // given
    let Some(world) = World::new(Database::Postgres).await else { return };
    for number in 0..16 {
        let project = world.project(&format!("p{number}")).await;
        world.push(project, &[("main", format!("PLAT-1 Begin {number}").as_str())]).await;
    }
    let node = Node::start(&world, "node").await;
    world.server.switches().latency(Duration::from_millis(20));

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    let (here, there) = (caches(world.engine.options()), node.caches());
    assert_eq!(here.len() + there.len(), 16, "each was fetched by one of them");
    assert!(!here.is_empty() && !there.is_empty(), "{} here, {} there", here.len(), there.len());
    assert_eq!(world.reachable("PLAT-1").await.len(), 16);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_nodes_jobs_go_on_elsewhere_when_its_lease_is_over() {
    // given: a node in the middle of an import
    let Some(mut world) = World::asleep(Database::Postgres).await else { return };
    large_project(&world).await;
    world.server.switches().latency(Duration::from_millis(30));
    let rest = Options { git: false, ..sync_options(world.path("node")) };
    let mut node = Node::start_with(&world, rest).await;
    let account = world.connect(GROUP).await;
    until(|| page_count(&world) >= 4).await;

    // when: it is killed, and another one is there
    node.kill();
    world.server.switches().latency(Duration::ZERO);
    world.restart_with(Options { git: false, ..world.engine.options().clone() }).await;
    let held = world.repository(account, "large").await;
    assert_eq!(held.imported_at, None);
    world.clock.advance(LEASE + 1);
    world.idle().await;

    // then: nothing is missing, nothing doubled
    world.assert_up_to_date(account).await;
    let commits: usize = all_commits(&world).await;
    assert_eq!(commits, 1_500);
}

/// The commits of all issues of the large project.
async fn all_commits(world: &World) -> usize {
    let mut commits = 0;
    for number in 1..=7 {
        commits += world.reachable(&format!("PLAT-{number}")).await.len();
    }
    commits
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_lease_writes_nothing_more() {
    // given: a node waits for an answer, and is taken for dead
    let Some(mut world) = World::asleep(Database::Postgres).await else { return };
    large_project(&world).await;
    world.server.switches().latency(Duration::from_millis(30));
    let rest = Options { git: false, ..sync_options(world.path("node")) };
    let node = Node::start_with(&world, rest).await;
    let account = world.connect(GROUP).await;
    until(|| page_count(&world) >= 3).await;
    world.server.switches().latency(Duration::from_secs(3));
    let asked = page_count(&world);
    until(|| page_count(&world) > asked).await;

    // when: another one takes the job, and has it while the first one's answer comes
    world.clock.advance(LEASE + 1);
    world.server.switches().latency(Duration::ZERO);
    world.restart().await;
    world.idle().await;
    let imported = world.repository(account, "large").await;
    node.stop().await;

    // then: it changed nothing any more
    let after = world.repository(account, "large").await;
    assert!(imported.imported_at.is_some(), "{imported:?}");
    assert_eq!(
        (after.commits_done, after.synced_at, after.state),
        (imported.commits_done, imported.synced_at, imported.state)
    );
    assert_eq!(all_commits(&world).await, 1_500);
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_fires_once_for_all_nodes() {
    // given
    let Some(world) = World::new(Database::Postgres).await else { return };
    for name in ["a", "b", "c"] {
        let project = world.project(name).await;
        world.push(project, &[("main", "PLAT-1 Begin")]).await;
    }
    let node = Node::start(&world, "node").await;
    world.import(GROUP).await;
    world.wait(Duration::from_secs(63 * 60)).await;
    world.server.requests().clear();

    // when
    world.wait(Duration::from_secs(63 * 60)).await;

    // then
    let requests = world.server.requests();
    assert_eq!(requests.count(&format!("/api/v4/groups/{}/projects", world.group.0)), 1);
    assert_eq!(requests.all().iter().filter(|request| request.path.ends_with("/git-upload-pack")).count(), 3);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_one_node_another_one_may_do() {
    // given: this node has no workers
    let Some(world) = World::asleep(Database::Postgres).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let node = Node::start(&world, "node").await;
    let account = world.import(GROUP).await;
    world.push(project, &[("main", "PLAT-2 Later")]).await;
    let id = world.repository(account, "api").await.id;

    // when
    sync::request::sync_repository(&world.engine, id, Mode::Soft).await.unwrap();
    world.idle().await;

    // then
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);

    // when: and a pause asked for here is obeyed there
    sync::request::pause_repository(&world.engine, id).await.unwrap();
    world.push(project, &[("main", "PLAT-3 Later still")]).await;
    world.wait(Duration::from_secs(63 * 60)).await;

    // then
    assert!(world.reachable("PLAT-3").await.is_empty());
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_node_tells_how_far_the_others_are() {
    // given: another node is in the middle of an import, when this one starts
    let Some(mut world) = World::asleep(Database::Postgres).await else { return };
    large_project(&world).await;
    world.server.switches().latency(Duration::from_millis(30));
    let rest = Options { git: false, ..sync_options(world.path("node")) };
    let node = Node::start_with(&world, rest).await;
    let account = world.connect(GROUP).await;
    until(|| page_count(&world) >= 2).await;
    world.server.switches().latency(Duration::from_millis(300));
    world.restart().await;

    // when
    let mut watcher = world.engine.progress();
    let seen = loop {
        watcher.changed().await.unwrap();
        let seen = watcher.borrow_and_update().accounts.get(&account).cloned();
        if let Some(seen) = seen.filter(|seen| seen.commits > 0) {
            break seen;
        }
    };

    // then
    assert!(seen.running, "{seen:?}");
    assert_eq!((seen.repositories_done, seen.repositories_total), (0, 1));
    assert_eq!(seen.last_repository.as_deref(), Some("platform/large"));

    // when: it ends there
    world.server.switches().latency(Duration::ZERO);
    let ended = loop {
        watcher.changed().await.unwrap();
        let seen = watcher.borrow_and_update().accounts[&account].clone();
        if !seen.running {
            break seen;
        }
    };

    // then
    assert_eq!((ended.repositories_done, ended.repositories_total), (1, 1));
    assert!(Arc::ptr_eq(&watcher.borrow(), &world.engine.progress().borrow()));
    node.stop().await;
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_forced_push_left_behind_is_found_by_a_node_that_never_fetched_it(#[case] database: Database) {
    // given: a branch of two commits, one of them on a merge request's branch, too, which is deleted
    let Some(mut world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 Try"), ("topic", "PLAT-2 Try harder")]).await;
    world.push(project, &[("asked", "PLAT-3 Ask")]).await;
    let new = NewMergeRequest::within(project, "asked", "main", "PLAT-4 Request", world.jira);
    world.model().open_merge_request(new).await.unwrap();
    let account = world.import(GROUP).await;
    assert_eq!(world.reachable("PLAT-2").await.len(), 2);

    // when: another node, with a cache of its own, sees it forced back, and the other one gone
    world.force(project, "topic", "main").await;
    world.delete_branch(project, "asked").await;
    world.restart_with(Options { data_dir: world.path("other"), ..world.engine.options().clone() }).await;
    world.refresh(account).await;

    // then
    let commits = world.commits("PLAT-2").await;
    assert!(commits.len() == 2 && commits.iter().all(|(_, unreachable)| *unreachable), "{commits:?}");
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
    assert_eq!(world.reachable("PLAT-3").await.len(), 1, "the merge request leads to it still");
    world.assert_up_to_date(account).await;
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_node_had_told_is_withdrawn_when_it_went_meanwhile(#[case] database: Database) {
    // given: a Jira that was told of a branch by a node that was killed before it wrote that down
    let Some(mut town) = Town::cloud(database).await else { return };
    town.world.push(town.project, &[("main", "Begin")]).await;
    let account = town.import().await;
    town.world.stop().await;
    town.world.push(town.project, &[("PLAT-1-topic", "Work")]).await;
    town.jira.switches().fail(Failure::every("POST */bulk", How::SilenceAfter));
    let mut node = Node::start(&town.world, "node").await;
    town.world.clock.advance(60_000);
    sync::request::refresh_account(&town.world.engine, account).await.unwrap();
    while town.ids("PLAT-1", EntityKind::Branch).is_empty() {
        town.world.clock.advance(100);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    node.kill();
    town.jira.switches().fail_no_more();

    // when: the branch goes before anybody tells of it again
    sync::site::pause(&town.world.engine, town.site).await.unwrap();
    town.world.delete_branch(town.project, "PLAT-1-topic").await;
    town.world.clock.advance(LEASE + 1);
    town.world.restart().await;
    town.news(account).await;
    sync::site::resume(&town.world.engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.world.branches("PLAT-1").await, Vec::<String>::new());
    assert_eq!(town.ids("PLAT-1", EntityKind::Branch), Vec::<String>::new());
}
