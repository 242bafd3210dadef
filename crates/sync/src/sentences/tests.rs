use std::fmt::Write as _;

use forge::{Problem, TokenFault};
use model::host_url::HostUrlError;

use super::*;
use crate::credential::Owner;

fn every_connect_error() -> Vec<ConnectError> {
    let host_url = || "https://gitlab.example.com".to_owned();
    let path = || "platform/api".to_owned();
    vec![
        ConnectError::Empty(Field::HostUrl),
        ConnectError::Empty(Field::Path),
        ConnectError::Empty(Field::ClientId),
        ConnectError::Empty(Field::ClientSecret),
        ConnectError::Empty(Field::Token),
        ConnectError::UrlWithoutScheme,
        ConnectError::UrlBad(HostUrlError::Credentials),
        ConnectError::MethodUnsupported,
        ConnectError::Unreachable { host_url: host_url(), reason: "The name could not be resolved.".to_owned() },
        ConnectError::Certificate { host_url: host_url(), reason: net::TlsReason::UnknownIssuer.to_string() },
        ConnectError::Redirected { host_url: host_url(), to: "https://git.example.com/".to_owned() },
        ConnectError::NotGitlab { host_url: host_url() },
        ConnectError::WrongSecret,
        ConnectError::TokenRefused,
        ConnectError::ScopeTooSmall { application: true },
        ConnectError::ScopeTooSmall { application: false },
        ConnectError::Denied { description: None },
        ConnectError::Denied { description: Some("The resource owner denied the request.".to_owned()) },
        ConnectError::StateMismatch,
        ConnectError::CodeRefused,
        ConnectError::AccountExists { id: 7, path: "Platform".to_owned(), needs_authorisation: false },
        ConnectError::AccountExists { id: 7, path: "Platform".to_owned(), needs_authorisation: true },
        ConnectError::AccountGone,
        ConnectError::AccountMissing { path: "platfrom".to_owned(), login: "jira".to_owned() },
        ConnectError::AccountMissing { path: "platfrom".to_owned(), login: String::new() },
        ConnectError::AccountIsProject { path: path(), parent: "platform".to_owned() },
        ConnectError::FolderMissing { path: "/srv/git".to_owned() },
        ConnectError::RedirectRefused { redirect_uri: "https://dovetail.example.com/oauth/callback".to_owned() },
        ConnectError::RateLimited { until: None },
        ConnectError::RateLimited { until: Some(1_700_000_000_000) },
        ConnectError::Forge(Problem::Server(502).into()),
    ]
}

#[test]
fn every_connect_error_tells_what_happened_why_and_what_to_do() {
    let mut told = String::new();
    for error in every_connect_error() {
        let field = error.field().map_or("the form", Field::as_str);
        writeln!(told, "{field}\n  {}\n  {}\n  {}", error.happened(), error.cause(), error.remedy()).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn every_failure_of_a_job_tells_what_happened_and_what_to_do() {
    let reasons = [Reason::TokenRefused, Reason::GrantRevoked, Reason::AnswerLost, Reason::ApplicationRefused];
    let mut failures: Vec<Failure> =
        reasons.into_iter().map(|reason| Failure::NeedsAuthorisation { owner: Owner::Account(1), reason }).collect();
    failures.extend([
        Failure::RenewalPending,
        Failure::Forge(Problem::Unauthorised(TokenFault::Expired).into()),
        Failure::Forge(Problem::Forbidden.into()),
        Failure::Git(GitError::Forbidden),
        Failure::Git(GitError::NotFound),
        Failure::Git(GitError::Network("the connection broke off".to_owned())),
        Failure::Git(GitError::Corrupt("a commit without an author".to_owned())),
        Failure::Git(GitError::Unavailable("no such file".to_owned())),
        Failure::Git(GitError::Busy),
    ]);
    let mut told = String::new();
    for failure in failures {
        writeln!(told, "{}: {}", failure.kind(), of_failure(&failure)).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_paused_host_is_told_with_its_reason() {
    assert_eq!(paused_because(Some("rate_limit"), "GitLab"), "GitLab's rate limit");
    assert_eq!(paused_because(Some("down"), "GitLab"), "GitLab does not answer");
    assert_eq!(paused_because(None, "GitLab"), "GitLab asked for a pause");
}
