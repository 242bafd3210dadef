//! The search box.

use store::testing::Engine;

use crate::seed;
use crate::site::Site;

#[rstest::rstest]
#[case("ABC-1", "/issues/ABC-1")]
#[case("  abc-1 ", "/issues/ABC-1")]
#[tokio::test]
async fn an_issue_key_opens_the_issue(#[case] text: &str, #[case] location: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();

    assert_eq!(site.administrator().await.get(&format!("/search?q={query}")).await.location(), location);
}

#[rstest::rstest]
#[tokio::test]
async fn the_beginning_of_an_id_finds_the_commit(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    seed::commits(&site.store, repository, &["ABC-7 look for me".to_owned(), "not me".to_owned()]).await;
    let id = seed::object_id("ABC-7 look for me");
    let mut browser = site.administrator().await;

    for prefix in [id.short().to_owned(), id.as_str().to_uppercase(), id.as_str()[..4].to_owned()] {
        let page = browser.get(&format!("/search?q={prefix}")).await;

        assert!(page.text.contains("look for me</span>") && !page.text.contains("not me"), "{prefix}");
        assert!(page.text.contains("<a href=\"/issues/ABC-7\">ABC-7</a>"), "its issue is a link");
        assert!(page.text.contains(&format!("value=\"{prefix}\"")), "the box keeps what was asked");
    }
}

#[rstest::rstest]
#[tokio::test]
async fn the_beginning_of_a_key_lists_issues(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    let messages = ["ABC-12 one", "ABC-13 two", "XYZ-1 three"].map(str::to_owned);
    seed::commits(&site.store, repository, &messages).await;

    let page = site.administrator().await.get("/search?q=abc-").await;

    assert!(page.text.contains(">ABC-12</a>") && page.text.contains(">ABC-13</a>") && !page.text.contains("XYZ-1"));
}

#[tokio::test]
async fn nothing_found_says_what_can_be_found() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get("/search?q=%22%3Enothing").await;

    assert!(page.text.contains("Nothing found for") && page.text.contains("At least four digits"));
    assert!(!page.text.contains("\">nothing"));
}
