//! Is there a GitLab?

use axum::response::Response;
use forge::{Problem, probe};
use model::HostKind;
use net::NetError;

use crate::server::{Asked, Server, answer, http, json};

async fn problem(answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static) -> Problem {
    let server = Server::start(answer).await;
    probe(HostKind::Gitlab, &[&server.url], &http()).await.unwrap_err().problem
}

#[tokio::test]
async fn a_gitlab_answers_strangers_with_401_in_json() {
    // given
    let closed = Server::start(|_| json(401, r#"{"message":"401 Unauthorized"}"#)).await;
    let open = Server::start(|_| json(200, r#"{"version":"18.9.0","revision":"abc"}"#)).await;

    let worded_otherwise = Server::start(|_| answer(401, &[("x-gitlab-meta", "{}")], r#"{"error":"no"}"#)).await;

    // then
    for server in [closed, open, worded_otherwise] {
        assert_eq!(probe(HostKind::Gitlab, &[format!("{}/", server.url)], &http()).await.unwrap(), server.url);
        assert_eq!(server.paths(), ["/api/v4/version"]);
    }
}

#[tokio::test]
async fn a_relative_root_is_found_among_the_candidates() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/gitlab/api/v4/version" => json(401, r#"{"message":"401 Unauthorized"}"#),
        _ => answer(302, &[("location", "/gitlab/users/sign_in")], ""),
    })
    .await;
    let candidates =
        ["/gitlab/platform/api", "/gitlab/platform", "/gitlab", ""].map(|path| format!("{}{path}", server.url));

    // when
    let found = probe(HostKind::Gitlab, &candidates, &http()).await.unwrap();

    // then
    assert_eq!(found, format!("{}/gitlab", server.url));
}

#[tokio::test]
async fn what_answers_otherwise_is_not_gitlab() {
    assert!(matches!(problem(|_| answer(200, &[], "<html>Welcome</html>")).await, Problem::NotGitlab));
    assert!(matches!(problem(|_| json(200, r#"{"ok":true}"#)).await, Problem::NotGitlab));
    assert!(matches!(problem(|_| answer(401, &[], "<html>Sign in</html>")).await, Problem::NotGitlab));
    assert!(matches!(problem(|_| json(401, r#"{"message":"Unauthorized"}"#)).await, Problem::NotGitlab));
    assert!(matches!(problem(|_| answer(404, &[], "not found")).await, Problem::NotGitlab));
    assert!(matches!(problem(|_| answer(302, &[("location", "/login")], "")).await, Problem::NotGitlab));
    assert!(matches!(problem(|_| json(200, "x".repeat(300_000))).await, Problem::NotGitlab));
}

#[tokio::test]
async fn what_keeps_a_gitlab_from_answering_is_told() {
    assert!(matches!(problem(|_| answer(502, &[], "<html>")).await, Problem::Server(502)));
    assert!(matches!(problem(|_| answer(429, &[], "Retry later")).await, Problem::RateLimited { .. }));
    let moved = problem(|_| answer(301, &[("location", "https://git.example.com/api/v4/version?x=1")], "")).await;
    assert!(
        matches!(moved, Problem::Network(NetError::Redirected { ref to, .. }) if to == "https://git.example.com/api/v4/version"),
        "{moved:?}"
    );
}

#[tokio::test]
async fn a_failure_says_more_than_a_wrong_place() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/gitlab/api/v4/version" => answer(503, &[], "upgrading"),
        _ => answer(404, &[], "not found"),
    })
    .await;
    let candidates = ["/gitlab", ""].map(|path| format!("{}{path}", server.url));

    // then
    let error = probe(HostKind::Gitlab, &candidates, &http()).await.unwrap_err();
    assert!(matches!(error.problem, Problem::Server(503)));
}

#[tokio::test]
async fn no_address_is_told() {
    assert_eq!(probe(HostKind::Gitlab, &["git.example.com"], &http()).await.unwrap_err().kind(), "data");
}
