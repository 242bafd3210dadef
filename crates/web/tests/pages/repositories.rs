//! What an account's page tells of its repositories over time: the next sync, pauses, what a full sync changed.

use axum::http::StatusCode;
use model::SyncChanges;
use store::testing::Engine;
use store::{AccountState, Lane};

use crate::seed;
use crate::site::{DAY, MINUTE, NOW, Site};

async fn site(engine: Engine) -> Option<(Site, i64, i64)> {
    let site = Site::open(engine).await?;
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    Some((site, account, repository))
}

async fn state_cell(site: &Site, account: i64, repository: i64) -> String {
    let page = site.reader("looker").await.1.get(&format!("/accounts/{account}")).await;
    page.between(&format!("data-live=\"repository-{repository}\">"), "</td>").to_owned()
}

#[rstest::rstest]
#[tokio::test]
async fn the_next_sync_is_told(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, repository)) = site(engine).await else { return };
    seed::sync_due(&site.store, repository, NOW + 25 * MINUTE).await;
    site.clock.advance(2 * MINUTE);

    let page = site.administrator().await.get(&format!("/accounts/{account}")).await;

    assert!(page.text.contains("refreshed every 60 min"));
    let cell = state_cell(&site, account, repository).await;
    assert!(cell.contains("up to date</span> <span class=\"beside\">2 min ago · next in 23 min"), "{cell}");
}

#[rstest::rstest]
#[tokio::test]
async fn what_failed_tells_when_it_is_tried_again(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, repository)) = site(engine).await else { return };
    site.store.repository_failed(repository, "server", "It failed.", Some(NOW + 4 * MINUTE)).await.unwrap();

    let cell = state_cell(&site, account, repository).await;

    assert!(cell.contains("failed</span> <span class=\"beside\">the forge failed · next try in 4 min"), "{cell}");
}

#[rstest::rstest]
#[tokio::test]
async fn a_paused_host_is_told_with_time_and_reason(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, repository)) = site(engine).await else { return };
    let host = site.store.account(account).await.unwrap().unwrap().host_id;
    let mut tx = site.store.begin_write(Lane::Live).await.unwrap();
    tx.repository_waiting(repository).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = site.administrator().await;
    for (reason, words) in [("rate_limit", "GitLab&#39;s rate limit"), ("down", "GitLab does not answer")] {
        site.store.host_pause(host, Some(NOW + 181 * MINUTE), Some(reason)).await.unwrap();

        let told = format!("paused</span> <span class=\"beside\">until 14:05 UTC · {words}");
        assert_eq!(browser.get("/accounts").await.count(&told), 1, "{reason}");
        assert_eq!(browser.get(&format!("/accounts/{account}")).await.count(&told), 2, "{reason}: account, repository");
    }
    site.clock.advance(182 * MINUTE);
    assert!(!browser.get("/accounts").await.text.contains("paused</span>"));
}

#[rstest::rstest]
#[tokio::test]
async fn a_full_sync_says_what_it_changed_for_a_day(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, repository)) = site(engine).await else { return };
    let changes = SyncChanges { branches_removed: 3, links_added: 12, ..SyncChanges::default() };
    let mut tx = site.store.begin_write(Lane::Bulk).await.unwrap();
    tx.repository_changes(repository, &changes, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = site.administrator().await;
    let path = format!("/accounts/{account}");

    assert!(browser.get(&path).await.text.contains("3 branches removed, 12 links added"));
    site.clock.advance(DAY);
    assert!(!browser.get(&path).await.text.contains("3 branches removed"));
}

#[rstest::rstest]
#[tokio::test]
async fn a_repository_is_paused_resumed_and_moved_to_the_front(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, repository)) = site(engine).await else { return };
    let mut browser = site.administrator().await;
    let (page, back) = (format!("/accounts/{account}"), format!("/accounts/{account}?show=linked"));
    let forms = format!("{page}/repositories/{repository}");

    let paused = browser.post(&format!("{forms}/pause"), &[("paused", "true"), ("back", &back)]).await;
    assert_eq!(paused.location(), back);
    assert!(browser.get(&page).await.text.contains("paused</span> <span class=\"beside\">until it is resumed"));
    browser.post(&format!("{forms}/pause"), &[("paused", "false"), ("back", &back)]).await;
    assert!(!browser.get(&page).await.text.contains("until it is resumed"));
    assert_eq!(site.store.jobs_waiting(NOW).await.unwrap(), 1, "it goes on with a sync");

    assert_eq!(browser.post(&format!("{forms}/forward"), &[("back", &back)]).await.location(), back);
    let elsewhere = seed::account(&site.store, "other").await;
    for form in ["pause", "forward", "hook/test"] {
        let form = format!("/accounts/{elsewhere}/repositories/{repository}/{form}");
        assert_eq!(browser.post(&form, &[("paused", "true")]).await.status, StatusCode::NOT_FOUND, "{form}");
    }
}

#[rstest::rstest]
#[tokio::test]
async fn the_end_of_a_token_is_warned_of(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, _)) = site(engine).await else { return };
    seed::token(&site.store, account, Some(NOW + 15 * DAY)).await;
    let (mut admin, mut reader) = (site.administrator().await, site.reader("ada").await.1);
    let (list, page) = ("/accounts", format!("/accounts/{account}"));

    let early = admin.get(&page).await;
    assert!(early.text.contains("token ends in 15 days") && !early.text.contains("Use a new token"));
    assert!(!admin.get(list).await.text.contains("token ends"));

    site.clock.advance(3 * DAY);
    let late = admin.get(&page).await;
    assert!(late.text.contains("<strong>The access token ends in 12 days</strong> (7 Dec 2026"), "{}", late.text);
    assert!(admin.get(list).await.text.contains("<span class=\"lozenge busy\">token ends in 12 days</span>"));
    assert!(!reader.get(&page).await.text.contains("token ends"));

    site.clock.advance(14 * DAY);
    assert!(admin.get(&page).await.text.contains("The access token ended 2 days ago"));
}

#[rstest::rstest]
#[tokio::test]
async fn one_button_authorises_again(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, _)) = site(engine).await else { return };
    site.store.account_set_state(account, AccountState::NeedsAuthorisation).await.unwrap();
    let page = format!("/accounts/{account}");

    let admin = site.administrator().await.get(&page).await;
    let reader = site.reader("ada").await.1.get(&page).await;

    assert!(admin.text.contains("no longer lets Dovetail in.") && admin.text.contains(">Authorise again</a>"));
    assert!(reader.text.contains("needs authorisation</span>") && !reader.text.contains("Authorise again"));
}
