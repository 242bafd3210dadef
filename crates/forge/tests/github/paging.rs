//! Lists, and the traps in them.

use axum::response::Response;
use forge::Problem;

use crate::server::{Asked, GITHUB, Server, answer, json};

const HEAD: &str = "1111111111111111111111111111111111111111";

fn branches(count: usize, prefix: &str) -> String {
    let branches: Vec<String> =
        (0..count).map(|number| format!(r#"{{"name":"{prefix}{number}","commit":{{"sha":"{HEAD}"}}}}"#)).collect();
    format!("[{}]", branches.join(","))
}

async fn names(server: &Server) -> Vec<String> {
    let branches = server.client().branches("7").await.unwrap();
    branches.into_iter().map(|branch| branch.name).collect()
}

fn page_of(asked: &Asked) -> u32 {
    asked.parameter("page").map_or(1, |page| page.parse().unwrap())
}

#[tokio::test]
async fn of_a_link_to_another_host_only_the_query_is_followed() {
    // given
    let trap = Server::start(|_| json(200, branches(1, "trap"))).await;
    let link = format!(
        "<{0}/repositories/7/branches?per_page=100&page=2>; rel=\"next\", <{0}/repositories/7/branches?page=2>; rel=\"last\"",
        trap.url
    );
    let server = Server::start(move |asked| match page_of(asked) {
        1 => answer(200, &[GITHUB, ("link", &link)], branches(1, "a")),
        2 => answer(200, &[GITHUB, ("link", "<http://h/x?page=1>; rel=\"prev\"")], branches(1, "b")),
        _ => json(500, ""),
    })
    .await;

    // then
    assert_eq!(names(&server).await, ["a0", "b0"]);
    assert!(trap.asked().is_empty(), "the token went to another server");
    assert_eq!(server.paths(), ["/api/v3/repositories/7/branches"; 2]);
}

#[tokio::test]
async fn a_host_may_give_smaller_pages_than_were_asked_for_and_more_than_ten_thousand_rows() {
    // given 10,100 branches, 50 a page, without "last", as a list that long has none
    let server = Server::start(|asked| {
        let page = page_of(asked);
        let next = format!("<http://h/api/v3/x?page={}&per_page=50>; rel=\"next\"", page + 1);
        match page {
            1..=201 => answer(200, &[("link", &next)], branches(50, &format!("p{page}-"))),
            _ => answer(200, &[], branches(50, "last-")),
        }
    })
    .await;

    // when
    let names = names(&server).await;

    // then
    assert_eq!(names.len(), 10_100);
    assert_eq!(server.asked()[0].parameter("per_page"), Some("100"));
    assert_eq!(server.asked()[201].parameter("per_page"), Some("50"));
}

#[tokio::test]
async fn without_a_link_there_is_one_page() {
    // given
    let server = Server::start(|_| json(200, branches(100, "a"))).await;

    // then
    assert_eq!(names(&server).await.len(), 100);
    assert_eq!(server.asked().len(), 1);
}

async fn ends_as_an_error(answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static) -> usize {
    let server = Server::start(answer).await;
    let error = server.client().branches("7").await.unwrap_err();
    assert!(matches!(error.problem, Problem::Data(_)), "{error:?}");
    server.asked().len()
}

#[tokio::test]
async fn a_list_without_end_ends_as_an_error() {
    // when
    let itself =
        ends_as_an_error(|_| answer(200, &[("link", "<http://h/x?per_page=100>; rel=next")], branches(1, "a"))).await;
    let circle = ends_as_an_error(|asked| {
        let next = if page_of(asked) == 2 { "3" } else { "2" };
        answer(200, &[("link", &format!("<http://h/x?page={next}>; rel=next"))], branches(1, "a"))
    })
    .await;

    // then
    assert_eq!((itself, circle), (1, 3));
}
