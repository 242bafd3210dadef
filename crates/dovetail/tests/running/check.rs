//! `dovetail check`, as somebody runs it before anything is set up.

use serde_json::Value;
use store::testing::Engine;

use crate::world::{World, end};

#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_a_host_is_told_step_by_step() {
    // given
    let world = World::new(Engine::Sqlite).await.unwrap();
    let url = world.gitlab.url().to_owned();
    let check =
        async |arguments: &[&str], input: &str| end(world.command(&[&["check"], arguments].concat()), input).await;

    // when
    let well =
        check(&["--host-url", &url, "--account", &world.sample.group, "--token-file", "-"], &world.sample.access_token)
            .await;
    let reached = check(&["--host-url", &url, "--until", "http"], "").await;
    let refused = check(&["--host-url", "http://127.0.0.1:1", "--format", "json"], "").await;
    let wrong = check(&["--host-url", &url, "--until", "nothing"], "").await;
    let half = check(&["--host-url", &url, "--client-id", "x"], "").await;

    // then
    assert_eq!(well.code, 0, "{well:?}");
    assert!(well.stdout.contains("✓ account") && well.stdout.contains("✓ git"), "{well:?}");
    assert!(!well.stdout.contains(&world.sample.access_token));
    assert_eq!(reached.code, 0, "{reached:?}");
    assert!(reached.stdout.contains("✓ http") && !reached.stdout.contains("kind"), "{reached:?}");
    let report: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!((refused.code, &report["verdict"]), (1, &Value::from("failed")));
    assert!(refused.stderr.contains("the step tcp failed"), "{refused:?}");
    assert_eq!((wrong.code, half.code), (2, 2));
}
