//! The binary.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::host::{Answer, Host};
use crate::widget::{TOKEN, WIDGET};

/// Runs it beside the host. `crate git` is for git only.
#[expect(clippy::disallowed_methods, reason = "this test alone runs it")]
async fn run(host: &Host, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_jira-replay"));
    command.args(["--host-url", &host.url, "--account", "acme", "--token-file"]).arg(&file).args(arguments);
    command.stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_prints_what_jira_ended_up_with() {
    let host = Host::with_pull().await;
    // as JSON
    let output = run(&host, &["--format", "json", "--full-syncs", "1", "--connections", "2", "--people"]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["repositories"]["widget"]["changesets"].as_object().unwrap().len(), 3);
    assert_eq!(report["repositories"]["widget"]["pull_requests"]["5"]["status"], "OPEN");
    assert_eq!((&report["calls"]["commit"]["count"], report["runs"].as_array().unwrap().len()), (&6.into(), 2));
    // as text, in few words
    let output = run(&host, &["--brief", "--refreshes", "1"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("widget: SOFT CHANGESETS PULLREQUESTS SUCCESS in "), "{text}");
    assert!(text.contains("3 × commit, 0 failed"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn complaints_are_told_by_the_exit_code() {
    let host = Host::with_code().await;
    host.on(&format!("GET {WIDGET}/hooks"), Answer::error(410));
    let output = run(&host, &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("! widget: Could not add webhook.\n"));
    // and what is no GitHub, or cannot be added at all, ends on standard error
    let output = run(&host, &["--probe"]).await;
    assert!(String::from_utf8(output.stderr).unwrap().contains("is incorrect or the server is not responding."));
    host.on("GET /api/v3/users/acme/repos", Answer::error(401));
    let output = run(&host, &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("Failed adding the account: [Invalid credentials]"));
}
