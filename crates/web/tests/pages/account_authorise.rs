//! Letting an account in again, against the stand-in GitLab: by its application, and by a token.

use axum::http::StatusCode;
use store::testing::Engine;
use store::{AccountState, CredentialKind, Viewer};

use crate::connect::{Scene, consent, post};
use crate::seed;
use crate::site::Site;

/// A site with an account that was connected by OAuth and is no longer let in.
pub async fn connected(engine: Engine) -> Option<(Scene, crate::site::Browser, i64)> {
    let scene = Scene::new(engine, "jira").await?;
    let mut admin = scene.site.administrator().await;
    let sent = post(&mut admin, "/accounts/new", &scene.form(None)).await;
    let confirmation = admin.get(&consent(&sent).await).await;
    let page = admin.get(confirmation.location()).await;
    let state = page.between("name=\"state\" value=\"", "\"").to_owned();
    admin.post("/accounts/new/confirm", &[("state", &state)]).await;
    let store = &scene.site.store;
    let account = store.accounts(Viewer::Everything).await.unwrap()[0].id;
    store.account_set_state(account, AccountState::NeedsAuthorisation).await.unwrap();
    seed::repositories(store, account, &["platform/engine"]).await;
    Some((scene, admin, account))
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_click_lets_an_account_in_again(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((scene, mut admin, account)) = connected(engine).await else { return };
    let page = format!("/accounts/{account}");

    let banner = admin.get(&page).await;
    assert!(banner.text.contains("Authorise again at GitLab →"));
    let policy = banner.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("form-action"), "the button leads to GitLab: {policy}");
    let sent = admin.post(&format!("{page}/authorise"), &[]).await;
    let back = admin.get(&consent(&sent).await).await;

    assert_eq!(back.location(), page, "the same user needs no confirmation");
    let again = scene.site.store.account(account).await.unwrap().unwrap();
    assert_eq!(again.state, AccountState::Active);
    assert!(admin.get(&page).await.text.contains("<bdi>platform/engine</bdi>"), "repositories stay");
    assert!(!admin.get(&page).await.text.contains("no longer lets Dovetail in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_application_is_checked_first() {
    let (scene, mut admin, account) = connected(Engine::Sqlite).await.unwrap();
    let path = format!("/accounts/{account}/authorise");
    let fields = [("another", "true"), ("client_id", "not-known"), ("client_secret", "a-secret")];

    let empty = admin.post(&path, &[("another", "true")]).await;
    let wrong = admin.post(&path, &fields).await;

    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("aria-invalid"));
    assert!(!wrong.text.contains("a-secret"));
    assert_eq!(scene.site.store.account(account).await.unwrap().unwrap().state, AccountState::NeedsAuthorisation);
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_takes_the_place_of_an_application(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((scene, mut admin, account)) = connected(engine).await else { return };
    let token = scene.token();
    let path = format!("/accounts/{account}/token");

    let done = admin.post(&path, &[("token", &token), ("ends_on", "2027-06-01")]).await;

    assert_eq!(done.location(), format!("/accounts/{account}"));
    let credential = scene.site.store.credential(account).await.unwrap().unwrap();
    assert_eq!(credential.kind, CredentialKind::Token);
    assert_eq!(scene.site.store.account(account).await.unwrap().unwrap().state, AccountState::Active);
}

#[rstest::rstest]
#[case("glpat-quoted", "2026-11-22", "The last day of the token is no day to come.")]
#[case("glpat-quoted", "", "The host does not accept the access token.")]
#[case("", "", "The Access token is empty.")]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_used_is_explained(#[case] token: &str, #[case] ends_on: &str, #[case] words: &str) {
    let (scene, mut admin, account) = connected(Engine::Sqlite).await.unwrap();

    let page = admin.post(&format!("/accounts/{account}/token"), &[("token", token), ("ends_on", ends_on)]).await;

    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.to_lowercase().contains(&words.to_lowercase()), "{}", page.text);
    assert!(page.text.contains("aria-invalid") && !page.text.contains("glpat-quoted"));
    assert_eq!(scene.site.store.account(account).await.unwrap().unwrap().state, AccountState::NeedsAuthorisation);
}

#[tokio::test]
async fn a_folder_needs_nobodys_leave() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::folder(&site.store, "/srv/git").await;

    let mut admin = site.administrator().await;
    let page = admin.get(&format!("/accounts/{account}/authorise")).await;
    let hooks = admin.get(&format!("/accounts/{account}/hooks")).await;

    assert_eq!((page.status, hooks.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
}
