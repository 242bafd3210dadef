//! `dovetail site` against a running server.

use std::time::Duration;

use sandbox::jira::model::{NewUser, Permission, Workflow};
use sandbox::jira::{Options, Server};
use serde_json::{Value, json};
use store::testing::Engine;

use crate::world::{Dovetail, Ended, Serve, end};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, and a token to ask it with.
struct Desk {
    dovetail: Dovetail,
    serve: Serve,
    api_token: String,
}

impl Desk {
    async fn new() -> Self {
        let dovetail = Dovetail::new(Engine::Sqlite).await.unwrap();
        let api_token = dovetail.api_token().await;
        let serve = dovetail.serve().await;
        Self { dovetail, serve, api_token }
    }

    /// `dovetail site …` with a text on its standard input.
    async fn typed(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.dovetail.command(&[&["site"], arguments].concat());
        command.env("DOVETAIL_SERVER", &self.serve.url).env("DOVETAIL_TOKEN", &self.api_token);
        tokio::time::timeout(PATIENCE, end(command, input)).await.expect("it ends")
    }

    async fn site(&self, arguments: &[&str]) -> Ended {
        self.typed(arguments, "").await
    }
}

/// A Jira with one project and a service user; answers a personal access token of it.
async fn jira() -> (Server, String) {
    let jira = Server::start(Options::data_center()).await.unwrap();
    let model = jira.model();
    let service = NewUser {
        login: "dovetail".to_owned(),
        name: "Dovetail".to_owned(),
        email: "dovetail@example.com".to_owned(),
        password: "password".to_owned(),
        admin: true,
    };
    let service = model.create_user(service).unwrap();
    let project = model.create_project("ABC", "Alphabet", Workflow::simplified()).unwrap();
    model.allow_only(project, service, &Permission::ALL);
    let token = model.create_token(service, None);
    (jira, token)
}

fn json(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_added_listed_tested_and_removed() {
    // given
    let desk = Desk::new().await;
    let (jira, token) = jira().await;
    assert!(desk.site(&["list"]).await.stdout.starts_with("There are no sites yet"));

    // when
    let add = ["add", "--kind", "data-center", "--url", jira.url(), "--name", "Tracker", "--token-file", "-"];
    let add = [&add[..], &["--commit-comments"]].concat();
    let added = desk.typed(&add, &format!("{token}\n")).await;

    // then
    assert_eq!(added.code, 0, "{added:?}");
    assert!(added.stdout.contains("✓ log in"), "{added:?}");
    let listed = json(&desk.site(&["list", "--format", "json"]).await);
    let id = listed[0]["id"].to_string();
    assert!(added.stdout.contains(&format!("It is site {id};")), "{added:?}");
    assert_eq!((&listed[0]["url"], &listed[0]["has_secret"]), (&json!(jira.url()), &json!(true)));
    let told = &listed[0]["settings"];
    assert_eq!((&told["commit_comments"], &told["smart_commits"]), (&json!(true), &json!(true)), "the rest as usual");
    let table = desk.site(&["list"]).await.stdout;
    assert!(table.contains("Tracker") && table.contains("data center") && table.contains("active"), "{table}");
    let again = desk.typed(&add, &token).await;
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.stderr.contains("already") && again.stderr.contains(&format!("the site {id}")), "{again:?}");

    // when the test goes well, and when Jira lets nobody in any more
    let well = desk.site(&["test", &id]).await;
    jira.model().revoke_tokens(jira.model().user_by_login("dovetail").unwrap().id);
    let refused = desk.site(&["test", &id]).await;

    // then
    assert_eq!(well.code, 0, "{well:?}");
    assert!(!well.stdout.contains('✗'), "{well:?}");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stdout.contains("✗ log in") && refused.stdout.contains("what to do: "), "{refused:?}");
    assert!(refused.stdout.contains("– projects") && refused.stderr.contains("log_in"), "{refused:?}");

    // when
    let removed = json(&desk.site(&["remove", &id, "--yes", "--format", "json"]).await);

    // then
    assert_eq!(removed, json!({ "removed": listed[0]["id"] }));
    assert_eq!(json(&desk.site(&["list", "--format", "json"]).await), json!([]));
    assert_eq!(desk.site(&["test", &id]).await.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_uses_are_told_before_anything_is_sent() {
    let desk = Desk::new().await;
    let add =
        |kind, more: &[&'static str]| [&["add", "--url", "https://jira.example.com", "--kind", kind], more].concat();
    for arguments in [
        add("data-center", &[]),
        add("data-center", &["--token-file", "-", "--client-id", "id", "--client-secret-file", "-"]),
        add("cloud", &["--client-id", "id"]),
        add("cloud", &["--token-file", "-", "--commit-comments"]),
        add("cloud", &["--token-file", "-", "--client-id", "id", "--client-secret-file", "-"]),
        add("server", &[]),
    ] {
        let ended = desk.typed(&arguments, "token").await;
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
    }
}
