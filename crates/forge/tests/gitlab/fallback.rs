//! Branches and commits where git over HTTP is off.

use forge::Problem;
use model::ObjectId;

use crate::server::{NOW, Server, json};

const SHA: &str = "1111111111111111111111111111111111111111";

fn sha() -> ObjectId {
    SHA.parse().unwrap()
}

#[tokio::test]
async fn a_commit_without_parents_and_dates_is_still_a_commit() {
    // given
    let server = Server::start(|_| {
        json(200, format!(r#"[{{"id":"{SHA}","title":"PLAT-1 first line","author_name":"A\u0000nna","author_email":"a@example.com","created_at":"2018-09-20T12:18:01.000+02:00"}}]"#))
    })
    .await;

    // when
    let commits = server.client().merge_request_commits("7", 5).await.unwrap();

    // then
    let commit = &commits[0];
    assert_eq!((commit.committed_at, commit.authored_at), (NOW, NOW));
    assert_eq!((commit.message.as_str(), commit.author.name.as_str()), ("PLAT-1 first line", "Anna"));
    assert!(commit.parents.is_empty() && !commit.lossy);
}

#[tokio::test]
async fn a_repository_that_was_never_made_has_no_commits_but_no_list_of_branches_either() {
    // given
    let server = Server::start(|_| json(404, r#"{"message":"404 Repository Not Found"}"#)).await;

    // when
    let (commits, next) = server.client().commits("7", &sha(), None).await.unwrap();
    let branches = server.client().branches("7").await.unwrap_err();

    // then
    assert!(commits.is_empty() && next.is_none());
    assert!(matches!(branches.problem, Problem::NotAvailable), "no branches would mean that all were deleted");
}

#[tokio::test]
async fn a_forbidden_repository_is_not_an_empty_one() {
    // given
    let server = Server::start(|_| json(403, r#"{"message":"403 Forbidden"}"#)).await;

    // then
    assert!(matches!(server.client().commits("7", &sha(), None).await.unwrap_err().problem, Problem::Forbidden));
    assert!(matches!(server.client().branches("7").await.unwrap_err().problem, Problem::Forbidden));
}

#[tokio::test]
async fn a_commit_that_cannot_be_named_or_dated_is_refused() {
    for commit in [r#"{"id":"abc","created_at":"2018-09-20T10:18:01Z"}"#, &format!(r#"{{"id":"{SHA}"}}"#)] {
        // given
        let body = format!("[{commit}]");
        let server = Server::start(move |_| json(200, body.clone())).await;

        // then
        assert_eq!(server.client().merge_request_commits("7", 5).await.unwrap_err().kind(), "data", "{commit}");
    }
}
