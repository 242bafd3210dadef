//! Pull requests.

use forge::{Forge, Problem};
use model::MergeRequestState;
use serde_json::{Value, json as value};

use crate::server::{GITHUB, NOW, Server, answer, json, not_found};

const SHA: &str = "1111111111111111111111111111111111111111";
const MERGED: &str = "2222222222222222222222222222222222222222";
const BASE: &str = "3333333333333333333333333333333333333333";

/// A pull request that was changed so many seconds after 10:18:00.
fn pull(number: i64, seconds: u32, more: &Value) -> Value {
    let mut pull = value!({
        "id": 9000 + number, "number": number, "state": "open", "title": format!("ACME-{number} Change"),
        "body": "Because", "draft": false, "html_url": format!("https://h/acme/api/pull/{number}"),
        "user": { "id": 9, "login": "anna" }, "created_at": "2018-09-20T10:00:00Z",
        "updated_at": format!("2018-09-20T10:18:{seconds:02}Z"), "merged_at": null, "closed_at": null,
        "merge_commit_sha": MERGED, "requested_reviewers": [{ "id": 8, "login": "bert" }],
        "head": { "ref": "feature/x", "sha": SHA, "repo": { "id": 7 } },
        "base": { "ref": "main", "sha": BASE, "repo": { "id": 7 } },
    });
    pull.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    pull
}

async fn read(forge: &dyn Forge, after: Option<i64>) -> Vec<(i64, i64)> {
    let (mut read, mut page) = (Vec::new(), None);
    loop {
        let told = forge.merge_requests("7", after, page).await.unwrap();
        read.extend(told.merge_requests.iter().map(|one| (one.number, one.comment_count)));
        page = told.next;
        if page.is_none() {
            return read;
        }
    }
}

#[tokio::test]
async fn a_pull_request_is_told_in_our_words() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v3/repositories/7/pulls/5" => {
            json(200, pull(5, 1, &value!({ "comments": 3, "draft": true })).to_string())
        }
        _ => not_found(),
    })
    .await;

    // when
    let detail = server.client().merge_request("7", 5).await.unwrap();

    // then
    let told = detail.merge_request;
    assert_eq!((told.forge_id.as_str(), told.number, told.repository_forge_id.as_str()), ("9005", 5, "7"));
    assert_eq!((told.title.as_str(), told.description.as_str()), ("ACME-5 Change", "Because"));
    assert_eq!((told.state, told.draft, told.author.login.as_str()), (MergeRequestState::Open, true, "anna"));
    assert_eq!((told.source_branch.as_str(), told.target_branch.as_str()), ("feature/x", "main"));
    assert_eq!(told.source_repository_forge_id.as_deref(), Some("7"));
    assert_eq!(told.head.unwrap().as_str(), SHA);
    assert_eq!(told.merge_commit, None, "what GitHub tried to merge is no merge");
    assert_eq!((told.comment_count, told.reviewers[0].user.login.as_str()), (3, "bert"));
    assert_eq!((told.updated_at, told.web_url.as_str()), (NOW, "https://h/acme/api/pull/5"));
    assert_eq!(detail.base.unwrap().as_str(), BASE);
}

#[tokio::test]
async fn merged_closed_and_orphaned_ones_are_told_apart() {
    // given
    let list = value!([
        pull(
            3,
            3,
            &value!({ "state": "closed", "merged_at": "2018-09-20T10:18:01Z", "closed_at": "2018-09-20T10:18:01Z" })
        ),
        pull(2, 2, &value!({ "state": "closed", "closed_at": "2018-09-20T10:18:01Z" })),
        pull(1, 1, &value!({ "head": { "ref": "x", "sha": null, "repo": null } })),
    ]);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/api/v3/repositories/7/pulls" => json(200, list.to_string()),
        _ => not_found(),
    })
    .await;

    // when
    let told = server.client().merge_requests("7", None, None).await.unwrap().merge_requests;

    // then
    let [open, declined, merged] = &told[..] else { panic!("{told:?}") };
    assert_eq!(
        (open.state, open.source_repository_forge_id.as_deref(), open.head.as_ref()),
        (MergeRequestState::Open, None, None)
    );
    assert_eq!(
        (declined.state, declined.closed_at, declined.merge_commit.as_ref()),
        (MergeRequestState::Declined, Some(NOW), None)
    );
    assert_eq!((merged.state, merged.merged_at, merged.closed_at), (MergeRequestState::Merged, Some(NOW), None));
    assert_eq!(merged.merge_commit.as_ref().unwrap().as_str(), MERGED);
}

/// Three pages, newest change first: 9 … 1, three a page; every second one has a comment.
async fn long_list() -> Server {
    Server::start(|asked| {
        let page: i64 = asked.parameter("page").map_or(1, |page| page.parse().unwrap());
        match asked.path.as_str() {
            "/api/v3/repositories/7/pulls" => {
                let first = 12 - 3 * page;
                let list: Vec<Value> =
                    (0..3).map(|one| pull(first - one, u32::try_from(first - one).unwrap(), &value!({}))).collect();
                let link = format!("<http://h/x?page={}>; rel=\"next\"", page + 1);
                let headers = [GITHUB, ("link", link.as_str())];
                answer(200, if page < 3 { &headers } else { &headers[..1] }, value!(list).to_string())
            }
            "/api/v3/repositories/7/issues" => {
                let issue = |number: i64| value!({ "number": number, "comments": number % 2, "pull_request": {} });
                json(200, value!((1..=9).map(issue).collect::<Vec<_>>()).to_string())
            }
            _ => not_found(),
        }
    })
    .await
}

#[tokio::test]
async fn the_list_is_read_from_the_newest_change_on_only_as_far_as_is_new() {
    // given
    let server = long_list().await;

    // when everything changed at or after 10:18:05 is asked for
    let read = read(&*server.client(), Some(NOW + 4_000)).await;

    // then
    assert_eq!(read, [(7, 1), (8, 0), (9, 1), (5, 1), (6, 0)]);
    let pulls: Vec<_> = server.asked().into_iter().filter(|asked| asked.path.ends_with("/pulls")).collect();
    assert_eq!(pulls.len(), 2, "the third page is older than was asked for");
    assert_eq!(pulls[0].query, "state=all&sort=updated&direction=desc&per_page=100");
}

#[tokio::test]
async fn the_whole_list_is_read_where_nothing_is_known() {
    // when
    let read = read(&*long_list().await.client(), None).await;

    // then
    assert_eq!(read.len(), 9);
}

#[tokio::test]
async fn switched_off_issues_cost_the_number_of_comments_and_nothing_else() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v3/repositories/7/pulls" => json(200, value!([pull(1, 1, &value!({}))]).to_string()),
        _ => json(410, r#"{"message":"Issues are disabled for this repo"}"#),
    })
    .await;

    // then
    assert_eq!(read(&*server.client(), None).await, [(1, 0)]);
    assert!(server.asked()[1].query.contains("since=2018-09-20T10%3A18%3A01Z"), "{}", server.asked()[1].query);
}

#[tokio::test]
async fn the_commits_of_a_pull_request_come_newest_first() {
    // given
    let commit = |sha: &str, parent: &str| {
        value!({ "sha": sha, "parents": [{ "sha": parent }], "commit": { "message": "ACME-1 x\n",
            "author": { "name": "Anna", "email": "anna@example.com", "date": "2018-09-20T10:18:01Z" },
            "committer": { "name": "GitHub", "email": "noreply@example.com", "date": "2018-09-20T10:18:02Z" } } })
    };
    let list = value!([commit(SHA, BASE), commit(MERGED, SHA)]);
    let server = Server::start(move |_| json(200, list.to_string())).await;

    // when
    let commits = server.client().merge_request_commits("7", 5).await.unwrap();

    // then
    assert_eq!(commits.iter().map(|commit| commit.id.as_str()).collect::<Vec<_>>(), [MERGED, SHA]);
    assert_eq!(commits[1].parents[0].as_str(), BASE);
    assert_eq!((commits[0].authored_at, commits[0].committed_at), (NOW, NOW + 1_000));
    assert_eq!((commits[0].author.name.as_str(), commits[0].message.as_str()), ("Anna", "ACME-1 x\n"));
    assert_eq!(server.paths(), ["/api/v3/repositories/7/pulls/5/commits"]);
}

#[tokio::test]
async fn ids_and_pages_that_no_host_gave_are_refused_without_asking() {
    // given
    let server = Server::start(|_| json(200, "[]")).await;

    // then
    for id in ["", "..", "acme/../x", "acme"] {
        let error = server.client().merge_requests(id, None, None).await.unwrap_err();
        assert!(matches!(error.problem, Problem::NotFound), "{id}");
    }
    let error = server.client().merge_requests("7", None, Some("nonsense".to_owned())).await.unwrap_err();
    assert!(matches!(error.problem, Problem::Data(_)));
    assert!(server.asked().is_empty());
}
