//! Accounts and their repositories.

use axum::http::{Method, StatusCode};
use model::{ForgeUser, SiteKind, SiteSettings};
use serde_json::json;
use store::testing::Engine;
use store::{HookOf, Scope, SiteState, SiteUpdate};

use crate::caller::Caller;
use crate::seed;
use crate::site::{NOW, Site};

#[rstest::rstest]
#[tokio::test]
async fn an_account_is_shown_with_its_repositories(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let id = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, id, &["platform/a"]).await[0];
    seed::commits(&site.store, repository, &["ABC-1 one".to_owned(), "no key".to_owned()]).await;
    let caller = Caller::admin(&site).await;

    let account = caller.json(&format!("/api/v1/accounts/{id}")).await;
    let repositories = caller.json(&format!("/api/v1/accounts/{id}/repositories")).await;

    assert_eq!(caller.json("/api/v1/accounts").await, json!([account]));
    assert_eq!(account["host_url"], "https://gitlab.example.com");
    assert_eq!((&account["path"], &account["state"]), (&json!("platform"), &json!("active")));
    assert_eq!((&account["repositories"], &account["linked"]), (&json!(1), &json!(1)));
    assert_eq!(account["listed_at"], "2026-11-22T11:04:00Z");
    assert_eq!(repositories.as_array().unwrap().len(), 1);
    let listed = &repositories[0];
    assert_eq!((&listed["linked"], &listed["commits_with_keys"]), (&json!(true), &json!(1)));
    let alone = caller.json(&format!("/api/v1/repositories/{repository}")).await;
    for (name, value) in alone.as_object().unwrap() {
        assert_eq!(value, &listed[name], "{name}");
    }
    assert_eq!(alone["path"], "platform/a");
}

#[rstest::rstest]
#[tokio::test]
async fn an_account_tells_who_authorised_it_and_whom_it_serves(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(site) = Site::open(engine).await else { return };
    let id = seed::account(&site.store, "platform").await;
    let alone = seed::folder(&site.store, "/srv/git").await;
    let repository = seed::repositories(&site.store, id, &["platform/a"]).await[0];
    seed::hook(&site.store, HookOf::Repository(repository), false).await;
    let user = ForgeUser { login: "bot".to_owned(), name: "The Bot".to_owned(), ..ForgeUser::default() };
    seed::authorised_by(&site.store, id, user).await;
    let ours = seed::jira(&site.store, SiteKind::DataCenter, "Ours").await;
    let theirs = seed::jira(&site.store, SiteKind::Cloud, "Theirs").await;
    site.store.site_set_state(theirs, SiteState::Paused).await.unwrap();
    let chosen = SiteSettings { all_accounts: false, ..SiteSettings::of(SiteKind::Cloud) };
    let update = SiteUpdate { settings: Some(chosen), ..SiteUpdate::default() };
    site.store.site_update(theirs, &update).await.unwrap();
    site.store.site_set_accounts(theirs, &[id]).await.unwrap();
    let path = format!("/api/v1/accounts/{id}");

    // when
    let told = Caller::admin(&site).await.get(&path).await;

    // then
    let account = told.json();
    assert_eq!(account["authorised_by"], json!({ "login": "bot", "name": "The Bot", "by": "token" }));
    let ours = json!({ "id": ours, "name": "Ours", "url": "https://ours.example.com", "state": "active" });
    let theirs = json!({ "id": theirs, "name": "Theirs", "url": "https://theirs.example.com", "state": "paused" });
    assert_eq!(account["sites"], json!([ours, theirs]));
    assert_eq!(account["hooks_to_paste"], 1);
    assert_eq!(account["web_url"], "https://gitlab.example.com/groups/platform");
    assert!(!told.text.contains("glpat"), "{}", told.text);

    // then: a folder lets everybody in, and has no page
    let folder = Caller::admin(&site).await.json(&format!("/api/v1/accounts/{alone}")).await;
    assert_eq!(folder["sites"], json!([ours]));
    assert_eq!((&folder["authorised_by"], &folder["web_url"]), (&json!(null), &json!(null)));

    // then: whoever may only read is not told whose credential it is
    let reader = site.reader("ada").await.1;
    for caller in [Caller::with_token(&site, Scope::Read).await.1, Caller::session(&site, &reader)] {
        let account = caller.json(&path).await;
        assert_eq!((&account["authorised_by"], &account["sites"]), (&json!(null), &json!([ours, theirs])));
    }
}

#[rstest::rstest]
#[tokio::test]
async fn switches_that_are_not_named_stay(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let id = seed::account(&site.store, "platform").await;
    let caller = Caller::admin(&site).await;
    let path = format!("/api/v1/accounts/{id}");

    let changed = caller.send(Method::PATCH, &path, Some(&json!({ "auto_link": false }))).await;
    assert_eq!(changed.status, StatusCode::OK);
    let changed = changed.json();
    assert_eq!((&changed["auto_link"], &changed["smart_commits"]), (&json!(false), &json!(true)));

    caller.send(Method::PATCH, &path, Some(&json!({ "smart_commits": false }))).await;
    let account = caller.json(&path).await;
    assert_eq!((&account["auto_link"], &account["smart_commits"]), (&json!(false), &json!(false)));
}

#[rstest::rstest]
#[tokio::test]
async fn what_a_removed_account_had_is_gone_at_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let id = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, id, &["platform/a"]).await[0];
    let caller = Caller::admin(&site).await;
    let path = format!("/api/v1/accounts/{id}");

    assert_eq!(caller.send(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);

    assert_eq!(caller.json(&path).await["state"], "removing");
    caller.get(&format!("/api/v1/repositories/{repository}")).await.problem(StatusCode::NOT_FOUND);
    caller.send(Method::DELETE, &path, None).await.problem(StatusCode::NOT_FOUND);
    assert_eq!(site.store.jobs_open().await.unwrap(), 1, "its data goes in steps behind");
}

#[rstest::rstest]
#[case::refresh("/api/v1/accounts/{account}/refresh")]
#[case::soft_refresh("/api/v1/accounts/{account}/refresh?mode=soft")]
#[case::full_refresh("/api/v1/accounts/{account}/refresh?mode=full")]
#[case::sync("/api/v1/repositories/{repository}/sync")]
#[case::soft_sync("/api/v1/repositories/{repository}/sync?mode=soft")]
#[case::full_sync("/api/v1/repositories/{repository}/sync?mode=full")]
#[tokio::test]
async fn work_is_accepted_and_done_later(#[values("sqlite", "postgres")] engine: Engine, #[case] path: &str) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];
    let path = path.replace("{account}", &account.to_string()).replace("{repository}", &repository.to_string());

    let answer = Caller::admin(&site).await.send(Method::POST, &path, None).await;

    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(site.store.jobs_open().await.unwrap(), 1);
}

#[rstest::rstest]
#[case("/api/v1/repositories/{repository}/sync?mode=hard")]
#[case("/api/v1/accounts/{account}/refresh?mode=branches")]
#[tokio::test]
async fn an_unknown_kind_of_sync_is_explained(#[case] path: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];
    let path = path.replace("{account}", &account.to_string()).replace("{repository}", &repository.to_string());

    let answer = Caller::admin(&site).await.send(Method::POST, &path, None).await;

    answer.problem(StatusCode::BAD_REQUEST);
    assert_eq!(site.store.jobs_open().await.unwrap(), 0);
}

#[rstest::rstest]
#[tokio::test]
async fn a_repository_is_unlinked_and_linked_again(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/a"]).await[0];
    seed::commits(&site.store, repository, &["ABC-1 one".to_owned()]).await;
    let caller = Caller::admin(&site).await;
    let path = format!("/api/v1/accounts/{account}/repositories/{repository}");

    for (linked, commits) in [(false, 0), (true, 1)] {
        let answer = caller.send(Method::PUT, &path, Some(&json!({ "linked": linked }))).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        let listed = caller.json(&format!("/api/v1/accounts/{account}/repositories")).await;
        assert_eq!(listed[0]["linked"], linked);
        assert_eq!(caller.json("/api/v1/issues/ABC-1").await["commits"], commits);
    }
    assert_eq!(site.store.jobs_waiting(NOW).await.unwrap(), 1, "what is linked is synced");
}

#[rstest::rstest]
#[tokio::test]
async fn only_repositories_of_the_account_are_linked(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let other = seed::account(&site.store, "other").await;
    let repository = seed::repositories(&site.store, other, &["other/a"]).await[0];
    let path = format!("/api/v1/accounts/{account}/repositories/{repository}");

    let answer = Caller::admin(&site).await.send(Method::PUT, &path, Some(&json!({ "linked": true }))).await;

    answer.problem(StatusCode::NOT_FOUND);
}

#[rstest::rstest]
#[tokio::test]
async fn a_folder_is_added_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let folder = site.folder().join("repositories");
    std::fs::create_dir_all(folder.join("team/engine.git")).unwrap();
    for name in ["HEAD", "config"] {
        std::fs::write(folder.join("team/engine.git").join(name), "ref: refs/heads/main\n").unwrap();
    }
    let caller = Caller::admin(&site).await;
    let body = json!({ "host_kind": "folder", "host_url": folder.to_str().unwrap(), "path": "team" });

    let added = caller.send(Method::POST, "/api/v1/accounts", Some(&body)).await;

    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let account = added.json();
    assert_eq!(account["host_kind"], "folder");
    assert!(account["host_url"].as_str().unwrap().ends_with("/repositories/team"), "{account}");
    assert_eq!(caller.json("/api/v1/accounts").await, json!([account]));
    let again = caller.send(Method::POST, "/api/v1/accounts", Some(&body)).await;
    again.problem(StatusCode::CONFLICT);
}

#[rstest::rstest]
#[case::no_such_kind(json!({ "host_kind": "cvs", "host_url": "/nowhere" }), StatusCode::BAD_REQUEST)]
#[case::no_such_folder(json!({ "host_kind": "folder", "host_url": "/nowhere/at/all" }), StatusCode::UNPROCESSABLE_ENTITY)]
#[case::a_nul(json!({ "host_kind": "folder", "host_url": "/nowhere\u{0}" }), StatusCode::UNPROCESSABLE_ENTITY)]
#[case::no_path(json!({ "host_kind": "gitlab", "host_url": "http://127.0.0.1:1", "token": "t" }), StatusCode::UNPROCESSABLE_ENTITY)]
#[case::nobody_there(
    json!({ "host_kind": "gitlab", "host_url": "http://127.0.0.1:1", "path": "a", "token": "glpat-quoted" }),
    StatusCode::UNPROCESSABLE_ENTITY
)]
#[tokio::test]
async fn what_cannot_be_added_is_explained(#[case] body: serde_json::Value, #[case] status: StatusCode) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let caller = Caller::admin(&site).await;

    let answer = caller.send(Method::POST, "/api/v1/accounts", Some(&body)).await;

    answer.problem(status);
    assert!(!answer.text.contains("glpat-quoted"));
    assert_eq!(caller.json("/api/v1/accounts").await, json!([]));
}

#[rstest::rstest]
#[tokio::test]
async fn the_activity_of_an_account_has_every_day_of_the_last_90(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    // given two commits of today, in two repositories, and one of a repository that is not linked
    let id = seed::account(&site.store, "platform").await;
    let repositories = seed::repositories(&site.store, id, &["platform/a", "platform/fork", "platform/old"]).await;
    let messages = ["ABC-1 ABC-2 one".to_owned(), "no key".to_owned()];
    seed::commits(&site.store, repositories[0], &messages).await;
    seed::commits(&site.store, repositories[1], &messages).await;
    seed::commits(&site.store, repositories[2], &["ABC-3 three".to_owned()]).await;
    site.store.repository_set_linked(id, repositories[2], false).await.unwrap();
    // when
    let activity = Caller::admin(&site).await.json(&format!("/api/v1/accounts/{id}/activity")).await;
    // then
    assert_eq!((&activity["commits"], &activity["links"]), (&json!(2), &json!(2)));
    let days = activity["days"].as_array().unwrap();
    assert_eq!(days.len(), 90);
    assert_eq!(days[0], json!({ "date": "2026-08-25", "commits": 0, "links": 0 }));
    assert_eq!(days[89], json!({ "date": "2026-11-22", "commits": 2, "links": 2 }));
}
