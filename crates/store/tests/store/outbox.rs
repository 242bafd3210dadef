//! The outbox: what sites are to be told.

use model::{Channel, OutboxLane, OutboxState, SiteKind, Told};
use rstest::rstest;
use store::testing::Engine;
use store::{Lane, OutboxEntry, SiteState};

use crate::sites::add;
use crate::world::{NOW, World, branch, commit, merge_request};

const DEV: Channel = Channel::DevInfo;

/// A world with a Cloud site and a repository whose first import has ended.
async fn live(engine: Engine) -> Option<(World, i64, i64, i64)> {
    let world = World::open(engine).await?;
    let site = add(&world, SiteKind::Cloud, "https://example.atlassian.net").await;
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.imported(repository).await;
    Some((world, site, account, repository))
}

async fn due(world: &World, site: i64) -> Vec<OutboxEntry> {
    world.outbox_due(site, DEV, None, NOW + 1_000_000, 100).await.unwrap()
}

async fn sent(world: &World, site: i64, entries: &[OutboxEntry]) {
    let mut tx = world.write().await;
    tx.outbox_sent(site, DEV, &entries.iter().collect::<Vec<_>>(), NOW).await.unwrap();
    tx.commit().await.unwrap();
}

fn kinds(entries: &[OutboxEntry]) -> Vec<Told> {
    let mut kinds: Vec<Told> = entries.iter().map(|entry| entry.kind).collect();
    kinds.sort_unstable();
    kinds
}

#[rstest]
#[tokio::test]
async fn what_has_links_is_told_and_what_changes_meanwhile_stays_due(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, _, repository)) = live(engine).await else { return };
    world.insert(repository, &[commit(1, &["A-1"]), commit(2, &[])]).await;
    world.branches_are(repository, &[branch("A-1-x", 1, &["A-1"]), branch("main", 1, &[])], NOW).await;
    world.put(repository, &[merge_request(1, &["A-1"])]).await;
    let entries = due(&world, site).await;
    assert_eq!(kinds(&entries), [Told::Commit, Told::Branch, Told::MergeRequest]);
    assert!(entries.iter().all(|entry| entry.sent == 0 && entry.lane == OutboxLane::Live));

    // when the merge request changes while it is being told
    world.put(repository, &[merge_request(1, &["A-2"])]).await;
    sent(&world, site, &entries).await;

    // then it stays due, with a higher sequence
    let again = due(&world, site).await;
    assert_eq!(kinds(&again), [Told::MergeRequest]);
    let before = entries.iter().find(|entry| entry.kind == Told::MergeRequest).unwrap();
    assert!(again[0].sequence > before.sequence && again[0].sent == before.wanted);
    let told = world.told_merge_requests(site, &[again[0].entity_id]).await.unwrap();
    assert_eq!((told[0].keys.clone(), told[0].repository.visible), (vec!["A-2".to_owned()], true));
    sent(&world, site, &again).await;
    assert!(due(&world, site).await.is_empty());

    // and a branch that goes is due once more
    world.branches_are(repository, &[branch("main", 1, &[])], NOW + 1).await;
    let gone = due(&world, site).await;
    assert_eq!(kinds(&gone), [Told::Branch]);
    let told = world.told_branches(site, &[gone[0].entity_id]).await.unwrap();
    assert_eq!((told[0].gone_at, told[0].keys.len()), (Some(NOW + 1), 0));
}

#[rstest]
#[tokio::test]
async fn failures_wait_and_what_is_parked_is_woken(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, _, repository)) = live(engine).await else { return };
    world.insert(repository, &[commit(1, &["A-1"]), commit(2, &["B-1"]), commit(3, &["C-1"])]).await;
    let entries = due(&world, site).await;
    let mut tx = world.write().await;
    tx.outbox_later(site, DEV, &[&entries[0]], NOW + 2_000_000, "down", NOW).await.unwrap();
    tx.outbox_parked(site, DEV, &[&entries[1]], NOW + 3_000_000, "unknown key", NOW).await.unwrap();
    tx.outbox_refused(site, DEV, &[&entries[2]], "too large", NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert!(due(&world, site).await.is_empty());
    assert_eq!(world.outbox_next(site, DEV, None).await.unwrap(), Some(NOW + 2_000_000));
    let counts = world.outbox_counts(site).await.unwrap();
    let states: Vec<OutboxState> = counts.iter().map(|(_, state, ..)| *state).collect();
    assert_eq!(states, [OutboxState::Parked, OutboxState::Refused, OutboxState::Waiting]);

    let mut tx = world.write().await;
    tx.outbox_wake(site, DEV, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let woken = due(&world, site).await;
    assert_eq!(woken.len(), 2);
    assert!(woken.iter().any(|entry| entry.parked_since == Some(NOW)), "since when is kept");
    assert_eq!(world.deliveries_retry_failed(Some(site), NOW).await.unwrap(), 3);
    assert_eq!(due(&world, site).await.len(), 3);
}

#[rstest]
#[tokio::test]
async fn what_was_there_before_is_filled_in_and_what_is_hidden_is_withdrawn(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.insert(repository, &[commit(1, &["A-1"]), commit(2, &["A-2"]), commit(3, &[])]).await;
    let site = add(&world, SiteKind::Cloud, "https://example.atlassian.net").await;
    assert!(due(&world, site).await.is_empty());
    let fill = async || {
        let (mut after, mut tx) = (0, world.begin_write(Lane::Bulk).await.unwrap());
        while let Some(next) = tx.outbox_fill_step(site, DEV, Told::Commit, after, 1, NOW).await.unwrap() {
            after = next;
        }
        tx.commit().await.unwrap();
    };
    let hide = async || {
        let (mut after, mut tx) = (0, world.begin_write(Lane::Bulk).await.unwrap());
        while let Some(next) = tx.outbox_hidden_step(site, DEV, after, 1, NOW + 5).await.unwrap() {
            after = next;
        }
        tx.commit().await.unwrap();
    };
    fill().await;
    let filled = due(&world, site).await;
    assert_eq!(kinds(&filled), [Told::Commit, Told::Commit]);
    assert!(filled.iter().all(|entry| entry.lane == OutboxLane::Backfill));
    sent(&world, site, &filled).await;
    fill().await;
    hide().await;
    assert!(due(&world, site).await.is_empty(), "nothing is told twice, and nothing is hidden");

    // when nobody links it any more
    world.repository_set_linked(account, repository, false).await.unwrap();
    hide().await;
    hide().await;
    let hidden = due(&world, site).await;
    assert_eq!(kinds(&hidden), [Told::Repository], "all of it at once");
    assert!(!world.told_repositories(site, &[repository]).await.unwrap()[0].visible);
    let mut tx = world.write().await;
    while tx.outbox_forget_step(site, DEV, repository, NOW + 5, 1).await.unwrap() {}
    tx.commit().await.unwrap();
    hide().await;
    assert!(due(&world, site).await.is_empty(), "it is withdrawn once");

    // and when it is linked again
    world.repository_set_linked(account, repository, true).await.unwrap();
    fill().await;
    let anew = due(&world, site).await;
    assert_eq!(kinds(&anew), [Told::Commit, Told::Commit]);
    let mut tx = world.write().await;
    tx.outbox_dropped(site, DEV, &[&anew[0]]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due(&world, site).await, anew[1..]);
}

#[rstest]
#[tokio::test]
async fn what_a_clock_ahead_of_others_wrote_is_withdrawn_too(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some((world, site, account, repository)) = live(engine).await else { return };
    world.insert(repository, &[commit(1, &["A-1"])]).await;
    world.put(repository, &[merge_request(1, &["A-1"])]).await;
    let told = due(&world, site).await;
    let of = |kind| told.iter().find(|entry| entry.kind == kind).unwrap().entity_id;
    let mut tx = world.write().await;
    tx.outbox_touch(Told::Commit, &[of(Told::Commit)], NOW + 1_000).await.unwrap();
    tx.merge_request_reviewed(repository, 1, &[], (NOW, NOW + 2_000)).await.unwrap();
    tx.commit().await.unwrap();
    sent(&world, site, &due(&world, site).await).await;
    world.repository_set_linked(account, repository, false).await.unwrap();

    // when
    let newest = world.outbox_newest(site, DEV, repository).await.unwrap();
    let mut tx = world.write().await;
    while tx.outbox_forget_step(site, DEV, repository, newest, 1).await.unwrap() {}
    tx.commit().await.unwrap();

    // then: nothing is left to be withdrawn again
    assert_eq!(newest, NOW + 2_000);
    assert_eq!(world.outbox_newest(site, DEV, repository).await.unwrap(), 0);
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    assert_eq!(tx.outbox_hidden_step(site, DEV, 0, 10, NOW).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_repository_that_is_purged_leaves_word_of_how_the_site_knows_it(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, account, repository)) = live(engine).await else { return };
    world.insert(repository, &[commit(1, &["A-1"])]).await;
    sent(&world, site, &due(&world, site).await).await;
    let mut tx = world.write().await;
    tx.account_remove(account).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.purge_repository(repository).await.unwrap());
    let left = due(&world, site).await;
    let stone = left.iter().find(|entry| entry.kind == Told::Repository).unwrap().tombstone.clone().unwrap();
    assert_eq!((stone["host_kind"].as_str(), stone["forge_id"].as_str()), (Some("gitlab"), Some("1")));
}

#[rstest]
#[tokio::test]
async fn nothing_is_written_for_sites_that_want_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, _, repository)) = live(engine).await else { return };
    world.site_set_state(site, SiteState::Removing).await.unwrap();
    let data_center = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    world.insert(repository, &[commit(1, &["A-1"])]).await;
    world.branches_are(repository, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    world.put(repository, &[merge_request(1, &["A-1"])]).await;
    assert!(due(&world, site).await.is_empty());
    let links = world.outbox_due(data_center, Channel::RemoteLink, None, NOW, 10).await.unwrap();
    assert_eq!(kinds(&links), [Told::MergeRequest]);
}
