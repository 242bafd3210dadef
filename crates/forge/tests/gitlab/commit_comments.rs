//! Comments on commits.

use axum::response::IntoResponse;
use forge::Problem;
use model::ObjectId;

use crate::server::{Server, json, not_found};

fn commit() -> ObjectId {
    "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567".parse().unwrap()
}

const PATH: &str = "/api/v4/projects/7/repository/commits/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567/comments";

#[tokio::test]
async fn a_comment_is_sent_as_it_is() {
    // given
    let server = Server::start(|_| json(201, r#"{"note":"x"}"#)).await;

    // when
    assert!(server.client().commit_comment_add("7", &commit(), "One\n\n— “two”").await.unwrap());

    // then
    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str(), asked.query.as_str()), ("POST", PATH, ""));
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body, serde_json::json!({ "note": "One\n\n— “two”" }));
}

#[tokio::test]
async fn an_answer_that_is_not_gitlabs_confirms_nothing() {
    for body in ["<html>Log in", r#"{"note":"#, "{}", ""] {
        let server = Server::start(move |_| json(200, body)).await;
        assert!(!server.client().commit_comment_add("7", &commit(), "x").await.unwrap(), "{body}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_by_its_kind() {
    for (status, body) in [
        (403, r#"{"error":"insufficient_scope"}"#),
        (403, r#"{"message":"403 Forbidden"}"#),
        (404, r#"{"message":"404 Commit Not Found"}"#),
        (400, r#"{"message":"400 Bad request - Note"}"#),
        (500, "<html>"),
    ] {
        let server = Server::start(move |_| json(status, body)).await;
        let problem = server.client().commit_comment_add("7", &commit(), "x").await.unwrap_err().problem;
        let fits = match status {
            403 if body.contains("scope") => matches!(problem, Problem::InsufficientScope),
            403 => matches!(problem, Problem::Forbidden),
            404 => matches!(problem, Problem::NotFound),
            400 => matches!(problem, Problem::Data(_)),
            _ => matches!(problem, Problem::Server(500)),
        };
        assert!(fits, "{status} {body}: {problem:?}");
    }
}

#[tokio::test]
async fn a_comment_is_found_by_its_last_line_on_any_page() {
    // given
    let server = Server::start(|asked| match (asked.path.as_str(), asked.parameter("page")) {
        (PATH, None) => {
            let others = r#"[{"note":"the mark\n\nsays he"},{"note":null},{"path":"x"}]"#;
            ([("x-next-page", "2")], others.to_owned()).into_response()
        }
        (PATH, Some("2")) => json(200, r#"[{"note":"Told.\n\n— with the mark\n"}]"#),
        _ => not_found(),
    })
    .await;

    // then
    assert!(server.client().commit_comment_find("7", &commit(), "the mark").await.unwrap());
    assert!(!server.client().commit_comment_find("7", &commit(), "the other mark").await.unwrap());
    assert!(server.asked().iter().all(|asked| asked.parameter("per_page") == Some("100")));
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error() {
    // given
    let server = Server::start(|asked| {
        let page: usize = asked.parameter("page").map_or(1, |page| page.parse().unwrap());
        ([("x-next-page", (page + 1).to_string())], r#"[{"note":"x"}]"#.to_owned()).into_response()
    })
    .await;

    // when
    let error = server.client().commit_comment_find("7", &commit(), "the mark").await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::Data(_)), "{error:?}");
    assert_eq!(server.asked().len(), 100);
}
