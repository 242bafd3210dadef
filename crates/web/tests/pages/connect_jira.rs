//! "Connect a Jira", and the tokens that Jiras got.

use axum::http::StatusCode;
use model::ForgeUser;
use model::secret::token_hash;
use store::testing::Engine;
use store::{Lane, Viewer};

use crate::connect::Scene;
use crate::seed;
use crate::site::{NOW, Site, options};

const PAGE: &str = "/accounts/connect-jira";

#[tokio::test]
async fn what_is_missing_is_said() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get(PAGE).await;

    assert_eq!(page.status, StatusCode::OK);
    for words in ["public_url is not set", "No Jira may connect yet", "No application yet"] {
        assert!(page.text.contains(words), "{words}");
    }
}

#[rstest::rstest]
#[case::plain("https://dovetail.example.com", false)]
#[case::a_port("https://dovetail.example.com:8443", true)]
#[case::a_path("https://example.com/dovetail", true)]
#[tokio::test]
async fn what_a_real_jira_drops_is_warned_of(#[case] url: &str, #[case] warned: bool) {
    let mut options = options();
    options.public_url = Some(url.parse().unwrap());
    options.facade.allowed_redirects = vec!["https://jira.example.com/".parse().unwrap()];
    let site = Site::with(Engine::Sqlite, options).await.unwrap();

    let page = site.administrator().await.get(PAGE).await;

    assert_eq!(page.text.contains("A real Jira drops port and path: put port 80 or 443 in front."), warned);
    assert!(page.text.contains("https://jira.example.com/") && !page.text.contains("No Jira may connect yet"));
}

#[tokio::test]
async fn readers_do_not_see_it() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (_, mut reader) = site.reader("reader").await;

    assert_eq!(reader.get(PAGE).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        reader.post("/accounts/connect-jira/secret", &[("application", "1")]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_entered_alone_and_its_values_are_copied(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine, "jira").await else { return };
    let mut admin = scene.site.administrator().await;
    let form = scene.form(None);
    let value = |name: &str| form.iter().find(|(key, _)| *key == name).unwrap().1.clone();
    let (id, secret) = (value("client_id"), value("client_secret"));

    let kept =
        admin.post(PAGE, &[("host_url", &value("host_url")), ("client_id", &id), ("client_secret", &secret)]).await;
    let page = admin.get(kept.location()).await;

    assert!(page.text.contains(&id) && !page.text.contains(&secret));
    let application = page.between("name=\"application\" value=\"", "\"").to_owned();
    let shown = admin.post("/accounts/connect-jira/secret", &[("application", &application)]).await;
    assert!(shown.text.contains(&secret));
    assert!(scene.site.store.accounts(Viewer::Everything).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gitlab_does_not_know_is_told_of() {
    let scene = Scene::new(Engine::Sqlite, "jira").await.unwrap();
    let mut admin = scene.site.administrator().await;
    let url = scene.form(None)[1].1.clone();

    let empty = admin.post(PAGE, &[("host_url", &url), ("client_id", ""), ("client_secret", "gloas-s3cret")]).await;
    let unknown = admin.post(PAGE, &[("host_url", &url), ("client_id", "x"), ("client_secret", "gloas-s3cret")]).await;

    for page in [empty, unknown] {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("class=\"problem\"") && !page.text.contains("gloas-s3cret"));
    }
}

#[rstest::rstest]
#[tokio::test]
async fn a_token_is_listed_and_revoked(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    token(&site, account).await;
    let mut admin = site.administrator().await;
    let (_, mut reader) = site.reader("reader").await;
    let path = format!("/accounts/{account}");

    let page = admin.get(&path).await;
    assert!(page.text.contains("Used by Jira") && page.text.contains("Ada &#60;Lovelace&#62;"), "{}", page.text);
    assert!(!reader.get(&path).await.text.contains("Used by Jira"));
    let revoke = format!("{path}/jira-tokens/{}", page.between("/jira-tokens/", "\""));
    assert_eq!(reader.post(&revoke, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(admin.post(&format!("{path}/jira-tokens/1/revoke"), &[]).await.status, StatusCode::NOT_FOUND);
    let back = admin.post(&revoke, &[]).await;

    assert_eq!(back.location(), format!("{path}#used-by-jira"));
    assert!(admin.get(&path).await.text.contains("<td>revoked "));
}

/// A token by which a Jira reads the account.
async fn token(site: &Site, account_id: i64) {
    let user = ForgeUser {
        forge_id: "7".to_owned(),
        login: "ada".to_owned(),
        name: "Ada <Lovelace>".to_owned(),
        ..ForgeUser::default()
    };
    let mut tx = site.store.begin_write(Lane::Live).await.unwrap();
    let host_id = site.store.hosts().await.unwrap()[0].id;
    let application = tx.application_put(host_id, "the-application", &"secret".to_owned().into(), NOW).await.unwrap();
    let grant = tx.facade_grant_put(application, host_id, &user, NOW).await.unwrap();
    tx.account_granted(account_id, grant).await.unwrap();
    tx.facade_code_put(&token_hash("code"), application, grant, NOW, NOW + 1_000).await.unwrap();
    tx.commit().await.unwrap();
    site.store.facade_code_exchange(&token_hash("code"), application, &token_hash("token"), NOW).await.unwrap();
}
