//! Remote links on bad days: nothing is lost, nothing is doubled.

use std::time::Duration;

use http::StatusCode;
use model::{Channel, Outcome};
use rstest::rstest;
use sandbox::jira::{Failure, How, Reason, TooMany};

use super::town::{Town, now};
use crate::world::Database;

const PUT: &str = "POST /rest/api/2/issue/*/remotelink";
const HOUR: Duration = Duration::from_secs(3_600);

/// A merge request that names PLAT-1, imported while `how` happens to the first link.
async fn imported_while(database: Database, how: How) -> Option<Town> {
    let town = Town::data_center(database).await?;
    town.world.push(town.project, &[("main", "Begin"), ("topic", "Work")]).await;
    town.open("topic", "PLAT-1 A title").await;
    town.jira.switches().fail(Failure::nth(PUT, 1, how));
    town.import().await;
    Some(town)
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_doubles_nothing(#[case] database: Database) {
    // given: the link is made, but nobody hears of it
    let Some(town) = imported_while(database, How::DropAnswer).await else { return };
    assert_eq!(town.links("PLAT-1").len(), 1);
    let deliveries = town.deliveries(Channel::RemoteLink).await;
    assert_eq!(deliveries.iter().map(|it| it.outcome).collect::<Vec<_>>(), [Outcome::Unknown]);
    assert!(deliveries[0].next_at.is_some_and(|at| at > now(&town)));
    assert!(town.site().await.error.is_some());

    // when
    town.world.wait(HOUR).await;

    // then
    assert_eq!(town.links("PLAT-1").len(), 1);
    assert_eq!(town.outcomes(Channel::RemoteLink).await, [Outcome::Unknown, Outcome::Sent]);
    assert_eq!(town.site().await.error, None);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_which_nobody_heard_goes_when_it_is_not_wanted_any_more(#[case] database: Database) {
    // given: the link is made, but nobody hears of it, and then the title names another issue
    let Some(town) = imported_while(database, How::DropAnswer).await else { return };
    assert_eq!(town.links("PLAT-1").len(), 1);
    sync::site::pause(&town.world.engine, town.site).await.unwrap();
    let account = town.world.store.accounts(store::Viewer::Everything).await.unwrap()[0].id;
    let request = town.world.model().merge_request_by_iid(town.project, 1).unwrap().id;
    town.rename(request, "PLAT-2 A title").await;

    // when
    town.news(account).await;
    sync::site::resume(&town.world.engine, town.site).await.unwrap();
    town.world.wait(HOUR).await;

    // then
    assert_eq!(town.titles("PLAT-2"), ["!1 PLAT-2 A title"]);
    assert_eq!(town.titles("PLAT-1"), Vec::<String>::new());
}

#[rstest]
#[case::down(How::Status(StatusCode::SERVICE_UNAVAILABLE))]
#[case::unauthorised(How::Status(StatusCode::UNAUTHORIZED))]
#[case::log_in_page(How::LogIn)]
#[case::page(How::Html)]
#[case::nothing_came(How::DropConnection)]
#[case::too_many(How::TooMany(TooMany::after(600, Reason::TenantQuota)))]
#[case::too_many_without_a_word(How::TooMany(TooMany::bare()))]
#[tokio::test(flavor = "multi_thread")]
async fn a_site_in_trouble_is_left_alone_and_told_later(#[case] how: How) {
    // given
    let Some(town) = imported_while(Database::Sqlite, how).await else { return };
    assert!(town.links("PLAT-1").is_empty());
    assert!(town.site().await.paused_until.is_some_and(|until| until > now(&town)));
    assert_eq!(town.requests("POST", "/remotelink"), 1, "it is not asked again at once");

    // when
    town.world.wait(HOUR).await;

    // then
    assert_eq!(town.titles("PLAT-1"), ["!1 PLAT-1 A title"]);
    assert_eq!(town.outcomes(Channel::RemoteLink).await.last(), Some(&Outcome::Sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_stays_down_is_asked_less_and_less_often() {
    // given
    let Some(town) = Town::data_center(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "Begin"), ("topic", "Work")]).await;
    town.open("topic", "PLAT-1 A title").await;
    town.jira.switches().fail(Failure::every("*", How::Status(StatusCode::BAD_GATEWAY)));
    town.import().await;

    // when: five minutes, in small steps
    for _ in 0..60 {
        town.world.wait(Duration::from_secs(5)).await;
    }

    // then: 5, 10, 20, 40, 80, 160 s
    let asked = town.requests("POST", "/remotelink");
    assert!((4..=8).contains(&asked), "{asked}");

    // when: it is back, and a person does not want to wait
    town.jira.switches().fail_no_more();
    let last = town.deliveries(Channel::RemoteLink).await.pop().unwrap();
    sync::deliver::retry(&town.world.engine, last.id).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.titles("PLAT-1"), ["!1 PLAT-1 A title"]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_issue_is_asked_for_until_it_is_there(#[case] database: Database) {
    // given: PLAT-21 is not there, PLAT-1 is
    let Some(town) = Town::data_center(database).await else { return };
    town.world.push(town.project, &[("main", "Begin"), ("topic", "Work")]).await;
    town.open("topic", "PLAT-1 and PLAT-21").await;
    town.import().await;
    assert_eq!(town.links("PLAT-1").len(), 1);
    let parked = town.deliveries(Channel::RemoteLink).await.pop().unwrap();
    assert_eq!((parked.outcome, parked.issue_key.as_deref()), (Outcome::Parked, Some("PLAT-21")));
    assert!(parked.words.unwrap().contains("PLAT-21"));
    assert_eq!(town.site().await.error, None, "nothing is wrong with the site");

    // when
    town.jira.model().create_issue("PLAT", "There it is", None).unwrap();
    town.world.wait(HOUR + Duration::from_secs(10)).await;

    // then
    assert_eq!(town.links("PLAT-21").len(), 1);
    assert_eq!(town.requests("POST", "/PLAT-1/remotelink"), 1, "what was told is not told again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_never_appears_is_given_up_after_a_month() {
    // given
    let Some(town) = Town::data_center(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "Begin"), ("topic", "Work")]).await;
    town.open("topic", "PLAT-99 A title").await;
    town.import().await;

    // when
    for _ in 0..25 {
        town.world.wait(HOUR).await;
    }
    for _ in 0..31 {
        town.world.wait(24 * HOUR).await;
    }

    // then
    let last = town.deliveries(Channel::RemoteLink).await.pop().unwrap();
    assert_eq!(last.outcome, Outcome::Refused);
    assert!(last.words.unwrap().starts_with("The project never appeared"));
    let asked = town.requests("POST", "/PLAT-99/remotelink");
    assert!((50..=60).contains(&asked), "{asked}");

    // when: a project appears
    town.jira.model().provide_issues("PLAT", 99).unwrap();
    sync::deliver::projects_known(&town.world.engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.links("PLAT-99").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_jira_does_not_take_is_refused_with_its_words_and_can_be_retried() {
    // given
    let how = How::Status(StatusCode::BAD_REQUEST);
    let Some(town) = imported_while(Database::Sqlite, how).await else { return };
    assert_eq!(town.outcomes(Channel::RemoteLink).await, [Outcome::Refused]);
    town.world.wait(HOUR).await;
    assert!(town.links("PLAT-1").is_empty());

    // when
    assert_eq!(sync::deliver::retry_failed(&town.world.engine, Some(town.site)).await.unwrap(), 1);
    town.told().await;

    // then
    assert_eq!(town.links("PLAT-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_deliveries_are_forgotten() {
    // given
    let Some(town) = Town::data_center(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "Begin"), ("topic", "Work")]).await;
    town.open("topic", "PLAT-1 A title").await;
    town.import().await;
    assert_eq!(town.outcomes(Channel::RemoteLink).await.len(), 1);

    // when
    town.world.wait(29 * 24 * HOUR).await;
    assert_eq!(town.outcomes(Channel::RemoteLink).await.len(), 1);
    town.world.wait(2 * 24 * HOUR).await;

    // then
    assert!(town.outcomes(Channel::RemoteLink).await.is_empty());
}
