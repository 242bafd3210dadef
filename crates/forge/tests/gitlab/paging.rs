//! Lists, and the traps in them.

use axum::response::Response;
use forge::Problem;
use model::ObjectId;

use crate::server::{Asked, Server, answer, json};

const HEAD: &str = "1111111111111111111111111111111111111111";

fn head() -> ObjectId {
    HEAD.parse().unwrap()
}

fn branches(count: usize, prefix: &str) -> String {
    let branches: Vec<String> =
        (0..count).map(|number| format!(r#"{{"name":"{prefix}{number}","commit":{{"id":"{HEAD}"}}}}"#)).collect();
    format!("[{}]", branches.join(","))
}

/// The names of the branches that a client lists.
async fn names(server: &Server) -> Vec<String> {
    let branches = server.client().branches("7").await.unwrap();
    branches.into_iter().map(|branch| branch.name).collect()
}

fn page_of(asked: &Asked) -> u32 {
    asked.parameter("page").map_or(1, |page| page.parse().unwrap())
}

#[tokio::test]
async fn a_list_ends_where_the_next_page_is_empty_text() {
    // given
    let server = Server::start(|asked| match page_of(asked) {
        1 => answer(200, &[("x-next-page", "2")], branches(2, "a")),
        _ => answer(200, &[("x-next-page", "")], branches(1, "b")),
    })
    .await;

    // when
    let names = names(&server).await;

    // then
    assert_eq!(names, ["a0", "a1", "b0"]);
    assert_eq!(server.asked()[0].parameter("per_page"), Some("100"));
    assert_eq!(server.asked()[1].parameter("per_page"), Some("100"));
}

#[tokio::test]
async fn a_full_last_page_announces_an_empty_one() {
    // given
    let server = Server::start(|asked| match page_of(asked) {
        1 => answer(200, &[("x-next-page", "2")], branches(100, "a")),
        _ => answer(200, &[("x-next-page", "3")], "[]"),
    })
    .await;

    // when
    let names = names(&server).await;

    // then
    assert_eq!(names.len(), 100);
    assert_eq!(server.asked().len(), 2, "the empty page ends the list, whatever it announces");
}

#[tokio::test]
async fn of_a_link_to_another_host_only_the_query_is_followed() {
    // given
    let trap = Server::start(|_| json(200, branches(1, "trap"))).await;
    let link = format!("<{}/api/v4/x?pagination=keyset&id_after=42>; rel=\"next\"", trap.url);
    let server = Server::start(move |asked| match asked.parameter("id_after") {
        None => answer(200, &[("link", &link)], branches(1, "a")),
        Some("42") => answer(200, &[], branches(1, "b")),
        Some(_) => json(500, ""),
    })
    .await;

    // when
    let names = names(&server).await;

    // then
    assert_eq!(names, ["a0", "b0"]);
    assert!(trap.asked().is_empty(), "the token went to another server");
    assert_eq!(server.paths()[1], "/api/v4/projects/7/repository/branches");
}

#[tokio::test]
async fn keyset_lists_end_with_an_empty_page_without_link() {
    // given
    let server = Server::start(|asked| match asked.parameter("cursor") {
        None => answer(200, &[("link", "<http://h/x?cursor=a>; rel=\"next\"")], branches(1, "a")),
        Some("a") => answer(200, &[("link", "<http://h/x?cursor=b>; rel=\"next\"")], branches(1, "b")),
        Some(_) => answer(200, &[], "[]"),
    })
    .await;

    // then
    assert_eq!(names(&server).await, ["a0", "b0"]);
    assert_eq!(server.asked().len(), 3);
}

async fn ends_as_an_error(answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static) -> usize {
    let server = Server::start(answer).await;
    let error = server.client().branches("7").await.unwrap_err();
    assert!(matches!(error.problem, Problem::Data(_)), "{error:?}");
    server.asked().len()
}

#[tokio::test]
async fn a_page_that_announces_itself_or_an_earlier_one_ends_as_an_error() {
    // when
    let itself =
        ends_as_an_error(|_| answer(200, &[("link", "<http://h/x?per_page=100>; rel=next")], branches(1, "a"))).await;
    let circle = ends_as_an_error(|asked| {
        let next = if page_of(asked) == 2 { "3" } else { "2" };
        answer(200, &[("x-next-page", next)], branches(1, "a"))
    })
    .await;
    let long = ends_as_an_error(|_| {
        answer(200, &[("link", &format!("<http://h/x?a={}>; rel=next", "a".repeat(5_000)))], branches(1, "a"))
    })
    .await;

    // then
    assert_eq!((itself, circle, long), (1, 3, 1));
}

#[tokio::test]
async fn a_list_without_end_is_not_read_for_ever() {
    // when
    let pages = ends_as_an_error(|asked| {
        let next = (page_of(asked) + 1).to_string();
        answer(200, &[("x-next-page", &next)], branches(1, "a"))
    })
    .await;

    // then
    assert_eq!(pages, 1_000);
}

#[tokio::test]
async fn a_place_in_a_list_goes_through_the_caller_and_back() {
    // given
    let commit = format!(r#"[{{"id":"{HEAD}","committed_date":"2020-01-01T00:00:00Z"}}]"#);
    let server = Server::start(move |asked| match page_of(asked) {
        1 => answer(200, &[("x-next-page", "2")], commit.clone()),
        _ => answer(200, &[("x-next-page", "")], commit.clone()),
    })
    .await;
    let client = server.client();

    // when
    let (first, next) = client.commits("7", &head(), None).await.unwrap();
    let (second, end) = client.commits("7", &head(), next.clone()).await.unwrap();

    // then
    assert_eq!((first.len(), second.len(), end), (1, 1, None));
    assert!(server.asked().iter().all(|asked| asked.parameter("ref_name") == Some(HEAD)));
    assert!(!next.unwrap().contains("http"), "no address of a server crosses our interface");
    assert!(client.commits("7", &head(), Some("elsewhere".into())).await.is_err());
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_an_error() {
    for body in ["{}", "null", "[1]", "[{}]", "[{\"name\":\"a\",\"commit\":{\"id\":\"xyz\"}}]"] {
        assert_eq!(ends_as_an_error(move |_| json(200, body)).await, 1, "{body}");
    }
}
