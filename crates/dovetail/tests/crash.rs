//! `serve` is killed in the middle of an import, again and again, and at the end nothing is missing or doubled.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and one that is skipped says so"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use model::secret::ExposeSecret;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sandbox::gitlab::{Options, Server};
use serde_json::{Value, json};
use store::issues::IssueQuery;
use store::testing::{Engine, TestStore};
use store::{Store, Viewer};
use tokio::process::{Child, Command};

/// How often it is killed.
const KILLS: usize = 12;

/// A running `dovetail serve` on the data directory of the test.
struct Serve {
    child: Child,
    url: String,
}

/// What one run of the test is made of.
struct World {
    folder: tempfile::TempDir,
    database: TestStore,
    gitlab: Server,
    group: String,
    token: String,
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn slow_killed_in_the_middle_of_an_import_it_goes_on_where_it_was(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    // given: a real history, and an account that is being imported
    let Some(history) = history() else { return };
    let Some(world) = World::new(engine, &history).await else { return };
    let api_token = world.run(&["token", "create", "--scope", "admin"]).await.trim().to_owned();
    let mut serve = world.serve().await;
    world.add_account(&serve, &api_token).await;

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

impl World {
    async fn new(engine: Engine, history: &Path) -> Option<Self> {
        let database = store::testing::open(engine).await?;
        let folder = tempfile::tempdir().unwrap();
        let gitlab = Server::start(Options::new(folder.path().join("gitlab"))).await.unwrap();
        let sample = sandbox::sample::build(&gitlab, &["http://127.0.0.1:1/oauth/callback"]).await.unwrap();
        sandbox::history::import(&gitlab, &sample.group, "zookeeper", history).await.unwrap();
        Some(Self { folder, database, gitlab, group: sample.group, token: sample.access_token })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        #[expect(clippy::disallowed_methods, reason = "the program under test is started, which is not git")]
        let mut command = Command::new(env!("CARGO_BIN_EXE_dovetail"));
        command
            .args(arguments)
            .env("DOVETAIL_SERVER_LISTEN", "127.0.0.1:0")
            .env("DOVETAIL_SERVER_DATA_DIR", self.folder.path().join("data"))
            .env("DOVETAIL_STORE_URL", self.database.url())
            .env("DOVETAIL_SECRET_KEY", store::testing::key().expose_secret())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn serve(&self) -> Serve {
        use tokio::io::{AsyncBufReadExt, BufReader};
        let mut child = self.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("serve says where it listens");
        let url = line.split_once("http").map(|(_, rest)| format!("http{rest}")).unwrap();
        // It may say more; a pipe that nobody reads would fill.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Serve { child, url }
    }

    async fn add_account(&self, serve: &Serve, api_token: &str) {
        let new = json!({
            "host_kind": "gitlab", "host_url": self.gitlab.url(), "path": self.group, "token": self.token,
        });
        let answer = ask(serve, api_token, Some(new), "/api/v1/accounts").await;
        assert_eq!(answer["path"], json!(self.group), "{answer}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
async fn ask(serve: &Serve, api_token: &str, body: Option<Value>, path: &str) -> Value {
    let client = reqwest::Client::new();
    let url = format!("{}{path}", serve.url);
    let request = match body {
        Some(body) => client.post(url).json(&body),
        None => client.get(url),
    };
    let answer = request.bearer_auth(api_token).send().await.unwrap();
    answer.json().await.unwrap()
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
