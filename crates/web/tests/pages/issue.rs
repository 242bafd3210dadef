//! The development panel.

use std::collections::HashSet;

use axum::http::StatusCode;
use model::MergeRequestState;
use store::testing::Engine;

use crate::seed;
use crate::site::{Browser, Page, Site};

const HOSTILE: &str = "<script>alert('ABC-1')</script>\" onmouseover=\"x \u{202e}RTL";

/// A site with one repository of these commits.
async fn site_with(engine: Engine, messages: &[String]) -> Option<(Site, i64)> {
    let site = Site::open(engine).await?;
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/zookeeper"]).await[0];
    seed::commits(&site.store, repository, messages).await;
    Some((site, repository))
}

#[rstest::rstest]
#[tokio::test]
async fn everything_that_names_the_issue_is_there(#[values("sqlite", "postgres")] engine: Engine) {
    let messages = ["ABC-1: Log more\n\nSee also ABC-2.".to_owned(), "ABC-10 another".to_owned()];
    let Some((site, repository)) = site_with(engine, &messages).await else { return };
    seed::branches(&site.store, repository, &[("feature/ABC-1 odd#name", &messages[0]), ("master", &messages[1])])
        .await;
    let title = "ABC-1 Verify that";
    seed::merge_request(&site.store, repository, "platform/zookeeper", title, MergeRequestState::Merged).await;

    let page = site.administrator().await.get("/issues/ABC-1").await;

    assert!(page.text.contains(">1 branch</a>") && page.text.contains(">1 commit</a>"));
    assert!(page.text.contains(">1 merge request</a> <span class=\"muted\">(merged)"));
    assert!(page.text.contains("<a href=\"/issues/ABC-1\">ABC-1</a>: Log more"));
    assert!(page.text.contains("See also <a href=\"/issues/ABC-2\">ABC-2</a>."));
    let sha = seed::object_id(&messages[0]);
    assert!(page.text.contains(&format!("https://gitlab.example.com/platform/zookeeper/-/commit/{sha}")));
    assert!(page.text.contains("/-/tree/feature/ABC-1%20odd%23name"));
    assert!(page.text.contains("!482</a>") && page.text.contains("lozenge good\">merged"));
    assert!(page.text.contains("<span class=\"yes\">✓</span><span class=\"yes\">✓</span><span class=\"no\">○</span>"));
    assert!(page.text.contains("2 of 3"));
    assert!(!page.text.contains("another"), "ABC-10 is another issue");
}

#[rstest::rstest]
#[tokio::test]
async fn a_commit_in_two_repositories_is_one(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repositories = seed::repositories(&site.store, account, &["platform/one", "platform/two"]).await;
    for repository in repositories {
        seed::commits(&site.store, repository, &["ABC-1 shared".to_owned()]).await;
    }

    let page = site.administrator().await.get("/issues/ABC-1").await;

    assert_eq!(page.count("<li class=\"commit\""), 1);
    assert!(page.text.contains(">1 commit</a>"));
    assert!(page.text.contains("same commit in <bdi>platform/"));
}

#[rstest::rstest]
#[tokio::test]
async fn commits_are_filtered_by_repository(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let ids = seed::repositories(&site.store, account, &["platform/one", "platform/two", "platform/zero"]).await;
    let messages: Vec<String> = (0..130).map(|n| format!("ABC-1 commit number {n}")).collect();
    let (even, rest): (Vec<_>, Vec<_>) =
        messages.iter().cloned().partition(|message| message.ends_with(['0', '2', '4', '6', '8']));
    seed::commits(&site.store, ids[0], &even).await;
    seed::commits(&site.store, ids[1], &rest).await;
    seed::commits(&site.store, ids[1], &even[..1]).await;
    let mut browser = site.administrator().await;

    let all = browser.get("/issues/ABC-1").await;
    assert!(all.text.contains("aria-current=\"true\"><bdi>all</bdi> <span class=\"count\">130</span>"));
    assert!(all.text.contains("<bdi>platform/one</bdi></a>") && all.text.contains("<bdi>platform/two</bdi></a>"));
    assert!(!all.text.contains("<bdi>platform/zero</bdi></a>"), "it holds nothing");

    let pages = walk(&mut browser, &format!("/issues/ABC-1?repository={}", ids[1])).await;
    let seen: HashSet<usize> = pages.iter().flat_map(numbers).collect();
    let expected: HashSet<usize> = (0..130).filter(|n| n % 2 == 1).chain([0]).collect();
    assert_eq!(seen, expected);
    assert_eq!(pages.len(), 2);
    assert!(pages[0].text.contains("aria-current=\"true\"><bdi>platform/two</bdi>"));

    let nothing = browser.get(&format!("/issues/ABC-1?repository={}", ids[2])).await;
    assert!(nothing.text.contains("This repository holds none of them."));
}

#[rstest::rstest]
#[tokio::test]
async fn copies_are_told_in_the_chips(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let ids = seed::repositories(&site.store, account, &["platform/mine", "platform/zz-mirror"]).await;
    let messages = ["ABC-1 shared", "ABC-1 other"].map(str::to_owned);
    seed::commits(&site.store, ids[0], &messages).await;
    seed::commits(&site.store, ids[1], &messages[..1]).await;

    let page = site.administrator().await.get("/issues/ABC-1").await;

    assert!(page.text.contains("<bdi>platform/mine</bdi> <span class=\"count\">2</span>"), "{}", page.text);
    assert!(page.text.contains("<bdi>platform/zz-mirror</bdi> <span class=\"count\">1, same commits</span>"));
}

#[rstest::rstest]
#[tokio::test]
async fn texts_from_outside_are_only_text(#[values("sqlite", "postgres")] engine: Engine) {
    let messages = [format!("ABC-1 {HOSTILE}\n\n{HOSTILE}")];
    let Some((site, repository)) = site_with(engine, &messages).await else { return };
    seed::branches(&site.store, repository, &[("ABC-1-<img/src=x>", &messages[0])]).await;
    let state = MergeRequestState::Open;
    let title = format!("ABC-1 {HOSTILE}");
    seed::merge_request(&site.store, repository, "platform/zookeeper", &title, state).await;

    let mut admin = site.administrator().await;
    let sha = seed::object_id(&messages[0]);
    for path in ["/issues/ABC-1".to_owned(), format!("/search?q={sha}"), "/search?q=%3Cscript%3E".to_owned()] {
        let page = admin.get(&path).await;

        assert_eq!(page.count("<script"), 1, "{path}: only our own");
        assert!(!page.text.contains("<img"), "{path}");
        assert!(!page.text.contains("\" onmouseover=\"x"), "{path}");
    }
}

#[tokio::test]
async fn addresses_from_outside_are_links_only_for_the_web() {
    let (site, repository) = site_with(Engine::Sqlite, &[]).await.unwrap();
    let state = MergeRequestState::Open;
    seed::merge_request_at(&site.store, repository, "ABC-1 click me", state, "javascript:alert(1)").await;

    let page = site.administrator().await.get("/issues/ABC-1").await;

    assert!(page.text.contains("click me"));
    assert!(!page.text.contains("javascript:"));
}

#[rstest::rstest]
#[case("/issues/abc-1", "/issues/ABC-1")]
#[case("/issues/Abc-007", "/issues/ABC-007")]
#[tokio::test]
async fn lower_case_leads_to_upper_case(#[case] path: &str, #[case] location: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    assert_eq!(site.administrator().await.get(path).await.location(), location);
}

#[tokio::test]
async fn an_unknown_issue_says_what_to_do() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get("/issues/ABC-1").await;

    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Nothing names ABC-1 yet"));
    assert!(page.text.contains("git switch -c ABC-1-what-it-is-about"));
}

/// The messages' numbers on a page, in order.
fn numbers(page: &Page) -> Vec<usize> {
    let subjects = page.text.split("</a> commit number ").skip(1);
    subjects.map(|rest| rest.split('<').next().unwrap().parse().unwrap()).collect()
}

/// Follows "show more" to the end.
async fn walk(browser: &mut Browser, path: &str) -> Vec<Page> {
    let mut pages = vec![browser.get(path).await];
    while let Some((before, _)) = pages.last().unwrap().text.split_once("data-more=\"commits\"") {
        let link = before.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap();
        let link = link.replace("&amp;", "&").replace("&#38;", "&").replace("#commits", "");
        pages.push(browser.get(&link).await);
    }
    pages
}

#[rstest::rstest]
#[tokio::test]
async fn ten_thousand_commits_are_walked_page_by_page(#[values("sqlite", "postgres")] engine: Engine) {
    let messages: Vec<String> = (0..10_000).map(|n| format!("ABC-1 commit number {n}")).collect();
    let Some((site, _)) = site_with(engine, &messages).await else { return };

    let pages = walk(&mut site.administrator().await, "/issues/ABC-1").await;

    let seen: Vec<usize> = pages.iter().flat_map(numbers).collect();
    assert_eq!(seen, (0..10_000).collect::<Vec<_>>(), "each once, the newest first");
    assert_eq!(pages.len(), 200);
    assert!(pages[0].text.contains(">show 50 more of 9,950</a>") && pages[0].text.contains(">10,000 commits</a>"));
    assert!(pages[198].text.contains(">show 50 more</a>"));
    assert!(pages.iter().all(|page| page.text.len() < 100_000), "every page stays small");
}

#[rstest::rstest]
#[tokio::test]
async fn commits_that_arrive_meanwhile_shift_no_page(#[values("sqlite", "postgres")] engine: Engine) {
    let messages: Vec<String> = (0..120).map(|n| format!("ABC-1 commit number {n}")).collect();
    let Some((site, repository)) = site_with(engine, &messages).await else { return };
    let mut browser = site.administrator().await;
    let first = browser.get("/issues/ABC-1").await;

    seed::commits(&site.store, repository, &["ABC-1 newer than all".to_owned()]).await;
    let (before, _) = first.text.split_once("data-more=\"commits\"").unwrap();
    let link = before.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().replace("#commits", "");
    let second = browser.get(&link.replace("&amp;", "&").replace("&#38;", "&")).await;

    let seen: HashSet<usize> = numbers(&first).into_iter().chain(numbers(&second)).collect();
    assert_eq!(seen, (0..100).collect());
}

#[rstest::rstest]
#[case("commits_after=nonsense")]
#[case("branches_after=1.2")]
#[case("merge_requests_after=1.2&left=7")]
#[case("commits_after=1.2&left=-5")]
#[tokio::test]
async fn an_address_somebody_played_with_still_shows_the_issue(#[case] query: &str) {
    let (site, _) = site_with(Engine::Sqlite, &["ABC-1 here".to_owned()]).await.unwrap();

    let page = site.administrator().await.get(&format!("/issues/ABC-1?{query}")).await;

    assert_eq!(page.status, StatusCode::OK);
}

#[rstest::rstest]
#[tokio::test]
async fn files_of_a_commit_are_a_page_and_a_part(#[values("sqlite", "postgres")] engine: Engine) {
    let messages = ["ABC-1 Change things".to_owned()];
    let Some((site, repository)) = site_with(engine, &messages).await else { return };
    let id = seed::object_id(&messages[0]);
    let commit = site.store.commit(&id).await.unwrap().unwrap();
    let file = |path: &str| model::FileChange {
        path: path.to_owned(),
        change: "MODIFIED".to_owned(),
        additions: Some(12),
        deletions: Some(3),
    };
    let files = vec![file("src/<b>.rs"), file("README.md")];
    let statistics = model::Statistics { additions: 1_200, deletions: 3, file_count: 204, files };
    site.store.statistics_put(commit.id, &statistics).await.unwrap();
    let mut browser = site.administrator().await;
    let path = format!("/issues/ABC-1/commits/{id}/files?repository={repository}");

    assert!(browser.get("/issues/ABC-1").await.text.contains("+1,200 −3 · 204 files ▸"));
    let page = browser.get(&path).await;
    let part = browser.get(&format!("{path}&fragment=true")).await;

    for text in [&page.text, &part.text] {
        assert!(text.contains("src/&#60;b&#62;.rs") || text.contains("src/&lt;b&gt;.rs"));
        assert!(text.contains("<ins>+12</ins>") && text.contains("and 202 files more"));
    }
    assert!(page.text.contains("class=\"top\"") && !part.text.contains("class=\"top\""));
    let elsewhere = format!("/issues/ABC-1/commits/{id}/files?repository={}", repository + 1);
    assert_eq!(browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
}
