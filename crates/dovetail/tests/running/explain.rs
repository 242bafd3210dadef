//! `dovetail explain` against a running server, and with a message alone.

use serde_json::{Value, json};
use store::testing::Engine;

use crate::world::{Ended, World, end};

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_tells_the_story() {
    // given
    let world = World::new(Engine::Sqlite).await.unwrap();
    let token = world.api_token().await;
    let serve = world.serve().await;
    let explain = async |arguments: &[&str], token: &str| -> Ended {
        let mut command = world.command(&[&["explain"], arguments].concat());
        command.env("DOVETAIL_SERVER", &serve.url).env("DOVETAIL_TOKEN", token);
        end(command, "").await
    };

    // when
    let text = explain(&["9f3c2ab"], &token).await;
    let json = explain(&["https://gitlab.example.com/a/b?x=1#y", "--format", "json"], &token).await;

    // then
    assert_eq!(text.code, 0, "{text:?}");
    let lines: Vec<&str> = text.stdout.lines().collect();
    assert_eq!(lines[0], "No commit 9f3c2ab has been seen here.");
    assert!(lines[2].starts_with("  ✗ No account is connected") && lines[3].starts_with("    → Ask"), "{lines:?}");
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["asked"], &json["subject"]), (&json!("https://gitlab.example.com/a/b"), &json!("unknown")));
    let refused = explain(&[" "], &token).await;
    assert!(refused.code == 1 && refused.stderr.contains("Nothing was asked."), "{refused:?}");
    let stranger = explain(&["ABC-1"], "dvt_wrong").await;
    assert!(stranger.code == 1 && stranger.stderr.contains("token"), "{stranger:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_explained_without_a_server_and_wrong_uses_are_told() {
    let world = World::new(Engine::Sqlite).await.unwrap();

    let said = end(world.command(&["explain", "--message", "-", "--format", "json"]), "ABC-1 and abc-2").await;
    let both = end(world.command(&["explain", "ABC-1", "--message", "-"]), "").await;
    let neither = end(world.command(&["explain"]), "").await;
    let mut nameless = world.command(&["explain", "ABC-1"]);
    nameless.env_remove("DOVETAIL_TOKEN");

    let said: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&said["keys"], &said["refused"][0]["text"]), (&json!(["ABC-1"]), &json!("abc-2")));
    assert_eq!((both.code, neither.code), (2, 2));
    let nameless = end(nameless, "").await;
    assert!(nameless.code == 2 && nameless.stderr.contains("DOVETAIL_TOKEN"), "{nameless:?}");
}
