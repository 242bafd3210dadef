//! Hooks at the host.

use sandbox::jira_replay::{Jira, JiraOptions, Token};
use serde_json::{Value, json};

use crate::host::{Answer, Host};
use crate::widget::{JIRA, WIDGET};

/// Where the hooks of a repository with this number call.
fn callback(id: u32) -> String {
    format!("{JIRA}/rest/bitbucket/1.0/repository/{id}/sync")
}

fn hook(id: u32, url: &str, content_type: &str) -> Value {
    json!({ "id": id, "name": "web", "active": true, "events": ["push"], "config": { "url": url, "content_type": content_type } })
}

/// The calls about hooks: method, what follows the repository's address, body.
fn calls(host: &Host) -> Vec<(String, String)> {
    let asked = host.take().into_iter().filter(|asked| asked.line.contains("/hooks"));
    asked.map(|asked| (asked.line.replace(WIDGET, "…"), asked.body)).collect()
}

const LIST: &str = "GET …/hooks?access_token=a-token";

#[tokio::test]
async fn two_hooks_are_registered_by_a_client_of_their_own() {
    let host = Host::with_widget().await;
    let report = host.added().await.report();
    let asked: Vec<_> = host.take().into_iter().filter(|asked| asked.line.contains("/hooks")).collect();
    for asked in &asked {
        assert_eq!(asked.header("authorization"), None);
        assert_eq!(asked.header("accept"), Some("application/json"));
        assert!(asked.header("user-agent").unwrap().starts_with("Java/"));
    }
    let url = callback(1);
    assert_eq!(
        asked[1].body,
        format!(r#"{{"id":null,"name":"web","active":true,"events":["push"],"config":{{"url":"{url}"}}}}"#)
    );
    assert_eq!(asked[1].header("content-type"), Some("application/json"));
    assert_eq!(
        asked[2].body,
        format!(
            r#"{{"id":null,"name":"web","active":true,"events":["push","pull_request","pull_request_review_comment","issue_comment"],"config":{{"url":"{url}","content_type":"json"}}}}"#
        )
    );
    assert_eq!(asked.len(), 3);
    assert!(report.repositories["widget"].hooks);
}

#[tokio::test]
async fn what_is_there_stays_and_what_is_left_over_goes() {
    // given a hook for pushes, one of a former repository, and one of somebody else, on two pages
    let host = Host::with_widget().await;
    let list = format!("GET {WIDGET}/hooks");
    let next = format!("<{}{WIDGET}/hooks?page=2>; rel=\"next\"", host.url);
    host.on(
        &list,
        Answer::json(&json!([hook(1, &callback(1), "form"), hook(2, &callback(99), "json")])).with("link", &next),
    );
    host.json(&format!("{list}?page=2"), &json!([hook(3, "https://ci.example.com/", "json")]));
    host.on(&format!("DELETE {WIDGET}/hooks/2"), Answer::new(204, ""));
    host.added().await;
    let calls = calls(&host);
    let lines: Vec<&str> = calls.iter().map(|(line, _)| line.as_str()).collect();
    let [post, delete] = ["POST …/hooks?access_token=a-token", "DELETE …/hooks/2?access_token=a-token"];
    assert_eq!(lines, [LIST, "GET …/hooks?page=2", post, delete]);
    assert!(calls[2].1.contains("issue_comment"));
}

#[tokio::test]
async fn a_jira_on_localhost_deletes_nobodys_hooks() {
    let host = Host::with_widget().await;
    let left_over = hook(2, "http://localhost:2990/jira/rest/bitbucket/1.0/repository/99/sync", "json");
    host.json(&format!("GET {WIDGET}/hooks"), &json!([left_over]));
    let jira = Jira::new(&host.url, JiraOptions::loopback("http://localhost:2990/jira")).unwrap();
    jira.add_account("acme", Token::new("a-token")).await.unwrap();
    assert!(calls(&host).iter().all(|(line, _)| !line.starts_with("DELETE")));
}

#[tokio::test]
async fn a_host_without_hooks_is_survived() {
    let no_rights = "widget: Could not add webhook. Possibly due to lack of admin permissions.";
    for (method, answer, words) in [
        ("GET", Answer::error(404), no_rights),
        ("POST", Answer::error(404), no_rights),
        ("GET", Answer::error(410), "widget: Could not add webhook."),
        ("POST", Answer::error(422), "widget: Could not add webhook."),
        ("GET", Answer::new(200, "<html>"), "widget: Could not add webhook."),
        ("GET", Answer::new(300, "[]"), "widget: Could not add webhook."),
    ] {
        let host = Host::with_code().await;
        host.on(&format!("{method} {WIDGET}/hooks"), answer);
        let mut account = host.added().await;
        let report = account.report();
        assert_eq!(report.problems, [words], "{method}");
        let widget = &report.repositories["widget"];
        assert_eq!((widget.linked, widget.hooks, widget.changesets.len()), (true, false, 3));
        // and can be made up for
        host.json(&format!("GET {WIDGET}/hooks"), &json!([]));
        host.on(&format!("POST {WIDGET}/hooks"), Answer::new(201, "{}"));
        account.hooks().await;
        assert!(account.report().problems.is_empty());
    }
}

#[tokio::test]
async fn a_disabled_repository_loses_its_hooks_and_keeps_its_data() {
    let host = Host::with_code().await;
    let mut account = host.added().await;
    let ours = json!([
        hook(1, &callback(1), "form"),
        hook(2, &callback(1), "json"),
        hook(3, "https://ci.example.com/", "json")
    ]);
    host.json(&format!("GET {WIDGET}/hooks"), &ours);
    host.on(&format!("DELETE {WIDGET}/hooks/1"), Answer::new(204, ""));
    host.on(&format!("DELETE {WIDGET}/hooks/2"), Answer::new(204, ""));
    host.take();
    account.disable("widget").await.unwrap();
    let removed = [1, 2].map(|id| format!("DELETE …/hooks/{id}?access_token=a-token"));
    assert_eq!(host.lines(WIDGET), [LIST.to_owned(), removed[0].clone(), removed[1].clone()]);
    account.soft_sync("widget").await.unwrap();
    assert!(host.take().is_empty(), "what is not enabled is not synchronised");
    assert_eq!(account.report().repositories["widget"].changesets.len(), 3);
    // when it is enabled again, it is read from the beginning
    account.enable("widget").await.unwrap();
    assert_eq!(account.report().runs[1].kind, "CHANGESETS PULLREQUESTS");
}

#[tokio::test]
async fn a_deleted_account_takes_its_hooks_along() {
    let host = Host::with_widget().await;
    let account = host.added().await;
    host.json(&format!("GET {WIDGET}/hooks"), &json!([hook(1, &callback(1), "form")]));
    host.take();
    let report = account.delete().await;
    assert_eq!(calls(&host)[1].0, "DELETE …/hooks/1?access_token=a-token");
    assert!(report.repositories.is_empty());
    assert_eq!(report.log, ["widget: Could not remove postcommit hook: Not Found (404)"]);
}

#[tokio::test]
async fn hooks_keep_the_path_that_everything_else_loses() {
    // given a Host URL with a path
    let host = Host::with_code().await;
    let jira = Jira::new(&format!("{}/-/jira", host.url), JiraOptions::loopback(JIRA)).unwrap();
    let account = jira.add_account("acme", Token::new("a b&c")).await.unwrap();
    // then hooks are asked for below it, commits are not, and pull requests of something called -/jira
    let lines: Vec<String> = host.take().into_iter().map(|asked| asked.line).collect();
    assert!(lines.contains(&"GET /-/jira/api/v3/repos/acme/widget/hooks?access_token=a+b%26c".to_owned()), "{lines:?}");
    assert!(lines.contains(&format!("GET {WIDGET}/branches?per_page=100&page=1")));
    assert!(lines.contains(&"GET /api/v3/repos/-/jira/events?per_page=1&page=1".to_owned()));
    assert_eq!(account.report().problems.len(), 2);
}
