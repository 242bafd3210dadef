//! What a 403 means.

use crate::host::{Answer, Host};
use crate::widget::{FULL_PULLS, WIDGET};

const LIMIT: &str = "GET /api/v3/rate_limit";

/// A host that forbids the list of pull requests.
async fn forbidding() -> Host {
    let host = Host::with_pull().await;
    host.on(&format!("GET {WIDGET}/{FULL_PULLS}"), Answer::error(403));
    host
}

#[tokio::test]
async fn a_used_up_limit_pauses_and_the_next_sync_goes_on() {
    // given a host whose limit is used up
    let host = forbidding().await;
    host.on(LIMIT, Answer::new(200, "{}").with("x-ratelimit-limit", "60").with("x-ratelimit-remaining", "0"));
    let mut account = host.added().await;
    // then Jira says so
    let paused = "widget: Sync Paused: GitHub rate limit was exceeded. Syncing will automatically resume later.";
    assert_eq!(account.report().problems, [paused]);
    // and asks again the next time
    host.json(&format!("GET {WIDGET}/{FULL_PULLS}"), &serde_json::json!([]));
    account.soft_sync("widget").await.unwrap();
    let report = account.report();
    assert_eq!((report.problems.len(), report.repositories["widget"].waiting), (0, 0));
    assert_eq!(report.runs[1].outcome, "SUCCESS");
}

#[tokio::test]
async fn a_403_of_a_host_without_limits_is_an_error() {
    for answer in [
        Answer::error(404),
        Answer::new(200, "{}"),
        Answer::new(200, "{}").with("x-ratelimit-limit", "60").with("x-ratelimit-remaining", "1"),
    ] {
        let host = forbidding().await;
        host.on(LIMIT, answer);
        let report = host.added().await.report();
        assert_eq!(report.problems, ["widget: Sync Failed: Error during sync. See server logs."]);
        assert_eq!(report.calls["rate limit"].count, 1);
    }
}

#[tokio::test]
async fn a_403_without_json_asks_for_no_limit() {
    let host = forbidding().await;
    host.on(&format!("GET {WIDGET}/{FULL_PULLS}"), Answer::new(403, "<html>"));
    let report = host.added().await.report();
    assert_eq!(report.problems, ["widget: Sync Failed: Error during sync. See server logs."]);
    assert!(!report.calls.contains_key("rate limit"));
}
