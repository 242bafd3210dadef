//! Serving git: what the sandbox's GitLab is made of.

use std::path::Path;

use git::{Command, GitError};

use crate::server::{Behaviour, Server};
use crate::world::{World, commits};

/// A real git client in `repository` against the server.
fn client(world: &World, repository: &Path, server: &Server, arguments: &[&str]) -> Command {
    let header = {
        use base64::Engine;
        format!("Authorization: Basic {}", base64::prelude::BASE64_STANDARD.encode("oauth2:right"))
    };
    world
        .git
        .command(arguments)
        .repository(repository)
        .env("GIT_ALLOW_PROTOCOL", "http:https")
        .config("http.extraHeader", &header)
        .config("remote.origin.url", &format!("{}/a.git", server.origin))
}

async fn private_server(world: &World) -> Server {
    Server::start(&world.path(""), Behaviour { token: Some("right".to_owned()), ..Behaviour::default() }).await
}

#[tokio::test]
async fn pushes_arrive_whole_in_chunks() {
    let world = World::new();
    world.git.init_bare(&world.path("a.git")).await.unwrap();
    let server = private_server(&world).await;
    let long = "ABC-1 ".to_owned() + &"different words ".repeat(200);
    let work = world.repository("work.git", &commits("main", &[&long, "ABC-2 two"], None)).await;

    // Beyond http.postBuffer git sends a body without length.
    let push = client(&world, &work, &server, &["push", "-q", "origin", "main"]).config("http.postBuffer", "1");
    push.output().await.unwrap();

    assert_eq!(world.head(&world.path("a.git"), "main").await, world.head(&work, "main").await);
    assert!(server.seen().iter().any(|seen| seen.chunked && seen.what == "POST git-receive-pack"));
}

#[tokio::test]
async fn long_negotiations_come_compressed() {
    let world = World::new();
    world.repository("a.git", &commits("main", &["one"], None)).await;
    let server = private_server(&world).await;
    let many: String = (0..40).map(|number| commits(&format!("b{number}"), &["x"], None)).collect();
    let work = world.repository("work.git", &many).await;

    client(&world, &work, &server, &["fetch", "-q", "origin", "main:refs/heads/theirs"]).output().await.unwrap();

    assert!(world.git.rev_parse(&work, "theirs").await.unwrap().is_some());
    assert!(server.seen().iter().any(|seen| seen.encoding.as_deref() == Some("gzip")));
}

#[tokio::test]
async fn nobody_pushes_without_signing_in_and_nothing_is_served_outside() {
    let world = World::new();
    world.git.init_bare(&world.path("a.git")).await.unwrap();
    let work = world.repository("work.git", &commits("main", &["one"], None)).await;
    let server = Server::start(&world.path(""), Behaviour::default()).await;
    let push = client(&world, &work, &server, &["push", "-q", "origin", "main"]).output().await;
    assert_eq!(push.unwrap_err(), GitError::Forbidden);

    let inside = Server::start(&world.path("a.git"), Behaviour::default()).await;
    let outside = world.git.ls_refs(&inside.remote("%2e%2e/work.git", None)).await;
    assert!(outside.is_err(), "{outside:?}");
}

#[tokio::test]
async fn hooks_do_not_run() {
    let world = World::new();
    let served = world.path("a.git");
    world.git.init_bare(&served).await.unwrap();
    std::fs::create_dir(served.join("hooks")).unwrap();
    std::fs::write(served.join("hooks/pre-receive"), "#!/bin/sh\nexit 1\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(served.join("hooks/pre-receive"), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let server = private_server(&world).await;
    let work = world.repository("work.git", &commits("main", &["one"], None)).await;
    client(&world, &work, &server, &["push", "-q", "origin", "main"]).output().await.unwrap();
    assert_eq!(world.head(&served, "main").await, world.head(&work, "main").await);
}
