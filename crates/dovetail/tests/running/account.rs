//! `dovetail account` against a running server.

use std::time::Duration;

use sandbox::gitlab::model::Visibility;
use sandbox::gitlab::{Failure, How};
use serde_json::{Value, json};
use store::testing::Engine;

use crate::world::{Ended, Serve, World, ask, end};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, and a token to ask it with.
struct Desk {
    world: World,
    serve: Serve,
    api_token: String,
}

impl Desk {
    async fn new() -> Self {
        let world = World::new(Engine::Sqlite).await.unwrap();
        let api_token = world.api_token().await;
        let serve = world.serve().await;
        Self { world, serve, api_token }
    }

    /// `dovetail account …` with a text on its standard input.
    async fn typed(&self, arguments: &[&str], input: &str) -> Ended {
        let arguments = [&["account"], arguments].concat();
        let mut command = self.world.command(&arguments);
        command.env("DOVETAIL_SERVER", &self.serve.url).env("DOVETAIL_TOKEN", &self.api_token);
        tokio::time::timeout(PATIENCE, end(command, input)).await.expect("it ends")
    }

    async fn account(&self, arguments: &[&str]) -> Ended {
        self.typed(arguments, "").await
    }

    /// Waits until no account is listed: what belonged to a removed one goes in the background.
    async fn gone(&self) {
        let gone = async {
            while !self.account(&["list"]).await.stdout.starts_with("There are no accounts yet") {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, gone).await.expect("a removed account goes");
    }

    /// Adds the sample's group by an access token and waits for its import.
    async fn import(&self) -> Ended {
        let token = format!("{}\n", self.world.sample.access_token);
        let (group, host) = (self.world.sample.group.as_str(), self.world.gitlab.url());
        let added = self.typed(&["add", group, "--host-url", host, "--token-file", "-"], &token).await;
        assert_eq!(added.code, 0, "{added:?}");
        self.account(&["sync", group, "--wait"]).await
    }
}

fn json(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap()
}

/// What happened, the likely cause, what to do; nothing on standard output.
fn assert_told(ended: &Ended, code: i32, happened: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{ended:?}");
    assert!(ended.stderr.contains(happened), "{ended:?}");
    if code == 1 {
        assert!(ended.stderr.contains("likely cause: ") && ended.stderr.contains("what to do: "), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_added_synced_shown_and_removed() {
    // given
    let desk = Desk::new().await;
    let group = desk.world.sample.group.as_str();
    assert_eq!(json(&desk.account(&["list", "--format", "json"]).await), json!([]));

    // when
    let synced = desk.import().await;

    // then
    assert_eq!(synced.code, 0, "{synced:?}");
    let account = &json(&desk.account(&["list", "--format", "json"]).await)[0];
    let linked = account["linked"].as_i64().unwrap();
    assert_eq!((&account["path"], &account["imported"]), (&json!(group), &json!(true)));
    assert_eq!(synced.stdout, format!("{group}: {linked} of {linked} repositories are up to date.\n"));
    assert!(synced.stderr.contains("repositor"), "plain lines tell how far it is: {synced:?}");
    let shown = json(&desk.account(&["show", group, "--format", "json"]).await);
    assert_eq!(shown["account"]["id"], account["id"]);
    assert_eq!(shown["repositories"].as_array().unwrap().len() as i64, account["repositories"].as_i64().unwrap());

    // when
    let id = account["id"].to_string();
    let removed = json(&desk.account(&["remove", &id, "--format", "json"]).await);

    // then
    assert_eq!(removed, json!({ "removed": account["id"] }));
    desk.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_waiting_for_a_sync_what_was_pushed_before_is_there() {
    // given
    let desk = Desk::new().await;
    assert_eq!(desk.import().await.code, 0);
    let (model, group) = (desk.world.gitlab.model(), desk.world.sample.group.as_str());
    let user = model.user_by_login(sandbox::sample::INTEGRATION_USER).unwrap().id;

    for (number, mode) in [(1, "soft"), (2, "full")] {
        // when
        let path = format!("late-{number}");
        let project = model.create_project(group, &path, &path, Visibility::Private, user).await.unwrap();
        let message = format!("LATE-{number} Come after the import");
        let stream = format!(
            "commit refs/heads/main\ncommitter Ada <ada@example.com> 1760000000 +0000\ndata {}\n{message}\n",
            message.len()
        );
        model.import(project, user, stream.into_bytes()).await.unwrap();
        let synced = json(&desk.account(&["sync", group, "--mode", mode, "--wait", "--format", "json"]).await);

        // then
        assert_eq!((&synced["mode"], &synced["ended"], &synced["failed"]), (&json!(mode), &json!(true), &json!([])));
        let issue = ask(&desk.serve, &desk.api_token, None, &format!("/api/v1/issues/LATE-{number}")).await;
        assert_eq!(issue["commits"], json!(1), "{issue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_fails_is_named_and_the_exit_code_tells() {
    // given
    let desk = Desk::new().await;
    assert_eq!(desk.import().await.code, 0);
    let group = desk.world.sample.group.as_str();
    let shown = json(&desk.account(&["show", group, "--format", "json"]).await);
    let broken = shown["repositories"].as_array().unwrap().iter().find(|seen| seen["linked"] == json!(true)).unwrap();
    let pattern = format!("/api/v4/projects/{}/merge_requests", broken["forge_id"].as_str().unwrap());
    desk.world.gitlab.switches().fail(Failure::every(&pattern, How::Status(http::StatusCode::INTERNAL_SERVER_ERROR)));

    // when
    let synced = desk.account(&["sync", group, "--mode", "full", "--wait"]).await;

    // then
    assert_eq!(synced.code, 1, "{synced:?}");
    assert!(synced.stdout.contains(broken["path"].as_str().unwrap()), "{synced:?}");
    assert!(synced.stderr.contains("1 repository of"), "{synced:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_the_address_for_oauth_is_printed() {
    let desk = Desk::new().await;
    let add = ["add", "platform", "--host-url", "https://gitlab.example.com"];

    let text = desk.account(&add).await;
    let json = json(&desk.account(&[&add[..], &["--format", "json"]].concat()).await);

    let page = format!("{}/accounts/new", desk.serve.url.trim_end_matches('/'));
    assert!(text.stdout.contains(&page), "{text:?}");
    assert_eq!(json, json!({ "open": page }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_is_told_in_its_words() {
    let desk = Desk::new().await;
    let host = desk.world.gitlab.url();
    let add = |path| ["add", path, "--host-url", host, "--token-file", "-"];

    let refused = desk.typed(&add("platform"), "glpat-wrong").await;
    assert_told(&refused, 1, "token");
    assert!(!refused.stderr.contains("glpat-wrong"), "{refused:?}");
    assert_told(&desk.account(&["show", "7"]).await, 1, "There is no account");
    assert_eq!(desk.import().await.code, 0);
    let token = &desk.world.sample.access_token;
    assert_told(&desk.typed(&add(&desk.world.sample.group), token).await, 1, "already");
    let mut stranger = desk.world.command(&["account", "list"]);
    stranger.env("DOVETAIL_SERVER", &desk.serve.url).env("DOVETAIL_TOKEN", "dvt_wrong");
    assert_told(&end(stranger, "").await, 1, "token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_and_wrong_uses_have_their_exit_codes() {
    let mut desk = Desk::new().await;
    assert_told(
        &desk.typed(&["add", "x", "--host-url", "https://a.example", "--token-file", "-"], " ").await,
        2,
        "no token",
    );
    assert_told(&desk.account(&["list", "--server", "dovetail"]).await, 2, "--server");
    let mut nameless = desk.world.command(&["account", "list"]);
    nameless.env("DOVETAIL_SERVER", &desk.serve.url).env_remove("DOVETAIL_TOKEN");
    assert_told(&end(nameless, "").await, 2, "DOVETAIL_TOKEN");

    desk.serve.child.kill().await.unwrap();
    assert_told(&desk.account(&["list"]).await, 1, "did not answer");
}
