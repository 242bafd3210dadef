//! Does it speak GitHub's language?

use axum::response::Response;
use forge::{Problem, probe};
use model::HostKind;
use net::NetError;

use crate::server::{Asked, GITHUB, Server, answer, copy, http, json};

const GONE: &str = r#"{"error":"API V3 is no longer supported. Use API V4 instead."}"#;

async fn problem(answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static) -> Problem {
    let server = Server::start(answer).await;
    probe(HostKind::Github, &[&server.url], &http()).await.unwrap_err().problem
}

#[tokio::test]
async fn github_and_its_likes_ask_a_stranger_who_he_is() {
    // given
    let github = Server::start(|_| json(401, r#"{"message":"Requires authentication"}"#)).await;
    let limited = Server::start(|_| json(403, r#"{"message":"API rate limit exceeded"}"#)).await;
    let old_gitlab = Server::start(|asked| match asked.headers["user-agent"].to_str().unwrap() {
        agent if agent.starts_with("Jira DVCS Connector") => copy(401, r#"{"message":"401 Unauthorized"}"#),
        _ => copy(404, r#"{"message":"404 Not Found"}"#),
    })
    .await;

    // then
    for server in [github, limited, old_gitlab] {
        assert_eq!(probe(HostKind::Github, &[format!("{}/", server.url)], &http()).await.unwrap(), server.url);
        assert_eq!(server.paths(), ["/api/v3/user/repos"]);
    }
}

#[tokio::test]
async fn the_path_of_an_old_gitlab_stays_and_is_none_of_githubs() {
    // given
    let old_gitlab = Server::start(|_| copy(401, r#"{"message":"401 Unauthorized"}"#)).await;
    let github = Server::start(|asked| match asked.path.as_str() {
        "/api/v3/user/repos" => json(401, r#"{"message":"Requires authentication"}"#),
        _ => answer(404, &[GITHUB], "<html>This is not the web page you are looking for"),
    })
    .await;
    let typed = |server: &Server| ["/-/jira", "/-", ""].map(|path| format!("{}{path}", server.url));

    // when
    let old = probe(HostKind::Github, &typed(&old_gitlab), &http()).await.unwrap();
    let new = probe(HostKind::Github, &typed(&github), &http()).await.unwrap();

    // then
    assert_eq!(old, format!("{}/-/jira", old_gitlab.url));
    assert_eq!(old_gitlab.paths(), ["/api/v3/user/repos"]);
    assert_eq!(new, github.url);
}

#[tokio::test]
async fn a_gitlab_without_that_api_is_told_from_anything_else() {
    // when
    let gitlab = problem(|_| copy(410, GONE)).await;
    let server = Server::start(|_| copy(410, GONE)).await;
    let error =
        probe(HostKind::Github, &[format!("{}/group", server.url), server.url.clone()], &http()).await.unwrap_err();

    // then
    assert!(matches!(gitlab, Problem::NotGithub { gitlab: true }));
    assert!(error.remedy().contains("Choose GitLab"), "{}", error.remedy());
    assert!(matches!(
        problem(|_| answer(200, &[], "<html>Welcome</html>")).await,
        Problem::NotGithub { gitlab: false }
    ));
    assert!(matches!(problem(|_| answer(401, &[], "<html>")).await, Problem::NotGithub { gitlab: false }));
    assert!(matches!(problem(|_| answer(404, &[], "not found")).await, Problem::NotGithub { gitlab: false }));
    assert!(matches!(
        problem(|_| answer(302, &[("location", "/login")], "")).await,
        Problem::NotGithub { gitlab: false }
    ));
}

#[tokio::test]
async fn what_keeps_a_host_from_answering_is_told() {
    assert!(matches!(problem(|_| answer(502, &[GITHUB], "<html>")).await, Problem::Server(502)));
    assert!(matches!(problem(|_| answer(429, &[], "Retry later")).await, Problem::RateLimited { .. }));
    let moved = problem(|_| answer(301, &[("location", "https://git.example.com/api/v3/user/repos?x=1")], "")).await;
    assert!(
        matches!(moved, Problem::Network(NetError::Redirected { ref to, .. }) if to == "https://git.example.com/api/v3/user/repos"),
        "{moved:?}"
    );
}
