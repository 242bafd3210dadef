//! Histories and repositories that become projects.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use git::Git;
use sandbox::gitlab::repositories::CommitQuery;
use sandbox::history::ImportError;
use sandbox::{borrow, history};

use crate::stage::{commit, git, stage};

#[tokio::test]
async fn a_packed_history_becomes_a_project() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/histories/zookeeper.fast-import.gz");
    assert!(file.exists(), "this test reads ../shared/histories beside the checkout, which is missing");
    let stage = stage().await;

    let project = history::import(&stage.server, "team", "ZooKeeper", &file).await.unwrap();

    assert_eq!(stage.model.project_path(project), "team/zookeeper");
    let repositories = stage.model.repositories();
    assert_eq!(repositories.default_branch(project).await.unwrap().as_deref(), Some("master"));
    let told = stage.model.project(project).unwrap().default_branch;
    assert_eq!(told.as_deref(), Some("master"), "the model knows it too");
    let all = CommitQuery { all: true, limit: 1, ..CommitQuery::default() };
    assert_eq!(repositories.commits(project, &all).await.unwrap().len(), 1);
    let count = repositories.count(project, &["master".to_owned()], &[]).await.unwrap();
    assert!(count > 1_000, "{count} commits");
    let listed = git(stage.dir.path(), &["ls-remote", &stage.address("team/zookeeper", "oauth2", &stage.token)]).await;
    assert!(listed.unwrap().contains("refs/heads/master"));
}

#[tokio::test]
async fn a_packed_history_that_breaks_off_is_refused() {
    // given a gzipped stream whose end is missing, cut where a commit ends
    let stage = stage().await;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(commit("main", 0, "First\n", &[], &[]).as_bytes()).unwrap();
    packed.flush().unwrap();
    let file = stage.dir.path().join("cut.fast-import.gz");
    std::fs::write(&file, packed.get_ref()).unwrap();

    let refused = history::import(&stage.server, "team", "cut", &file).await;

    assert!(matches!(refused, Err(ImportError::File { .. })), "{refused:?}");
    assert!(stage.model.project_by_path("team/cut").is_none(), "nothing is left of it");
}

#[tokio::test]
async fn what_is_no_history_is_refused() {
    let stage = stage().await;
    let file = stage.dir.path().join("noise.fast-import");
    std::fs::write(&file, "this is no stream\n").unwrap();

    let refused = history::import(&stage.server, "team", "noise", &file).await;
    assert!(matches!(refused, Err(ImportError::Model(_))), "{refused:?}");
    assert!(stage.model.project_by_path("team/noise").is_none(), "nothing is left of it");
    let missing = history::import(&stage.server, "team", "missing", &stage.dir.path().join("missing")).await;
    assert!(matches!(missing, Err(ImportError::File { .. })), "{missing:?}");
    let group = history::import(&stage.server, "nobody", "noise", &file).await;
    assert!(matches!(group, Err(ImportError::Group(_))), "{group:?}");
}

#[tokio::test]
async fn a_borrowed_repository_is_served_and_never_written() {
    // given a repository of one's own
    let stage = stage().await;
    let own = stage.dir.path().join("own");
    Git::new().init_bare(&own).await.unwrap();
    let mut stream = commit("main", 0, "ABC-1 Mine\n", &[], &[("a.txt", "a\n")]);
    stream += "reset refs/tags/v1\nfrom refs/heads/main\n\n";
    Git::new().fast_import(&own, stream.as_bytes()).await.unwrap();

    // when it is borrowed, and pushed to over HTTP
    let project = borrow::repository(&stage.server, "team", "mine", &own).await.unwrap();
    let address = stage.address("team/mine", "oauth2", &stage.token);
    git(stage.dir.path(), &["clone", "-q", &address, "clone"]).await.unwrap();
    let clone = stage.dir.path().join("clone");
    git(&clone, &["commit", "-q", "--allow-empty", "-m", "ABC-2 Pushed"]).await.unwrap();
    git(&clone, &["push", "-q", "origin", "main:more"]).await.unwrap();

    // then the project has all of it, and the original only what it had
    let refs = stage.model.repositories().refs(project).await.unwrap();
    assert_eq!(Vec::from_iter(refs.keys()), ["refs/heads/main", "refs/heads/more", "refs/tags/v1"]);
    let packs = stage.model.repositories().path(project).join("objects/info/alternates");
    assert!(packs.exists(), "the objects are borrowed");
    let there = Git::new().refs(&own, "refs/").await.unwrap();
    assert_eq!(there.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["refs/heads/main", "refs/tags/v1"]);
}
