//! "Add account".

use axum::http::StatusCode;
use store::testing::Engine;

use crate::site::Site;

#[tokio::test]
async fn the_form_tells_what_to_type_at_gitlab() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get("/accounts/new").await;

    let uris = page.between("<pre id=\"redirect-uris\">", "</pre>");
    assert_eq!(uris, "http://dovetail.example.com/oauth/callback\nhttp://dovetail.example.com/login/oauth/callback");
    assert!(page.text.contains("select <code>api</code> and clear any other"));
    assert!(page.text.contains("name=\"auto_link\" value=\"true\" checked"));
    assert!(page.text.contains("name=\"smart_commits\" value=\"true\" checked"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("form-action"), "the form ends at the forge, which form-action 'self' would forbid");
}

#[tokio::test]
async fn an_error_stands_at_its_field_and_the_input_stays() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let fields = [
        ("host", "gitlab"),
        ("host_url", "gitlab.example.com/<x>"),
        ("path", "platform"),
        ("method", "oauth"),
        ("client_id", "an-id"),
        ("client_secret", "a-very-secret-secret"),
    ];

    let page = site.administrator().await.post("/accounts/new", &fields).await;

    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let behind_field = page.between("name=\"host_url\"", "name=\"path\"");
    assert!(behind_field.contains("aria-invalid") && behind_field.contains("class=\"problem\""));
    assert!(page.text.contains("value=\"platform\"") && page.text.contains("value=\"an-id\""));
    assert!(!page.text.contains("a-very-secret-secret"));
    assert!(!page.text.contains("name=\"auto_link\" value=\"true\" checked"), "an unticked box stays unticked");
}

#[tokio::test]
async fn the_last_day_of_a_token_is_a_day_to_come() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let fields = [
        ("host_url", "http://127.0.0.1:1"),
        ("path", "platform"),
        ("method", "token"),
        ("token", "glpat-quoted"),
        ("ends_on", "2026-11-22"),
    ];

    let page = site.administrator().await.post("/accounts/new", &fields).await;

    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.between("name=\"ends_on\"", "</fieldset>").contains("The last day of the token is no day to come."));
    assert!(page.text.contains("value=\"2026-11-22\"") && !page.text.contains("glpat-quoted"));
}

#[tokio::test]
async fn a_folder_is_added_at_once() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let folder = site.folder().to_str().unwrap().to_owned();
    let mut browser = site.administrator().await;
    let fields = [("host", "folder"), ("folder", folder.as_str()), ("auto_link", "true")];

    let page = browser.post("/accounts/new", &fields).await;
    assert!(page.location().starts_with("/accounts/"));
    let account = browser.get(page.location()).await;
    assert_eq!(account.status, StatusCode::OK);

    let again = browser.post("/accounts/new", &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains(&format!("href=\"{}\">Open the existing account", page.location())));
}

#[tokio::test]
async fn github_is_offered_and_its_form_tells_what_to_type_there() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get("/accounts/new").await;

    for (word, title) in [("github", "GitHub Enterprise"), ("github.com", "GitHub")] {
        assert!(page.text.contains(&format!("name=\"host\" value=\"{word}\"")), "{word}");
        assert!(page.text.contains(&format!("<strong>{title}</strong>")), "{title}");
    }
    let callback = page.between("<pre id=\"callback-url\">", "</pre>");
    assert_eq!(callback, "http://dovetail.example.com/oauth/callback");
}

#[tokio::test]
async fn a_host_that_does_not_speak_githubs_language_is_told_at_its_field() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let other =
        axum::Router::new().fallback(async || (StatusCode::GONE, r#"{"error":"API V3 is no longer supported."}"#));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, other).await });
    let fields =
        [("host", "github"), ("host_url", &host_url), ("path", "platform"), ("method", "token"), ("token", "x")];

    let page = site.administrator().await.post("/accounts/new", &fields).await;

    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let behind_field = page.between("name=\"host_url\"", "name=\"path\"");
    assert!(behind_field.contains("class=\"problem\"") && behind_field.contains("Choose GitLab"), "{behind_field}");
}

#[tokio::test]
async fn a_state_that_comes_back_twice_is_one() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get("/oauth/callback?state=invented&code=c0de&state=invented").await;

    assert_eq!(page.status, StatusCode::GONE, "it is understood, and unknown");
}

#[rstest::rstest]
#[case("/oauth/callback")]
#[case("/login/oauth/callback")]
#[case("/-/jira/login/oauth/callback")]
#[tokio::test]
async fn a_callback_that_nobody_began_is_explained(#[case] path: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get(&format!("{path}?state=invented&code=c0de")).await;

    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text.contains("class=\"remedy\""));
}
