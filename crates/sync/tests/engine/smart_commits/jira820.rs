//! A second judge: the same against jira820, a stand-in for a Jira Data Center 8.20 that others wrote.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jira::{Rest, RestAuth, RestOptions};
use model::Clock as _;
use sandbox::python::Script;
use serde_json::Value;
use store::{NewPersonAlias, PersonAliasKind};
use tokio::task::JoinHandle;
use url::Url;

use super::town::{Town, done, refused};
use crate::world::Database;

/// A jira820 that runs.
struct Served {
    told: Value,
    stop: PathBuf,
    running: JoinHandle<Result<Option<String>, String>>,
}

impl Served {
    /// None where there is no Python.
    async fn start(folder: &Path) -> Option<Self> {
        let (ready, stop) = (folder.join("jira820.json"), folder.join("jira820.stop"));
        let (to_ready, to_stop) = (ready.display().to_string(), stop.display().to_string());
        let mut running = tokio::task::spawn_blocking(move || {
            let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
            let script = Script {
                path: &tests.join("python/serve_jira820.py"),
                requirements: &tests.join("../../sandbox/tests/python/jira820.txt"),
                environments: Path::new(env!("CARGO_TARGET_TMPDIR")),
                strict: false,
            };
            script.run(&[("READY", &to_ready), ("STOP", &to_stop)])
        });
        loop {
            if let Ok(text) = std::fs::read_to_string(&ready) {
                return Some(Self { told: serde_json::from_str(&text).unwrap(), stop, running });
            }
            if let Ok(ended) = tokio::time::timeout(Duration::from_millis(50), &mut running).await {
                let none = ended.unwrap().unwrap();
                assert!(none.is_none(), "it ended before it was ready: {none:?}");
                return None;
            }
        }
    }

    fn text(&self, pointer: &str) -> String {
        self.told.pointer(pointer).unwrap().as_str().unwrap().to_owned()
    }

    async fn stop(self) {
        std::fs::write(&self.stop, "").unwrap();
        self.running.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn smart_commits_do_at_jira820_what_they_do_at_the_stand_in() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    let Some(served) = Served::start(&town.world.path("")).await else {
        println!("skipped: python3 is not installed, so jira820 cannot be run");
        return;
    };
    let (url, key, other) = (served.text("/url"), served.text("/issues/0"), served.text("/issues/1"));
    let site = town.add_site_at(&url, "any").await;
    let alias = NewPersonAlias {
        kind: PersonAliasKind::Email,
        written: "ada@example.com".to_owned(),
        jira_user: served.text("/user"),
    };
    town.world.store.person_alias_put(site, &[alias], town.world.clock.now()).await.unwrap();

    // when
    town.say(&format!(
        "{key} #comment hello #time 1h 30m wrote it #to-in-progress begun #nowhere\n{other} #comment same #comment same"
    ))
    .await;

    // then
    let told = |key: String| {
        let town = &town;
        async move {
            let all = town.receipts(&key).await;
            all.into_iter()
                .filter(|it| it.site_id == site)
                .map(|it| (it.command, it.state, it.reason))
                .collect::<Vec<_>>()
        }
    };
    let nowhere = refused("nowhere", model::ReceiptReason::NoMatch);
    assert_eq!(told(key.clone()).await, [done("comment"), done("time"), done("to-in-progress"), nowhere]);
    assert_eq!(told(other.clone()).await, [done("comment"), done("comment")]);
    let rest = Rest::new(RestOptions {
        base_url: Url::parse(&url).unwrap(),
        auth: RestAuth::Bearer("any".to_owned().into()),
        http: net::HttpFactory::new(net::Network::default()).unwrap().client(),
        clock: town.world.clock.clone(),
        cloud: false,
    });
    assert_eq!(rest.issue(&key).await.unwrap().unwrap().status, "In Progress");
    let head = town.world.refs(town.project).await["main"].clone();
    let mark = |command: usize, key: &str| format!("commit {} (command {command} for {key})", &head[..12]);
    for (command, key) in [(1, &key), (3, &key), (5, &other), (6, &other)] {
        assert!(rest.comment_find(key, &mark(command, key), 0).await.unwrap().is_some(), "command {command}");
    }
    assert!(rest.worklog_find(&key, &mark(2, &key), 0).await.unwrap().is_some());
    served.stop().await;
}
