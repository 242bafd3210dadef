//! A real history, imported whole.

use std::path::{Path, PathBuf};

use rstest::rstest;

use crate::world::{Database, GROUP, World, git_lines};

/// The histories lie beside the workspace; a checkout without them says so and goes on.
#[expect(clippy::print_stderr, reason = "who runs the tests must see what was left out")]
pub fn zookeeper() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/histories/zookeeper.fast-import.gz");
    if !path.exists() {
        eprintln!("left out: the history {} is missing", path.display());
        return None;
    }
    Some(path)
}

/// Keys of the history, frequent and rare.
const KEYS: [&str; 6] =
    ["ZOOKEEPER-3122", "ZOOKEEPER-1", "ZOOKEEPER-107", "ZOOKEEPER-2184", "ZOOKEEPER-999", "ZOOKEEPER-4000"];

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_linked_as_git_log_tells_it(#[case] database: Database) {
    // given
    let Some(history) = zookeeper() else { return };
    let Some(world) = World::new(database).await else { return };
    let project = sandbox::history::import(&world.server, GROUP, "zookeeper", &history).await.unwrap();

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    let repository = world.model().repositories().path(project);
    let mut linked = 0;
    for key in KEYS {
        let pattern = format!(r"(?<![\p{{L}}\p{{N}}]){key}(?!\p{{N}})");
        let expected =
            git_lines(&repository, &["log", "--branches", "--format=%H", "-P", &format!("--grep={pattern}")]).await;
        assert_eq!(world.reachable(key).await, expected, "{key}");
        linked += expected.len();
    }
    assert!(linked > 10, "only {linked} commits name the keys");
    let count = git_lines(&repository, &["rev-list", "--branches", "--count"]).await;
    assert_eq!(world.repository(account, "zookeeper").await.commits_done.to_string(), count[0]);
}
