//! Sites: Jiras, how they are reached, and how they are.

use model::secret::{ExposeSecret, SecretString};
use model::{SiteKind, SiteSettings};
use rstest::rstest;
use store::testing::Engine;
use store::{NewSite, SiteInserted, SiteState, SiteUpdate};

use crate::world::{NOW, World};

pub fn new_site(kind: SiteKind, url: &str) -> NewSite {
    NewSite {
        kind,
        name: "Jira".to_owned(),
        url: url.to_owned(),
        settings: SiteSettings::of(kind),
        rest_user: None,
        rest_secret: Some(SecretString::from("pat".to_owned())),
        client_id: None,
        client_secret: None,
    }
}

pub async fn add(world: &World, kind: SiteKind, url: &str) -> i64 {
    match world.site_insert(&new_site(kind, url), NOW).await.unwrap() {
        SiteInserted::New(id) => id,
        SiteInserted::Exists(id) => panic!("site {id} has this address already"),
    }
}

#[rstest]
#[tokio::test]
async fn an_address_is_one_site(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let id = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let again = world.site_insert(&new_site(SiteKind::Cloud, "https://jira.example.com"), NOW).await.unwrap();
    assert_eq!(again, SiteInserted::Exists(id));
    // and the writer's turn was given back
    let other = add(&world, SiteKind::Cloud, "https://example.atlassian.net").await;
    let ids: Vec<i64> = world.sites().await.unwrap().iter().map(|site| site.id).collect();
    assert_eq!(ids, [id, other]);
    assert_eq!(world.site_by_url("https://jira.example.com").await.unwrap().map(|site| site.id), Some(id));
    assert!(world.site_by_url("https://jira.example.com\0").await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn secrets_are_sealed_and_change_alone(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let id = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let secret =
        async || world.site_credentials(id).await.unwrap().unwrap().rest_secret.unwrap().expose_secret().to_owned();
    assert_eq!(secret().await, "pat");

    let named = SiteUpdate { name: Some("Ours".to_owned()), ..SiteUpdate::default() };
    assert!(world.site_update(id, &named).await.unwrap());
    assert_eq!(secret().await, "pat");
    let renewed = SiteUpdate {
        rest_user: Some(Some("dovetail".to_owned())),
        rest_secret: Some(SecretString::from("password".to_owned())),
        ..SiteUpdate::default()
    };
    assert!(world.site_update(id, &renewed).await.unwrap());

    assert_eq!(secret().await, "password");
    let site = world.site(id).await.unwrap().unwrap();
    assert_eq!((site.name.as_str(), site.rest_user.as_deref(), site.has_rest_secret), ("Ours", Some("dovetail"), true));
    assert_eq!(site.settings, SiteSettings::of(SiteKind::DataCenter));
    assert!(!world.site_update(-1, &named).await.unwrap());
    assert!(world.site_credentials(-1).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn trouble_is_counted_until_the_site_answers(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let id = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    assert_eq!(world.site_failed(id, "network", "nobody answers").await.unwrap(), 1);
    assert_eq!(world.site_failed(id, "network", "nobody answers").await.unwrap(), 2);
    world.site_wait_until(id, Some(NOW + 5)).await.unwrap();
    let site = world.site(id).await.unwrap().unwrap();
    assert_eq!((site.failures, site.paused_until, site.error.as_deref()), (2, Some(NOW + 5), Some("nobody answers")));

    world.site_answered(id).await.unwrap();

    let site = world.site(id).await.unwrap().unwrap();
    assert_eq!((site.failures, site.paused_until, site.error), (0, None, None));
}

#[rstest]
#[tokio::test]
async fn a_test_that_ends_early_keeps_what_was_known(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let id = add(&world, SiteKind::Cloud, "https://example.atlassian.net").await;
    let report = serde_json::json!({ "verdict": "passed", "stages": [] });
    world.site_tested(id, &report, Some("9.12.15"), Some("cloud"), NOW).await.unwrap();
    world.site_tested(id, &serde_json::json!({}), None, None, NOW + 1).await.unwrap();
    let site = world.site(id).await.unwrap().unwrap();
    assert_eq!((site.version.as_deref(), site.cloud_id.as_deref()), (Some("9.12.15"), Some("cloud")));
    assert_eq!((site.tested_at, site.report), (Some(NOW + 1), Some(serde_json::json!({}))));
}

#[rstest]
#[tokio::test]
async fn accounts_are_chosen_and_go_with_their_removal(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let id = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let (one, other) = (world.connect("one").await, world.connect("other").await);
    world.site_set_accounts(id, &[one, other, -1]).await.unwrap();
    assert_eq!(world.site_accounts(id).await.unwrap(), [one, other]);
    world.site_set_accounts(id, &[other]).await.unwrap();
    assert_eq!(world.site_accounts(id).await.unwrap(), [other]);
}

#[rstest]
#[tokio::test]
async fn only_a_site_that_is_being_removed_is_purged(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let id = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    assert!(world.site_purge_step(id).await.unwrap());
    assert!(world.site(id).await.unwrap().is_some());
    world.site_set_state(id, SiteState::Removing).await.unwrap();
    world.site_set_state(id, SiteState::Active).await.unwrap();
    assert_eq!(world.site(id).await.unwrap().unwrap().state, SiteState::Removing, "nothing brings it back");
    assert!(world.site_purge_step(id).await.unwrap());
    assert!(world.site(id).await.unwrap().is_none());
}
