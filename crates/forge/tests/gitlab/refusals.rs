//! What every status means.

use forge::{Auth, Problem, TokenFault};
use net::NetError;

use crate::server::{NOW, Server, TOKEN, answer, json};

/// The problem that a client meets when everything is answered so.
async fn problem_of(status: u16, headers: &'static [(&str, &str)], body: &'static str) -> Problem {
    let server = Server::start(move |_| answer(status, headers, body)).await;
    let error = server.client().current_user().await.unwrap_err();
    assert!(!format!("{error:?} {error} {} {}", error.cause(), error.remedy()).contains(TOKEN));
    error.problem
}

#[tokio::test]
async fn refused_tokens_are_told_apart_by_the_body_and_else_by_the_header() {
    // given
    let plain = r#"{"message":"401 Unauthorized"}"#;
    let unknown = r#"{"error":"invalid_token","error_description":"Bad Access Token."}"#;
    let expired = r#"{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}"#;
    let revoked =
        r#"{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}"#;
    let header =
        &[("www-authenticate", r#"Bearer realm="x", error="invalid_token", error_description="Token is expired.""#)];

    // then
    assert!(matches!(problem_of(401, &[], plain).await, Problem::Unauthorised(TokenFault::Invalid)));
    assert!(matches!(problem_of(401, &[], unknown).await, Problem::Unauthorised(TokenFault::Invalid)));
    assert!(matches!(problem_of(401, &[], "<html>").await, Problem::Unauthorised(TokenFault::Invalid)));
    assert!(matches!(problem_of(401, &[], expired).await, Problem::Unauthorised(TokenFault::Expired)));
    assert!(matches!(problem_of(401, header, "").await, Problem::Unauthorised(TokenFault::Expired)));
    assert!(matches!(problem_of(401, &[], revoked).await, Problem::Unauthorised(TokenFault::Revoked)));
}

#[tokio::test]
async fn four_kinds_of_forbidden_are_told_apart() {
    // given
    let scope = r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}"#;
    let blocked = r#"{"message":"403 Forbidden - Your account has been blocked."}"#;
    let terms =
        r#"{"message":"403 Forbidden - You must accept the Terms of Service in order to perform this action."}"#;
    let plain = r#"{"message":"403 Forbidden"}"#;

    // then
    assert!(matches!(problem_of(403, &[], scope).await, Problem::InsufficientScope));
    assert!(matches!(problem_of(403, &[], blocked).await, Problem::Blocked));
    assert!(matches!(problem_of(403, &[], terms).await, Problem::Blocked));
    assert!(matches!(problem_of(403, &[], plain).await, Problem::Forbidden));
    assert!(matches!(problem_of(403, &[], "<html>Access denied</html>").await, Problem::Forbidden));
}

#[tokio::test]
async fn merge_requests_that_are_switched_off_are_not_forbidden() {
    // given
    let off = Server::start(|_| json(403, r#"{"message":"403 Forbidden"}"#)).await;
    let proxy = Server::start(|_| answer(403, &[], "<html>Access denied</html>")).await;
    let scope = Server::start(|_| json(403, r#"{"error":"insufficient_scope"}"#)).await;

    // when
    let off = off.client().merge_requests("7", None, None).await.unwrap_err();
    let proxy = proxy.client().merge_requests("7", None, None).await.unwrap_err();
    let scope = scope.client().merge_requests("7", None, None).await.unwrap_err();

    // then
    assert!(matches!(off.problem, Problem::NotAvailable));
    assert!(matches!(proxy.problem, Problem::Forbidden), "a proxy's page says nothing about merge requests");
    assert!(matches!(scope.problem, Problem::InsufficientScope));
}

#[tokio::test]
async fn failures_of_the_server_keep_their_status() {
    for status in [408, 409, 500, 502, 503, 504, 520] {
        let problem = problem_of(status, &[("content-type", "text/html")], "<html>Bad Gateway</html>").await;
        assert!(matches!(problem, Problem::Server(seen) if seen == status), "{status}: {problem:?}");
    }
    for status in [400, 405, 422] {
        assert!(
            matches!(problem_of(status, &[], r#"{"error":"page is invalid"}"#).await, Problem::Data(_)),
            "{status}"
        );
    }
    assert!(matches!(problem_of(404, &[], r#"{"message":"404 Project Not Found"}"#).await, Problem::NotFound));
    assert!(matches!(problem_of(404, &[], r#"{"message":"404 Repository Not Found"}"#).await, Problem::NotAvailable));
    assert!(matches!(problem_of(410, &[], "").await, Problem::NotFound));
}

#[tokio::test]
async fn a_pause_is_as_long_as_the_server_says() {
    let until = |problem| match problem {
        Problem::RateLimited { until } => until,
        other => panic!("{other:?}"),
    };
    let after = &[("retry-after", "30")];
    let reset = &[("ratelimit-remaining", "0"), ("ratelimit-reset", "1537438741")];

    assert_eq!(until(problem_of(429, after, "Retry later").await), Some(NOW + 30_000));
    assert_eq!(until(problem_of(429, reset, "Retry later").await), Some(NOW + 60_000));
    assert_eq!(until(problem_of(503, after, "<html>").await), Some(NOW + 30_000));
}

#[tokio::test]
async fn during_a_pause_nothing_is_sent() {
    // given
    let server = Server::start(|_| answer(429, &[("retry-after", "30")], "Retry later")).await;
    let client = server.client();

    // when
    client.current_user().await.unwrap_err();
    let second = client.current_user().await.unwrap_err();

    // then
    assert!(matches!(second.problem, Problem::RateLimited { until: Some(until) } if until == NOW + 30_000));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_spent_allowance_is_a_pause_before_the_refusal() {
    // given
    let spent = &[("ratelimit-remaining", "0"), ("ratelimit-reset", "1537438741")];
    let server = Server::start(|_| answer(200, spent, r#"{"id":1,"username":"anna"}"#)).await;
    let client = server.client();

    // when
    let first = client.current_user().await.unwrap();
    let second = client.current_user().await.unwrap_err();

    // then
    assert_eq!(first.login, "anna");
    assert!(matches!(second.problem, Problem::RateLimited { until: Some(until) } if until == NOW + 60_000));
}

#[tokio::test]
async fn what_is_not_the_json_expected_is_told_without_its_content() {
    for body in [
        "",
        "{",
        "{}",
        "null",
        "<html>secret-of-someone</html>",
        "[\"secret-of-someone\"]",
        "{\"id\":\"secret-of-someone\"}",
        "{\"id\":1,\"username\":\"secret-of-someone",
    ] {
        // given
        let server = Server::start(move |_| answer(200, &[], body)).await;

        // when
        let error = server.client().current_user().await.unwrap_err();

        // then
        assert_eq!(error.kind(), "data", "{body}");
        assert!(!format!("{error:?}{error}").contains("secret-of-someone"), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_is_read_up_to_a_bound() {
    // given
    let server = Server::start(|_| json(200, " ".repeat(65 << 20))).await;

    // when
    let error = server.client().current_user().await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::Network(NetError::TooLarge { .. })), "{error:?}");
}

#[tokio::test]
async fn the_token_goes_into_its_own_header_and_never_into_the_address() {
    // given
    let server = Server::start(|_| json(200, r#"{"id":1,"username":"anna"}"#)).await;

    // when
    server.client().current_user().await.unwrap();
    server.client_with(Auth::Oauth("oauth-token".to_owned().into())).current_user().await.unwrap();
    server.client_with(Auth::None).current_user().await.unwrap();

    // then
    let asked = server.asked();
    let header =
        |index: usize, name: &str| asked[index].headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header(0, "private-token").as_deref(), Some(TOKEN));
    assert_eq!(header(1, "authorization").as_deref(), Some("Bearer oauth-token"));
    assert_eq!((header(2, "private-token"), header(2, "authorization")), (None, None));
    assert!(asked.iter().all(|asked| asked.query.is_empty()));
}

#[tokio::test]
async fn a_moved_project_is_followed_once_and_on_this_server_only() {
    // given
    let moved = Server::start(|asked| match asked.path.as_str() {
        "/api/v4/projects/7/merge_requests/1" => {
            answer(301, &[("location", "http://127.0.0.1:1/api/v4/projects/8/merge_requests/1")], "")
        }
        _ => json(500, ""),
    })
    .await;
    let elsewhere = Server::start(|_| json(200, "{}")).await;
    let target = format!("{}/api/v4/user", elsewhere.url);
    let luring = Server::start(move |_| answer(302, &[("location", &target)], "")).await;
    let within = Server::start(|asked| match asked.path.as_str() {
        "/api/v4/user" => answer(301, &[("location", "/api/v4/users/1")], "moved"),
        "/api/v4/users/1" => json(200, r#"{"id":1,"username":"anna"}"#),
        _ => json(500, ""),
    })
    .await;
    let circle = Server::start(|_| answer(301, &[("location", "/api/v4/user")], "")).await;

    // when
    let foreign = moved.client().merge_request("7", 1).await.unwrap_err();
    let lured = luring.client().current_user().await.unwrap_err();
    let followed = within.client().current_user().await.unwrap();
    let turned = circle.client().current_user().await.unwrap_err();

    // then
    assert!(matches!(foreign.problem, Problem::Network(NetError::Redirected { .. })));
    assert!(
        matches!(lured.problem, Problem::Network(NetError::Redirected { ref to, .. }) if to.starts_with(&elsewhere.url))
    );
    assert!(elsewhere.asked().is_empty(), "the token went to another server");
    assert_eq!(followed.login, "anna");
    assert!(matches!(turned.problem, Problem::Data(_)));
    assert_eq!(circle.asked().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_problem_of_the_network() {
    // given
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    // when
    let error = forge::probe(model::HostKind::Gitlab, &[url], &crate::server::http()).await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::Network(NetError::Refused { .. })), "{error:?}");
    assert!(error.is_transient());
}
