//! Comments at the forge that tell of receipts: when they are due, and what becomes of them.

use model::{Channel, OutboxState, Outcome, ReceiptReason, ReceiptState, SiteKind, SiteSettings};
use rstest::rstest;
use store::testing::Engine;
use store::{
    CommitComment, CommitToComment, Delivery, DeliveryFilter, NewCommand, NewCommit, SiteInserted, SiteState,
    SiteUpdate,
};

use crate::sites::new_site;
use crate::world::{NOW, World, commit, forge_repository};

/// A world with a Data Center that wants comments, and a repository whose first import has ended.
async fn live(engine: Engine) -> Option<(World, i64, i64)> {
    let world = World::open(engine).await?;
    let site = add(&world, "https://jira.example.com", true).await;
    let repository = repository(&world, "team", "1").await;
    world.imported(repository).await;
    Some((world, site, repository))
}

async fn add(world: &World, url: &str, commit_comments: bool) -> i64 {
    let settings = SiteSettings { commit_comments, ..SiteSettings::of(SiteKind::DataCenter) };
    let new = store::NewSite { settings, ..new_site(SiteKind::DataCenter, url) };
    match world.site_insert(&new, NOW).await.unwrap() {
        SiteInserted::New(id) | SiteInserted::Exists(id) => id,
    }
}

async fn repository(world: &World, account: &str, forge_id: &str) -> i64 {
    let account = world.connect(account).await;
    let mut tx = world.write().await;
    let ids = tx.repositories_listed(account, &[forge_repository(forge_id)], true, true, NOW).await.unwrap();
    tx.commit().await.unwrap();
    ids[0].0
}

/// A commit with commands, each with why it is not run.
fn commanding(number: u64, commands: &[Option<ReceiptReason>]) -> NewCommit {
    let command = |(position, refused): (usize, &Option<ReceiptReason>)| NewCommand {
        position: position as i64,
        key: "A-1".to_owned(),
        command: "comment".to_owned(),
        argument: "hello".to_owned(),
        refused: *refused,
    };
    NewCommit { commands: commands.iter().enumerate().map(command).collect(), ..commit(number, &["A-1"]) }
}

async fn due(world: &World, site: i64, now: i64) -> Vec<CommitToComment> {
    world.commit_comments_due(site, now, 10).await.unwrap()
}

/// Ends the oldest commands of a site that are due.
async fn end(world: &World, site: i64, how_many: usize) {
    for it in world.receipts_due(site, NOW, 100).await.unwrap().iter().take(how_many) {
        let mut tx = world.write().await;
        tx.receipt_end(it.receipt.id, ReceiptState::Done, None, Some("Done."), None, None, NOW + 1).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn attempt(world: &World, comment: &CommitComment, now: i64) -> i64 {
    let mut tx = world.write().await;
    let delivery = tx.commit_comment_attempt(comment, "Receipts", Some("A-1"), now).await.unwrap();
    tx.commit_comment_sending(comment, now).await.unwrap();
    tx.commit().await.unwrap();
    delivery
}

/// How many jobs were due that write comments; all jobs are done then.
async fn jobs(world: &World) -> usize {
    let mut count = 0;
    while let Some(job) = world.job_claim("node", None, NOW + 100, NOW + 9_000).await.unwrap() {
        count += usize::from(job.kind == "write_commit_comments");
        let mut tx = world.write().await;
        tx.job_finish(&job).await.unwrap();
        tx.commit().await.unwrap();
    }
    count
}

async fn deliveries(world: &World) -> Vec<Delivery> {
    let filter = DeliveryFilter { channel: Some(Channel::CommitComment), ..DeliveryFilter::default() };
    world.deliveries(&filter, None, 10).await.unwrap().items
}

#[rstest]
#[tokio::test]
async fn a_comment_is_due_once_all_commands_of_the_commit_have_ended(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    // given two commands, and a third that is not run
    world.insert(repository, &[commanding(1, &[None, None, Some(ReceiptReason::EmptyComment)])]).await;
    // when the first ends
    end(&world, site, 1).await;
    // then
    assert!(due(&world, site, NOW + 9).await.is_empty());
    assert_eq!(world.commit_comments_next_at(site).await.unwrap(), None);
    // when the second does
    end(&world, site, 1).await;
    // then
    let found = due(&world, site, NOW + 9).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].comment.state, found[0].comment.attempted_at), (OutboxState::Waiting, None));
    assert_eq!((found[0].repository.id, found[0].object_id.clone()), (repository, crate::world::oid(1)));
    let told: Vec<_> = found[0].receipts.iter().map(|(receipt, key)| (receipt.state, key.as_str())).collect();
    assert_eq!(told, [(ReceiptState::Done, "A-1"), (ReceiptState::Done, "A-1"), (ReceiptState::Refused, "A-1")]);
    assert_eq!(world.commit_comments_next_at(site).await.unwrap(), Some(NOW + 1));
    assert!(due(&world, site, NOW).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_commit_all_of_whose_commands_were_refused_at_once_is_commented(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.insert(repository, &[commanding(1, &[Some(ReceiptReason::Quoted)])]).await;
    assert_eq!(due(&world, site, NOW).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn what_was_never_to_run_is_not_commented(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, live)) = live(engine).await else { return };
    // given commits that come with an import, too late, and without commands
    let importing = repository(&world, "importing", "7").await;
    world.insert(importing, &[commanding(1, &[None]), commanding(2, &[Some(ReceiptReason::Quoted)])]).await;
    world.insert(live, &[commanding(3, &[Some(ReceiptReason::TooOld)]), commit(4, &["A-1"])]).await;
    assert!(due(&world, site, NOW).await.is_empty());
    // and one whose commands are switched off before their turn
    world.insert(live, &[commanding(5, &[None])]).await;
    let waiting = world.receipts_due(site, NOW, 10).await.unwrap();
    let mut tx = world.write().await;
    let reason = Some(ReceiptReason::SwitchedOff);
    tx.receipt_end(waiting[0].receipt.id, ReceiptState::Refused, reason, None, None, None, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert!(due(&world, site, NOW).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn each_site_that_wants_comments_has_its_own(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let other = add(&world, "https://other.example.com", true).await;
    let quiet = add(&world, "https://quiet.example.com", false).await;
    world.insert(repository, &[commanding(1, &[None])]).await;
    for site in [site, quiet] {
        end(&world, site, 1).await;
    }
    let of = async |site| due(&world, site, NOW + 9).await.len();
    assert_eq!((of(site).await, of(other).await, of(quiet).await), (1, 0, 0));
    end(&world, other, 1).await;
    let found = due(&world, other, NOW + 9).await;
    assert!(found[0].receipts.iter().all(|(receipt, _)| receipt.site_id == other));
    let all = world.commit_comments(found[0].comment.commit_id).await.unwrap();
    assert_eq!(all.iter().map(|comment| comment.site_id).collect::<Vec<_>>(), [site, other]);
}

#[rstest]
#[tokio::test]
async fn the_last_end_wakes_the_job(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.insert(repository, &[commanding(1, &[None, None])]).await;
    end(&world, site, 1).await;
    assert_eq!(jobs(&world).await, 0);
    end(&world, site, 1).await;
    assert_eq!(jobs(&world).await, 1);
}

#[rstest]
#[tokio::test]
async fn an_attempt_is_noted_before_and_after(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.insert(repository, &[commanding(1, &[None])]).await;
    end(&world, site, 1).await;
    let comment = due(&world, site, NOW + 1).await.remove(0).comment;
    // given an attempt whose answer was lost
    let lost = attempt(&world, &comment, NOW + 2).await;
    let mut tx = world.write().await;
    tx.commit_comment_later(&comment, lost, NOW + 60, Outcome::Unknown, "no answer", NOW + 3).await.unwrap();
    tx.commit().await.unwrap();
    assert!(due(&world, site, NOW + 59).await.is_empty());
    assert_eq!(world.commit_comments_next_at(site).await.unwrap(), Some(NOW + 60));
    let told = world.delivery(lost).await.unwrap().unwrap();
    assert_eq!(
        (told.outcome, told.words.as_deref(), told.next_at),
        (Outcome::Unknown, Some("no answer"), Some(NOW + 60))
    );
    assert_eq!((told.title.as_str(), told.issue_key.as_deref()), ("Receipts", Some("A-1")));
    // when the next one finds it there
    let again = due(&world, site, NOW + 60).await.remove(0).comment;
    assert_eq!(again.attempted_at, Some(NOW + 2));
    let found = attempt(&world, &again, NOW + 61).await;
    let mut tx = world.write().await;
    tx.commit_comment_end(&again, found, None, NOW + 62).await.unwrap();
    tx.commit().await.unwrap();
    // then it is never due again, and every attempt says so
    assert!(due(&world, site, NOW + 1_000).await.is_empty());
    let outcomes: Vec<_> = deliveries(&world).await.into_iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Outcome::Sent, Outcome::Sent]);
    assert_eq!(world.commit_comments(comment.commit_id).await.unwrap()[0].state, OutboxState::Sent);
    assert!(!world.delivery_retry(found, NOW + 70).await.unwrap());
    assert_eq!(world.deliveries_retry_failed(None, NOW + 70).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn one_that_was_refused_is_written_when_somebody_asks_for_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.insert(repository, &[commanding(1, &[None])]).await;
    end(&world, site, 1).await;
    let comment = due(&world, site, NOW + 1).await.remove(0).comment;
    let refused = async |now| {
        let delivery = attempt(&world, &comment, now).await;
        let mut tx = world.write().await;
        tx.commit_comment_end(&comment, delivery, Some("not allowed"), now).await.unwrap();
        tx.commit().await.unwrap();
        delivery
    };
    // given
    let delivery = refused(NOW + 2).await;
    assert!(due(&world, site, NOW + 1_000).await.is_empty());
    let told = world.delivery(delivery).await.unwrap().unwrap();
    assert_eq!((told.outcome, told.words.as_deref()), (Outcome::Refused, Some("not allowed")));
    // when one asks for it, then it is due and is looked for first
    assert!(world.delivery_retry(delivery, NOW + 3).await.unwrap());
    assert_eq!(due(&world, site, NOW + 3).await[0].comment.attempted_at, Some(NOW + 2));
    // when all that failed is asked for, then it is too
    refused(NOW + 4).await;
    assert_eq!(world.deliveries_retry_failed(Some(site), NOW + 5).await.unwrap(), 1);
    assert_eq!(due(&world, site, NOW + 5).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_command_that_runs_again_holds_the_comment_back(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.insert(repository, &[commanding(1, &[None])]).await;
    let id = world.receipts_due(site, NOW, 1).await.unwrap()[0].receipt.id;
    let mut tx = world.write().await;
    let reason = Some(ReceiptReason::NoPermission);
    tx.receipt_end(id, ReceiptState::Refused, reason, Some("no"), None, None, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due(&world, site, NOW).await.len(), 1);
    // when
    assert!(world.receipt_retry(id, NOW).await.unwrap());
    assert!(due(&world, site, NOW + 9).await.is_empty());
    jobs(&world).await;
    // then it tells how that ended
    end(&world, site, 1).await;
    let found = due(&world, site, NOW + 9).await;
    assert_eq!((found.len(), found[0].receipts[0].0.state), (1, ReceiptState::Done));
    assert_eq!(jobs(&world).await, 1);
}

#[rstest]
#[tokio::test]
async fn what_is_not_wanted_any_more_is_forgotten(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    world.insert(repository, &[commanding(1, &[None]), commanding(2, &[None]), commanding(3, &[None])]).await;
    end(&world, site, 3).await;
    let all = due(&world, site, NOW + 9).await;
    assert_eq!(all.len(), 3);
    // one by itself, and one that waits
    let mut tx = world.write().await;
    tx.commit_comment_drop(&all[0].comment).await.unwrap();
    tx.commit_comment_wait(&all[1].comment, NOW + 60).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due(&world, site, NOW + 59).await.len(), 1);
    assert_eq!(due(&world, site, NOW + 60).await.len(), 2);
    // and the rest where the site wants none
    assert_eq!(world.commit_comments_drop(site).await.unwrap(), 2);
    let settings = SiteSettings::of(SiteKind::DataCenter);
    world.site_update(site, &SiteUpdate { settings: Some(settings), ..SiteUpdate::default() }).await.unwrap();
    world.insert(repository, &[commanding(4, &[None])]).await;
    end(&world, site, 1).await;
    assert!(due(&world, site, NOW + 60).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn it_goes_with_its_site_and_where_its_commit_is_shown_nowhere(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, repository)) = live(engine).await else { return };
    let other = add(&world, "https://other.example.com", true).await;
    world.insert(repository, &[commanding(1, &[None])]).await;
    end(&world, site, 1).await;
    end(&world, other, 1).await;
    let commit = due(&world, site, NOW + 9).await[0].comment.commit_id;
    // when one site goes
    world.site_set_state(site, SiteState::Removing).await.unwrap();
    while !world.site_purge_step(site).await.unwrap() {}
    // then
    let left = world.commit_comments(commit).await.unwrap();
    assert_eq!(left.iter().map(|comment| comment.site_id).collect::<Vec<_>>(), [other]);
    // when nobody links the repository any more
    let account = world.repository_accounts(repository).await.unwrap()[0];
    world.repository_set_linked(account, repository, false).await.unwrap();
    assert!(due(&world, other, NOW + 9).await.is_empty(), "it is shown nowhere");
    assert!(world.commit_comments(commit).await.unwrap().is_empty());
}
