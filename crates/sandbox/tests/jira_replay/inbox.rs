//! Calls of hooks that Jira receives.

use reqwest::StatusCode;
use sandbox::jira_replay::{Content, Inbox};

use crate::host::Host;
use crate::widget::{WIDGET, event, pull, pull_request, sha};

#[expect(clippy::disallowed_methods, reason = "a test calls as a host does")]
async fn call(inbox: &Inbox, repository: &str, content_type: &str, body: &'static str) -> StatusCode {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/rest/bitbucket/1.0/repository/{repository}/sync", inbox.url());
    let request = client.post(url).header("content-type", content_type).header("x-github-event", "push").body(body);
    let response = request.send().await.unwrap();
    let status = response.status();
    assert!(status != StatusCode::OK || response.text().await.unwrap().is_empty());
    status
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn calls_are_told_apart_by_their_content_type_only() {
    let inbox = Inbox::start().await.unwrap();
    assert_eq!(call(&inbox, "1", FORM, "payload=%7B%7D").await, StatusCode::OK);
    assert_eq!(call(&inbox, "1", "application/json; charset=utf-8", "{ not JSON").await, StatusCode::OK);
    assert_eq!(call(&inbox, "99", "application/json", "{}").await, StatusCode::OK);
    assert_eq!(call(&inbox, "1", "text/plain", "").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(call(&inbox, "one", FORM, "").await, StatusCode::BAD_REQUEST);
    inbox.wait_for(Content::Json, 2).await;
    assert_eq!((inbox.count(Content::Form), inbox.count(Content::Json), inbox.count(Content::Other)), (1, 2, 1));
    let first = &inbox.received()[0];
    assert_eq!((first.repository, first.body.as_str()), (1, "payload=%7B%7D"));
    assert_eq!(first.headers["x-github-event"], "push");
    // and when synchronisation is switched off, none is taken
    inbox.switch_off(true);
    assert_eq!(call(&inbox, "1", FORM, "").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(inbox.received().len(), 4);
}

#[tokio::test]
async fn a_form_brings_changesets_and_json_brings_pull_requests() {
    // given an account, after which somebody pushes and somebody renames a pull request
    let host = Host::with_pull().await;
    let inbox = Inbox::start().await.unwrap();
    let mut account = host.added().await;
    let id = account.report().repositories["widget"].id.to_string();
    host.branches(&[("main", 4), ("topic", 3)]);
    host.commits(&[(4, "fourth", &[2])]);
    let changed = pull(5, "new title", "2018-09-20T12:00:00Z");
    host.pull(&changed, &[]);
    host.events(&[event("5-2", &changed)]);
    host.take();
    // when a form arrives, then only commits are read
    call(&inbox, &id, FORM, "payload=x").await;
    assert_eq!(inbox.work_off(&mut account).await, 1);
    let lines = host.lines(WIDGET);
    assert_eq!(lines, ["GET …/branches?per_page=100&page=1".to_owned(), format!("GET …/commits/{}", sha(4))]);
    // when JSON arrives, then only pull requests are
    call(&inbox, &id, "application/json", "{}").await;
    assert_eq!(inbox.work_off(&mut account).await, 1);
    assert!(host.lines(WIDGET).iter().all(|line| !line.contains("branches")));
    assert_eq!(pull_request(&account.report(), 5).title, "new title");
    let kinds: Vec<String> = account.report().runs.into_iter().map(|run| run.kind).collect();
    assert_eq!(kinds, ["CHANGESETS PULLREQUESTS", "SOFT CHANGESETS WEBHOOKS", "SOFT PULLREQUESTS WEBHOOKS"]);
    // and nothing is done twice, or for a repository that is not known
    call(&inbox, "99", FORM, "").await;
    assert_eq!(inbox.work_off(&mut account).await, 1);
    assert_eq!(inbox.work_off(&mut account).await, 0);
    assert!(host.take().is_empty());
}
