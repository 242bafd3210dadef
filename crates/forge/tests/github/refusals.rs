//! What every refusal means, and how pauses are kept.

use forge::{Problem, TokenFault};
use net::NetError;

use crate::server::{GITHUB, NOW, Server, TOKEN, answer, json};

/// The problem that a client meets when everything is answered so.
async fn problem_of(status: u16, headers: &'static [(&str, &str)], body: &'static str) -> Problem {
    let server = Server::start(move |_| answer(status, &[headers, &[GITHUB]].concat(), body)).await;
    let error = server.client().current_user().await.unwrap_err();
    assert!(!format!("{error:?} {error} {} {}", error.cause(), error.remedy()).contains(TOKEN));
    error.problem
}

fn until(problem: &Problem) -> Option<i64> {
    match problem {
        Problem::RateLimited { until } => *until,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refused_token_is_told() {
    let expired = r#"{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}"#;
    let bad = problem_of(401, &[], r#"{"message":"Bad credentials"}"#).await;

    assert!(matches!(bad, Problem::Unauthorised(TokenFault::Invalid)));
    assert!(matches!(problem_of(401, &[], expired).await, Problem::Unauthorised(TokenFault::Expired)));
    assert!(matches!(problem_of(401, &[], "<html>").await, Problem::Unauthorised(TokenFault::Invalid)));
}

#[tokio::test]
async fn what_an_organisation_forbids_is_told_from_what_the_user_may_not() {
    let sso = problem_of(403, &[("x-github-sso", "required; url=https://h/sso")], r#"{"message":"x"}"#).await;
    let saml = r#"{"message":"Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization."}"#;
    let restricted = r#"{"message":"Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions"}"#;

    assert!(matches!(sso, Problem::ClosedByOrganisation));
    assert!(matches!(problem_of(403, &[], saml).await, Problem::ClosedByOrganisation));
    assert!(matches!(problem_of(403, &[], restricted).await, Problem::ClosedByOrganisation));
    assert!(matches!(
        problem_of(403, &[], r#"{"message":"Sorry. Your account was suspended."}"#).await,
        Problem::Blocked
    ));
    assert!(matches!(problem_of(403, &[], r#"{"message":"Must have admin rights"}"#).await, Problem::Forbidden));
    assert!(matches!(problem_of(403, &[], "<html>").await, Problem::Forbidden));
    assert!(matches!(problem_of(451, &[], r#"{"message":"Repository access blocked"}"#).await, Problem::Forbidden));
}

#[tokio::test]
async fn a_scope_that_is_too_small_is_told_also_where_github_hides_what_it_hides() {
    let small = &[("x-accepted-oauth-scopes", "repo, read:org"), ("x-oauth-scopes", "gist")];
    let none = &[("x-accepted-oauth-scopes", "repo"), ("x-oauth-scopes", "")];
    let enough = &[("x-accepted-oauth-scopes", "repo, read:org"), ("x-oauth-scopes", "gist, repo")];
    let no_matter = &[("x-accepted-oauth-scopes", ""), ("x-oauth-scopes", "gist")];

    for status in [403, 404] {
        assert!(matches!(problem_of(status, small, "{}").await, Problem::InsufficientScope));
        assert!(matches!(problem_of(status, none, "{}").await, Problem::InsufficientScope));
    }
    assert!(matches!(problem_of(404, enough, "{}").await, Problem::NotFound));
    assert!(matches!(problem_of(404, no_matter, "{}").await, Problem::NotFound));
    assert!(matches!(problem_of(404, &[], "{}").await, Problem::NotFound));
    assert!(matches!(problem_of(410, &[], "{}").await, Problem::NotAvailable));
}

#[tokio::test]
async fn failures_of_the_server_keep_their_status() {
    for status in [408, 409, 500, 502, 503, 504] {
        let problem = problem_of(status, &[], "<html>").await;
        assert!(matches!(problem, Problem::Server(seen) if seen == status), "{status}: {problem:?}");
    }
    assert!(matches!(problem_of(422, &[], "{}").await, Problem::Data(_)));
    assert!(matches!(problem_of(200, &[], "<html>").await, Problem::Data(_)));
}

#[tokio::test]
async fn each_limit_lasts_as_long_as_it_says() {
    let primary = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1537438741")];
    let after = &[("retry-after", "30")];
    let left = &[("x-ratelimit-remaining", "4999"), ("x-ratelimit-reset", "1537438741")];
    let secondary =
        r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}"#;

    assert_eq!(until(&problem_of(403, primary, r#"{"message":"API rate limit exceeded"}"#).await), Some(NOW + 60_000));
    assert_eq!(until(&problem_of(429, primary, "").await), Some(NOW + 60_000));
    assert_eq!(until(&problem_of(403, after, secondary).await), Some(NOW + 30_000));
    assert_eq!(until(&problem_of(503, after, "<html>").await), Some(NOW + 30_000));
    assert_eq!(until(&problem_of(403, left, secondary).await), Some(NOW + 60_000), "a minute at least");
    assert_eq!(until(&problem_of(429, &[], secondary).await), Some(NOW + 60_000));
}

#[tokio::test]
async fn during_a_pause_nothing_is_sent_also_where_only_words_asked_for_it() {
    // given
    let server =
        Server::start(|_| json(403, r#"{"message":"You have triggered an abuse detection mechanism."}"#)).await;
    let client = server.client();

    // when
    client.current_user().await.unwrap_err();
    let second = client.current_user().await.unwrap_err();

    // then
    assert_eq!(until(&second.problem), Some(NOW + 60_000));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn imports_leave_the_rest_of_an_allowance_to_what_people_wait_for() {
    // given
    let headers =
        [GITHUB, ("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "900"), ("x-ratelimit-reset", "1537438741")];
    let server = Server::start(move |_| answer(200, &headers, r#"{"id":1,"login":"anna"}"#)).await;
    let http = crate::server::http();
    let clock = std::sync::Arc::new(model::clock::ManualClock::new(NOW));
    let options = forge::ClientOptions {
        kind: model::HostKind::Github,
        url: server.url.clone(),
        auth: forge::Auth::None,
        http: http.clone(),
        clock,
    };

    // when
    forge::client(options).unwrap().current_user().await.unwrap();

    // then
    let host = server.url.trim_start_matches("http://");
    assert_eq!(http.gate().reserve_until(host, 20, NOW), Some(NOW + 60_000));
    assert_eq!(http.gate().paused_until(host, NOW), None);
}

#[tokio::test]
async fn a_moved_repository_is_followed_once_and_to_no_other_server() {
    // given
    let trap = Server::start(|_| json(200, "[]")).await;
    let away = format!("{}/api/v3/repositories/8/branches", trap.url);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/api/v3/repos/acme/old/branches" => {
            answer(301, &[("location", "/api/v3/repositories/8/branches?per_page=100")], "")
        }
        "/api/v3/repositories/8/branches" => json(200, "[]"),
        "/api/v3/repos/acme/away/branches" => answer(307, &[("location", &away)], ""),
        "/api/v3/repos/acme/out/branches" => answer(301, &[("location", "/login?return_to=x")], ""),
        _ => answer(301, &[("location", "/api/v3/repos/acme/circle/branches")], ""),
    })
    .await;
    let problem = async |id| server.client().branches(id).await.unwrap_err().problem;

    // then
    assert!(server.client().branches("acme/old").await.unwrap().is_empty());
    assert!(matches!(problem("acme/away").await, Problem::Network(NetError::Redirected { .. })));
    assert!(matches!(problem("acme/out").await, Problem::Network(NetError::Redirected { .. })));
    assert!(matches!(problem("acme/circle").await, Problem::Data(_)));
    assert!(trap.asked().is_empty(), "the token went to another server");
}
