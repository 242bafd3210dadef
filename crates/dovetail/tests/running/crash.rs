//! `serve` is killed in the middle of an import, again and again, and at the end nothing is missing or doubled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use store::issues::IssueQuery;
use store::testing::Engine;
use store::{Store, Viewer};

use crate::world::{Serve, World, ask};

/// How often it is killed.
const KILLS: usize = 12;

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn slow_killed_in_the_middle_of_an_import_it_goes_on_where_it_was(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    // given: a real history, and an account that is being imported
    let Some(history) = history() else { return };
    let Some(world) = World::new(engine).await else { return };
    sandbox::history::import(&world.gitlab, &world.sample.group, "zookeeper", &history).await.unwrap();
    let api_token = world.api_token().await;
    let mut serve = world.serve().await;
    add_account(&world, &serve, &api_token).await;

    // when: killed again and again
    let mut random = StdRng::seed_from_u64(42);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.random_range(20..400))).await;
        serve.child.kill().await.unwrap();
        serve = world.serve().await;
    }
    imported(&serve, &api_token).await;
    serve.child.kill().await.unwrap();

    // then: every issue has the very commits that a scan of the same history finds, each once
    let expected = scanned(&world, &history).await;
    assert!(expected.len() > 2_000);
    let store = world.database.open_again().await;
    assert_eq!(stored(&store, expected.keys()).await, expected);
}

async fn add_account(world: &World, serve: &Serve, api_token: &str) {
    let new = json!({
        "host_kind": "gitlab", "host_url": world.gitlab.url(), "path": world.sample.group,
        "token": world.sample.access_token,
    });
    let answer = ask(serve, api_token, Some(new), "/api/v1/accounts").await;
    assert_eq!(answer["path"], json!(world.sample.group), "{answer}");
}

/// Waits until the account's first import has ended; the test runner's time-out bounds it.
async fn imported(serve: &Serve, api_token: &str) {
    loop {
        let accounts = ask(serve, api_token, None, "/api/v1/accounts").await;
        let account = &accounts[0];
        if account["imported"] == json!(true) && account["waiting"] == json!(0) && account["syncing"] == json!(0) {
            assert_eq!(account["failed"], json!(0), "{accounts}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What `dovetail scan` finds in the same history: the commits of each issue.
async fn scanned(world: &World, history: &Path) -> BTreeMap<String, Vec<String>> {
    let repository = world.folder.path().join("oracle.git");
    let git = git::Git::new();
    git.init_bare(&repository).await.unwrap();
    let mut stream = flate2::read::GzDecoder::new(std::fs::File::open(history).unwrap());
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut bytes).unwrap();
    git.fast_import(&repository, bytes.as_slice()).await.unwrap();
    let report = world.run(&["scan", "--format", "json", repository.to_str().unwrap()]).await;
    let report: Value = serde_json::from_str(&report).unwrap();
    let issues = report["issues"].as_array().unwrap().iter();
    let with_commits = issues.filter(|issue| issue["commits"] != json!([]));
    let commits = |issue: &Value| sorted(issue["commits"].as_array().unwrap().iter().map(text));
    with_commits.map(|issue| (text(&issue["key"]), commits(issue))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn sorted(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut items: Vec<String> = items.collect();
    items.sort();
    items
}

/// What the store shows of each of these issues.
async fn stored(store: &Store, keys: impl Iterator<Item = &String>) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for key in keys {
        let query = IssueQuery { viewer: Viewer::Everything, key: key.clone(), host_ids: None };
        let page = store.issue_commits(&query, None, None).await.unwrap();
        let shown: Vec<_> = page.items.iter().filter(|item| item.repository.path.ends_with("/zookeeper")).collect();
        let ids = sorted(shown.iter().map(|item| item.commit.object_id.to_string()));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{key} shows a commit twice");
        assert!(shown.iter().all(|item| item.also_in.is_empty() && !item.unreachable), "{key}");
        all.insert(key.clone(), ids);
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
