//! `serve` is killed at random moments of an import and of live traffic, and at the end nothing is missing or doubled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sandbox::gitlab::model::ProjectId;
use serde_json::Value;
use store::issues::IssueQuery;
use store::testing::Engine;
use store::{Store, Viewer};

use crate::killing::{add_account, hand_on};
use crate::traffic::Traffic;
use crate::world::{Serve, World, imported, synced};

/// How often it is killed while it imports, and as often again while people push.
const KILLS: usize = 10;
/// The same in another number: 25 is what was promised of it, and takes minutes.
const KILLS_ASKED_FOR: &str = "DOVETAIL_TEST_KILLS";
/// Every which time what the killed one was at is handed on at once. A job that was begun ten times and never ended is given up
/// until the next refresh, so that one that kills the server does not do so for ever.
const HANDED_ON: usize = 3;

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn slow_killed_again_and_again_it_misses_and_doubles_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    // given: a real history and projects in which people work, in an account that is being imported
    let Some(history) = history() else { return };
    let Some(mut world) = World::new(engine).await else { return };
    world.settle_down();
    let group = &world.sample.group;
    let large = sandbox::history::import(&world.gitlab, group, "zookeeper", &history).await.unwrap();
    let mut traffic = Traffic::new(&world.gitlab, group).await;
    let api_token = world.api_token().await;
    let mut serve = world.serve().await;
    add_account(&world, &serve, &api_token, &world.sample.group).await;

    let kills = std::env::var(KILLS_ASKED_FOR).map_or(KILLS, |asked| asked.parse().unwrap());

    // when: killed in the middle of the import
    let mut random = StdRng::seed_from_u64(42);
    for kill in 0..kills {
        pause(&mut random).await;
        serve = killed(&world, serve, kill.is_multiple_of(HANDED_ON)).await;
    }
    imported(&serve, &api_token).await;

    // when: killed while people push and their forge tells of it
    for kill in 0..kills {
        let (pushed, ()) = tokio::join!(traffic.pushes(3), pause(&mut random));
        pushed.unwrap();
        serve = killed(&world, serve, kill.is_multiple_of(HANDED_ON)).await;
    }
    world.gitlab.hooks().idle().await;
    assert!(world.gitlab.hooks().deliveries().iter().any(|delivery| delivery.succeeded()), "some events arrived");

    // when: killed once more, and nobody hands on what it was at; then somebody asks for what no event told
    serve.child.kill().await.unwrap();
    serve = world.serve().await;
    synced(&world, &serve, &api_token, &world.sample.group).await;
    serve.child.kill().await.unwrap();

    // then: every issue has the very commits and branches that a scan of the same repositories finds, each once
    let mut projects = vec![large];
    projects.extend(traffic.projects());
    let expected = scanned(&world, &projects).await;
    assert!(expected.len() > 2_000);
    let store = world.database.open_again().await;
    assert_eq!(stored(&world, &store, &projects, expected.keys()).await, expected);
}

async fn pause(random: &mut StdRng) {
    tokio::time::sleep(Duration::from_millis(random.random_range(20..300))).await;
}

/// Kills the server and starts another one. With `handed_on` it goes on at once with what the killed one was at, as it does
/// otherwise when the leases have run out.
async fn killed(world: &World, mut serve: Serve, handed_on: bool) -> Serve {
    serve.child.kill().await.unwrap();
    if handed_on {
        let store = world.database.open_again().await;
        hand_on(&store).await;
        store.close().await;
    }
    world.serve().await
}

/// The commits and branches of an issue, sorted.
type Facts = (Vec<String>, Vec<String>);

/// What `dovetail scan` finds in the repositories of these projects.
async fn scanned(world: &World, projects: &[ProjectId]) -> BTreeMap<String, Facts> {
    let repositories = projects.iter().map(|project| world.gitlab.model().repositories().path(*project));
    let paths: Vec<String> = repositories.map(|path| path.display().to_string()).collect();
    let mut arguments = vec!["scan", "--format", "json"];
    arguments.extend(paths.iter().map(String::as_str));
    let report: Value = serde_json::from_str(&world.run(&arguments).await).unwrap();
    let list = |value: &Value| sorted(value.as_array().unwrap().iter().map(text));
    let issues = report["issues"].as_array().unwrap().iter();
    issues.map(|issue| (text(&issue["key"]), (list(&issue["commits"]), list(&issue["branches"])))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn sorted(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut items: Vec<String> = items.collect();
    items.sort();
    items
}

/// What the store shows of each of these issues in these projects.
async fn stored(
    world: &World,
    store: &Store,
    projects: &[ProjectId],
    keys: impl Iterator<Item = &String>,
) -> BTreeMap<String, Facts> {
    let paths: BTreeSet<String> = projects.iter().map(|id| world.gitlab.model().project_path(*id)).collect();
    let mut all = BTreeMap::new();
    for key in keys {
        let query = IssueQuery { viewer: Viewer::Everything, key: key.clone(), host_ids: None };
        let commits = store.issue_commits(&query, None, None).await.unwrap().items;
        let shown: Vec<_> = commits.iter().filter(|item| paths.contains(&item.repository.path)).collect();
        let ids = sorted(shown.iter().map(|item| item.commit.object_id.to_string()));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{key} shows a commit twice");
        assert!(shown.iter().all(|item| item.also_in.is_empty() && !item.unreachable), "{key}");
        let branches = store.issue_branches(&query, None, None).await.unwrap().items;
        let here = branches.into_iter().filter(|item| paths.contains(&item.repository.path));
        all.insert(key.clone(), (ids, sorted(here.map(|item| item.name))));
    }
    all
}

/// The real history beside the checkout; says so where it is missing.
fn history() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/histories/zookeeper.fast-import.gz");
    if file.exists() {
        return Some(file);
    }
    println!("SKIPPED: {} is not there", file.display());
    None
}
