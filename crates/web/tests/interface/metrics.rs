//! `/metrics`: what a Prometheus reads, and who else may.

use axum::http::{Method, StatusCode};
use store::testing::Engine;
use store::users::Role;
use store::{JobLane, NewJob, Scope};

use crate::caller::{Answer, Caller};
use crate::seed;
use crate::site::{DAY, NOW, Site, options};

/// The value of a series, written as it stands there.
fn value(answer: &Answer, series: &str) -> Option<f64> {
    let line = answer.text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

fn job(key: &str, lane: JobLane, run_at: i64) -> NewJob {
    let (kind, payload) = ("nothing".to_owned(), serde_json::json!({}));
    NewJob { kind, dedup_key: key.to_owned(), resource_key: key.to_owned(), lane, priority: 0, payload, run_at }
}

#[rstest::rstest]
#[tokio::test]
async fn how_things_stand_is_read_when_asked(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(site) = Site::open(engine).await else { return };
    let caller = Caller::with_token(&site, Scope::Read).await.1;
    let (ends, endless) = (seed::account(&site.store, "platform").await, seed::account(&site.store, "mobile").await);
    seed::token(&site.store, ends, Some(NOW + 36 * DAY / 24)).await;
    seed::token(&site.store, endless, None).await;
    let mut tx = site.store.begin_write(store::Lane::Live).await.unwrap();
    for job in [
        job("one", JobLane::Live, NOW - 90_000),
        job("other", JobLane::Live, NOW - 10_000),
        job("later", JobLane::Import, NOW + 1),
    ] {
        tx.job_enqueue(&job, NOW - 90_000).await.unwrap();
    }
    tx.commit().await.unwrap();

    // when
    let answer = caller.get("/metrics").await;

    // then
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let value = |series: &str| value(&answer, series);
    assert_eq!(value("dovetail_jobs{lane=\"live\",state=\"due\"}"), Some(2.0));
    assert_eq!(value("dovetail_jobs{lane=\"import\",state=\"due\"}"), Some(0.0));
    assert_eq!(value("dovetail_jobs{lane=\"import\",state=\"later\"}"), Some(1.0));
    assert_eq!(value("dovetail_oldest_due_job_age_seconds{lane=\"live\"}"), Some(90.0));
    assert_eq!(value("dovetail_oldest_due_job_age_seconds{lane=\"import\"}"), Some(0.0));
    assert_eq!(value(&format!("dovetail_token_days_left{{account=\"{ends}\"}}")), Some(1.5));
    assert_eq!(value(&format!("dovetail_token_days_left{{account=\"{endless}\"}}")), None, "it does not end");
    assert_eq!(value("dovetail_accounts{state=\"active\"}"), Some(2.0));
    assert_eq!(value("dovetail_inbox_waiting"), Some(0.0));
    for name in ["platform", "mobile", "gitlab", "a script"] {
        assert!(!answer.text.contains(name), "{name} in {}", answer.text);
    }

    // when the account is gone, then so is its series
    let mut tx = site.store.begin_write(store::Lane::Live).await.unwrap();
    tx.credential_remove(ends).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!caller.get("/metrics").await.text.contains("dovetail_token_days_left{"));
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_path() {
    // given
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let caller = Caller::admin(&site).await;
    let series = "dovetail_http_requests_total{method=\"GET\",route=\"/api/v1/accounts/{id}\",status=\"404\"}";
    let before = value(&caller.get("/metrics").await, series).unwrap_or(0.0);

    // when
    for path in ["/api/v1/accounts/4711", "/api/v1/accounts/4712", "/no/such/page-of-ada", "/invite/one-time-token"] {
        caller.get(path).await;
    }
    caller.send(Method::from_bytes(b"BREW").unwrap(), "/healthz", None).await;

    // then: other tests count, too
    let answer = caller.get("/metrics").await;
    assert!(value(&answer, series).unwrap() >= before + 2.0, "{}", answer.text);
    let answers = "dovetail_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/accounts/{id}\"}";
    assert!(value(&answer, answers).unwrap() >= 2.0);
    assert!(answer.text.contains("method=\"other\",route=\"/healthz\""), "{}", answer.text);
    assert!(answer.text.contains("route=\"none\""));
    for told in ["4711", "page-of-ada", "one-time-token", "BREW"] {
        assert!(!answer.text.contains(told), "{told} in {}", answer.text);
    }
}

#[tokio::test]
async fn strangers_and_readers_are_refused() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let reader = site.reader("reader").await.1;
    let administrator = site.user("root", Role::Admin).await.1;

    Caller::nobody(&site).get("/metrics").await.problem(StatusCode::UNAUTHORIZED);
    Caller::showing(&site, "Bearer dvt_unknown").get("/metrics").await.problem(StatusCode::UNAUTHORIZED);
    Caller::session(&site, &reader).get("/metrics").await.problem(StatusCode::FORBIDDEN);
    assert_eq!(Caller::session(&site, &administrator).get("/metrics").await.status, StatusCode::OK);
    Caller::admin(&site).await.send(Method::POST, "/metrics", None).await.problem(StatusCode::METHOD_NOT_ALLOWED);
}

#[rstest::rstest]
#[case::from_there("127.0.0.0/8", StatusCode::OK)]
#[case::from_elsewhere("192.0.2.0/24", StatusCode::UNAUTHORIZED)]
#[tokio::test]
async fn addresses_that_are_configured_need_no_token(#[case] network: &str, #[case] status: StatusCode) {
    let mut options = options();
    options.metrics_from = vec![network.parse().unwrap()];
    let site = Site::with(Engine::Sqlite, options).await.unwrap();

    assert_eq!(Caller::nobody(&site).get("/metrics").await.status, status);
}
