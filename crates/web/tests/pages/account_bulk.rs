//! Linking and unlinking by a pattern.

use axum::http::StatusCode;
use store::Viewer;
use store::testing::Engine;

use crate::seed;
use crate::site::Site;

#[rstest::rstest]
#[tokio::test]
async fn a_pattern_links_and_unlinks(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let other = seed::account(&site.store, "other").await;
    seed::repositories(&site.store, account, &["platform/web", "platform/old/web", "platform/old/db"]).await;
    seed::repositories(&site.store, other, &["other/old/x"]).await;
    let mut browser = site.administrator().await;
    let path = format!("/accounts/{account}/repositories/link");
    let linked = async || {
        let mut paths = Vec::new();
        for account in [account, other] {
            let rows = site.store.account_repositories(Viewer::Everything, account).await.unwrap();
            paths.extend(rows.into_iter().filter(|row| row.linked).map(|row| row.repository.path));
        }
        paths.sort();
        paths
    };

    assert!(browser.get(&format!("/accounts/{account}")).await.text.contains(&format!("action=\"{path}\"")));
    let page = browser.post(&path, &[("pattern", "*/OLD/*"), ("linked", "false")]).await;
    assert_eq!(page.location(), format!("/accounts/{account}"));
    assert_eq!(linked().await, ["other/old/x", "platform/web"]);

    browser.post(&path, &[("pattern", "*/db"), ("linked", "true")]).await;
    assert_eq!(linked().await, ["other/old/x", "platform/old/db", "platform/web"]);
    let nowhere = browser.post("/accounts/9999/repositories/link", &[("pattern", "*"), ("linked", "true")]).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[rstest::rstest]
#[tokio::test]
async fn what_many_repositories_show_goes_and_comes_with_them(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let paths: Vec<String> = (0..60).map(|number| format!("platform/old/{number:02}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).chain(["platform/web"]).collect();
    let ids = seed::repositories(&site.store, account, &paths).await;
    for (id, path) in ids.iter().zip(&paths) {
        seed::commits(&site.store, *id, &[format!("ABC-1 in {path}")]).await;
    }
    let mut browser = site.administrator().await;
    let path = format!("/accounts/{account}/repositories/link");
    for (linked, commits) in [("false", ">1 commit</a>"), ("true", ">61 commits</a>")] {
        // when
        browser.post(&path, &[("pattern", "*/old/*"), ("linked", linked)]).await;
        // then
        let list = site.store.account_repository_list(Viewer::Everything, account).await.unwrap();
        let other = list.iter().filter(|row| row.linked.to_string() != linked).map(|row| row.path.as_str());
        assert_eq!(other.count(), usize::from(linked == "false"), "{linked}");
        let issue = browser.get("/issues/ABC-1").await;
        assert!(issue.text.contains(commits), "{commits}: {}", issue.text);
    }
    // then: each waits for a sync now, and for its next
    assert_eq!(site.store.jobs_due_of_repositories(&ids[..60]).await.unwrap().len(), 60);
    assert_eq!(site.store.jobs_open().await.unwrap(), 120);
}

#[rstest::rstest]
#[tokio::test]
async fn what_a_pattern_matches_is_told_before_anything_changes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let paths: Vec<String> = (0..25).map(|number| format!("platform/old/{number:02}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).chain(["platform/web"]).collect();
    seed::repositories(&site.store, account, &paths).await;
    let mut browser = site.administrator().await;
    let path = format!("/accounts/{account}/repositories/link");

    let page = browser.get(&format!("{path}?pattern=*/old/*&linked=false")).await;

    assert!(page.text.contains("matches <strong>25</strong> of 26") && page.text.contains("Unlink 25"));
    assert!(page.text.contains("platform/old/19") && !page.text.contains("platform/old/20"));
    assert!(page.text.contains("and 5 more") && !page.text.contains("platform/web"));
    let rows = site.store.account_repository_list(Viewer::Everything, account).await.unwrap();
    assert!(rows.iter().all(|row| row.linked), "nothing has changed yet");
    assert!(browser.get(&format!("{path}?pattern=*&linked=true")).await.text.contains("Nothing to link"));
    let (_, mut reader) = site.reader("reader").await;
    assert_eq!(reader.get(&format!("{path}?pattern=*&linked=true")).await.status, StatusCode::FORBIDDEN);
}
