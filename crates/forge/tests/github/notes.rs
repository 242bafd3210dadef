//! Comments on pull requests.

use serde_json::{Value, json as value};

use crate::server::{GITHUB, NOW, Server, answer, copy, not_found};

fn comment(id: u64, at: &str, body: &str) -> Value {
    value!({ "id": id, "user": { "id": 9, "login": "anna" }, "body": body, "created_at": at })
}

#[tokio::test]
async fn all_pages_are_read_and_a_comment_that_comes_twice_is_one() {
    // given
    let server = Server::start(|asked| match (asked.path.as_str(), asked.parameter("page")) {
        ("/api/v3/repositories/7/issues/5/comments", None) => answer(
            200,
            &[GITHUB, ("link", "<http://h/x?page=2&per_page=100>; rel=\"next\"")],
            value!([comment(1, "2018-09-20T10:18:01Z", "ACME-1"), comment(2, "2018-09-20T10:18:02Z", "two")])
                .to_string(),
        ),
        ("/api/v3/repositories/7/issues/5/comments", Some("2")) => answer(
            200,
            &[GITHUB],
            value!([comment(2, "2018-09-20T10:18:02Z", "two"), comment(3, "2018-09-20T10:18:03Z", "three")])
                .to_string(),
        ),
        _ => not_found(),
    })
    .await;

    // when
    let notes = server.client().notes("7", 5).await.unwrap();

    // then
    assert_eq!(notes.iter().map(|note| note.forge_id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!((notes[0].author.login.as_str(), notes[0].body.as_str()), ("anna", "ACME-1"));
    assert_eq!((notes[0].created_at, notes[0].updated_at), (NOW, NOW));
}

#[tokio::test]
async fn comments_in_no_order_come_oldest_first() {
    // given
    let server = Server::start(|_| {
        copy(
            200,
            value!([comment(2, "2018-09-20T10:18:02.000Z", "b"), comment(1, "2018-09-20T10:18:01.000Z", "a")])
                .to_string(),
        )
    })
    .await;

    // when
    let notes = server.client().notes("platform/web", 41).await.unwrap();

    // then
    assert_eq!(notes.iter().map(|note| note.body.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(server.paths(), ["/api/v3/repos/platform/web/issues/41/comments"]);
}
