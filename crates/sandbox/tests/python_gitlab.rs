//! An independent client of GitLab's REST API, python-gitlab, drives the stand-in.
//!
//! Its virtual environment is made once below `target/`. Without `python3` there is nothing to drive with, and the test
//! says so; with it, it must succeed.

use std::path::Path;

use sandbox::gitlab::{Options, Server};
use sandbox::python::Script;
use sandbox::sample;

#[tokio::test(flavor = "multi_thread")]
async fn python_gitlab_is_content() {
    // given the sample
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(Options::new(dir.path().join("repositories"))).await.unwrap();
    let sample = sample::build(&server, &["http://127.0.0.1:8080/oauth/callback"]).await.unwrap();
    let (url, token) = (server.url().to_owned(), sample.access_token);

    // when python-gitlab goes through it
    let driven = tokio::task::spawn_blocking(move || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
        let script = Script {
            path: &folder.join("drive_gitlab.py"),
            requirements: &folder.join("requirements.txt"),
            environments: Path::new(env!("CARGO_TARGET_TMPDIR")),
            strict: true,
        };
        script.run(&[("GITLAB_URL", &url), ("GITLAB_TOKEN", &token)])
    });

    // then nothing surprises it
    match driven.await.unwrap() {
        Ok(Some(_)) => {}
        Ok(None) => println!("skipped: python3 is not installed, so python-gitlab cannot be run"),
        Err(said) => panic!("{said}"),
    }
    server.shutdown().await;
}
