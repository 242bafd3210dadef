//! The second judge of the facade: PyGithub, a client of GitHub that knows nothing of Jira and of this project.
//!
//! Its virtual environment is made once below `target/`. Without `python3` there is nothing to drive with, and the test says
//! so; with it, it must succeed.

use std::path::Path;

use axum::http::Request;
use sandbox::python::Script;
use store::testing::Engine;

use crate::caller::Caller;
use crate::facade_door::Door;
use crate::facade_scene::AGENT;

/// Has PyGithub go through everything; `agent` is what it calls itself, if not by its own name.
#[expect(clippy::print_stdout, reason = "that nothing was tested must be seen")]
async fn drive(door: &Door, agent: Option<&'static str>) {
    door.make_long_lists().await;
    let token = door.connect(&door.jira("", |_| {}), "platform").await.text().to_owned();
    for account in ["platform", "platform@shop"] {
        let request = Request::get("/").header("user-agent", AGENT).header("authorization", format!("token {token}"));
        let path = format!("/api/v3/users/{account}/repos");
        let listed = Caller::nobody(&door.site).send_raw(request, &path, String::new()).await;
        assert!(listed.status.is_success(), "{}", listed.text);
    }
    door.settle().await;
    let (url, hook_url) = (door.url.clone(), door.inbox.url().to_owned());
    let driven = tokio::task::spawn_blocking(move || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
        let script = Script {
            path: &folder.join("drive_facade.py"),
            requirements: &folder.join("requirements.txt"),
            environments: Path::new(env!("CARGO_TARGET_TMPDIR")),
            strict: true,
        };
        let mut variables = vec![("DOVETAIL_URL", &*url), ("DOVETAIL_TOKEN", &*token), ("HOOK_URL", &*hook_url)];
        variables.extend(agent.map(|agent| ("JIRA_AGENT", agent)));
        script.run(&variables)
    });
    match driven.await.unwrap() {
        Ok(Some(_)) => {}
        Ok(None) => println!("skipped: python3 is not installed, so PyGithub cannot be run"),
        Err(said) => panic!("{said}"),
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pygithub_is_content_where_everybody_is_answered(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(door) = Door::open(engine, false).await else { return };

    drive(&door, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pygithub_is_content_where_it_calls_itself_jira() {
    let door = Door::open(Engine::Sqlite, true).await.unwrap();

    drive(&door, Some(AGENT)).await;
}
