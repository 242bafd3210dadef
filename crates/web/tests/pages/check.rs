//! The check of the way to a forge.

use axum::http::StatusCode;
use sandbox::gitlab::{Options, Server};
use store::testing::Engine;

use crate::seed;
use crate::site::Site;

/// An address where nothing listens.
const NOBODY: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn each_step_is_told_up_to_the_one_that_fails_and_nothing_typed_is_betrayed() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let fields = [
        ("host", "gitlab"),
        ("host_url", NOBODY),
        ("path", "platform"),
        ("client_id", "an-id"),
        ("client_secret", "gloas-quoted"),
        ("token", "glpat-quoted"),
    ];

    let page = site.administrator().await.post("/check", &fields).await;

    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers["content-encoding"], "identity", "pieces go out as they come");
    let steps = page.between("<ol class=\"stages\">", "</ol>");
    assert_eq!(steps.matches("<li>").count(), sync::check::STAGES.len());
    assert!(page.text.contains("It ends at “Connection”"));
    assert!(page.between("<pre id=\"report-text\"", "</pre>").contains("[failed] Connection:"));
    assert!(page.text.contains(&format!("value=\"{NOBODY}\"")) && page.text.contains("value=\"an-id\""));
    assert!(page.text.contains("<option value=\"gitlab\" selected>"));
    assert!(page.text.contains("</html>"), "the rest of the page follows the steps");
    assert!(!page.text.contains("quoted"), "secrets are typed again");
}

#[tokio::test]
async fn what_was_typed_cannot_break_out_of_the_page() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let fields = [("host", "<b>"), ("host_url", "https://<!--steps--><script>"), ("path", "\"><script>")];

    let page = site.administrator().await.post("/check", &fields).await;

    assert_eq!(page.text.matches("<ol class=\"stages\">").count(), 1);
    assert!(!page.text.contains("<script>"));
    assert!(page.text.contains("It ends at “Address”"));
}

#[tokio::test]
async fn a_forge_that_answers_is_recognised() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let gitlab = Server::start(Options::new(site.folder().join("gitlab"))).await.unwrap();

    let page = site.administrator().await.post("/check", &[("host", "gitlab"), ("host_url", gitlab.url())]).await;

    let steps = page.between("<ol class=\"stages\">", "</ol>");
    let kind = steps.split("<li>").find(|step| step.contains("Kind of server")).unwrap();
    assert!(kind.contains(">passed<") && kind.contains("GitLab"), "{kind}");
}

#[rstest::rstest]
#[tokio::test]
async fn an_account_is_checked_with_what_it_is_connected_by(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let account = seed::account(&site.store, "platform").await;
    let mut admin = site.administrator().await;
    assert!(admin.get(&format!("/accounts/{account}")).await.text.contains(&format!("/accounts/{account}/check\"")));

    let page = admin.post(&format!("/accounts/{account}/check"), &[]).await;

    assert_eq!(page.status, StatusCode::OK);
    assert!(page.between("<ol class=\"stages\">", "</ol>").contains("Address"));
    assert!(page.text.contains("Check again") && !page.text.contains("name=\"client_secret\""));
    assert_eq!(admin.post("/accounts/4711/check", &[]).await.status, StatusCode::NOT_FOUND);
}
