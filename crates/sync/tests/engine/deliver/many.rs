//! Much to tell at once.

use std::time::Duration;

use model::{Channel, OutboxState};
use rstest::rstest;
use sandbox::jira::model::devinfo::EntityKind::Commit;

use super::town::Town;
use crate::world::Database;

/// Enough for many requests, of which each takes its time.
const THOUSANDS: usize = 4_000;

/// So many commits, each with a key.
async fn push_many(town: &Town, count: usize) {
    let messages: Vec<String> = (0..count).map(|number| format!("PLAT-{} Work {number}", number % 20 + 1)).collect();
    for messages in messages.chunks(5_000) {
        let commits: Vec<(&str, &str)> = messages.iter().map(|message| ("main", message.as_str())).collect();
        town.world.push(town.project, &commits).await;
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_live_push_goes_before_thousands_that_were_there(#[case] database: Database) {
    // given: a backfill that takes many times as long as a push does on a busy machine, as each request takes long
    let Some(town) = Town::cloud(database).await else { return };
    push_many(&town, THOUSANDS).await;
    town.jira.switches().latency(Duration::from_secs(1));
    let account = town.world.connect(crate::world::GROUP).await;
    while town.jira.model().development_counts().1 < 400 {
        town.world.clock.advance(1_000);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // when
    town.world.push(town.project, &[("main", "OPS-5 Now")]).await;
    let repository = town.world.repository(account, "api").await.id;
    sync::request::sync_repository(&town.world.engine, repository, sync::Mode::Soft).await.unwrap();
    while town.ids("OPS-5", Commit).is_empty() {
        town.world.clock.advance(100);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // then
    let (_, told) = town.jira.model().development_counts();
    assert!(told < THOUSANDS + 1, "all {told} were told before");

    // when
    town.jira.switches().all_well();
    town.told().await;

    // then: nothing is missing, nothing is doubled
    assert_eq!(town.jira.model().development_counts(), (1, THOUSANDS + 1));
    let counts = town.world.store.outbox_counts(town.site).await.unwrap();
    let of_state =
        |state| counts.iter().filter(|it| it.0 == Channel::DevInfo && it.1 == state).map(|it| it.3).sum::<i64>();
    assert_eq!(of_state(OutboxState::Waiting), 0);
    assert!(of_state(OutboxState::Sent) > THOUSANDS as i64);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: a hundred thousand commits"]
async fn slow_a_hundred_thousand_entities_arrive() {
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    push_many(&town, 100_000).await;
    let account = town.world.connect(crate::world::GROUP).await;
    tokio::time::timeout(Duration::from_secs(3_600), town.world.engine.idle()).await.unwrap().unwrap();
    town.told().await;
    town.world.assert_up_to_date(account).await;
    assert_eq!(town.jira.model().development_counts(), (1, 100_000));
}
