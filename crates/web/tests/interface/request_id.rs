//! What requests are called.

use axum::http::Request;
use rstest::rstest;
use store::testing::Engine;

use crate::caller::Caller;
use crate::site::Site;

async fn called(given: &str) -> String {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let request = Request::get("/").header("x-request-id", given);
    let answer = Caller::nobody(&site).send_raw(request, "/api/v1/accounts", String::new()).await;
    let called = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(answer.json()["request_id"], called, "the problem names it, too");
    called
}

#[rstest]
#[case::of_nginx("5e1f3c0d9a7b4e2f8c6d1a2b3c4d5e6f")]
#[case::a_uuid("9b2e1c4a-5f60-4a7c-8d1e-2f3a4b5c6d7e")]
#[case::with_points_and_bars("edge-7.a_request")]
#[tokio::test]
async fn a_plain_name_that_a_proxy_gave_is_kept(#[case] given: &str) {
    assert_eq!(called(given).await, given);
}

#[rstest]
#[case::empty("")]
#[case::too_short("1234567")]
#[case::too_long("a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4x")]
#[case::with_spaces("a request \"quoted\"")]
#[case::markup("<script>alert(1)</script>")]
#[case::an_address("ada@example.com")]
#[case::letters_of_others("anfrage-nummer-\u{e4}")]
#[tokio::test]
async fn any_other_is_replaced(#[case] given: &str) {
    let called = called(given).await;
    assert!(called.len() == 32 && called.bytes().all(|byte| byte.is_ascii_hexdigit()), "{called}");
}
