//! Which facts leave word for sites: each in its own transaction, and only what is news to them.

use model::{Channel, OutboxLane, SiteKind, SiteSettings, Told};
use rstest::rstest;
use serde_json::json;
use store::testing::Engine;
use store::{Job, JobLane, Lane, OutboxEntry, SiteState, SiteUpdate, Source};

use crate::sites::add;
use crate::world::{NOW, RULES, World, branch, commit, merge_request, oid};

const DEV: Channel = Channel::DevInfo;
const CLOUD: &str = "https://example.atlassian.net";

/// A world with a Cloud site and a repository whose first import has ended.
async fn live(engine: Engine) -> Option<(World, i64, i64)> {
    let world = World::open(engine).await?;
    let site = add(&world, SiteKind::Cloud, CLOUD).await;
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.imported(repository).await;
    Some((world, site, repository))
}

async fn due(world: &World, site: i64) -> Vec<OutboxEntry> {
    world.outbox_due(site, DEV, None, i64::MAX, 10_000).await.unwrap()
}

async fn kinds(world: &World, site: i64) -> Vec<Told> {
    let mut kinds: Vec<Told> = due(world, site).await.iter().map(|entry| entry.kind).collect();
    kinds.sort_unstable();
    kinds
}

/// The site has been told everything.
async fn told(world: &World, site: i64) {
    let entries = due(world, site).await;
    let mut tx = world.write().await;
    tx.outbox_sent(site, DEV, &entries.iter().collect::<Vec<_>>(), NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert!(due(world, site).await.is_empty());
}

/// Takes all live jobs that are due by then.
async fn jobs(world: &World, now: i64) -> Vec<Job> {
    let mut jobs = Vec::new();
    while let Some(job) = world.job_claim("node", None, now, now + 1_000_000).await.unwrap() {
        jobs.push(job);
    }
    jobs
}

#[rstest]
#[tokio::test]
async fn what_git_says_in_place_of_rest_is_news(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.insert_from(repository, &[commit(1, &[]), commit(2, &["A-1"])], Source::Rest).await;
    told(&world, site).await;
    // given links that are gained, and lost
    world.insert(repository, &[commit(1, &["A-2"]), commit(2, &[])]).await;
    assert_eq!(kinds(&world, site).await, [Told::Commit, Told::Commit]);
    told(&world, site).await;
    world.insert(repository, &[commit(1, &["A-2"])]).await;
    assert!(due(&world, site).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_branch_is_news_when_it_comes_moves_and_goes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let lists = [
        (vec![branch("A-1-x", 1, &["A-1"]), branch("main", 1, &[])], 1, "new"),
        (vec![branch("A-1-x", 1, &["A-1"]), branch("main", 1, &[])], 0, "the same"),
        (vec![branch("A-1-x", 1, &["A-1"]), branch("main", 2, &[])], 0, "one without issues moved"),
        (vec![branch("A-1-x", 2, &["A-1"]), branch("main", 2, &[])], 1, "moved"),
        (vec![branch("main", 2, &[])], 1, "gone"),
        (vec![branch("main", 2, &[])], 0, "still gone"),
        (vec![branch("A-1-x", 2, &["A-1"]), branch("main", 2, &[])], 1, "back"),
    ];
    for (at, (list, news, what)) in (NOW..).zip(lists) {
        world.branches_are(repository, &list, at).await;
        assert_eq!(kinds(&world, site).await, vec![Told::Branch; news], "{what}");
        told(&world, site).await;
    }
}

#[rstest]
#[tokio::test]
async fn a_fact_that_is_rolled_back_leaves_no_word(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    tx.commits_insert(repository, &[commit(1, &["A-1"])], Source::Git, RULES, NOW).await.unwrap();
    drop(tx);
    assert!(due(&world, site).await.is_empty());
    assert_eq!(world.jobs_open().await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn each_site_has_its_own_rows_of_what_it_wants(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, cloud, repository)) = live(engine).await else { return };
    let quiet = add(&world, SiteKind::Cloud, "https://quiet.atlassian.net").await;
    let off = SiteSettings { dev_info: false, ..SiteSettings::of(SiteKind::Cloud) };
    world.site_update(quiet, &SiteUpdate { settings: Some(off), ..SiteUpdate::default() }).await.unwrap();
    let linked = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let links = SiteSettings { links_of_branches: true, ..SiteSettings::of(SiteKind::DataCenter) };
    world.site_update(linked, &SiteUpdate { settings: Some(links), ..SiteUpdate::default() }).await.unwrap();

    world.insert(repository, &[commit(1, &["A-1"])]).await;
    world.branches_are(repository, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    world.put(repository, &[merge_request(1, &["A-1"])]).await;

    assert_eq!(kinds(&world, cloud).await, [Told::Commit, Told::Branch, Told::MergeRequest]);
    assert!(world.outbox_counts(quiet).await.unwrap().is_empty());
    let of_links = world.outbox_due(linked, Channel::RemoteLink, None, i64::MAX, 10).await.unwrap();
    let mut of_links: Vec<Told> = of_links.iter().map(|entry| entry.kind).collect();
    of_links.sort_unstable();
    assert_eq!(of_links, [Told::Branch, Told::MergeRequest]);
    assert!(due(&world, linked).await.is_empty());
    // what one was told, the other was not
    let again = add(&world, SiteKind::Cloud, "https://again.atlassian.net").await;
    told(&world, cloud).await;
    world.branches_are(repository, &[branch("A-1-x", 2, &["A-1"])], NOW).await;
    assert_eq!(kinds(&world, again).await, [Told::Branch]);
    told(&world, cloud).await;
    assert_eq!(kinds(&world, again).await, [Told::Branch]);
}

#[rstest]
#[tokio::test]
async fn jobs_are_enqueued_with_the_fact_and_wait_for_more(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, cloud, repository)) = live(engine).await else { return };
    let data_center = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let account = world.connect("new").await;
    let [importing] = world.repositories(account, ["9"]).await;

    world.put(repository, &[merge_request(1, &["A-1"])]).await;
    world.put(repository, &[merge_request(1, &["A-2"])]).await;
    world.insert(importing, &[commit(1, &["A-1"])]).await;

    assert!(jobs(&world, NOW + 299).await.is_empty());
    let mut of_dev_info = jobs(&world, NOW + 999).await;
    of_dev_info.sort_by(|one, other| one.dedup_key.cmp(&other.dedup_key));
    let keys: Vec<&str> = of_dev_info.iter().map(|job| job.dedup_key.as_str()).collect();
    assert_eq!(keys, [format!("site:{cloud}:dev_info"), format!("site:{cloud}:dev_info:backfill")]);
    assert!(of_dev_info.iter().all(|job| job.kind == "deliver_dev_info" && job.resource_key == job.dedup_key));
    let (live, backfill) = (&of_dev_info[0], &of_dev_info[1]);
    assert_eq!((live.lane, &live.payload), (JobLane::Live, &json!({ "site_id": cloud, "backfill": false })));
    assert_eq!((backfill.lane, &backfill.payload), (JobLane::Import, &json!({ "site_id": cloud, "backfill": true })));
    let of_links = jobs(&world, NOW + 1_000).await;
    assert_eq!(of_links.len(), 1, "one job for both changes");
    assert_eq!(
        (of_links[0].kind.as_str(), of_links[0].dedup_key.clone(), &of_links[0].payload),
        ("deliver_links", format!("site:{data_center}:links"), &json!({ "site_id": data_center }))
    );
}

#[rstest]
#[tokio::test]
async fn a_first_import_is_told_after_what_is_live_and_what_is_live_stays_so(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let account = world.connect("new").await;
    let [importing] = world.repositories(account, ["9"]).await;
    world.insert(importing, &[commit(1, &["A-1"])]).await;
    world.insert(repository, &[commit(2, &["A-1"])]).await;
    let of = async |lane| {
        let entries = world.outbox_due(site, DEV, Some(lane), i64::MAX, 10).await.unwrap();
        let ids: Vec<i64> = entries.iter().map(|entry| entry.entity_id).collect();
        ids
    };
    let id_of = async |number| world.commit(&oid(number)).await.unwrap().unwrap().id;
    assert_eq!(of(OutboxLane::Backfill).await, [id_of(1).await]);
    assert_eq!(of(OutboxLane::Live).await, [id_of(2).await]);
    // when everything is filled in, and when the import comes to the commit that waits live
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    let mut after = 0;
    while let Some(next) = tx.outbox_fill_step(site, DEV, Told::Commit, after, 1, NOW + 1).await.unwrap() {
        after = next;
    }
    tx.commit().await.unwrap();
    world.insert(importing, &[commit(2, &["A-1"])]).await;
    assert_eq!(of(OutboxLane::Live).await, [id_of(2).await]);
    // and what changes live is told live
    world.imported(importing).await;
    world.lose(importing, &[oid(1)]).await;
    let mut live = of(OutboxLane::Live).await;
    live.sort_unstable();
    let mut both = vec![id_of(1).await, id_of(2).await];
    both.sort_unstable();
    assert_eq!((live, of(OutboxLane::Backfill).await), (both, vec![]));
}

#[rstest]
#[tokio::test]
async fn sequences_grow_whatever_the_clock_does(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let mut before = 0;
    for (head, at) in [(1, NOW), (2, NOW), (3, NOW - 60_000), (4, NOW + 60_000), (5, NOW)] {
        world.branches_are(repository, &[branch("A-1-x", head, &["A-1"])], at).await;
        let entries = due(&world, site).await;
        assert!(entries[0].sequence > before && entries[0].sequence >= at, "{}", entries[0].sequence);
        before = entries[0].sequence;
    }
}

#[rstest]
#[tokio::test]
async fn whoever_tells_last_what_was_read_first_takes_nothing_back(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.branches_are(repository, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    let read_first = due(&world, site).await;
    world.branches_are(repository, &[branch("A-1-x", 2, &["A-1"])], NOW + 1).await;
    // given that it failed for the one who read it first
    let mut tx = world.write().await;
    tx.outbox_refused(site, DEV, &[&read_first[0]], "too large", NOW).await.unwrap();
    tx.outbox_parked(site, DEV, &[&read_first[0]], NOW + 1_000, "no such issue", NOW).await.unwrap();
    tx.outbox_later(site, DEV, &[&read_first[0]], NOW + 1_000, "down", NOW).await.unwrap();
    tx.commit().await.unwrap();
    // then what changed since is due as it was
    let now = world.outbox_due(site, DEV, None, NOW + 1, 10).await.unwrap();
    assert_eq!((now.len(), now[0].attempts, now[0].parked_since), (1, 0, None));
    let mut tx = world.write().await;
    tx.outbox_sent(site, DEV, &[&read_first[0]], NOW).await.unwrap();
    tx.commit().await.unwrap();
    let now = due(&world, site).await;
    assert_eq!((now.len(), now[0].sent), (1, read_first[0].wanted));
    told(&world, site).await;
}

#[rstest]
#[tokio::test]
async fn a_merge_request_is_news_when_anything_of_it_changes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let put = async |keys: &[&str], edit: &dyn Fn(&mut model::MergeRequest)| {
        let mut new = merge_request(1, keys);
        edit(&mut new.merge_request);
        world.put(repository, &[new]).await;
        let news = kinds(&world, site).await;
        told(&world, site).await;
        news
    };
    assert_eq!(put(&["A-1"], &|_| ()).await, [Told::MergeRequest]);
    assert_eq!(put(&["A-1"], &|it| it.comment_count = 9).await, [Told::MergeRequest]);
    let closed = |it: &mut model::MergeRequest| it.state = model::MergeRequestState::Declined;
    assert_eq!(put(&["A-1"], &closed).await, [Told::MergeRequest]);
    assert_eq!(put(&["A-2"], &closed).await, [Told::MergeRequest]);
    assert_eq!(put(&[], &closed).await, [Told::MergeRequest], "it is taken back");
    assert_eq!(put(&["A-1"], &|_| ()).await, [Told::MergeRequest]);
    let mut tx = world.write().await;
    tx.merge_requests_gone(repository, &[1], NOW + 5).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kinds(&world, site).await, [Told::MergeRequest]);
}

#[rstest]
#[tokio::test]
async fn what_happens_during_a_pause_is_told_after_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.branches_are(repository, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    told(&world, site).await;
    world.site_set_state(site, SiteState::Paused).await.unwrap();
    world.branches_are(repository, &[branch("A-1-x", 2, &["A-1"])], NOW + 1).await;
    world.insert(repository, &[commit(1, &["A-1"])]).await;
    world.site_set_state(site, SiteState::Active).await.unwrap();
    assert_eq!(kinds(&world, site).await, [Told::Commit, Told::Branch]);
    // but nothing is kept for a site that is being removed
    told(&world, site).await;
    world.site_set_state(site, SiteState::Removing).await.unwrap();
    world.branches_are(repository, &[branch("A-1-x", 3, &["A-1"])], NOW + 2).await;
    assert!(world.outbox_next(site, DEV, None).await.unwrap().is_none());
}
