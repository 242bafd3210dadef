//! Inviting, disabling, roles.

use axum::http::StatusCode;
use store::testing::Engine;
use store::users::Role;

use crate::site::{DAY, Page, Site};

const PASSWORD: &str = "correct horse battery";

/// The path of the one-time link on a page.
fn link_path(page: &Page) -> String {
    let link = page.between("<code id=\"one-time-link\">", "</code>");
    link.strip_prefix("http://dovetail.example.com").expect("the link leads back here").to_owned()
}

#[rstest::rstest]
#[tokio::test]
async fn an_invited_reader_chooses_a_password_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let mut admin = site.administrator().await;

    let page = admin.post("/users", &[("login", "Ada"), ("name", "Ada Lovelace"), ("role", "reader")]).await;
    let path = link_path(&page);
    assert!(!admin.get("/users").await.text.contains("one-time-link"), "shown once");

    let mut ada = site.browser();
    assert!(ada.get(&path).await.text.contains("Ada Lovelace"));
    let fields = [("password", PASSWORD), ("repeated", PASSWORD)];
    assert_eq!(ada.post(&path, &fields).await.location(), "/");
    assert_eq!(ada.get("/accounts").await.status, StatusCode::OK);
    assert_eq!(ada.get("/users").await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.browser().post(&path, &fields).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_invitation_is_good_for_a_week() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let page = site.administrator().await.post("/users", &[("login", "ada"), ("role", "reader")]).await;

    site.clock.advance(7 * DAY + 1);

    assert_eq!(site.browser().get(&link_path(&page)).await.status, StatusCode::GONE);
}

#[rstest::rstest]
#[case("jira-admin", "Somebody has this log-in already")]
#[case("JIRA-admin", "Somebody has this log-in already")]
#[case("ada lovelace", "Use 1 to 64 letters")]
#[tokio::test]
async fn an_invitation_that_cannot_be_is_explained(#[case] login: &str, #[case] words: &str) {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.post("/users", &[("login", login), ("name", "Ada"), ("role", "admin")]).await;

    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains(words));
    assert!(page.text.contains(&format!("value=\"{login}\"")) && page.text.contains("value=\"Ada\""));
}

#[rstest::rstest]
#[tokio::test]
async fn a_disabled_user_is_out_at_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let mut admin = site.administrator().await;
    let (id, mut ada) = site.reader("ada").await;
    let reset = link_path(&admin.post(&format!("/users/{id}/link"), &[]).await);

    admin.post(&format!("/users/{id}/disabled"), &[("disabled", "true")]).await;

    assert_eq!(ada.get("/accounts").await.location(), "/login?next=%2Faccounts");
    assert_eq!(site.browser().get(&reset).await.status, StatusCode::GONE, "nor does an open link let them in");
    assert!(admin.get("/users").await.text.contains("disabled</span>"));

    admin.post(&format!("/users/{id}/disabled"), &[("disabled", "false")]).await;
    assert_eq!(site.browser().get(&reset).await.status, StatusCode::OK);
}

#[tokio::test]
async fn roles_change_for_others_but_not_for_oneself() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (my_id, mut admin) = site.user("jira-admin", Role::Admin).await;
    let (id, mut ada) = site.reader("ada").await;

    admin.post(&format!("/users/{id}/role"), &[("role", "admin")]).await;
    assert_eq!(ada.get("/users").await.status, StatusCode::OK);

    for (what, field) in [("role", ("role", "reader")), ("disabled", ("disabled", "true"))] {
        let page = admin.post(&format!("/users/{my_id}/{what}"), &[field]).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert!(page.text.contains("You cannot disable or demote yourself."));
    }
    assert_eq!(admin.get("/users").await.status, StatusCode::OK);
}
