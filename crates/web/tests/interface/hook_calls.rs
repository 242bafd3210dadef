//! What forges send to `/hooks/…`.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use store::testing::Engine;
use store::{HookOf, InboxEvent, InboxState};

use crate::caller::{Answer, Caller};
use crate::seed;
use crate::site::{Site, options};
use crate::troubleshooting::assert_told;

const PUSH: &str = r#"{"object_kind":"push","project_id":7,"ref":"refs/heads/main"}"#;

/// A site with a registered hook, and the path of its address.
async fn site(engine: Engine) -> Option<(Site, String)> {
    let site = Site::open(engine).await?;
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];
    let path = seed::hook(&site.store, HookOf::Repository(repository), true).await;
    Some((site, path))
}

/// A call as GitLab makes it.
fn call(secret: &str) -> axum::http::request::Builder {
    Request::post("/")
        .header("content-type", "application/json")
        .header("x-gitlab-event", "Push Hook")
        .header("x-gitlab-event-uuid", "2f1c9a3e-0000-4000-8000-000000000001")
        .header("x-gitlab-token", secret)
}

async fn send(site: &Site, path: &str, call: axum::http::request::Builder, body: &str) -> Answer {
    Caller::nobody(site).send_raw(call, path, body.to_owned()).await
}

async fn waiting(site: &Site) -> Vec<InboxEvent> {
    site.store.inbox_waiting(10).await.unwrap()
}

#[rstest::rstest]
#[tokio::test]
async fn an_event_is_kept_as_it_came_and_answered(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, path)) = site(engine).await else { return };

    let answer = send(&site, &path, call(seed::HOOK_SECRET), PUSH).await;

    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, r#"{"ok":true}"#));
    let kept = waiting(&site).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].event.as_str(), kept[0].body.as_str(), kept[0].state),
        ("Push Hook", PUSH, InboxState::Waiting)
    );
    assert!(!kept[0].headers.to_string().contains(seed::HOOK_SECRET));
    assert_eq!(site.store.jobs_open().await.unwrap(), 1, "it is worked off behind");
}

#[rstest::rstest]
#[tokio::test]
async fn an_event_that_is_sent_twice_is_kept_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, path)) = site(engine).await else { return };

    for _ in 0..2 {
        assert_eq!(send(&site, &path, call(seed::HOOK_SECRET), PUSH).await.status, StatusCode::OK);
    }

    assert_eq!(waiting(&site).await.len(), 1);
}

#[rstest::rstest]
#[case::another("whsec-of-another")]
#[case::empty("")]
#[tokio::test]
async fn a_wrong_secret_is_refused(#[values("sqlite", "postgres")] engine: Engine, #[case] secret: &str) {
    let Some((site, path)) = site(engine).await else { return };

    let answer = send(&site, &path, call(secret), PUSH).await;

    let problem = answer.problem(StatusCode::UNAUTHORIZED);
    assert_told("The secret of this web hook is wrong", problem["title"].as_str().unwrap());
    assert!(!answer.text.contains(seed::HOOK_SECRET));
    assert!(waiting(&site).await.is_empty());
}

#[rstest::rstest]
#[case::another_id("/hooks/gitlab/00000000000000000000000000000000")]
#[case::no_id("/hooks/gitlab/x")]
#[case::a_nul("/hooks/gitlab/%00")]
#[case::no_text("/hooks/gitlab/%ff")]
#[case::another_kind("/hooks/folder/{id}")]
#[case::no_kind("/hooks/cvs/{id}")]
#[tokio::test]
async fn a_stranger_is_sent_away_unread(#[values("sqlite", "postgres")] engine: Engine, #[case] asked: &str) {
    let Some((site, path)) = site(engine).await else { return };
    let asked = asked.replace("{id}", path.rsplit('/').next().unwrap());

    // A body that never comes: an answer shows that nobody waited for it.
    let silent = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let answer = Caller::nobody(&site).send_body(call(seed::HOOK_SECRET), &asked, silent).await;

    answer.problem(StatusCode::NOT_FOUND);
}

#[rstest::rstest]
#[case::larger_than_a_page(1024 * 1024, StatusCode::OK)]
#[case::the_largest(25 * 1024 * 1024, StatusCode::OK)]
#[case::too_large(25 * 1024 * 1024 + 1, StatusCode::PAYLOAD_TOO_LARGE)]
#[tokio::test]
async fn an_event_may_have_25_mebibytes(#[case] length: usize, #[case] status: StatusCode) {
    let (site, path) = site(Engine::Sqlite).await.unwrap();
    let frame = r#"{"object_kind":"push","x":""}"#.len();
    let body = format!(r#"{{"object_kind":"push","x":"{}"}}"#, "x".repeat(length - frame));

    let answer = send(&site, &path, call(seed::HOOK_SECRET), &body).await;

    assert_eq!(answer.status, status);
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        answer.problem(status);
    }
    assert_eq!(waiting(&site).await.len(), usize::from(status == StatusCode::OK));
}

#[tokio::test]
async fn a_body_without_a_length_is_bounded_too() {
    let (site, path) = site(Engine::Sqlite).await.unwrap();
    let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 1024 * 1024]));

    let answer = Caller::nobody(&site).send_body(call(seed::HOOK_SECRET), &path, Body::from_stream(endless)).await;

    answer.problem(StatusCode::PAYLOAD_TOO_LARGE);
}

#[rstest::rstest]
#[case("origin", "https://gitlab.example.com")]
#[case("sec-fetch-site", "cross-site")]
#[case("authorization", "Bearer dvt_unknown")]
#[case("cookie", "dovetail_session=unknown")]
#[tokio::test]
async fn what_protects_browsers_does_not_keep_forges_away(#[case] header: &str, #[case] value: &str) {
    let (site, path) = site(Engine::Sqlite).await.unwrap();

    let answer = send(&site, &path, call(seed::HOOK_SECRET).header(header, value), PUSH).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn a_public_address_with_a_path_is_called_with_it() {
    let mut options = options();
    options.public_url = Some("https://tools.example.com/dovetail".parse().unwrap());
    let site = Site::with(Engine::Sqlite, options).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let path = seed::hook(&site.store, HookOf::Account(account), true).await;

    let answer = send(&site, &format!("/dovetail{path}"), call(seed::HOOK_SECRET), PUSH).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn a_look_at_the_address_tells_nothing() {
    let (site, path) = site(Engine::Sqlite).await.unwrap();

    Caller::nobody(&site).get(&path).await.problem(StatusCode::METHOD_NOT_ALLOWED);
}
