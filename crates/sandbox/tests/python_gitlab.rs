//! An independent client of GitLab's REST API, python-gitlab, drives the stand-in.
//!
//! Its virtual environment is made once below `target/`. Without `python3` there is nothing to drive with, and the test
//! says so; with it, it must succeed.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "python/mod.rs"]
mod python;

use sandbox::gitlab::{Options, Server};
use sandbox::sample;

#[tokio::test(flavor = "multi_thread")]
async fn python_gitlab_is_content() {
    if !python::is_there("python-gitlab") {
        return;
    }
    // given the sample
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(Options::new(dir.path().join("repositories"))).await.unwrap();
    let sample = sample::build(&server, &["http://127.0.0.1:8080/oauth/callback"]).await.unwrap();
    let (url, token) = (server.url().to_owned(), sample.access_token);

    // when python-gitlab goes through it
    let driven = tokio::task::spawn_blocking(move || {
        let mut drive = python::command(python::environment("python-gitlab", "requirements.txt"));
        drive.args(["-W", "error"]).arg(python::script("drive_gitlab.py"));
        drive.env("GITLAB_URL", url).env("GITLAB_TOKEN", token).env("NO_PROXY", "*");
        drive.output().unwrap()
    });

    // then nothing surprises it
    let driven = driven.await.unwrap();
    assert!(driven.status.success(), "python-gitlab is not content:\n{}", python::said(&driven));
    server.shutdown().await;
}
