//! The check of an organisation at GitHub: what the role of the token's user is enough for.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use model::clock::ManualClock;
use model::{Clock, HostKind};
use net::check::{Stage, Verdict};
use sync::check::Target;

use crate::check::stage;

/// How a user stands in the organisation `acme`, as GitHub tells it.
#[derive(Clone, Copy)]
enum Told {
    /// State and role.
    Membership(&'static str, &'static str),
    /// That it is nobody's business.
    Nothing(StatusCode, &'static str),
}

/// The step `rights` of the organisation, for a user who stands there like this.
async fn rights(told: Told) -> Stage {
    let target = Target {
        kind: HostKind::Github,
        host_url: github(told).await,
        account: Some("acme".to_owned()),
        token: Some("ghp_do-not-show-me".to_owned().into()),
        application: None,
        redirect_uri: None,
    };
    let http = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(1_537_438_681_000));

    let report = sync::check::check(&http, &clock, &target, Some("rights"), None).await;

    assert_eq!(report.first_failed(), None, "{report:#?}");
    assert_eq!(stage(&report, "account").verdict, Verdict::Passed, "{report:#?}");
    assert!(!format!("{report:?}").contains("do-not-show-me"));
    stage(&report, "rights").clone()
}

/// A GitHub Enterprise with the organisation `acme`.
async fn github(told: Told) -> String {
    let router = Router::new().fallback(move |asked: Request| async move { answer(&asked, told) });
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(socket, router).await });
    url
}

fn answer(asked: &Request, told: Told) -> Response {
    let (status, body) = match asked.uri().path() {
        _ if asked.headers().get("authorization").is_none() => {
            (StatusCode::UNAUTHORIZED, r#"{"message":"Requires authentication"}"#.to_owned())
        }
        "/api/v3/user" => (StatusCode::OK, r#"{"id":1,"login":"anna","type":"User"}"#.to_owned()),
        "/api/v3/users/acme" => {
            (StatusCode::OK, r#"{"id":4,"login":"acme","type":"Organization","name":"Acme Inc."}"#.to_owned())
        }
        "/api/v3/user/memberships/orgs/acme" => match told {
            Told::Membership(state, role) => (StatusCode::OK, format!(r#"{{"state":"{state}","role":"{role}"}}"#)),
            Told::Nothing(status, message) => (status, format!(r#"{{"message":"{message}"}}"#)),
        },
        _ => (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#.to_owned()),
    };
    let headers = [
        ("content-type", "application/json"),
        ("x-github-request-id", "0401:33B0:1FDD6A4:200B12B:65F0A1B2"),
        ("x-oauth-scopes", "repo"),
    ];
    (status, headers, body).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_of_an_organisation_may_do_everything() {
    // when
    let rights = rights(Told::Membership("active", "admin")).await;

    // then
    assert_eq!(rights.verdict, Verdict::Passed, "{rights:?}");
    assert_eq!(rights.seen, "The user is Owner of “acme”: enough for branches, merge requests and hooks.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_an_organisation_reads_and_makes_no_hooks() {
    // when
    let rights = rights(Told::Membership("active", "member")).await;

    // then
    assert_eq!(rights.verdict, Verdict::Warning, "{rights:?}");
    assert_eq!(rights.seen, "The user is Member of “acme”: enough for branches and merge requests, but not for hooks.");
    assert!(rights.remedy.as_deref().unwrap().contains("Owner of the organisation"), "{rights:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_nobody_accepted_is_no_role() {
    // when
    let rights = rights(Told::Membership("pending", "admin")).await;

    // then
    assert_eq!(rights.verdict, Verdict::Warning, "{rights:?}");
    assert_eq!(rights.seen, "The user has no role in “acme” as a whole.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_not_told_proves_nothing() {
    for told in [
        Told::Nothing(StatusCode::FORBIDDEN, "You must be a member of acme to see membership information"),
        Told::Nothing(StatusCode::NOT_FOUND, "Not Found"),
    ] {
        // when
        let rights = rights(told).await;

        // then
        assert_eq!((rights.verdict, rights.remedy), (Verdict::Skipped, None), "{}", rights.seen);
    }
}
