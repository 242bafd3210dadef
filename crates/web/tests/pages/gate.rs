//! Set-up, log-in, log-out, passwords.

use axum::http::StatusCode;
use store::testing::Engine;
use store::users::Role;

use crate::site::{Browser, DAY, Site, options};

const PASSWORD: &str = "correct horse battery";

/// The path of the set-up link.
async fn setup_path(site: &Site) -> String {
    let link = web::setup_link(&site.state).await.unwrap().expect("there is no user yet");
    link.strip_prefix("http://127.0.0.1:8080").expect("the link names where the server listens").to_owned()
}

async fn set_up(site: &Site, browser: &mut Browser) -> String {
    let path = setup_path(site).await;
    let token = path.split_once("token=").unwrap().1.to_owned();
    let fields = [("token", token.as_str()), ("login", "Jira-Admin"), ("password", PASSWORD), ("repeated", PASSWORD)];
    assert_eq!(browser.post("/setup", &fields).await.location(), "/accounts");
    path
}

async fn log_in(browser: &mut Browser, login: &str, password: &str) -> crate::site::Page {
    browser.post("/login", &[("login", login), ("password", password), ("next", "/issues/ABC-1")]).await
}

#[rstest::rstest]
#[tokio::test]
async fn the_set_up_link_makes_one_administrator(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let mut browser = site.browser();
    assert_eq!(browser.get("/").await.location(), "/setup");
    let older = setup_path(&site).await;

    let path = setup_path(&site).await;
    assert_eq!(browser.get(&older).await.status, StatusCode::FORBIDDEN, "a newer link replaces the older");
    assert!(browser.get(&path).await.text.contains("Welcome to Dovetail"));
    let path = set_up(&site, &mut browser).await;

    assert!(browser.get("/users").await.text.contains("jira-admin"), "signed in as the administrator");
    assert_eq!(browser.get(&path).await.status, StatusCode::GONE);
    assert_eq!(web::setup_link(&site.state).await.unwrap(), None);
    assert_eq!(site.browser().get("/").await.location(), "/login");
}

#[rstest::rstest]
#[tokio::test]
async fn a_set_up_link_is_good_for_a_day(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let path = setup_path(&site).await;

    site.clock.advance(DAY + 1);

    let page = site.browser().get(&path).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("Open the newest link"));
}

#[rstest::rstest]
#[case("short", "short", "at least 10 characters")]
#[case(PASSWORD, "another one altogether", "The two passwords differ")]
#[tokio::test]
async fn a_poor_password_is_explained_and_uses_nothing_up(
    #[case] password: &str,
    #[case] repeated: &str,
    #[case] words: &str,
) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let path = setup_path(&site).await;
    let token = path.split_once("token=").unwrap().1;
    let fields = [("token", token), ("login", "ada"), ("password", password), ("repeated", repeated)];

    let page = site.browser().post("/setup", &fields).await;

    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains(words));
    assert!(page.text.contains("value=\"ada\""), "the log-in stays typed");
    assert!(!page.text.contains(&format!("value=\"{password}\"")), "the password does not");
    assert_eq!(site.browser().get(&path).await.status, StatusCode::OK);
}

#[rstest::rstest]
#[tokio::test]
async fn logging_in_and_out(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    set_up(&site, &mut site.browser()).await;
    let mut browser = site.browser();
    assert_eq!(browser.get("/issues/ABC-1?x=1").await.location(), "/login?next=%2Fissues%2FABC-1%3Fx%3D1");

    assert_eq!(log_in(&mut browser, "jira-ADMIN", PASSWORD).await.location(), "/issues/ABC-1");
    let before = browser.cookies.clone();
    assert_eq!(browser.get("/issues/ABC-1").await.status, StatusCode::OK);
    assert_eq!(browser.post("/logout", &[]).await.location(), "/login");

    browser.cookies = before;
    assert_eq!(browser.get("/users").await.location(), "/login?next=%2Fusers", "the session ended on our side too");
}

#[tokio::test]
async fn a_session_ends_after_thirty_days() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut browser = site.browser();
    set_up(&site, &mut browser).await;

    site.clock.advance(30 * DAY - 1);
    assert_eq!(browser.get("/users").await.status, StatusCode::OK);
    site.clock.advance(1);

    assert_eq!(browser.get("/users").await.location(), "/login?next=%2Fusers");
}

#[tokio::test]
async fn nobody_learns_which_half_of_a_log_in_was_wrong() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    set_up(&site, &mut site.browser()).await;

    let wrong_password = log_in(&mut site.browser(), "jira-admin", "nonsense nonsense").await;
    let unknown_user = log_in(&mut site.browser(), "jira-admit", "nonsense nonsense").await;

    let without_login =
        |page: &crate::site::Page| page.between("<h1>", "<form method=\"post\" action=\"/login\"").to_owned();
    assert_eq!(wrong_password.status, StatusCode::UNAUTHORIZED);
    assert_eq!(unknown_user.status, StatusCode::UNAUTHORIZED);
    assert_eq!(without_login(&wrong_password), without_login(&unknown_user));
}

#[rstest::rstest]
#[tokio::test]
async fn failed_log_ins_are_throttled(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    set_up(&site, &mut site.browser()).await;
    let mut attacker = site.browser();
    attacker.peer = [203, 0, 113, 5];
    for _ in 0..5 {
        assert_eq!(log_in(&mut attacker, "jira-admin", "guess guess").await.status, StatusCode::UNAUTHORIZED);
    }

    let page = log_in(&mut attacker, "jira-admin", PASSWORD).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "even the right password has to wait");
    assert!(page.text.contains("Try again in"));
    assert!(log_in(&mut site.browser(), "jira-admin", PASSWORD).await.status.is_redirection(), "others need not");

    site.clock.advance(15 * 60 * 1000);
    assert!(log_in(&mut attacker, "jira-admin", PASSWORD).await.status.is_redirection());
}

#[rstest::rstest]
#[case("https://evil.example.com/")]
#[case("//evil.example.com/")]
#[case("/\\evil.example.com/")]
#[tokio::test]
async fn a_log_in_leads_nowhere_else(#[case] next: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    set_up(&site, &mut site.browser()).await;

    let fields = [("login", "jira-admin"), ("password", PASSWORD), ("next", next)];
    assert_eq!(site.browser().post("/login", &fields).await.location(), "/");
}

#[rstest::rstest]
#[case(None, false)]
#[case(Some("https://tools.example.com/dovetail"), true)]
#[case(Some("http://tools.example.com/dovetail"), false)]
#[tokio::test]
async fn cookies_are_secure_exactly_with_https(#[case] public_url: Option<&str>, #[case] secure: bool) {
    let mut options = options();
    options.public_url = public_url.map(|url| url.parse().unwrap());
    let site = Site::with(Engine::Sqlite, options).await.unwrap();
    let id = site.store.user_insert("ada", "Ada", Role::Reader, None, 0).await.unwrap();
    let hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$";
    site.store.user_set_password(id, hash).await.unwrap();
    let link = model::secret::token_hash("t");
    site.store.invitation_put(&link, store::Purpose::Reset, Some(id), i64::MAX).await.unwrap();

    let page = site.browser().post("/invite/t", &[("password", PASSWORD), ("repeated", PASSWORD)]).await;

    let cookie = page.cookie("dovetail_session").expect("signed in");
    assert_eq!(cookie.contains("Secure"), secure, "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let path = if public_url.is_some() { "Path=/dovetail/" } else { "Path=/;" };
    assert!(cookie.contains(path), "{cookie}");
}

#[rstest::rstest]
#[tokio::test]
async fn changing_ones_password_ends_other_sessions(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let mut here = site.browser();
    set_up(&site, &mut here).await;
    let mut there = site.browser();
    log_in(&mut there, "jira-admin", PASSWORD).await;
    let change =
        |current| [("current", current), ("password", "tr0ub4dor and three"), ("repeated", "tr0ub4dor and three")];

    let refused = here.post("/password", &change("not this one")).await;
    assert!(refused.text.contains("This is not your current password."));
    assert_eq!(there.get("/users").await.status, StatusCode::OK);
    assert_eq!(here.post("/password", &change(PASSWORD)).await.location(), "/");

    assert_eq!(here.get("/users").await.status, StatusCode::OK);
    assert!(there.get("/users").await.status.is_redirection());
    assert_eq!(log_in(&mut there, "jira-admin", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
}
