//! Development information on bad days: nothing is lost, nothing is doubled.

use std::time::Duration;

use http::StatusCode;
use model::{Channel, Outcome};
use rstest::rstest;
use sandbox::jira::model::DataKind;
use sandbox::jira::model::devinfo::EntityKind::Commit;
use sandbox::jira::{Failure, How, Lane, RateLimit, Reason, TooMany};

use super::town::{Town, now};
use crate::world::Database;

const BULK: &str = "POST */bulk";
const HOUR: Duration = Duration::from_secs(3_600);

/// Three commits that are imported while `how` happens to the first request.
async fn imported_while(database: Database, how: How) -> Option<Town> {
    let town = Town::cloud(database).await?;
    town.world.push(town.project, &[("main", "PLAT-1 One"), ("main", "PLAT-2 Two"), ("main", "PLAT-3 Three")]).await;
    town.jira.switches().fail(Failure::nth(BULK, 1, how));
    town.import().await;
    Some(town)
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_doubles_nothing(#[case] database: Database) {
    // given: Jira has it, and nobody hears of it
    let Some(town) = imported_while(database, How::DropAnswer).await else { return };
    let before = town.entities("PLAT-1", Commit).remove(0);
    assert!(town.outcomes(Channel::DevInfo).await.iter().all(|outcome| *outcome == Outcome::Unknown));

    // when
    town.world.wait(HOUR).await;

    // then: told again under the same sequence
    let after = town.entities("PLAT-1", Commit).remove(0);
    assert_eq!(before.sequence, after.sequence);
    assert_eq!(town.jira.model().development_counts(), (1, 3));
    assert_eq!(town.outcomes(Channel::DevInfo).await.last(), Some(&Outcome::Sent));
    assert_eq!(town.site().await.error, None);
}

#[rstest]
#[case::down(How::Status(StatusCode::SERVICE_UNAVAILABLE))]
#[case::page(How::Html)]
#[case::nothing_came(How::DropConnection)]
#[case::too_many(How::TooMany(TooMany::after(600, Reason::TenantQuota)))]
#[tokio::test(flavor = "multi_thread")]
async fn a_site_in_trouble_is_told_later(#[case] how: How) {
    // given
    let Some(town) = imported_while(Database::Sqlite, how).await else { return };
    assert_eq!(town.jira.model().development_counts(), (0, 0));

    // when
    town.world.wait(HOUR).await;

    // then
    assert_eq!(town.jira.model().development_counts(), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_may_not_is_told_to_people_and_works_once_it_may() {
    // given: the tick box is off
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 One")]).await;
    let client_id = town.world.store.site_credentials(town.site).await.unwrap().unwrap().client_id.unwrap();
    town.jira.model().set_data_kinds(&client_id, &[]);
    town.import().await;
    let site = town.site().await;
    assert_eq!(site.error_kind.as_deref(), Some("forbidden"));
    assert!(site.paused_until.is_some_and(|until| until > now(&town)));

    // when
    town.jira.model().set_data_kinds(&client_id, &[DataKind::DevelopmentInformation]);
    sync::deliver::retry_failed(&town.world.engine, Some(town.site)).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.ids("PLAT-1", Commit).len(), 1);
    assert_eq!(town.site().await.error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_too_large_are_halved() {
    // given
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    let messages: Vec<String> = (1..=20).map(|number| format!("PLAT-{number} {}", "x".repeat(900))).collect();
    let commits: Vec<(&str, &str)> = messages.iter().map(|message| ("main", message.as_str())).collect();
    town.world.push(town.project, &commits).await;
    town.jira.switches().largest_body(6_000);

    // when
    town.import().await;

    // then
    assert_eq!(town.jira.model().development_counts(), (1, 20));
    assert_eq!(town.outcomes(Channel::DevInfo).await, [Outcome::Sent; 20]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_jira_does_not_take_does_not_hold_up_the_others() {
    // given: whatever is in a request with all three, or with the second alone, is not taken
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 One"), ("main", "PLAT-2 Two"), ("main", "PLAT-3 Three")]).await;
    for call in [1, 2] {
        town.jira.switches().fail(Failure::nth(BULK, call, How::Status(StatusCode::BAD_REQUEST)));
    }

    // when
    town.import().await;

    // then
    let outcomes = town.outcomes(Channel::DevInfo).await;
    assert_eq!(outcomes.iter().filter(|it| **it == Outcome::Refused).count(), 1, "{outcomes:?}");
    assert_eq!(town.jira.model().development_counts(), (1, 2));

    // when
    sync::deliver::retry_failed(&town.world.engine, None).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.jira.model().development_counts(), (1, 3));
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn unknown_issues_are_parked_and_asked_for_again(#[case] database: Database) {
    // given
    let Some(town) = Town::cloud(database).await else { return };
    town.world.push(town.project, &[("main", "NEW-1 One"), ("main", "PLAT-2 NEW-2 Two")]).await;
    town.import().await;
    let deliveries = town.deliveries(Channel::DevInfo).await;
    let mut outcomes: Vec<_> = deliveries.iter().map(|it| (it.issue_key.clone().unwrap(), it.outcome)).collect();
    outcomes.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(outcomes[0], ("NEW-1".to_owned(), Outcome::Parked));
    assert_eq!(outcomes[1].1, Outcome::Sent);

    // when: it is asked hourly
    town.world.wait(HOUR + Duration::from_secs(10)).await;
    assert_eq!(town.outcomes(Channel::DevInfo).await.len(), 3);

    // when: the project appears
    town.jira.model().provide_issues("NEW", 2).unwrap();
    sync::deliver::projects_known(&town.world.engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.ids("NEW-1", Commit).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_backfill_does_not_hold_up_what_happens_now() {
    // given: two bulk writes an hour for what was before
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    let limit = RateLimit { requests: 0, window: HOUR };
    town.jira.switches().lane_limit(Lane::Backfill, Some(limit));
    town.world.push(town.project, &[("main", "PLAT-1 Before")]).await;
    let account = town.import().await;
    assert!(town.jira.model().development("PLAT-1").is_empty());

    // when
    town.world.push(town.project, &[("main", "PLAT-2 Now")]).await;
    town.news(account).await;

    // then
    assert_eq!(town.ids("PLAT-2", Commit).len(), 1);
    assert!(town.jira.model().development("PLAT-1").is_empty());

    // when
    town.jira.switches().all_well();
    town.world.wait(HOUR).await;

    // then
    assert_eq!(town.ids("PLAT-1", Commit).len(), 1);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_was_killed_between_sending_and_writing_loses_and_doubles_nothing(#[case] database: Database) {
    // given: Jira has taken the request, and says nothing for long
    let Some(mut town) = Town::cloud(database).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 One")]).await;
    town.jira.switches().fail(Failure::nth(BULK, 1, How::SilenceAfter));
    town.world.import(crate::world::GROUP).await;
    town.world.clock.advance(2_000);
    while town.jira.model().development("PLAT-1").is_empty() {
        tokio::task::yield_now().await;
    }

    // when
    town.world.restart().await;
    town.told().await;

    // then
    assert_eq!(town.jira.model().development_counts(), (1, 1));
    assert_eq!(town.outcomes(Channel::DevInfo).await, [Outcome::Sent]);
}
