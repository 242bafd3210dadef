//! Explain: the story of what is asked about.

use axum::http::StatusCode;
use model::MergeRequestState;
use store::testing::Engine;

use crate::seed;
use crate::site::{NOW, Site};

#[rstest::rstest]
#[tokio::test]
async fn a_near_miss_is_told_as_a_story(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    seed::commits(&site.store, repository, &["abc-12 retry <b>".to_owned()]).await;
    let id = seed::object_id("abc-12 retry <b>");

    let page = site.administrator().await.get(&format!("/explain?q={}", id.short())).await;

    assert_eq!(page.status, StatusCode::OK);
    let title = page.between("<h2 id=\"story\">", "</h2>");
    assert_eq!(title, format!("Commit {} names no issue.", id.short()));
    let known = page.between("data-kind=\"commit_known\">", "</li>");
    let url = format!("https://gitlab.example.com/platform/web/-/commit/{id}");
    assert!(known.contains("✓") && known.contains(&format!("<a href=\"{url}\" rel=\"noreferrer\">")), "{known}");
    assert!(
        known.contains("<time datetime=\"2026-11-22T11:04:00Z\""),
        "times have their exact one in the markup: {known}"
    );
    let nothing = page.between("data-kind=\"names_nothing\">", "</li>");
    assert!(nothing.contains("“<bdi>abc-12 retry &lt;b&gt;</bdi>”"), "{nothing}");
    let miss = page.between("data-kind=\"near_miss\">", "</li>");
    assert!(miss.contains("✗") && miss.contains("<span class=\"hidden\">Hindrance: </span>"), "{miss}");
    assert!(miss.contains("“<bdi>abc-12</bdi>”, which does not count: it is not in upper case"), "{miss}");
    assert!(
        miss.contains("<p class=\"remedy\"><span aria-hidden=\"true\">→</span> Write “<bdi>ABC-12</bdi>”"),
        "{miss}"
    );
    assert!(page.text.contains(&format!("name=\"q\" value=\"{}\"", id.short())), "the box keeps what was asked");
}

#[tokio::test]
async fn issues_accounts_and_further_questions_are_links() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    seed::commits(&site.store, repository, &["ABC-1 retry".to_owned()]).await;
    seed::merge_request(&site.store, repository, "platform/web", "ABC-1 Retry", MergeRequestState::Open).await;
    let mut browser = site.administrator().await;

    let page = browser.get("/explain?q=abc-1").await;

    let short = seed::object_id("ABC-1 retry").short().to_owned();
    assert!(page.text.contains(&format!("<a href=\"/explain?q={short}\"><bdi>{short}</bdi></a>")), "{}", page.text);
    assert!(page.text.contains("<a href=\"/issues/ABC-1\"><bdi>ABC-1</bdi></a>"));
    assert!(page.text.contains("/-/merge_requests/482\" rel=\"noreferrer\"><bdi>!482</bdi></a>"));

    site.store.repository_set_linked(account, repository, false).await.unwrap();
    let page = browser.get("/explain?q=ABC-1").await;

    assert!(
        page.text.contains(&format!("Link it on the page of <a href=\"/accounts/{account}\"><bdi>platform</bdi></a>."))
    );
}

#[tokio::test]
async fn a_page_of_the_forge_that_is_no_web_address_is_no_link() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    let hostile = "javascript:alert('ABC-1')";
    seed::merge_request_at(&site.store, repository, "ABC-1 x", MergeRequestState::Open, hostile).await;

    let page = site.administrator().await.get("/explain?q=ABC-1").await;

    assert!(page.text.contains("<bdi>!482</bdi>") && !page.text.contains("javascript:"), "{}", page.text);
}

#[rstest::rstest]
#[case("%3Cscript%3Ealert(1)%3C/script%3E")]
#[case("%22%20onmouseover=%22alert(1)")]
#[case("https://h/%22%3E%3Cscript%3E")]
#[case("%1b%5b2J%00")]
#[tokio::test]
async fn what_is_asked_is_never_markup(#[case] question: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get(&format!("/explain?q={question}")).await;

    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("<h2 id=\"story\">"));
    assert!(!page.text.contains("<script>") && !page.text.contains("\" onmouseover"), "{}", page.text);
}

#[tokio::test]
async fn nothing_asked_says_what_can_be_asked_and_too_much_is_refused() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut browser = site.administrator().await;

    for path in ["/explain", "/explain?q=", "/explain?q=%20"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Ask about what you miss") && !page.text.contains("id=\"story\""));
        assert!(page.text.contains("href=\"/explain\" aria-current=\"page\">Explain</a>"));
    }
    let page = browser.get(&format!("/explain?q={}", "a".repeat(2_049))).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("The question is too long.") && page.text.contains("name=\"q\" value=\"\""));
    assert!(site.browser().get("/explain?q=ABC-1").await.location().starts_with("/login"));
}

#[tokio::test]
async fn the_page_of_an_issue_and_the_search_lead_there() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    seed::commits(&site.store, repository, &["ABC-1 retry".to_owned()]).await;
    let mut browser = site.administrator().await;

    for path in ["/issues/ABC-1", "/issues/ABC-2"] {
        let page = browser.get(path).await;
        let key = &path[8..];
        assert_eq!(page.count(&format!("href=\"/explain?q={key}\">Why is something missing?</a>")), 1, "{path}");
    }
    let page = browser.get("/search?q=9f3c2ab").await;
    assert!(page.text.contains("href=\"/explain?q=9f3c2ab\">Why is something missing?</a>"));
}

#[rstest::rstest]
#[tokio::test]
async fn a_reader_is_told_nothing_of_a_restricted_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "secret").await;
    let repository = seed::repositories(&site.store, account, &["secret/vault"]).await[0];
    seed::commits(&site.store, repository, &["ABC-1 vault".to_owned()]).await;
    site.store.repository_failed(repository, "server", "The vault failed.", Some(NOW)).await.unwrap();
    site.store.account_restrict(account, true, &[]).await.unwrap();
    let (_, mut reader) = site.reader("out").await;

    for question in
        [seed::object_id("ABC-1 vault").as_str(), "ABC-1", "https%3A%2F%2Fgitlab.example.com%2Fsecret%2Fvault"]
    {
        let page = reader.get(&format!("/explain?q={question}")).await;
        assert!(page.text.contains("No account is connected that you may see."), "{}", page.text);
        let story = page.between("<section class=\"story\"", "</section>");
        assert!(!story.contains("secret/vault</bdi></a>") && !story.contains("vault failed"), "{story}");
    }
}
