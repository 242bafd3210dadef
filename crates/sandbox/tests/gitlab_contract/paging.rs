//! Offset paging and its headers (GitLab contract §2.5, §5.3).

use reqwest::{Method, StatusCode};
use sandbox::gitlab::model::NewMergeRequest;
use serde_json::json;

use crate::world::{Reply, World};

async fn three_projects() -> World {
    let world = World::new().await;
    for path in ["a", "b", "c"] {
        world.project("acme", path).await;
    }
    world
}

/// The addresses of the `Link` header by their rels.
fn links(reply: &Reply) -> Vec<(String, String)> {
    let header = reply.header("link").unwrap();
    let parse = |link: &str| {
        let (url, rel) = link.split_once(">; rel=\"").unwrap();
        (rel.trim_end_matches('"').to_owned(), url.trim_start_matches('<').to_owned())
    };
    header.split(", ").map(parse).collect()
}

#[tokio::test]
async fn a_page_in_the_middle_names_all_its_neighbours() {
    let world = three_projects().await;
    let query = "/groups/acme/projects?per_page=1&page=2&order_by=id&sort=asc";
    let page = world.get(world.ben, query).await;
    assert_eq!(page.column("path"), ["b"]);
    let headers = ["x-page", "x-per-page", "x-next-page", "x-prev-page", "x-total", "x-total-pages"];
    assert_eq!(headers.map(|name| page.header(name).unwrap()), ["2", "1", "3", "1", "3", "3"]);
    let links = links(&page);
    assert_eq!(links.iter().map(|(rel, _)| rel.as_str()).collect::<Vec<_>>(), ["prev", "next", "first", "last"]);
    // the links carry the parameters and what the path stood for, sorted
    let to =
        format!("{}/api/v4/groups/acme/projects?id=acme&order_by=id&page=3&per_page=1&sort=asc", world.server.url());
    assert_eq!(links[1].1, to);
    // and lead on
    let token = world.token(world.ben);
    let path = to.strip_prefix(world.server.url()).unwrap().to_owned();
    let last = world.send(world.request(Method::GET, &path).bearer_auth(token)).await;
    assert_eq!((last.column("path"), last.header("x-next-page")), (vec!["c".to_owned()], Some("")));
}

#[tokio::test]
async fn a_page_beyond_the_end_is_empty() {
    let world = three_projects().await;
    let page = world.get(world.ben, "/groups/acme/projects?page=9").await;
    assert_eq!((page.status, page.json()), (StatusCode::OK, json!([])));
    assert_eq!((page.header("x-next-page"), page.header("x-total-pages")), (Some(""), Some("1")));
}

#[tokio::test]
async fn the_size_of_a_page_is_bounded() {
    let world = three_projects().await;
    assert_eq!(world.get(world.ben, "/groups/acme/projects").await.header("x-per-page"), Some("20"));
    let clamped = world.get(world.ben, "/groups/acme/projects?per_page=1000").await;
    assert_eq!(clamped.header("x-per-page"), Some("100"));
    let cases = [("per_page=0", "per_page has a value not allowed"), ("page=x", "page is invalid")];
    for (query, error) in cases {
        let refused = world.get(world.ben, &format!("/groups/acme/projects?{query}")).await;
        assert_eq!((refused.status, refused.json()), (StatusCode::BAD_REQUEST, json!({ "error": error })));
    }
}

#[tokio::test]
async fn an_empty_list_has_one_page() {
    let world = World::new().await;
    let page = world.get(world.ben, "/groups/acme/projects").await;
    assert_eq!((page.header("x-total"), page.header("x-total-pages")), (Some("0"), Some("1")));
}

#[tokio::test]
async fn above_ten_thousand_rows_nobody_counts() {
    // given more notes than GitLab counts
    let world = World::new().await;
    let model = world.model();
    let project = world.project_with_code("acme", "own").await;
    let new = NewMergeRequest::within(project, "ABC-1-topic", "main", "ABC-1", world.ben);
    let merge_request = model.open_merge_request(new).await.unwrap();
    for _ in 0..10_001 {
        model.comment(merge_request, world.ben, "again").unwrap();
    }
    // when they are listed, then the totals and the last page are missing, the next page is not
    let page = world.get(world.ben, &format!("/projects/{project}/merge_requests/1/notes?per_page=100")).await;
    assert_eq!((page.header("x-total"), page.header("x-total-pages")), (None, None));
    assert_eq!(page.header("x-next-page"), Some("2"));
    assert!(links(&page).iter().all(|(rel, _)| rel != "last"));
}
