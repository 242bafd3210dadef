//! Comments on commits.

use forge::Problem;
use model::ObjectId;
use serde_json::json as value;

use crate::server::{GITHUB, Server, answer, not_found};

fn commit() -> ObjectId {
    "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567".parse().unwrap()
}

const PATH: &str = "/api/v3/repositories/7/commits/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567/comments";

#[tokio::test]
async fn a_comment_is_sent_as_it_is() {
    // given
    let server = Server::start(|_| answer(201, &[GITHUB], value!({ "id": 1, "body": "x" }).to_string())).await;

    // when
    assert!(server.client().commit_comment_add("7", &commit(), "One\n\n— “two”").await.unwrap());
    assert!(server.client().commit_comment_add("acme/api", &commit(), "x").await.unwrap());

    // then
    let asked = server.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("POST", PATH));
    let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(body, value!({ "body": "One\n\n— “two”" }));
    assert_eq!(asked[1].path, PATH.replace("repositories/7", "repos/acme/api"));
}

#[tokio::test]
async fn a_comment_is_found_by_its_last_line_on_any_page() {
    // given
    let server = Server::start(|asked| match (asked.path.as_str(), asked.parameter("page")) {
        (PATH, None) => answer(
            200,
            &[GITHUB, ("link", "<http://h/x?page=2&per_page=100>; rel=\"next\"")],
            value!([{ "body": "the mark\n\nsays he" }, { "body": null }]).to_string(),
        ),
        (PATH, Some("2")) => answer(200, &[GITHUB], value!([{ "body": "Told.\r\n\r\n— with the mark" }]).to_string()),
        _ => not_found(),
    })
    .await;

    // then
    assert!(server.client().commit_comment_find("7", &commit(), "the mark").await.unwrap());
    assert!(!server.client().commit_comment_find("7", &commit(), "the other mark").await.unwrap());
}

#[tokio::test]
async fn what_has_no_comments_says_so() {
    let server = Server::start(|_| answer(410, &[], value!({ "error": "gone" }).to_string())).await;
    let error = server.client().commit_comment_add("acme/api", &commit(), "x").await.unwrap_err();
    assert!(matches!(error.problem, Problem::NotAvailable), "{error:?}");
}
