//! Development status as Jira answers it (data model §4).

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, VARY};
use model::{HostKind, MergeRequestState, SiteKind, SiteSettings};
use serde_json::{Value, json};
use store::testing::Engine;
use store::{Lane, NewAccount, NewSite, SiteInserted, SiteProject};

use crate::caller::Caller;
use crate::seed;
use crate::site::{NOW, Site};

const SUMMARY: &str = "/rest/dev-status/1.0/issue/summary";
const DETAIL: &str = "/rest/dev-status/1.0/issue/detail";
const COMMIT: &str = "ABC-1 commit";

/// One commit and branch of ABC-1, and merge requests of it in these states, one in each repository.
async fn site_of(engine: Engine, states: &[MergeRequestState]) -> Option<Site> {
    let site = Site::open(engine).await?;
    let account = seed::account(&site.store, "platform").await;
    let paths: Vec<String> = (0..states.len().max(1)).map(|at| format!("platform/{at}")).collect();
    let names: Vec<&str> = paths.iter().map(String::as_str).collect();
    let repositories = seed::repositories(&site.store, account, &names).await;
    seed::commits(&site.store, repositories[0], &[COMMIT.to_owned()]).await;
    seed::branches(&site.store, repositories[0], &[("feature/ABC-1", COMMIT)]).await;
    for ((repository, path), state) in repositories.iter().zip(&paths).zip(states) {
        seed::merge_request(&site.store, *repository, path, "ABC-1 title", *state).await;
    }
    Some(site)
}

/// A folder with one commit of ABC-1.
async fn add_folder(site: &Site) {
    let mut tx = site.store.begin_write(Lane::Live).await.unwrap();
    let host_id = tx.host_ensure(HostKind::Folder, "/srv/git", NOW).await.unwrap();
    let account = NewAccount {
        host_id,
        application_id: None,
        path: "git".to_owned(),
        name: "git".to_owned(),
        kind: model::AccountKind::Folder,
        forge_id: "git".to_owned(),
        web_url: None,
        auto_link: true,
        smart_commits: true,
    };
    let id = tx.account_insert(&account, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let repository = seed::repositories(&site.store, id, &["in-a-folder"]).await[0];
    seed::commits(&site.store, repository, &["ABC-1 in a folder".to_owned()]).await;
}

#[track_caller]
fn assert_keys(value: &Value, keys: &[&str]) {
    let there: BTreeSet<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let missing: Vec<&&str> = keys.iter().filter(|key| !there.contains(**key)).collect();
    assert!(missing.is_empty(), "{missing:?} not in {value}");
}

#[rstest::rstest]
#[tokio::test]
async fn a_summary_has_what_jira_has(#[values("sqlite", "postgres")] engine: Engine) {
    let states = [MergeRequestState::Open, MergeRequestState::Merged];
    let Some(site) = site_of(engine, &states).await else { return };

    let answer = Caller::admin(&site).await.json(&format!("{SUMMARY}?issueKey=abc-1")).await;

    assert_eq!((&answer["errors"], &answer["configErrors"]), (&json!([]), &json!([])));
    let summary = &answer["summary"];
    let gitlab = |count: i64| json!({ "gitlabselfmanaged": { "count": count, "name": "GitLab Self-Managed" } });
    let pull_requests = json!({
        "overall": {
            "count": 2, "lastUpdated": "2026-11-22T11:03:30.000+0000", "lastUpdatedTimestamp": NOW - 30_000,
            "stateCount": 1, "state": "OPEN", "dataType": "pullrequest", "open": true,
            "details": { "openCount": 1, "mergedCount": 1, "declinedCount": 0, "total": 2 }
        },
        "byInstanceType": gitlab(2)
    });
    assert_eq!(summary["pullrequest"], pull_requests);
    let commits = json!({ "count": 1, "lastUpdated": "2026-11-22T11:03:00.000+0000", "dataType": "repository" });
    assert_eq!(summary["repository"], json!({ "overall": commits, "byInstanceType": gitlab(1) }));
    assert_keys(&summary["branch"]["overall"], &["count", "lastUpdated", "dataType"]);
    assert_eq!(summary["branch"]["overall"]["count"], 1);
    assert_eq!(summary["branch"]["byInstanceType"], gitlab(1));
    let build = ["count", "lastUpdated", "failedBuildCount", "successfulBuildCount", "unknownBuildCount", "dataType"];
    let review = ["count", "lastUpdated", "stateCount", "state", "dueDate", "overDue", "completed", "dataType"];
    let deployment = ["count", "lastUpdated", "topEnvironments", "showProjects", "successfulCount"];
    for (name, keys) in [("build", &build[..]), ("review", &review), ("deployment-environment", &deployment)] {
        assert_keys(&summary[name]["overall"], keys);
        assert_eq!(summary[name]["overall"]["count"], 0);
        assert_eq!(summary[name]["byInstanceType"], json!({}));
    }
}

#[rstest::rstest]
#[case(&[MergeRequestState::Open, MergeRequestState::Merged, MergeRequestState::Merged], json!("OPEN"), 1)]
#[case(&[MergeRequestState::Merged, MergeRequestState::Declined, MergeRequestState::Declined], json!("MERGED"), 1)]
#[case(&[MergeRequestState::Open, MergeRequestState::Open, MergeRequestState::Declined], json!("OPEN"), 2)]
#[case(&[MergeRequestState::Declined], json!("DECLINED"), 1)]
#[case(&[], json!(null), 0)]
#[tokio::test]
async fn the_state_of_all_is_that_of_the_least_finished(
    #[values("sqlite", "postgres")] engine: Engine,
    #[case] states: &[MergeRequestState],
    #[case] state: Value,
    #[case] state_count: i64,
) {
    let Some(site) = site_of(engine, states).await else { return };

    let answer = Caller::admin(&site).await.json(&format!("{SUMMARY}?issueKey=ABC-1")).await;

    let overall = &answer["summary"]["pullrequest"]["overall"];
    assert_eq!((&overall["state"], &overall["stateCount"]), (&state, &json!(state_count)));
    assert_eq!(overall["count"], states.len());
    assert_eq!(overall["open"], state == json!("OPEN"));
}

#[rstest::rstest]
#[tokio::test]
async fn a_detail_has_what_jira_has(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = site_of(engine, &[MergeRequestState::Open]).await else { return };

    let answer = Caller::admin(&site).await.json(&format!("{DETAIL}?issueKey=ABC-1")).await;

    assert_eq!(answer["errors"], json!([]));
    assert_eq!(answer["detail"].as_array().unwrap().len(), 1);
    let detail = &answer["detail"][0];
    assert_keys(&detail["_instance"], &["name", "baseUrl", "type", "id", "typeName", "singleInstance"]);
    assert_eq!(detail["_instance"]["baseUrl"], "https://gitlab.example.com");
    let branch = &detail["branches"][0];
    assert_keys(branch, &["name", "url", "createPullRequestUrl", "repository", "lastCommit"]);
    assert_keys(&branch["repository"], &["name", "url"]);
    let of_a_commit = ["id", "displayId", "authorTimestamp", "merge", "files", "message", "url", "author"];
    assert_keys(&branch["lastCommit"], &of_a_commit);
    let repository = &detail["repositories"][0];
    assert_keys(repository, &["name", "avatar", "url", "commits"]);
    let commit = &repository["commits"][0];
    assert_keys(commit, &of_a_commit);
    assert_keys(commit, &["fileCount", "createReviewUrl"]);
    assert_keys(&commit["author"], &["name", "avatar"]);
    let id = seed::object_id(COMMIT);
    assert_eq!((&commit["id"], &commit["message"]), (&json!(id.as_str()), &json!(COMMIT)));
    assert_eq!(commit["url"], format!("https://gitlab.example.com/platform/0/-/commit/{id}"));
    assert_eq!(commit["authorTimestamp"], "2026-11-22T11:03:00.000+0000");
    assert_eq!(branch["lastCommit"]["id"], id.as_str());
    assert_pull_request(&detail["pullRequests"][0]);
}

#[track_caller]
fn assert_pull_request(shape: &Value) {
    assert_keys(
        shape,
        &["author", "id", "name", "commentCount", "source", "destination", "reviewers", "status", "url"],
    );
    assert_keys(shape, &["lastUpdate", "repositoryId", "repositoryName", "repositoryUrl"]);
    assert_keys(&shape["author"], &["name", "avatar"]);
    for side in ["source", "destination"] {
        assert_keys(&shape[side], &["branch", "repository", "url"]);
    }
    assert_keys(&shape["reviewers"][0], &["name", "avatar", "approved"]);
    assert_eq!((&shape["id"], &shape["status"]), (&json!("#482"), &json!("OPEN")));
    assert_eq!(shape["lastUpdate"], "2026-11-22T11:03:30.000+0000");
    assert_eq!(shape["destination"]["repository"]["name"], "platform/0");
    let approved = [0, 1, 2].map(|at| shape["reviewers"][at]["approved"].as_bool().unwrap());
    assert_eq!(approved, [true, false, true]);
}

#[rstest::rstest]
#[case::absent("", &["folder", "gitlabselfmanaged"])]
#[case::empty("&applicationType=", &["folder", "gitlabselfmanaged"])]
#[case::gitlab("&applicationType=GitLab", &["gitlabselfmanaged"])]
#[case::gitlab_self_managed("&applicationType=GITLABselfmanaged", &["gitlabselfmanaged"])]
#[case::folder("&applicationType=Folder", &["folder"])]
#[case::another("&applicationType=github", &[])]
#[tokio::test]
async fn hosts_are_chosen_by_their_type(
    #[values("sqlite", "postgres")] engine: Engine,
    #[case] filter: &str,
    #[case] types: &[&str],
) {
    let Some(site) = site_of(engine, &[]).await else { return };
    add_folder(&site).await;
    let caller = Caller::admin(&site).await;

    let summary = caller.json(&format!("{SUMMARY}?issueKey=ABC-1{filter}")).await;
    let detail = caller.json(&format!("{DETAIL}?issueKey=ABC-1{filter}")).await;

    let commits = &summary["summary"]["repository"];
    let counted: BTreeSet<&str> = commits["byInstanceType"].as_object().unwrap().keys().map(String::as_str).collect();
    let instances = detail["detail"].as_array().unwrap().iter();
    let detailed: BTreeSet<&str> = instances.map(|host| host["_instance"]["type"].as_str().unwrap()).collect();
    let types: BTreeSet<&str> = types.iter().copied().collect();
    assert_eq!((&counted, &detailed), (&types, &types));
    assert_eq!(commits["overall"]["count"], types.len());
}

#[rstest::rstest]
#[case("repository", [0, 0, 1])]
#[case("branch", [1, 1, 0])]
#[case("PullRequest", [1, 1, 0])]
#[tokio::test]
async fn only_the_lists_of_the_data_type_are_filled(#[case] data_type: &str, #[case] lengths: [usize; 3]) {
    let site = site_of(Engine::Sqlite, &[MergeRequestState::Open]).await.unwrap();

    let answer = Caller::admin(&site).await.json(&format!("{DETAIL}?issueKey=ABC-1&dataType={data_type}")).await;

    let lists = ["branches", "pullRequests", "repositories"];
    assert_eq!(lists.map(|list| answer["detail"][0][list].as_array().unwrap().len()), lengths);
}

#[rstest::rstest]
#[case("")]
#[case("?issueKey=")]
#[case("?issueKey=%20")]
#[case("?issueId=10001")]
#[tokio::test]
async fn an_issue_must_be_named(#[values(SUMMARY, DETAIL)] path: &str, #[case] query: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let answer = Caller::admin(&site).await.get(&format!("{path}{query}")).await;

    let problem = answer.problem(StatusCode::BAD_REQUEST);
    assert!(problem["detail"].as_str().unwrap().contains("issueKey is missing"), "{problem}");
}

#[tokio::test]
async fn an_unknown_data_type_is_explained() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let answer = Caller::admin(&site).await.get(&format!("{DETAIL}?issueKey=ABC-1&dataType=commits")).await;

    answer.problem(StatusCode::BAD_REQUEST);
}

#[rstest::rstest]
#[tokio::test]
async fn lists_have_no_cap(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];
    let messages: Vec<String> = (0..300).map(|at| format!("ABC-1 commit {at}")).collect();
    seed::commits(&site.store, repository, &messages).await;

    let answer = Caller::admin(&site).await.json("/rest/dev-status/latest/issue/detail?issueKey=ABC-1").await;

    let commits = answer["detail"][0]["repositories"][0]["commits"].as_array().unwrap();
    let told: Vec<&str> = commits.iter().map(|commit| commit["message"].as_str().unwrap()).collect();
    assert_eq!(told, messages, "newest first");
}

#[rstest::rstest]
#[tokio::test]
async fn a_former_key_answers_with_what_the_present_one_has(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(site) = site_of(engine, &[MergeRequestState::Open]).await else { return };
    let new = NewSite {
        kind: SiteKind::DataCenter,
        name: "Jira".to_owned(),
        url: "https://jira.example.com".to_owned(),
        settings: SiteSettings::default(),
        rest_user: None,
        rest_secret: None,
        client_id: None,
        client_secret: None,
    };
    let SiteInserted::New(id) = site.store.site_insert(&new, NOW).await.unwrap() else { panic!("it is new") };
    let key = |key: &str| SiteProject {
        key: key.to_owned(),
        project_id: "1".to_owned(),
        name: "Alphabet".to_owned(),
        present_key: "ABC".to_owned(),
    };
    let caller = Caller::admin(&site).await;
    for path in [SUMMARY, DETAIL] {
        let before = caller.json(&format!("{path}?issueKey=OLD-1")).await;
        assert!(!before.to_string().contains("platform") && !before.to_string().contains("\"count\":1"), "{before}");
    }

    // when
    let mut tx = site.store.begin_write(Lane::Live).await.unwrap();
    tx.site_projects_replace(id, &[key("ABC"), key("OLD")], NOW).await.unwrap();
    tx.commit().await.unwrap();

    // then
    for path in [SUMMARY, DETAIL] {
        let present = caller.json(&format!("{path}?issueKey=ABC-1")).await;
        assert!(present.to_string().contains("\"count\":1") || present.to_string().contains("platform"), "{present}");
        assert_eq!(caller.json(&format!("{path}?issueKey=old-1")).await, present);
    }
}

#[tokio::test]
async fn a_long_answer_is_the_same_compressed_and_not_and_new_after_a_change() {
    // given
    let Some(site) = Site::open(Engine::Sqlite).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/api"]).await[0];
    let messages: Vec<String> = (0..150).map(|number| format!("ABC-1 {number} {}", "word ".repeat(60))).collect();
    seed::commits(&site.store, repository, &messages).await;
    let caller = Caller::admin(&site).await;
    let path = format!("{DETAIL}?issueKey=ABC-1&dataType=repository");
    let zipped = async || {
        let answer = caller.get_zipped(&path).await;
        assert_eq!(answer.headers[CONTENT_ENCODING], "gzip");
        assert_eq!(answer.headers[VARY], "accept-encoding");
        answer.json()
    };
    let commits = |answer: &Value| answer["detail"][0]["repositories"][0]["commits"].as_array().unwrap().len();

    for more in [0, 1, 2] {
        // when
        if more > 0 {
            seed::commits(&site.store, repository, &[format!("ABC-1 one more, {more}")]).await;
        }

        // then: made and kept, in either order
        let (first, second) = (zipped().await, zipped().await);
        let plain = caller.json(&path).await;
        assert_eq!((&first, &second), (&plain, &plain));
        assert_eq!(commits(&plain), 150 + more);
    }
}
