//! Where tokens must not appear.

use std::fs;
use std::path::Path;

use base64::Engine;
use git::{Filter, GitError};

use crate::server::{Behaviour, Server};
use crate::world::{World, commits};

const TOKEN: &str = "glpat-s3cret-of-ada";

fn forms() -> [String; 2] {
    [TOKEN.to_owned(), base64::prelude::BASE64_STANDARD.encode(format!("oauth2:{TOKEN}"))]
}

async fn world() -> World {
    let world = World::new();
    world.repository("a.git", &commits("main", &["ABC-1 one"], None)).await;
    world
}

/// Every file below a folder that holds one of the forms.
fn files_with_token(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files_with_token(&entry.path()));
        } else {
            let content = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
            if forms().iter().any(|form| content.contains(form)) {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn redirects_are_not_followed_and_carry_nothing() {
    let world = world().await;
    let thief = Server::start(&world.path(""), Behaviour::default()).await;
    let behaviour = Behaviour { redirect: Some(thief.origin.clone()), ..Behaviour::default() };
    let server = Server::start(&world.path(""), behaviour).await;
    let remote = server.remote("a.git", Some(TOKEN));
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    let head = world.head(&world.path("a.git"), "main").await;

    let listing = world.git.ls_refs(&remote).await.unwrap_err();
    let asking = cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap_err();
    assert_eq!(server.seen().len(), 2);
    // Filter::None asks no capabilities: git itself meets the redirect.
    let fetching = cache.fetch(&remote, &[head], &[], Filter::None).await.unwrap_err();

    let target = format!("{}/a.git/git-upload-pack", thief.origin);
    assert_eq!(listing, GitError::Redirected { to: Some(target) });
    assert!(matches!(asking, GitError::Redirected { to: Some(_) }));
    assert_eq!(fetching, GitError::Redirected { to: None });
    assert!(server.seen().iter().all(|seen| seen.authorization.is_some()), "the right server did get the token");
    assert_eq!(thief.seen(), [], "the other server hears nothing at all");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_running_fetch_shows_no_token_in_the_process_list() {
    let world = world().await;
    let server = Server::start(&world.path(""), Behaviour { stall: true, ..Behaviour::default() }).await;
    let remote = server.remote("a.git", Some(TOKEN));
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    let head = world.head(&world.path("a.git"), "main").await;
    let fetch = tokio::spawn(async move { cache.fetch(&remote, &[head], &[], Filter::Treeless).await });

    server.stalled().await;

    let processes = processes_of(&world.path("cache"));
    assert!(processes.iter().any(|line| line.contains("remote-http")), "the fetch is running: {processes:?}");
    for line in processes {
        assert!(forms().iter().all(|form| !line.contains(form)), "{line}");
    }
    fetch.abort();
    assert!(fetch.await.unwrap_err().is_cancelled());
}

/// The command lines of the processes that work in this repository.
#[cfg(target_os = "linux")]
fn processes_of(repository: &Path) -> Vec<String> {
    let mark = format!("GIT_DIR={}", repository.display());
    let readable = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).replace('\0', " ");
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let ours = processes.filter(|process| readable(&process.join("environ")).contains(&mark));
    ours.map(|process| readable(&process.join("cmdline"))).collect()
}

#[tokio::test]
async fn nothing_on_disk_holds_the_token() {
    let world = world().await;
    let behaviour = Behaviour { token: Some(TOKEN.to_owned()), ..Behaviour::default() };
    let server = Server::start(&world.path(""), behaviour).await;
    let mut remote = server.http_remote("a.git", Some(TOKEN));
    remote.url.set_username("oauth2").unwrap();
    remote.url.set_password(Some(TOKEN)).unwrap();
    let remote = git::Remote::Http(remote);
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    let head = world.head(&world.path("a.git"), "main").await;

    cache.fetch(&remote, &[head], &[], Filter::Treeless).await.unwrap();
    cache.gc().await.unwrap();

    assert_eq!(files_with_token(&world.path("cache")), Vec::<String>::new());
}

#[tokio::test]
async fn errors_and_debug_output_hold_no_token_even_if_the_server_repeats_it() {
    let world = world().await;
    let [plain, encoded] = forms();
    let text = format!("ERR your token {plain} ({encoded}) is odd");
    let answer = format!("{:04x}{text}", text.len() + 4).into_bytes();
    let server = Server::start(&world.path(""), Behaviour { fixed_fetch: Some(answer), ..Behaviour::default() }).await;
    let remote = server.remote("a.git", Some(TOKEN));
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    let head = world.head(&world.path("a.git"), "main").await;

    let error = cache.fetch(&remote, &[head], &[], Filter::Treeless).await.unwrap_err();

    assert!(error.to_string().contains("is odd"), "the server's words are kept: {error}");
    for shown in [error.to_string(), format!("{error:?}"), format!("{remote:?}"), format!("{cache:?}")] {
        assert!(!shown.contains(&plain) && !shown.contains(&encoded), "{shown}");
    }
}
