//! Web hooks and their events, as people see them.

use axum::http::StatusCode;
use store::testing::Engine;
use store::{HookOf, InboxState};

use crate::seed;
use crate::site::{MINUTE, Site, options};

/// A site that knows its address, an account, and its two repositories.
async fn site(engine: Engine) -> Option<(Site, i64, Vec<i64>)> {
    let mut options = options();
    options.public_url = Some("https://dovetail.example.com".parse().unwrap());
    let site = Site::with(engine, options).await?;
    let account = seed::account(&site.store, "platform").await;
    let ids = seed::repositories(&site.store, account, &["platform/web", "platform/kafka"]).await;
    Some((site, account, ids))
}

#[rstest::rstest]
#[tokio::test]
async fn each_repository_tells_how_its_hook_is(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, ids)) = site(engine).await else { return };
    let registered = seed::hook(&site.store, HookOf::Repository(ids[0]), true).await;
    seed::hook(&site.store, HookOf::Repository(ids[1]), false).await;
    seed::event(&site.store, &registered, "Push Hook", Some((InboxState::Done, "Push."))).await;
    site.clock.advance(5 * MINUTE);

    let page = site.administrator().await.get(&format!("/accounts/{account}")).await;

    let cell = |id: i64| page.between(&format!("data-live=\"hook-{id}\">"), "</div>");
    assert!(
        cell(ids[0]).contains(">registered</span>") && cell(ids[0]).contains(">5 min ago</time>"),
        "{}",
        cell(ids[0])
    );
    assert!(cell(ids[1]).contains(">paste it yourself</span>") && cell(ids[1]).contains(seed::HOOK_ERROR));
    assert!(page.text.contains("web hooks 1 of 2</a>"));
    assert_eq!(page.count("/hook/test\""), 1, "only what is registered can be tested");
}

#[rstest::rstest]
#[tokio::test]
async fn a_hook_of_the_group_stands_for_all(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, ids)) = site(engine).await else { return };
    seed::hook(&site.store, HookOf::Account(account), true).await;
    seed::hook(&site.store, HookOf::Repository(ids[1]), false).await;
    let mut admin = site.administrator().await;

    let page = admin.get(&format!("/accounts/{account}")).await;
    assert!(page.text.contains("web hooks 2 of 2</a>") && !page.text.contains("paste it yourself"));
    let hooks = admin.get(&format!("/accounts/{account}/hooks")).await;
    assert!(hooks.text.contains("2 of 2 linked repositories") && hooks.text.contains("group platform"));
    assert!(!hooks.text.contains(seed::HOOK_SECRET));
}

#[rstest::rstest]
#[tokio::test]
async fn what_cannot_be_made_can_be_pasted(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, ids)) = site(engine).await else { return };
    let path = seed::hook(&site.store, HookOf::Repository(ids[1]), false).await;

    let page = site.administrator().await.get(&format!("/accounts/{account}/hooks")).await;

    let id = ids[1];
    assert_eq!(page.between(&format!("id=\"hook-{id}-url\">"), "<"), format!("https://dovetail.example.com{path}"));
    assert_eq!(page.between(&format!("id=\"hook-{id}-secret\">"), "<"), seed::HOOK_SECRET);
    assert!(page.text.contains("No events yet") && !page.text.contains("public_url is not set"));
}

#[rstest::rstest]
#[tokio::test]
async fn events_are_listed_searched_and_replayed(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, ids)) = site(engine).await else { return };
    let web = seed::hook(&site.store, HookOf::Repository(ids[0]), true).await;
    let kafka = seed::hook(&site.store, HookOf::Repository(ids[1]), true).await;
    seed::event(&site.store, &web, "Push Hook", Some((InboxState::Done, "A sync was asked for."))).await;
    let failed = seed::event(&site.store, &kafka, "Note Hook", Some((InboxState::Failed, "<b>no</b> JSON"))).await;
    let mut admin = site.administrator().await;
    let path = format!("/accounts/{account}/hooks");

    let page = admin.get(&path).await;
    assert!(page.text.contains("Push Hook") && page.text.contains("Note Hook"));
    assert!(page.text.contains("&#60;b&#62;no") && page.text.contains("lozenge bad\">failed"), "{}", page.text);
    let found = admin.get(&format!("{path}?q=KAFKA")).await;
    assert!(!found.text.contains("Push Hook") && found.text.contains("Note Hook"));
    assert!(admin.get(&format!("{path}?q=zzz")).await.text.contains("No event matches"));

    let replayed = admin.post(&format!("{path}/events/{failed}/replay"), &[("q", "a&b")]).await;
    assert_eq!(replayed.location(), format!("/dovetail{path}?q=a%26b").trim_start_matches("/dovetail"));
    assert_eq!(site.store.inbox_event(failed).await.unwrap().unwrap().state, InboxState::Waiting);
}

#[rstest::rstest]
#[tokio::test]
async fn an_event_is_replayed_through_its_own_account_only(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((site, account, _)) = site(engine).await else { return };
    let other = seed::account(&site.store, "other").await;
    let hook = seed::hook(&site.store, HookOf::Account(other), true).await;
    let event = seed::event(&site.store, &hook, "Push Hook", Some((InboxState::Done, "Push."))).await;

    let page = site.administrator().await.post(&format!("/accounts/{account}/hooks/events/{event}/replay"), &[]).await;

    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(site.store.inbox_event(event).await.unwrap().unwrap().state, InboxState::Done);
}

#[tokio::test]
async fn without_an_address_there_are_no_hooks_and_the_page_says_so() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let repository = seed::repositories(&site.store, account, &["platform/web"]).await[0];
    let mut admin = site.administrator().await;

    let page = admin.get(&format!("/accounts/{account}/hooks")).await;
    assert!(page.text.contains("public_url is not set, so no web hooks can be made."));

    let tested = admin.post(&format!("/accounts/{account}/repositories/{repository}/hook/test"), &[]).await;
    assert_eq!(tested.status, StatusCode::CONFLICT);
    assert!(tested.text.contains("This could not be done.") && tested.text.contains("public_url"));
}
