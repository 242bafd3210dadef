//! Receipts of smart-commit commands.

use model::{Outcome, ReceiptReason, ReceiptState, SiteKind};
use rstest::rstest;
use store::testing::Engine;
use store::{DeliveryFilter, NewCommand, NewCommit, SiteState, Viewer};

use crate::sites::add;
use crate::world::{NOW, World, commit, forge_repository, oid};

/// A world with a Data Center and a repository whose first import has ended.
async fn live(engine: Engine) -> Option<(World, i64, i64)> {
    let world = World::open(engine).await?;
    let site = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let account = world.connect("team").await;
    let repository = with_smart_commits(&world, account, "1").await;
    world.imported(repository).await;
    Some((world, site, repository))
}

/// A repository whose smart commits are switched on.
async fn with_smart_commits(world: &World, account: i64, forge_id: &str) -> i64 {
    let mut tx = world.write().await;
    let ids = tx.repositories_listed(account, &[forge_repository(forge_id)], true, true, NOW).await.unwrap();
    tx.commit().await.unwrap();
    ids[0].0
}

fn commanding(number: u64, commands: &[(&str, &str)]) -> NewCommit {
    let command = |(position, (key, command)): (usize, &(&str, &str))| NewCommand {
        position: position as i64,
        key: (*key).to_owned(),
        command: (*command).to_owned(),
        argument: String::new(),
        refused: None,
    };
    NewCommit { commands: commands.iter().enumerate().map(command).collect(), ..commit(number, &["A-1"]) }
}

async fn states(world: &World) -> Vec<(ReceiptState, Option<ReceiptReason>)> {
    let shown = world.receipts_of_issue(Viewer::Everything, "A-1", 100).await.unwrap();
    shown.into_iter().map(|shown| (shown.receipt.state, shown.receipt.reason)).collect()
}

#[rstest]
#[tokio::test]
async fn a_command_waits_once_however_often_its_commit_comes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let account = world.connect("forks").await;
    let [fork] = world.repositories(account, ["2"]).await;
    world.imported(fork).await;
    let new = commanding(1, &[("A-1", "comment"), ("A-1", "done")]);
    world.insert(repository, std::slice::from_ref(&new)).await;
    world.insert(repository, std::slice::from_ref(&new)).await;
    world.insert(fork, &[new]).await;
    let due = world.receipts_due(site, NOW, 10).await.unwrap();
    let told: Vec<_> = due.iter().map(|one| (one.receipt.command.as_str(), one.receipt.position)).collect();
    assert_eq!(told, [("comment", 0), ("done", 1)]);
    assert_eq!((due[0].repository.id, due[0].present_key.as_str()), (repository, "A-1"));
    assert_eq!(world.receipts_next_at(site).await.unwrap(), Some(NOW));
}

#[rstest]
#[tokio::test]
async fn what_is_not_run_has_a_receipt_that_says_why(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let account = world.connect("new").await;
    let importing = with_smart_commits(&world, account, "7").await;
    let off = world.connect("off").await;
    let [switched_off] = world.repositories(off, ["8"]).await;
    world.imported(switched_off).await;
    world.insert(switched_off, &[commanding(4, &[("A-1", "comment")])]).await;
    world.insert(importing, &[commanding(1, &[("A-1", "comment")])]).await;
    let mut old = commanding(2, &[("A-1", "comment")]);
    old.commands[0].refused = Some(ReceiptReason::TooOld);
    world.insert(repository, &[old]).await;
    let refused = |reason| (ReceiptState::Refused, Some(reason));
    let expected = [ReceiptReason::TooOld, ReceiptReason::NotLive, ReceiptReason::SwitchedOff];
    assert_eq!(states(&world).await, expected.map(refused));
    assert!(world.receipts_due(site, NOW, 10).await.unwrap().is_empty());
    // and a site that runs none has none
    world.site_set_state(site, SiteState::Paused).await.unwrap();
    world.insert(repository, &[commanding(3, &[("A-1", "comment")])]).await;
    assert_eq!(states(&world).await.len(), 3);
}

#[rstest]
#[tokio::test]
async fn an_attempt_is_noted_before_and_after(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.insert(repository, &[commanding(1, &[("A-1", "done")])]).await;
    let id = world.receipts_due(site, NOW, 10).await.unwrap()[0].receipt.id;

    // given an attempt of which nothing is known
    let mut tx = world.write().await;
    let delivery = tx.receipt_attempt(id, 0, NOW + 1).await.unwrap();
    tx.receipt_aim(id, "2 Done").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.write().await;
    tx.receipt_later(id, NOW + 10, "no answer", Some(delivery), Outcome::Unknown, NOW + 2).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.receipts_due(site, NOW + 9, 10).await.unwrap().is_empty());
    let due = world.receipts_due(site, NOW + 10, 10).await.unwrap();
    assert_eq!((due[0].receipt.state, due[0].receipt.attempts), (ReceiptState::Sending, 1));
    assert_eq!(due[0].receipt.jira_id.as_deref(), Some("2 Done"));
    let told = world.delivery(delivery).await.unwrap().unwrap();
    assert_eq!((told.title.as_str(), told.outcome, told.next_at), ("#done on A-1", Outcome::Unknown, Some(NOW + 10)));

    // when it turns out to have been done, and the next step is refused
    let mut tx = world.write().await;
    tx.receipt_step(id, 1, None, NOW + 11).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.delivery(delivery).await.unwrap().unwrap().outcome, Outcome::Sent);
    let mut tx = world.write().await;
    let reason = Some(ReceiptReason::NoPermission);
    tx.receipt_end(id, ReceiptState::Refused, reason, Some("no"), None, None, NOW + 12).await.unwrap();
    tx.commit().await.unwrap();

    // then that is what is shown, and it may be tried again
    assert_eq!(states(&world).await, [(ReceiptState::Refused, reason)]);
    assert_eq!(world.receipts_of_commit(due[0].receipt.commit_id).await.unwrap()[0].step, 1);
    assert!(world.receipt_retry(id, NOW + 13).await.unwrap());
    assert!(!world.receipt_retry(id, NOW + 13).await.unwrap());
    let all = world.deliveries(&DeliveryFilter::default(), None, 10).await.unwrap();
    assert_eq!((all.items.len(), all.next), (1, None));
}

#[rstest]
#[tokio::test]
async fn the_receipts_of_a_commit_go_with_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, _, repository)) = live(engine).await else { return };
    world.insert(repository, &[commanding(1, &[("A-1", "done")])]).await;
    assert_eq!(states(&world).await.len(), 1);
    world.lose(repository, &[oid(1)]).await;
    assert_eq!(states(&world).await.len(), 1);
}
