//! Issues: counts, lists and their pages.

use axum::http::StatusCode;
use model::MergeRequestState;
use serde_json::{Value, json};
use store::testing::Engine;

use crate::caller::Caller;
use crate::seed;
use crate::site::Site;

/// Five commits, five branches and five merge requests of ABC-1.
async fn site_of_fives(engine: Engine) -> Option<(Site, Caller)> {
    let site = Site::open(engine).await?;
    let account = seed::account(&site.store, "platform").await;
    let paths = ["platform/a", "platform/b", "platform/c", "platform/d", "platform/e"];
    for (at, repository) in seed::repositories(&site.store, account, &paths).await.into_iter().enumerate() {
        let message = format!("ABC-1 commit {at}");
        seed::commits(&site.store, repository, std::slice::from_ref(&message)).await;
        seed::branches(&site.store, repository, &[(&format!("ABC-1-{at}"), &message)]).await;
        let title = format!("ABC-1 merge request {at}");
        seed::merge_request(&site.store, repository, paths[at], &title, MergeRequestState::Open).await;
    }
    let caller = Caller::admin(&site).await;
    Some((site, caller))
}

#[rstest::rstest]
#[tokio::test]
async fn lists_go_on_where_they_ended(
    #[values("sqlite", "postgres")] engine: Engine,
    #[values(("commits", "message"), ("branches", "name"), ("merge-requests", "title"))] list: (&str, &str),
) {
    let Some((_site, caller)) = site_of_fives(engine).await else { return };
    let (list, name) = list;
    let all = caller.json(&format!("/api/v1/issues/abc-1/{list}")).await;
    assert_eq!(all["next"], Value::Null);
    let names = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|item| item[name].clone()).collect()
    };

    let (mut read, mut lengths, mut after) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = caller.json(&format!("/api/v1/issues/abc-1/{list}?limit=2{after}")).await;
        lengths.push(names(&page).len());
        read.extend(names(&page));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }

    assert_eq!(lengths, [2, 2, 1]);
    assert_eq!(read, names(&all), "nothing twice, nothing left out");
    assert_eq!(read.len(), 5);
}

#[rstest::rstest]
#[tokio::test]
async fn a_bad_part_of_a_list_is_explained(
    #[values("commits", "branches", "merge-requests")] list: &str,
    #[values("limit=0", "limit=201", "limit=-1", "limit=many", "after=", "after=x", "after=1", "after=1.x")] part: &str,
) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let answer = Caller::admin(&site).await.get(&format!("/api/v1/issues/ABC-1/{list}?{part}")).await;

    answer.problem(StatusCode::BAD_REQUEST);
}

#[rstest::rstest]
#[tokio::test]
async fn an_issue_is_counted_and_shown(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((_site, caller)) = site_of_fives(engine).await else { return };

    let issue = caller.json("/api/v1/issues/abc-1").await;
    let commit = caller.json("/api/v1/issues/ABC-1/commits?limit=1").await["items"][0].clone();
    let branch = caller.json("/api/v1/issues/ABC-1/branches?limit=1").await["items"][0].clone();
    let merge_request = caller.json("/api/v1/issues/ABC-1/merge-requests?limit=1").await["items"][0].clone();

    let counts = ["commits", "branches", "open_merge_requests", "merged_merge_requests", "declined_merge_requests"];
    assert_eq!(issue["key"], "ABC-1");
    assert_eq!(counts.map(|name| issue[name].as_i64().unwrap()), [5, 5, 5, 0, 0]);
    assert_eq!(issue["last_activity_at"], "2026-11-22T11:04:00Z");
    assert_eq!(commit["author"], "Ada Lovelace");
    assert_eq!(commit["authored_at"], "2026-11-22T11:03:00Z");
    let message = commit["message"].as_str().unwrap();
    assert_eq!(commit["id"], seed::object_id(message).as_str());
    assert!(!commit.to_string().contains("ada@example.com"), "addresses are not told");
    assert!(branch["web_url"].as_str().unwrap().starts_with("https://gitlab.example.com/platform/"));
    assert_eq!(merge_request["number"], 482);
    assert_eq!(merge_request["state"], "open");
    assert_eq!(merge_request["reviewers"][0], json!({ "login": "linus", "name": "linus", "approved": true }));
}

#[rstest::rstest]
#[case("nothing-1")]
#[case("%00")]
#[case("ABC-1%00")]
#[case("%27%20OR%201=1")]
#[tokio::test]
async fn an_issue_that_nothing_names_has_nothing(#[values("sqlite", "postgres")] engine: Engine, #[case] key: &str) {
    let Some((_site, caller)) = site_of_fives(engine).await else { return };

    assert_eq!(caller.json(&format!("/api/v1/issues/{key}")).await["commits"], 0);
    for list in ["commits", "branches", "merge-requests"] {
        let page = caller.json(&format!("/api/v1/issues/{key}/{list}")).await;
        assert_eq!(page, json!({ "items": [], "next": null }));
    }
    assert_eq!(caller.json(&format!("/api/v1/issues?prefix={key}")).await, json!([]));
    let summary = caller.json(&format!("/rest/dev-status/1.0/issue/summary?issueKey={key}")).await;
    assert_eq!(summary["summary"]["repository"]["overall"]["count"], 0);
}

#[rstest::rstest]
#[tokio::test]
async fn keys_are_found_by_their_beginning(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];
    let messages = ["XYZ-1 one", "ABC-2 two", "ABC-10 three"].map(str::to_owned);
    seed::commits(&site.store, repository, &messages).await;
    let caller = Caller::admin(&site).await;

    assert_eq!(caller.json("/api/v1/issues?prefix=abc").await, json!(["ABC-10", "ABC-2"]));
    assert_eq!(caller.json("/api/v1/issues?prefix=%25").await, json!([]));
    assert_eq!(caller.json("/api/v1/issues").await, json!(["XYZ-1", "ABC-2", "ABC-10"]), "newest activity first");
}
