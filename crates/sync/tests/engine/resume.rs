//! Imports that are stopped anywhere, and go on.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rstest::rstest;
use sandbox::gitlab::model::{MergeMethod, NewMergeRequest, ProjectId};
use store::Viewer;
use sync::Mode;

use crate::world::{Database, GROUP, World, commits_of};

const ISSUES: usize = 12;

/// A project with enough in it that an import takes some transactions.
async fn busy_project(world: &World) -> ProjectId {
    let project = world.project("api").await;
    let messages: Vec<String> = (0..1_500).map(|number| format!("PLAT-{} Step {number}", number % ISSUES)).collect();
    let mut commits: Vec<(&str, &str)> = messages.iter().map(|message| ("main", message.as_str())).collect();
    commits.extend([("topic/PLAT-1", "PLAT-1 Try"), ("topic/PLAT-2", "PLAT-2 Try"), ("topic/PLAT-3", "PLAT-3 Try")]);
    world.push(project, &commits).await;
    for (number, branch) in ["topic/PLAT-1", "topic/PLAT-2"].into_iter().enumerate() {
        let new = NewMergeRequest::within(project, branch, "main", &format!("PLAT-{} Request", number + 5), world.jira);
        let id = world.model().open_merge_request(new).await.unwrap();
        if number == 0 {
            world.model().merge(id, world.jira, MergeMethod::MergeCommit).await.unwrap();
        }
    }
    project
}

/// All that is shown of each issue.
async fn everything(world: &World) -> BTreeMap<String, (Vec<(String, bool)>, Vec<String>, Vec<i64>)> {
    let mut shown = BTreeMap::new();
    for number in 0..ISSUES {
        let key = format!("PLAT-{number}");
        let commits = commits_of(&world.store, &key).await;
        let (branches, merge_requests) = (world.branches(&key).await, world.merge_requests(&key).await);
        shown.insert(key, (commits, branches, merge_requests));
    }
    shown
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_stopped_anywhere_ends_as_one_that_was_not(#[case] database: Database) {
    // given: what an import without interruption shows
    let Some(mut world) = World::new(database).await else { return };
    busy_project(&world).await;
    let account = world.import(GROUP).await;
    let expected = everything(&world).await;
    assert!(expected.values().all(|(commits, ..)| commits.len() > 100));
    sync::request::remove_account(&world.engine, account).await.unwrap();
    world.idle().await;

    // when: it is stopped again and again, a little later each time
    let seed = rand::random::<u64>();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let account = world.connect(GROUP).await;
    let mut stops = 0;
    while !is_imported(&world, account).await {
        tokio::time::sleep(Duration::from_millis(random.random_range(0..120))).await;
        world.restart().await;
        // Leases of jobs that were dropped run out.
        world.clock.advance(31_000);
        stops += 1;
        if stops > 25 {
            world.idle().await;
        }
    }
    world.idle().await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(everything(&world).await, expected, "after {stops} stops");

    // then: nor does a full sync find anything to mend
    sync::request::full_sync_account(&world.engine, account).await.unwrap();
    world.idle().await;
    assert_eq!(everything(&world).await, expected);
}

async fn is_imported(world: &World, account: i64) -> bool {
    let seen = world.store.account_repositories(Viewer::Everything, account).await.unwrap();
    !seen.is_empty() && seen.iter().all(|seen| seen.repository.imported_at.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_a_repository_that_is_not_imported_yet_brings_it_forward() {
    // given: no worker runs yet
    let Some(mut world) = World::asleep(Database::Sqlite).await else { return };
    busy_project(&world).await;
    world.connect(GROUP).await;
    world.restart().await;
    world.idle().await;
    let account = world.store.accounts(Viewer::Everything).await.unwrap()[0].id;
    let repository = world.repository(account, "api").await.id;

    // when
    sync::request::sync_repository(&world.engine, repository, Mode::Soft).await.unwrap();
    sync::request::sync_repository(&world.engine, repository, Mode::Full).await.unwrap();
    world.idle().await;

    // then
    world.assert_up_to_date(account).await;
}
