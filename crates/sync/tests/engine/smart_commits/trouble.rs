//! Bad days of a Jira: everything waits, nothing is lost, and nothing is done twice.

use std::time::Duration;

use http::StatusCode;
use model::ReceiptReason;
use model::secret::SecretString;
use rstest::rstest;
use sandbox::jira::{Failure, Host, How, Reason, TooMany};
use store::SiteUpdate;

use super::town::{Town, done, refused, waiting};
use crate::world::Database;

const DAY: u64 = 24 * 60 * 60;

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_jira_that_answers_nothing_usable_is_waited_for(#[case] database: Database) {
    let troubles = [
        How::Status(StatusCode::SERVICE_UNAVAILABLE),
        How::Html,
        How::LogIn,
        How::ErrorInside,
        How::HalfAnswer,
        How::DropConnection,
    ];
    for how in troubles {
        // given
        let Some(town) = Town::new(database).await else { return };
        town.jira.switches().fail(Failure::every("/rest/*", how));

        // when
        town.say("PLAT-1 #comment hello #time 1h #done").await;

        // then
        assert_eq!(town.told("PLAT-1").await, [waiting("comment"), waiting("time"), waiting("done")], "{how:?}");
        let site = town.world.store.site(town.site).await.unwrap().unwrap();
        assert!(site.error.is_some() && site.failures == 1 && site.paused_until.is_some(), "{how:?}: {site:?}");

        // when
        town.jira.switches().fail_no_more();
        town.wait(6).await;

        // then
        assert_eq!(town.told("PLAT-1").await, [done("comment"), done("time"), done("done")], "{how:?}");
        assert_eq!(town.comments("PLAT-1"), ["hello"]);
        let site = town.world.store.site(town.site).await.unwrap().unwrap();
        assert_eq!((site.error, site.failures), (None, 0), "{how:?}");
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expired_is_waited_for_until_there_is_another(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };
    let wrong: SecretString = "expired-token".to_owned().into();
    town.change_site(SiteUpdate { rest_secret: Some(wrong), ..SiteUpdate::default() }).await;

    // when
    town.say("PLAT-1 #comment hello").await;
    town.wait(3_600).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [waiting("comment")]);
    let site = town.world.store.site(town.site).await.unwrap().unwrap();
    assert_eq!(site.error_kind.as_deref(), Some("unauthorised"));

    // when
    let token: SecretString = town.model().create_token(town.dovetail, None).into();
    town.change_site(SiteUpdate { rest_secret: Some(token), ..SiteUpdate::default() }).await;
    town.wait(601).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_was_renamed_is_waited_for() {
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.jira.switches().renamed_to(Some("https://new.example.com"));

    town.say("PLAT-1 #comment hello").await;
    assert_eq!(town.told("PLAT-1").await, [waiting("comment")]);
    assert!(town.words("PLAT-1").await.contains("https://new.example.com"), "{}", town.words("PLAT-1").await);

    town.jira.switches().renamed_to(None);
    town.wait(6).await;
    assert_eq!(town.told("PLAT-1").await, [done("comment")]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_the_site_asks_for_is_kept(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };
    let pause = How::TooMany(TooMany::after(90, Reason::TenantQuota));
    town.jira.switches().fail(Failure::nth("POST /rest/api/2/issue/*/comment", 1, pause));

    // when
    town.say("PLAT-1 #comment hello\nPLAT-2 #comment other").await;
    let asked = town.jira.requests().all().len();
    town.wait(85).await;

    // then nothing was asked meanwhile
    assert_eq!(town.jira.requests().all().len(), asked);
    assert_eq!(town.told("PLAT-1").await, [waiting("comment")]);

    // when
    town.wait(10).await;

    // then
    assert_eq!(
        (town.comments("PLAT-1"), town.comments("PLAT-2")),
        (vec!["hello".to_owned()], vec!["other".to_owned()])
    );
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn one_issue_that_always_fails_holds_up_itself_alone_and_is_given_up(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };
    let how = How::Status(StatusCode::INTERNAL_SERVER_ERROR);
    town.jira.switches().fail(Failure::every("POST /rest/api/2/issue/PLAT-1/comment", how));

    // when
    town.say("PLAT-1 #comment hello #done\nPLAT-2 #comment other").await;

    // then
    assert_eq!(town.comments("PLAT-2"), ["other"]);
    assert_eq!(town.status("PLAT-1"), "To Do", "what follows the command that waits, waits");

    // when it goes on for more than a week
    for _ in 0..3 {
        town.world.wait(Duration::from_secs(3 * DAY)).await;
    }
    town.wait(3_600).await;

    // then
    let told = town.told("PLAT-1").await;
    assert_eq!(told[0], refused("comment", ReceiptReason::GaveUp));
    assert_eq!(town.comments("PLAT-1").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jira_that_is_down_for_a_day_gets_everything_in_order_when_it_is_back() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.jira.switches().host(Host::Refusing).await;
    for number in 1..=5 {
        town.say(&format!("PLAT-1 #comment {number}")).await;
        town.wait(60).await;
    }
    town.world.wait(Duration::from_secs(DAY)).await;

    // when
    town.jira.switches().host(Host::Up).await;
    town.wait(601).await;

    // then
    assert_eq!(town.comments("PLAT-1"), ["1", "2", "3", "4", "5"]);
}
