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

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_connected_is_checked_beside_the_running_server() {
    // given
    let world = World::new(Engine::Sqlite).await.unwrap();
    let api_token = world.api_token().await;
    let serve = world.serve().await;
    let (group, host) = (world.sample.group.clone(), world.gitlab.url().to_owned());
    let mut add = world.command(&["account", "add", &group, "--host-url", &host, "--token-file", "-"]);
    add.env("DOVETAIL_SERVER", &serve.url).env("DOVETAIL_TOKEN", &api_token);
    let added = end(add, &world.sample.access_token).await;
    assert_eq!(added.code, 0, "{added:?}");

    // when
    let well = end(world.command(&["check", "--stored", &group]), "").await;
    let coloured = end(
        {
            let mut command = world.command(&["check", "--stored", &group, "--until", "token"]);
            command.env("CLICOLOR_FORCE", "1");
            command
        },
        "",
    )
    .await;
    let missing = end(world.command(&["check", "--stored", "nobody"]), "").await;
    let both = end(world.command(&["check", "--stored", &group, "--host-url", &host]), "").await;
    let neither = end(world.command(&["check"]), "").await;

    // then
    assert_eq!(well.code, 0, "{well:?}");
    for line in ["✓ token", "✓ version", "✓ account", "✓ repositories", "✓ git"] {
        assert!(well.stdout.contains(line), "{line} is missing: {well:?}");
    }
    assert!(well.stdout.contains("hooks") && !well.stdout.contains('\u{1b}'), "{well:?}");
    assert!(!well.stdout.contains(&world.sample.access_token));
    assert!(coloured.stdout.contains("\u{1b}[32m✓ token"), "{coloured:?}");
    assert_eq!((missing.code, both.code, neither.code), (2, 2, 2));
    assert!(missing.stderr.contains("no account nobody is connected"), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_terminals_and_for_whoever_insists() {
    // given
    let world = World::new(Engine::Sqlite).await.unwrap();
    let url = world.gitlab.url().to_owned();
    let printed = async |variables: &[(&str, &str)], more: &[&str]| {
        let mut command = world.command(&[&["check", "--host-url", &url, "--until", "http"], more].concat());
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        let ended = end(
            {
                command.envs(variables.iter().copied());
                command
            },
            "",
        )
        .await;
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.stdout
    };

    // when
    let piped = printed(&[], &[]).await;
    let forced = printed(&[("CLICOLOR_FORCE", "1")], &[]).await;
    let refused = printed(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], &[]).await;
    let json = printed(&[("CLICOLOR_FORCE", "1")], &["--format", "json"]).await;

    // then
    assert!(piped.contains("✓ http") && !piped.contains('\u{1b}'), "{piped:?}");
    assert!(forced.contains("\u{1b}[32m✓ http"), "{forced:?}");
    assert!(refused.contains("✓ http") && !refused.contains('\u{1b}'), "{refused:?}");
    assert!(json.starts_with('{') && !json.contains('\u{1b}'), "{json:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_is_given_colours_unless_they_are_not_wanted() {
    // given: a terminal, which `script` makes
    let world = World::new(Engine::Sqlite).await.unwrap();
    let shown = async |variables: &[(&str, &str)]| {
        let program = env!("CARGO_BIN_EXE_dovetail");
        let line = format!("'{program}' check --host-url '{}' --until http", world.gitlab.url());
        let mut command = world.command_of("script", &["--quiet", "--return", "--command", &line, "/dev/null"]);
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        let ended = end(
            {
                command.env("TERM", "xterm-256color").envs(variables.iter().copied());
                command
            },
            "",
        )
        .await;
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.stdout
    };

    // when
    let plain = shown(&[]).await;
    let refused = shown(&[("NO_COLOR", "1")]).await;

    // then
    assert!(plain.contains("\u{1b}[32m✓ http"), "{plain:?}");
    assert!(refused.contains("✓ http") && !refused.contains('\u{1b}'), "{refused:?}");
}
