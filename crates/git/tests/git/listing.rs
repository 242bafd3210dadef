//! Listing branches over HTTP.

use git::{GitError, Remote, ServerCapabilities, server_capabilities};
use http::StatusCode;

use crate::server::{Behaviour, Server};
use crate::world::{World, commits};

async fn world() -> World {
    let world = World::new();
    let stream = commits("main", &["ABC-1 one", "ABC-2 two"], None) + &commits("ABC-3/feature", &["three"], None);
    let repository = world.repository("a.git", &stream).await;
    let head = world.head(&repository, "main").await;
    let hidden = git::RefUpdate::Set { name: "refs/merge-requests/1/head".to_owned(), id: head };
    world.git.update_refs(&repository, &[hidden]).await.unwrap();
    world
}

fn names(refs: &git::Refs) -> Vec<&str> {
    refs.branches.iter().map(|branch| branch.name.as_str()).collect()
}

#[tokio::test]
async fn one_request_lists_the_branches_and_the_default_one() {
    let world = world().await;
    let server = Server::start(&world.path(""), Behaviour::default()).await;

    let refs = world.git.ls_refs(&server.remote("a.git", None)).await.unwrap();

    assert_eq!(names(&refs), ["ABC-3/feature", "main"]);
    assert_eq!(refs.default_branch.as_deref(), Some("main"));
    assert_eq!((refs.requests, refs.capabilities, refs.undecodable), (1, None, 0));
    assert_eq!(server.seen_what(), ["POST git-upload-pack"]);
    assert_eq!(refs.branches[1].head, world.head(&world.path("a.git"), "main").await);
}

#[tokio::test]
async fn a_server_that_refuses_protocol_2_is_asked_for_info_refs() {
    let world = world().await;
    for behaviour in [
        Behaviour { refuse_v2: Some(StatusCode::METHOD_NOT_ALLOWED), deaf_to_v2: true, ..Behaviour::default() },
        Behaviour { refuse_v2: Some(StatusCode::UNSUPPORTED_MEDIA_TYPE), deaf_to_v2: true, ..Behaviour::default() },
        Behaviour { deaf_to_v2: true, ..Behaviour::default() },
    ] {
        let server = Server::start(&world.path(""), behaviour).await;

        let refs = world.git.ls_refs(&server.remote("a.git", None)).await.unwrap();

        assert_eq!(names(&refs), ["ABC-3/feature", "main"]);
        assert_eq!((refs.requests, refs.default_branch.as_deref()), (2, Some("main")));
        let expected = ServerCapabilities { filter: true, sha256: false, protocol_v2: false };
        assert_eq!(refs.capabilities, Some(expected));
        assert_eq!(server.seen_what(), ["POST git-upload-pack", "GET refs"]);
    }
}

#[tokio::test]
async fn sha256_is_found_out_once() {
    let world = World::new();
    let path = world.path("a.git");
    world.git.init_bare_sha256(&path).await.unwrap();
    world.git.fast_import(&path, commits("main", &["ABC-1 one"], None).as_bytes()).await.unwrap();
    let server = Server::start(&world.path(""), Behaviour::default()).await;
    let remote = server.remote("a.git", None);

    let first = world.git.ls_refs(&remote).await.unwrap();
    let second = world.git.ls_refs(&remote).await.unwrap();

    assert_eq!((first.requests, second.requests), (3, 1));
    assert_eq!(first.branches, second.branches);
    assert_eq!(first.branches[0].head.as_str().len(), 64);
    assert!(first.capabilities.unwrap().sha256);
}

#[tokio::test]
async fn an_empty_repository_has_no_branches() {
    let world = World::new();
    world.git.init_bare(&world.path("a.git")).await.unwrap();
    for deaf_to_v2 in [false, true] {
        let server = Server::start(&world.path(""), Behaviour { deaf_to_v2, ..Behaviour::default() }).await;
        let refs = world.git.ls_refs(&server.remote("a.git", None)).await.unwrap();
        assert!(refs.branches.is_empty(), "{refs:?}");
    }
}

#[tokio::test]
async fn capabilities_tell_whether_filters_are_on() {
    let world = world().await;
    let server = Server::start(&world.path(""), Behaviour::default()).await;
    let remote = server.http_remote("a.git", None);
    let with = server_capabilities(&remote).await.unwrap();
    server.behave(|behaviour| behaviour.config.clear());
    let without = server_capabilities(&remote).await.unwrap();
    assert!(with.filter && with.protocol_v2 && !without.filter);
    assert_eq!(server.seen_what(), ["GET refs", "GET refs"]);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let world = world().await;
    let behaviour = Behaviour { token: Some("right".to_owned()), ..Behaviour::default() };
    let server = Server::start(&world.path(""), behaviour).await;
    let refused =
        async |repository: &str, token| world.git.ls_refs(&server.remote(repository, token)).await.unwrap_err();
    assert_eq!(refused("a.git", None).await, GitError::Unauthorised, "private, without token");
    assert_eq!(refused("a.git", Some("wrong")).await, GitError::Unauthorised);
    assert_eq!(refused("missing.git", Some("right")).await, GitError::NotFound);
    assert!(world.git.ls_refs(&server.remote("a.git", Some("right"))).await.is_ok());

    for (status, kind) in [(403, "permission"), (429, "rate_limit"), (502, "server"), (410, "not_found")] {
        let status = StatusCode::from_u16(status).unwrap();
        server.behave(|behaviour| behaviour.fixed = Some((status, Vec::new())));
        assert_eq!(refused("a.git", Some("right")).await.kind(), kind, "{status}");
    }
    server.behave(|behaviour| behaviour.fixed = Some((StatusCode::OK, b"<!DOCTYPE html>".to_vec())));
    assert_eq!(refused("a.git", Some("right")).await, GitError::NotGit);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let world = World::new();
    let server = Server::start(&world.path(""), Behaviour::default()).await;
    let Remote::Http(mut remote) = server.remote("a.git", None) else { unreachable!() };
    remote.url = format!("http://{address}/a.git").parse().unwrap();

    let error = world.git.ls_refs(&Remote::Http(remote)).await.unwrap_err();

    assert_eq!((error.kind(), error.is_transient()), ("network", true));
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}
