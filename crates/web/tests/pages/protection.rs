//! What guards every page: cross-site forms, headers, addresses behind proxies, sizes.

use axum::http::StatusCode;
use store::testing::Engine;

use crate::site::{Browser, Site, options};

#[rstest::rstest]
#[case("sec-fetch-site", "cross-site", false)]
#[case("sec-fetch-site", "same-origin", true)]
#[case("origin", "https://evil.example.com", false)]
#[case("origin", "http://dovetail.example.com", true)]
#[tokio::test]
async fn forms_of_other_sites_are_refused(#[case] header: &'static str, #[case] value: &str, #[case] accepted: bool) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut browser = site.administrator().await;
    browser.headers = vec![(header, value.to_owned())];

    let page = browser.post("/users", &[("login", "mallory"), ("role", "admin")]).await;

    let invited = site.store.user_by_login("mallory").await.unwrap().is_some();
    assert_eq!(invited, accepted);
    if !accepted {
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("it seems to come from another site") && page.text.contains("class=\"top\""));
    }
}

#[tokio::test]
async fn behind_a_proxy_that_changes_the_host_the_public_address_is_trusted() {
    let mut options = options();
    options.public_url = Some("https://tools.example.com/dovetail/".parse().unwrap());
    let site = Site::with(Engine::Sqlite, options).await.unwrap();
    let mut browser = site.administrator().await;
    browser.headers = vec![("origin", "https://tools.example.com".to_owned())];

    let page = browser.post("/dovetail/theme", &[("theme", "dark"), ("back", "/accounts")]).await;

    assert_eq!(page.location(), "/dovetail/accounts");
}

#[rstest::rstest]
#[case("/login")]
#[case("/assets/style.css")]
#[case("/no/such/page")]
#[tokio::test]
async fn every_answer_carries_the_protective_headers(#[case] path: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.browser().get(path).await;

    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    assert_eq!(page.headers["x-request-id"].len(), 32);
}

#[tokio::test]
async fn a_page_has_nothing_inline_and_nothing_from_elsewhere() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut browser = site.administrator().await;
    for path in ["/", "/accounts", "/accounts/new", "/users", "/password", "/issues/ABC-1", "/search?q=zzzz"] {
        let page = browser.get(path).await;

        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text.contains(" style=") && !page.text.contains("<style"), "{path}");
        assert!(!page.text.contains("onclick") && page.count("<script") == 1, "{path}");
        assert!(!page.text.contains("src=\"http") && !page.text.contains("stylesheet\" href=\"http"), "{path}");
        assert!(page.text.len() < 100_000, "{path}: {} bytes", page.text.len());
    }
}

async fn assert_links_begin_with(browser: &mut Browser, path: &str, prefix: &str) {
    let page = browser.get(path).await;
    for attribute in ["href=\"/", "action=\"/", "src=\"/"] {
        for part in page.text.split(attribute).skip(1) {
            assert!(part.starts_with(&prefix[1..]), "{path}: {attribute}{}", &part[..30.min(part.len())]);
        }
    }
}

#[rstest::rstest]
#[case("/dovetail/accounts/new")]
#[case("/accounts/new")]
#[tokio::test]
async fn a_public_address_with_a_path_works_whether_or_not_the_proxy_cuts_it_off(#[case] path: &str) {
    let mut options = options();
    options.public_url = Some("https://tools.example.com/dovetail".parse().unwrap());
    let site = Site::with(Engine::Sqlite, options).await.unwrap();
    let mut browser = site.administrator().await;

    assert_links_begin_with(&mut browser, path, "/dovetail/").await;
    let page = browser.get(path).await;

    assert!(page.text.contains("https://tools.example.com/dovetail/oauth/callback\n"));
    assert_eq!(site.browser().get(path).await.location(), "/dovetail/login?next=%2Faccounts%2Fnew");
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_hash() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut browser = site.browser();
    let address = browser.get("/no/such/page").await.between("stylesheet\" href=\"", "\"").to_owned();

    let sheet = browser.get(&address).await;
    assert!(sheet.headers["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(sheet.headers["content-type"], "text/css; charset=utf-8");
    let unnamed = browser.get("/assets/style.css").await;
    assert_eq!(unnamed.headers["cache-control"], "no-cache");

    browser.headers = vec![("if-none-match", sheet.headers["etag"].to_str().unwrap().to_owned())];
    assert_eq!(browser.get("/assets/style.css").await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(browser.get("/assets/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn colours_are_remembered_in_a_cookie() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut browser = site.administrator().await;
    assert!(browser.get("/accounts").await.text.contains("data-theme=\"system\""));

    let page = browser.post("/theme", &[("theme", "dark"), ("back", "/accounts")]).await;

    assert_eq!(page.location(), "/accounts");
    assert!(browser.get("/accounts").await.text.contains("data-theme=\"dark\""));
    browser.cookies.insert("dovetail_theme".to_owned(), "\"><script>".to_owned());
    assert!(browser.get("/accounts").await.text.contains("data-theme=\"system\""));
}

#[tokio::test]
async fn a_huge_form_is_refused() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let huge = "x".repeat(300_000);

    let page = site.browser().post("/login", &[("login", &huge), ("password", "x")]).await;

    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.text.contains("What was sent is too large."));
}

#[tokio::test]
async fn health_and_readiness_are_plain() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    assert_eq!(site.browser().get("/healthz").await.text, "ok\n");
    assert_eq!(site.browser().get("/readyz").await.text, "ready\n");
    site.store.close().await;
    let page = site.browser().get("/readyz").await;
    assert_eq!((page.status, page.text.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n"));
    assert_eq!(site.browser().get("/healthz").await.status, StatusCode::OK);
}
