//! Merge requests, reviewers and approvals.

use forge::Problem;
use model::MergeRequestState;

use crate::server::{NOW, Server, json, not_found};

const HEAD: &str = "1111111111111111111111111111111111111111";
const BASE: &str = "2222222222222222222222222222222222222222";

fn merge_request(more: &str) -> String {
    format!(
        r#"{{"id":900,"iid":5,"project_id":7,"title":"PLAT-1 Add x","description":null,"state":"opened",
        "source_branch":"feature/PLAT-1","target_branch":"main","source_project_id":null,"sha":"{HEAD}",
        "updated_at":"2018-09-20 10:18:01 UTC","author":{{"id":9,"username":"anna","name":"Anna"}},
        "reviewers":[{{"id":2,"username":"bert","name":"Bert"}}],"web_url":"https://h/platform/api/-/merge_requests/5"{more}}}"#
    )
}

#[tokio::test]
async fn the_list_is_asked_in_order_of_change_from_the_watermark_on() {
    // given
    let server = Server::start(|_| json(200, format!("[{}]", merge_request("")))).await;

    // when
    let page = server.client().merge_requests("7", Some(NOW), None).await.unwrap();

    // then
    let asked = &server.asked()[0];
    assert_eq!(asked.path, "/api/v4/projects/7/merge_requests");
    let expected =
        [("order_by", "updated_at"), ("sort", "asc"), ("state", "all"), ("scope", "all"), ("per_page", "100")];
    assert!(expected.iter().all(|(name, value)| asked.parameter(name) == Some(value)), "{}", asked.query);
    assert_eq!(asked.parameter("updated_after"), Some("2018-09-20T10%3A18%3A01Z"));
    let found = &page.merge_requests[0];
    assert_eq!((found.number, found.forge_id.as_str(), found.repository_forge_id.as_str()), (5, "900", "7"));
    assert_eq!((found.description.as_str(), found.source_repository_forge_id.as_ref()), ("", None));
    assert_eq!((found.updated_at, found.created_at), (NOW, NOW));
    assert_eq!((found.state, found.head.as_ref().map(AsRef::as_ref)), (MergeRequestState::Open, Some(HEAD)));
    assert_eq!(found.reviewers[0].user.login, "bert");
    assert!(page.next.is_none());
}

#[tokio::test]
async fn one_being_prepared_has_neither_head_nor_base() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v4/projects/7/merge_requests/5" => json(200, merge_request(r#","diff_refs":null"#).replace(HEAD, "")),
        "/api/v4/projects/7/merge_requests/6" => {
            json(200, merge_request(&format!(r#","diff_refs":{{"base_sha":"{BASE}","head_sha":"{HEAD}"}}"#)))
        }
        _ => not_found(),
    })
    .await;

    // when
    let preparing = server.client().merge_request("7", 5).await.unwrap();
    let ready = server.client().merge_request("7", 6).await.unwrap();
    let gone = server.client().merge_request("7", 404).await.unwrap_err();

    // then
    assert_eq!((preparing.base, preparing.merge_request.head), (None, None));
    assert_eq!(ready.base.as_ref().map(AsRef::as_ref), Some(BASE));
    assert!(matches!(gone.problem, Problem::NotFound));
}

#[tokio::test]
async fn one_that_does_not_tell_its_change_cannot_be_placed() {
    // given
    let broken = merge_request("").replace("2018-09-20 10:18:01 UTC", "yesterday");
    let server = Server::start(move |_| json(200, format!("[{broken}]"))).await;

    // then
    assert_eq!(server.client().merge_requests("7", None, None).await.unwrap_err().kind(), "data");
}

#[tokio::test]
async fn approvals_join_the_reviewers() {
    // given
    let server = Server::start(|asked| match asked.path.rsplit('/').next().unwrap() {
        "reviewers" => json(
            200,
            r#"[{"user":{"id":2,"username":"bert"},"state":"approved"},{"user":{"id":3,"username":"carl"},"state":"reviewed"},
                {"user":{"id":4,"username":"dora"},"state":"unreviewed"}]"#,
        ),
        "approvals" => json(200, r#"{"approved_by":[{"user":{"id":4,"username":"dora"}},{"user":{"id":5,"username":"emil"}}]}"#),
        _ => not_found(),
    })
    .await;

    // when
    let reviewers = server.client().reviewers("7", 5).await.unwrap();

    // then
    let told: Vec<_> = reviewers.iter().map(|reviewer| (reviewer.user.login.as_str(), reviewer.approved)).collect();
    assert_eq!(told, [("bert", true), ("carl", false), ("dora", true), ("emil", true)]);
}

#[tokio::test]
async fn an_old_gitlab_tells_reviewers_with_the_merge_request() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v4/projects/7/merge_requests/5" => json(200, merge_request("")),
        "/api/v4/projects/7/merge_requests/5/approvals" => {
            json(200, r#"{"approved_by":[{"user":{"id":2,"username":"bert"}}]}"#)
        }
        _ => not_found(),
    })
    .await;
    let without_approvals = Server::start(|asked| match asked.path.as_str() {
        "/api/v4/projects/7/merge_requests/5" => json(200, merge_request("")),
        _ => not_found(),
    })
    .await;

    // when
    let approved = server.client().reviewers("7", 5).await.unwrap();
    let unknown = without_approvals.client().reviewers("7", 5).await.unwrap();
    let gone = server.client().reviewers("7", 6).await.unwrap_err();

    // then
    assert_eq!((approved.len(), approved[0].approved), (1, true));
    assert_eq!((unknown.len(), unknown[0].approved), (1, false));
    assert!(matches!(gone.problem, Problem::NotFound), "not an empty list");
}
