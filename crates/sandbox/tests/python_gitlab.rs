//! An independent client of GitLab's REST API, python-gitlab, drives the stand-in.
//!
//! Its virtual environment is made once below `target/`. Without `python3` there is nothing to drive with, and the test
//! says so; with it, it must succeed.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sandbox::gitlab::{Options, Server};
use sandbox::sample;
use sha2::{Digest, Sha256};

const REQUIREMENTS: &str = include_str!("python/requirements.txt");

/// A command of this test; `crate git` is for git only.
#[expect(clippy::disallowed_methods, reason = "this test alone runs python")]
fn command(program: impl AsRef<Path>) -> Command {
    Command::new(program.as_ref())
}

#[tokio::test(flavor = "multi_thread")]
async fn python_gitlab_is_content() {
    if command("python3").arg("--version").output().is_err() {
        println!("skipped: python3 is not installed, so python-gitlab cannot be run");
        return;
    }
    // given the sample
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(Options::new(dir.path().join("repositories"))).await.unwrap();
    let sample = sample::build(&server, &["http://127.0.0.1:8080/oauth/callback"]).await.unwrap();
    let (url, token) = (server.url().to_owned(), sample.access_token);

    // when python-gitlab goes through it
    let driven = tokio::task::spawn_blocking(move || {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/drive_gitlab.py");
        let mut drive = command(environment().join("bin/python"));
        drive.arg("-W").arg("error").arg(script).env("GITLAB_URL", url).env("GITLAB_TOKEN", token).env("NO_PROXY", "*");
        drive.output().unwrap()
    });

    // then nothing surprises it
    let driven = driven.await.unwrap();
    assert!(driven.status.success(), "python-gitlab is not content:\n{}", said(&driven));
    server.shutdown().await;
}

/// The virtual environment with what the requirements name, made when it is missing or of other requirements.
fn environment() -> PathBuf {
    let name = format!("python-gitlab-{}", &hex::encode(Sha256::digest(REQUIREMENTS))[..12]);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let complete = path.join("complete");
    if !complete.exists() {
        let made = command("python3").args(["-m", "venv", "--clear"]).arg(&path).output().unwrap();
        let remedy = "install python's venv module (Debian: apt-get install python3-venv)";
        assert!(made.status.success(), "cannot make a virtual environment; {remedy}:\n{}", said(&made));
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/requirements.txt");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        let installed = command(path.join("bin/python")).args(pip).arg(&requirements).output().unwrap();
        let remedy = format!("let pip reach an index, or install what {} names", requirements.display());
        assert!(installed.status.success(), "cannot install python-gitlab; {remedy}:\n{}", said(&installed));
        std::fs::write(complete, "").unwrap();
    }
    path
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
