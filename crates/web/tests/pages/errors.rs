//! Errors keep the frame and say what happened, the likely cause, what to do, and the request id.

use axum::http::StatusCode;
use store::testing::Engine;

use crate::site::Site;

#[rstest::rstest]
#[case("/no/such/page", StatusCode::NOT_FOUND, "There is nothing here.")]
#[case("/accounts/77", StatusCode::NOT_FOUND, "There is nothing here.")]
#[case("/accounts/not-a-number", StatusCode::BAD_REQUEST, "The request could not be understood.")]
#[case("/logout", StatusCode::METHOD_NOT_ALLOWED, "This address does not take that kind of request.")]
#[case("/issues/nonsense", StatusCode::NOT_FOUND, "This is not an issue key.")]
#[case("/setup", StatusCode::GONE, "Dovetail is set up already.")]
#[case("/invite/spent", StatusCode::GONE, "This link does not work any more.")]
#[case("/oauth/callback", StatusCode::BAD_REQUEST, "The request could not be understood.")]
#[tokio::test]
async fn errors_keep_the_frame(#[case] path: &str, #[case] status: StatusCode, #[case] happened: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get(path).await;

    assert_eq!(page.status, status);
    assert_eq!(page.between("<h1>", "</h1>"), happened);
    assert!(page.text.contains("class=\"top\"") && page.text.contains("href=\"/accounts\""), "the navigation stays");
    let id = page.headers["x-request-id"].to_str().unwrap();
    assert!(page.text.contains(&format!("request <code>{id}</code>")));
}

#[tokio::test]
async fn the_store_going_away_is_said_without_details() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut browser = site.administrator().await;
    site.store.close().await;

    let page = browser.get("/accounts").await;

    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.between("<h1>", "</h1>"), "The database did not answer.");
}

#[tokio::test]
async fn programs_get_problem_documents() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.browser().get("/api/v1/no-such-thing").await;

    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(page.headers["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&page.text).unwrap();
    assert_eq!(problem["title"], "There is nothing here.");
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["request_id"].as_str(), page.headers["x-request-id"].to_str().ok());
}
