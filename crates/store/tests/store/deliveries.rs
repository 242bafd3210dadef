//! Deliveries: the attempts to tell sites something, kept for people and for whoever tries again.

use model::{Channel, OutboxLane, Outcome, ReceiptReason, ReceiptState, SiteKind, Told};
use rstest::rstest;
use store::testing::Engine;
use store::{
    Delivery, DeliveryCursor, DeliveryFilter, Ending, JobLane, NewCommand, NewCommit, NewDelivery, OutboxEntry,
};

use crate::sites::add;
use crate::world::{NOW, World, commit, forge_repository};

/// Two sites, of which the first is a Data Center and the second Cloud.
async fn two_sites(engine: Engine) -> Option<(World, i64, i64)> {
    let world = World::open(engine).await?;
    let data_center = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let cloud = add(&world, SiteKind::Cloud, "https://example.atlassian.net").await;
    Some((world, data_center, cloud))
}

fn about(site_id: i64, channel: Channel, issue_key: &str) -> NewDelivery {
    NewDelivery {
        site_id,
        channel,
        kind: Told::MergeRequest,
        entity_id: 7,
        receipt_id: None,
        issue_key: Some(issue_key.to_owned()),
        title: "Merge request !12 of group/app".to_owned(),
        lane: OutboxLane::Live,
    }
}

fn ending(outcome: Outcome) -> Ending {
    Ending { outcome, status: Some(200), words: None, next_at: None }
}

async fn done(world: &World, attempts: &[(NewDelivery, Ending)], now: i64) {
    let mut tx = world.write().await;
    tx.deliveries_done(attempts, now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn all(world: &World, filter: &DeliveryFilter) -> Vec<Delivery> {
    world.deliveries(filter, None, 100).await.unwrap().items
}

#[rstest]
#[tokio::test]
async fn an_attempt_is_there_while_it_is_under_way_and_tells_how_it_ended(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, _)) = two_sites(engine).await else { return };
    // given
    let mut tx = world.write().await;
    let id = tx.delivery_begin(&about(site, Channel::RemoteLink, "A-1"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    let under_way = world.delivery(id).await.unwrap().unwrap();
    assert_eq!((under_way.outcome, under_way.started_at, under_way.ended_at), (Outcome::Sending, NOW, None));
    assert_eq!((under_way.site_name.as_str(), under_way.kind, under_way.entity_id), ("Jira", Told::MergeRequest, 7));
    assert_eq!((under_way.status, under_way.words, under_way.next_at), (None, None, None));
    // when
    let failed = Ending {
        outcome: Outcome::Failed,
        status: Some(503),
        words: Some("Jira is being upgraded.".to_owned()),
        next_at: Some(NOW + 60_000),
    };
    let mut tx = world.write().await;
    tx.delivery_end(id, &failed, NOW + 40).await.unwrap();
    tx.commit().await.unwrap();
    // then
    let over = world.delivery(id).await.unwrap().unwrap();
    assert_eq!((over.outcome, over.status, over.ended_at), (Outcome::Failed, Some(503), Some(NOW + 40)));
    assert_eq!((over.words.as_deref(), over.next_at), (Some("Jira is being upgraded."), Some(NOW + 60_000)));
    assert_eq!(over.title, "Merge request !12 of group/app");
    assert!(world.delivery(id + 1_000_000).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn pages_go_back_in_time_and_nothing_is_left_out_where_many_began_at_once(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, _)) = two_sites(engine).await else { return };
    for at in [NOW, NOW + 1, NOW + 2] {
        let attempts: Vec<_> =
            (0..4).map(|_| (about(site, Channel::RemoteLink, "A-1"), ending(Outcome::Sent))).collect();
        done(&world, &attempts, at).await;
    }
    let mut seen: Vec<Delivery> = Vec::new();
    let mut after: Option<DeliveryCursor> = None;
    loop {
        let page = world.deliveries(&DeliveryFilter::default(), after, 5).await.unwrap();
        assert!(page.items.len() == 5 || page.next.is_none());
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
        if seen.len() == 5 {
            // What comes meanwhile moves nothing.
            done(&world, &[(about(site, Channel::RemoteLink, "A-1"), ending(Outcome::Sent))], NOW + 9).await;
        }
    }
    let order: Vec<(i64, i64)> = seen.iter().map(|it| (it.started_at, it.id)).collect();
    let mut newest_first = order.clone();
    newest_first.sort_unstable_by(|one, other| other.cmp(one));
    newest_first.dedup();
    assert_eq!((order.len(), order), (12, newest_first));
    // and a last page that is just full has none behind it
    assert!(world.deliveries(&DeliveryFilter::default(), None, 13).await.unwrap().next.is_none());
    assert!(world.deliveries(&DeliveryFilter::default(), None, 12).await.unwrap().next.is_some());
}

#[rstest]
#[tokio::test]
async fn each_filter_leaves_out_the_rest_and_they_add_up(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, one, other)) = two_sites(engine).await else { return };
    done(&world, &[(about(one, Channel::RemoteLink, "A-1"), ending(Outcome::Sent))], NOW).await;
    done(&world, &[(about(one, Channel::SmartCommit, "A-2"), ending(Outcome::Refused))], NOW + 1).await;
    done(&world, &[(about(other, Channel::DevInfo, "A-1"), ending(Outcome::Failed))], NOW + 2).await;
    let any = DeliveryFilter::default();
    let filters = [
        (DeliveryFilter { site_id: Some(one), ..any.clone() }, vec![NOW + 1, NOW]),
        (DeliveryFilter { channel: Some(Channel::DevInfo), ..any.clone() }, vec![NOW + 2]),
        (DeliveryFilter { outcome: Some(Outcome::Refused), ..any.clone() }, vec![NOW + 1]),
        (DeliveryFilter { issue_key: Some("A-1".to_owned()), ..any.clone() }, vec![NOW + 2, NOW]),
        (DeliveryFilter { since: Some(NOW + 1), ..any.clone() }, vec![NOW + 2, NOW + 1]),
        (DeliveryFilter { site_id: Some(one), issue_key: Some("A-1".to_owned()), ..any.clone() }, vec![NOW]),
        (DeliveryFilter { site_id: Some(other), outcome: Some(Outcome::Sent), ..any.clone() }, vec![]),
        (any, vec![NOW + 2, NOW + 1, NOW]),
    ];
    for (filter, expected) in filters {
        let found: Vec<i64> = all(&world, &filter).await.iter().map(|it| it.started_at).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    assert_eq!(
        world.deliveries_count(one, NOW).await.unwrap(),
        [(Outcome::Refused, 1), (Outcome::Sent, 1)],
        "of one site alone"
    );
    assert_eq!(world.deliveries_count(one, NOW + 1).await.unwrap(), [(Outcome::Refused, 1)]);
}

#[rstest]
#[tokio::test]
async fn old_attempts_are_forgotten_step_by_step(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, _)) = two_sites(engine).await else { return };
    // given more than one statement takes
    let many: Vec<_> = (0..1_201).map(|_| (about(site, Channel::RemoteLink, "A-1"), ending(Outcome::Sent))).collect();
    done(&world, &many, NOW).await;
    done(&world, &many[..1], NOW + 10).await;
    // when
    let mut forgotten = Vec::new();
    loop {
        let step = world.deliveries_prune(NOW + 10, 500).await.unwrap();
        if step == 0 {
            break;
        }
        forgotten.push(step);
    }
    // then
    assert_eq!(forgotten, [500, 500, 201]);
    let left: Vec<i64> = all(&world, &DeliveryFilter::default()).await.iter().map(|it| it.started_at).collect();
    assert_eq!(left, [NOW + 10]);
}

/// What Cloud is told of the issues of two commits, and an attempt for each.
async fn told(world: &World, cloud: i64) -> [(OutboxEntry, i64); 2] {
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.imported(repository).await;
    world.insert(repository, &[commit(1, &["A-1"]), commit(2, &["A-2"])]).await;
    let mut due = world.outbox_due(cloud, Channel::DevInfo, None, NOW + 1_000, 10).await.unwrap();
    due.retain(|entry| entry.kind == Told::Commit);
    due.sort_by_key(|entry| entry.entity_id);
    let mut attempts = Vec::new();
    for entry in due {
        let new = NewDelivery { kind: entry.kind, entity_id: entry.entity_id, ..about(cloud, Channel::DevInfo, "A-1") };
        let mut tx = world.write().await;
        let id = tx.delivery_begin(&new, NOW).await.unwrap();
        tx.commit().await.unwrap();
        attempts.push((entry, id));
    }
    attempts.try_into().unwrap()
}

#[rstest]
#[tokio::test]
async fn what_an_attempt_was_about_is_told_again_at_once_unless_the_site_has_it(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, _, cloud)) = two_sites(engine).await else { return };
    let [(sent, of_sent), (parked, of_parked)] = told(&world, cloud).await;
    let mut tx = world.write().await;
    tx.outbox_sent(cloud, Channel::DevInfo, &[&sent], NOW).await.unwrap();
    tx.outbox_parked(cloud, Channel::DevInfo, &[&parked], NOW + 1_000_000, "no such issue", NOW).await.unwrap();
    tx.commit().await.unwrap();
    while world.job_claim("node", None, NOW + 1_000, NOW + 9_000).await.unwrap().is_some() {}

    assert!(!world.delivery_retry(of_sent, NOW + 5).await.unwrap());
    assert!(!world.delivery_retry(of_sent + 1_000_000, NOW + 5).await.unwrap());
    assert!(world.outbox_due(cloud, Channel::DevInfo, None, NOW + 5, 10).await.unwrap().is_empty());
    assert!(world.delivery_retry(of_parked, NOW + 5).await.unwrap());

    let due = world.outbox_due(cloud, Channel::DevInfo, None, NOW + 5, 10).await.unwrap();
    assert_eq!(due.iter().map(|entry| entry.entity_id).collect::<Vec<_>>(), [parked.entity_id]);
    // The jobs of before run still; the next ones wait behind them.
    assert!(world.jobs_waiting(NOW + 1_000).await.unwrap() > 0);
}

#[rstest]
#[tokio::test]
async fn all_that_failed_is_tried_again_of_one_site_or_of_all(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, data_center, cloud)) = two_sites(engine).await else { return };
    let [(one, _), (two, _)] = told(&world, cloud).await;
    let mut tx = world.write().await;
    tx.outbox_later(cloud, Channel::DevInfo, &[&one], NOW + 1_000_000, "down", NOW).await.unwrap();
    tx.outbox_refused(cloud, Channel::DevInfo, &[&two], "too large", NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.deliveries_retry_failed(Some(data_center), NOW + 5).await.unwrap(), 0);
    assert!(world.outbox_due(cloud, Channel::DevInfo, None, NOW + 5, 10).await.unwrap().is_empty());
    assert_eq!(world.deliveries_retry_failed(None, NOW + 5).await.unwrap(), 2);
    assert_eq!(world.outbox_due(cloud, Channel::DevInfo, None, NOW + 5, 10).await.unwrap().len(), 2);
}

#[rstest]
#[tokio::test]
async fn a_smart_commit_that_waits_is_hurried_and_one_that_was_refused_for_good_is_not(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, _)) = two_sites(engine).await else { return };
    // given two commands that were tried
    let account = world.connect("team").await;
    let mut tx = world.write().await;
    let listed = tx.repositories_listed(account, &[forge_repository("1")], true, true, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let repository = listed[0].0;
    world.imported(repository).await;
    let command = |position, command: &str| NewCommand {
        position,
        key: "A-1".to_owned(),
        command: command.to_owned(),
        argument: String::new(),
        refused: None,
    };
    let commands = vec![command(0, "comment"), command(1, "time")];
    world.insert(repository, &[NewCommit { commands, ..commit(1, &["A-1"]) }]).await;
    let due = world.receipts_due(site, NOW, 10).await.unwrap();
    let [waits, refused] = [due[0].receipt.id, due[1].receipt.id];
    let mut tx = world.write().await;
    let of_waiting = tx.receipt_attempt(waits, 0, NOW).await.unwrap();
    tx.receipt_later(waits, NOW + 1_000_000, "down", Some(of_waiting), Outcome::Failed, NOW).await.unwrap();
    let of_refused = tx.receipt_attempt(refused, 0, NOW).await.unwrap();
    let (state, reason) = (ReceiptState::Refused, Some(ReceiptReason::NoTime));
    tx.receipt_end(refused, state, reason, Some("no time"), None, Some(of_refused), NOW).await.unwrap();
    tx.commit().await.unwrap();
    while world.job_claim("node", Some(JobLane::Live), NOW, NOW + 9_000).await.unwrap().is_some() {}
    // when
    assert!(!world.delivery_retry(of_refused, NOW + 5).await.unwrap(), "its time would be as unreadable as before");
    assert_eq!(world.jobs_waiting(NOW + 5).await.unwrap(), 0);
    assert!(world.delivery_retry(of_waiting, NOW + 5).await.unwrap());
    // then
    let due = world.receipts_due(site, NOW + 5, 10).await.unwrap();
    assert_eq!(due.iter().map(|one| one.receipt.id).collect::<Vec<_>>(), [waits]);
    assert_eq!(world.jobs_waiting(NOW + 5).await.unwrap(), 1);
    // and so is all that waits, together
    let mut tx = world.write().await;
    tx.receipt_later(waits, NOW + 1_000_000, "down", None, Outcome::Failed, NOW + 6).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.deliveries_retry_failed(Some(site), NOW + 7).await.unwrap(), 1);
    assert_eq!(world.receipts_due(site, NOW + 7, 10).await.unwrap().len(), 1);
}
