//! The answers that GitLab documents. They belong to GitLab and lie beside this repository, not in it: without them
//! these tests say so and pass.

use std::path::Path;

use model::{AccountKind, ForgeAccount, MergeRequestState, ObjectId};

use crate::server::{Server, json};

/// The documented answer in this file; none, and a message, where the examples are not at hand.
#[expect(clippy::print_stderr, reason = "a test that checks nothing says so")]
pub fn example(name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/gitlab-examples");
    if !folder.is_dir() {
        eprintln!("GitLab's documented answers are missing (shared/reference/gitlab-examples beside the repository)");
        return None;
    }
    Some(std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")))
}

async fn serving(name: &str) -> Option<Server> {
    let body = example(name)?;
    Some(Server::start(move |_| json(200, body.clone())).await)
}

#[tokio::test]
async fn merge_requests() {
    let Some(server) = serving("api_merge_requests_list_project_merge_requests_1.json").await else { return };

    // when
    let page = server.client().merge_requests("3", None, None).await.unwrap();

    // then
    let first = &page.merge_requests[0];
    assert_eq!((first.number, first.title.as_str(), first.state), (1, "test1", MergeRequestState::Merged));
    assert_eq!((first.author.login.as_str(), first.source_repository_forge_id.as_deref()), ("admin", Some("2")));
    assert_eq!(first.head.as_ref().map(ObjectId::short), Some("8888888"));
    assert_eq!((first.merged_at, first.comment_count), (Some(1_536_318_977_520), 1));
    assert_eq!(first.reviewers[0].user.login, "kenyatta_oconnell");
}

#[tokio::test]
async fn a_single_merge_request() {
    let Some(server) = serving("api_merge_requests_retrieve_a_merge_request_response_3.json").await else { return };

    // when
    let detail = server.client().merge_request("3", 1).await.unwrap();

    // then
    assert!(!detail.merge_request.source_branch.is_empty());
    assert!(detail.base.is_some());
}

#[tokio::test]
async fn commits_of_a_merge_request() {
    let Some(server) = serving("api_merge_requests_retrieve_merge_request_commits_6.json").await else { return };

    // when
    let commits = server.client().merge_request_commits("3", 1).await.unwrap();

    // then
    assert_eq!(commits.len(), 2);
    assert_eq!(
        (commits[0].message.as_str(), commits[0].authored_at),
        ("Replace sanitize with escape once", 1_348_131_022_000)
    );
}

#[tokio::test]
async fn reviewers() {
    let Some(reviewers) = example("api_merge_requests_retrieve_merge_request_reviewers_5.json") else { return };
    let server = Server::start(move |asked| match asked.path.rsplit('/').next() {
        Some("reviewers") => json(200, reviewers.clone()),
        _ => json(200, "{}"),
    })
    .await;

    // when
    let told = server.client().reviewers("3", 1).await.unwrap();

    // then
    assert_eq!(told.iter().map(|one| one.user.login.as_str()).collect::<Vec<_>>(), ["user1", "user2"]);
}

#[tokio::test]
async fn branches_and_commits() {
    let Some(branches) = serving("api_branches_list_all_repository_branches_0.json").await else { return };
    let Some(commits) = serving("api_commits_list_repository_commits_0.json").await else { return };

    // when
    let branches = branches.client().branches("7").await.unwrap();
    let head = branches[0].head.clone();
    let (commits, next) = commits.client().commits("7", &head, None).await.unwrap();

    // then
    assert_eq!((branches[0].name.as_str(), head.short()), ("main", "7b5c3cc"));
    assert_eq!((commits.len(), next), (2, None));
    assert_eq!(commits[0].parents, [commits[1].id.clone()]);
}

#[tokio::test]
async fn projects_of_a_group() {
    let Some(server) = serving("api_groups_list_group_details_list_projects_6.json").await else { return };
    let group = ForgeAccount {
        forge_id: "5".into(),
        kind: AccountKind::Group,
        path: "h5bp".into(),
        name: "Experimental".into(),
        web_url: None,
    };

    // when
    let found = server.client().repositories(&group).await.unwrap();

    // then
    assert_eq!((found[0].forge_id.as_str(), found[0].path.as_str()), ("9", "h5bp/html5-boilerplate"));
    assert_eq!(found[0].default_branch.as_deref(), Some("main"));
}

#[tokio::test]
async fn a_group_and_an_administrator() {
    let Some(group) = serving("api_groups_retrieve_a_group_0.json").await else { return };
    let Some(user) = serving("api_users_retrieve_the_current_user_as_an_administrator_10.json").await else { return };

    // when
    let group = group.client().account("twitter").await.unwrap();
    let user = user.client().current_user().await.unwrap();

    // then
    assert_eq!((group.forge_id.as_str(), group.kind, group.name.as_str()), ("4", AccountKind::Group, "Twitter"));
    assert_eq!((user.login.as_str(), user.administrator), ("john_smith", true));
}

#[tokio::test]
async fn the_diff_of_a_commit() {
    let Some(diff) = example("api_commits_retrieve_commit_diff_11.json") else { return };
    let Some(commit) = example("api_commits_retrieve_a_commit_2.json") else { return };
    let server = Server::start(move |asked| match asked.path.rsplit('/').next() {
        Some("diff") => json(200, diff.clone()),
        _ => json(200, commit.clone()),
    })
    .await;

    // when
    let statistics = server.client().statistics("7", &"1".repeat(40).parse().unwrap()).await.unwrap();

    // then
    assert_eq!(statistics.file_count, 1);
    assert_eq!((statistics.files[0].change.as_str(), statistics.files[0].additions), ("MODIFIED", Some(2)));
    assert!(statistics.additions > 0);
}
