//! The check of accounts that are connected, with what is stored for them, against a GitLab that is broken in one way each.

use net::check::{Report, Verdict};
use rstest::rstest;
use sandbox::gitlab::model::{AccessLevel, Scopes, Visibility};
use sync::connect::{self, Begun, Method, Outcome};
use sync::{Options, SyncError};
use url::Url;

use crate::check::stage;
use crate::hooks::town::Town;
use crate::troubleshooting::assert_told;
use crate::world::{ADMIN, Database, GROUP, REDIRECT};

async fn town(database: Database) -> Option<Town> {
    let town = Town::new(database).await?;
    let project = town.project("api").await;
    town.push(project, &[("main", "PLAT-1 Begin")]).await;
    Some(town)
}

async fn looked(town: &Town, account: i64) -> Report {
    sync::check::stored(&town.engine, account, None, None).await.unwrap()
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_well_is_reached_by_a_test_event(#[case] database: Database) {
    let Some(town) = town(database).await else { return };
    let account = town.import(GROUP).await;
    town.settle().await;
    let before = town.events(account).await.len();

    let report = looked(&town, account).await;

    assert_eq!(report.first_failed(), None, "{report:#?}");
    let hooks = stage(&report, "hooks");
    assert_eq!(hooks.verdict, Verdict::Passed, "{hooks:?}");
    assert!(hooks.seen.starts_with("The host reaches us: a test event came after"), "{hooks:?}");
    town.settle().await;
    assert!(town.events(account).await.len() > before);
    assert_eq!(stage(&report, "application").verdict, Verdict::Skipped);
    assert!(matches!(sync::check::stored(&town.engine, -1, None, None).await, Err(SyncError::Missing("account"))));
}

/// Connects the group by OAuth, with an application that lists no redirect address but this one.
async fn authorised(town: &Town, redirect: &str) -> i64 {
    let keys = town.model().create_application(town.jira, "Dovetail", &[redirect], Scopes::api()).unwrap();
    let method = Method::OAuth { client_id: keys.client_id, client_secret: keys.secret.into() };
    let begun = connect::begin(&town.engine, town.form(GROUP, method), redirect, ADMIN).await.unwrap();
    let Begun::Authorise { url } = begun else { panic!("a dance expected") };
    let back = consent_at(&url).await;
    let value = |name| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap();
    let outcome = Outcome::Code(value("code"));
    let shown = connect::finish(&town.engine, &value("state"), outcome, ADMIN).await.unwrap();
    let account = connect::confirm(&town.engine, &shown.state, ADMIN).await.unwrap();
    town.settle().await;
    account
}

/// Where the browser comes back to.
async fn consent_at(url: &Url) -> Url {
    let client = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let response = client.get(url).keep_redirect().send().await.unwrap();
    Url::parse(response.header("location").expect("sent back")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oauth_pair_is_renewed_and_its_application_looked_at() {
    let town = town(Database::Sqlite).await.unwrap();
    let ours = town.engine.options().public_url.as_ref().unwrap().join("oauth/callback").unwrap();
    let account = authorised(&town, ours.as_str()).await;
    town.server.switches().expire_tokens();

    let report = looked(&town, account).await;

    assert_eq!(report.verdict, Verdict::Passed, "{report:#?}");
    assert!(stage(&report, "application").seen.contains(&format!("It lists {ours}")), "{report:#?}");

    // Somebody revoked it
    town.server.switches().revoke_tokens();
    let report = looked(&town, account).await;
    assert_eq!(report.first_failed().map(|stage| &*stage.stage), Some("token"), "{report:#?}");
    assert!(stage(&report, "token").remedy.as_deref().unwrap().contains("Authorise the account again"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_address_that_is_listed_no_more_is_a_warning_once_connected() {
    let town = town(Database::Sqlite).await.unwrap();
    let account = authorised(&town, REDIRECT).await;

    let report = looked(&town, account).await;

    assert_eq!(report.first_failed(), None, "{report:#?}");
    let application = stage(&report, "application");
    assert_eq!(application.verdict, Verdict::Warning);
    assert!(application.seen.contains("does not list the redirect URI"), "{application:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_do_not_come_are_told() {
    let mut town = town(Database::Sqlite).await.unwrap();
    let account = town.import(GROUP).await;
    town.settle().await;

    // The host cannot reach us
    town.break_down(true);
    let report = looked(&town, account).await;
    let hooks = stage(&report, "hooks");
    assert_eq!((report.first_failed(), hooks.verdict), (None, Verdict::Warning), "{hooks:?}");
    assert_told("The test event of the check cannot be sent", &hooks.seen);
    town.break_down(false);

    // Something else answers
    town.lose_events(true);
    let report = looked(&town, account).await;
    let hooks = stage(&report, "hooks");
    assert_told("The test event of the check does not arrive", &hooks.seen);
    assert!(hooks.cause.as_deref().unwrap().contains("Something else answers"), "{hooks:?}");

    // Nobody knows where we are
    let options = Options { public_url: None, ..town.engine.options().clone() };
    town.restart_with(options).await;
    let report = looked(&town, account).await;
    assert!(stage(&report, "hooks").remedy.as_deref().unwrap().contains("public_url"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_that_could_not_be_made_are_told_with_their_reason() {
    let town = town(Database::Sqlite).await.unwrap();
    let user = town.member("dev", AccessLevel::Developer);
    let account = town.import_as(user, GROUP).await;

    let report = looked(&town, account).await;

    let hooks = stage(&report, "hooks");
    assert_told("No hook is registered", &hooks.seen);
    assert!(hooks.details.iter().any(|line| line.contains("No hook could be registered")), "{hooks:?}");
    assert_eq!(stage(&report, "rights").verdict, Verdict::Warning);
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_hook_of_a_group_above_is_not_tested_twice(#[case] database: Database) {
    // given: a subgroup that is an account of its own, inside of one whose group hook tells of everything
    let Some(town) = town(database).await else { return };
    town.model().create_group("shop", "Shop", Some(town.group), Visibility::Private, town.jira).unwrap();
    let cart =
        town.model().create_project("platform/shop", "cart", "cart", Visibility::Private, town.jira).await.unwrap();
    town.push(cart, &[("main", "PLAT-1 Begin")]).await;
    let outer = town.import(GROUP).await;
    let inner = town.import("platform/shop").await;
    town.settle().await;
    let events = town.events(outer).await.len();

    // when
    let report = looked(&town, inner).await;

    // then
    let hooks = stage(&report, "hooks");
    assert_eq!((report.first_failed(), hooks.verdict), (None, Verdict::Skipped), "{hooks:?}");
    assert_eq!(
        hooks.seen,
        "The group hook of another account tells of these repositories, too; check that account to have it tested."
    );
    town.settle().await;
    assert_eq!(town.events(outer).await.len(), events, "nobody was called");

    // when: that account is checked
    let hooks = stage(&looked(&town, outer).await, "hooks").clone();

    // then
    assert_eq!(hooks.verdict, Verdict::Passed, "{hooks:?}");
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_test_event_is_seen_to_come_where_nothing_tells_it_from_the_first(#[case] database: Database) {
    // given: a GitLab that is too old to number its calls
    let Some(town) = town(database).await else { return };
    town.server.switches().no_delivery_ids();
    let account = town.import(GROUP).await;
    town.settle().await;

    for time in ["first", "second", "third"] {
        // when
        town.clock.advance(61_000);
        let report = looked(&town, account).await;

        // then
        let hooks = stage(&report, "hooks");
        assert_eq!(hooks.verdict, Verdict::Passed, "{time}: {hooks:?}");
        assert!(hooks.seen.starts_with("The host reaches us: a test event came after"), "{time}: {hooks:?}");
    }

    // then: what came again led to nothing again
    town.settle().await;
    assert_eq!(town.events(account).await.len(), 1);
}
