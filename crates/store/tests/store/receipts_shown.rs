//! Receipts as issue pages show them, and which commits have any.

use model::{Millis, ReceiptReason, ReceiptState, SiteKind, SiteSettings};
use rstest::rstest;
use serde_json::json;
use store::testing::Engine;
use store::{JobLane, Lane, NewCommand, NewCommit, Role, SiteProject, SiteUpdate, Source, Viewer, WriteTx};

use crate::sites::add;
use crate::world::{NOW, RULES, World, commit, forge_repository, oid};

/// A world with a Data Center and a repository whose first import has ended, and the account that lists it.
async fn live(engine: Engine) -> Option<(World, i64, i64, i64)> {
    let world = World::open(engine).await?;
    let site = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let account = world.connect("team").await;
    let [repository] = listed(&world, account, ["1"], NOW).await;
    world.imported(repository).await;
    Some((world, site, account, repository))
}

/// The repositories that an account lists, whose smart commits are switched on.
async fn listed<const N: usize>(world: &World, account: i64, forge_ids: [&str; N], now: Millis) -> [i64; N] {
    let mut tx = world.write().await;
    let listed = forge_ids.map(forge_repository);
    let ids = tx.repositories_listed(account, &listed, true, true, now).await.unwrap();
    tx.commit().await.unwrap();
    ids.iter().map(|(id, _)| *id).collect::<Vec<_>>().try_into().unwrap()
}

/// A commit that comments on issues, in this order.
fn commenting(number: u64, keys: &[&str]) -> NewCommit {
    let command = |(position, key): (i64, &&str)| NewCommand {
        position,
        key: (*key).to_owned(),
        command: "comment".to_owned(),
        argument: format!("of {number}"),
        refused: None,
    };
    NewCommit { commands: (0..).zip(keys).map(command).collect(), ..commit(number, keys) }
}

async fn write<T>(world: &World, work: impl AsyncFnOnce(&mut WriteTx) -> T) -> T {
    let mut tx = world.write().await;
    let answer = work(&mut tx).await;
    tx.commit().await.unwrap();
    answer
}

/// Issue, state and reason of what an issue's page shows.
async fn shown(world: &World, key: &str) -> Vec<(String, ReceiptState, Option<ReceiptReason>)> {
    let shown = world.receipts_of_issue(Viewer::Everything, key, 100).await.unwrap();
    shown.into_iter().map(|it| (it.receipt.issue_key, it.receipt.state, it.receipt.reason)).collect()
}

#[rstest]
#[tokio::test]
async fn commands_of_an_issue_that_moved_are_shown_with_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, _, repository)) = live(engine).await else { return };
    world.insert(repository, &[commenting(1, &["A-1", "OLD-5"])]).await;
    assert_eq!(shown(&world, "A-1").await.len(), 1);
    // when one moves, and the other's project gets another key
    let project = |key: &str| SiteProject {
        key: key.to_owned(),
        project_id: "1".to_owned(),
        name: "New".to_owned(),
        present_key: "NEW".to_owned(),
    };
    let known = async |tx: &mut WriteTx| {
        tx.site_projects_replace(site, &[project("NEW"), project("OLD")], NOW).await.unwrap();
        tx.alias_set(site, "A-1", Some("B-7"), NOW).await.unwrap();
    };
    write(&world, known).await;
    // then both are run and shown under their present keys
    let due = world.receipts_due(site, NOW, 10).await.unwrap();
    let present: Vec<&str> = due.iter().map(|it| it.present_key.as_str()).collect();
    assert_eq!(present, ["B-7", "NEW-5"]);
    assert_eq!(shown(&world, "B-7").await, [("A-1".to_owned(), ReceiptState::Waiting, None)]);
    assert_eq!(shown(&world, "NEW-5").await, [("OLD-5".to_owned(), ReceiptState::Waiting, None)]);
    assert!(shown(&world, "NEW-6").await.is_empty());
}

#[rstest]
#[tokio::test]
async fn who_may_not_see_a_commit_sees_none_of_its_receipts(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, _, account, repository)) = live(engine).await else { return };
    let insider = world.user_insert("in", "In", Role::Reader, None, NOW).await.unwrap();
    let outsider = world.user_insert("out", "Out", Role::Reader, None, NOW).await.unwrap();
    world.insert(repository, &[commenting(1, &["A-1"]), commenting(2, &["A-1"]), commenting(3, &["A-1"])]).await;
    world.account_restrict(account, true, &[insider]).await.unwrap();
    let of = async |viewer, limit| world.receipts_of_issue(viewer, "A-1", limit).await.unwrap();
    assert_eq!(of(Viewer::User(insider), 10).await.len(), 3);
    assert!(of(Viewer::User(outsider), 10).await.is_empty());
    let newest = of(Viewer::Everything, 2).await;
    assert_eq!(newest.len(), 2);
    assert_eq!((newest[0].site_name.as_str(), newest[0].site_url.as_str()), ("Jira", "https://jira.example.com"));
    assert_eq!((newest[0].object_id.clone(), newest[0].author_name.as_str()), (oid(3), "Ada"));
}

#[rstest]
#[tokio::test]
async fn commands_are_run_in_the_order_in_which_commits_were_made(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, _, repository)) = live(engine).await else { return };
    world.insert(repository, &[commenting(3, &["A-1"])]).await;
    world.insert(repository, &[commenting(2, &["A-1", "A-2"]), commenting(1, &["A-1"])]).await;
    let due = world.receipts_due(site, NOW, 10).await.unwrap();
    let order: Vec<_> = due.iter().map(|it| (it.object_id.clone(), it.receipt.position)).collect();
    assert_eq!(order, [(oid(1), 0), (oid(2), 0), (oid(2), 1), (oid(3), 0)]);
    let first = &due[0];
    assert_eq!((first.author_email.as_str(), first.committed_at), ("ada@example.com", NOW + 1_005));
    assert_eq!((first.message.as_str(), first.receipt.argument.as_str()), ("A-1: commit 1", "of 1"));
    assert_eq!((first.repository.path.as_str(), first.repository.id), ("group/p1", repository));
    assert_eq!(world.receipts_due(site, NOW, 2).await.unwrap().len(), 2);
    assert!(world.receipts_due(site, NOW - 1, 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_the_store_knew_before_is_commanded_no_more(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, _, account, repository)) = live(engine).await else { return };
    // known from REST without commands, then read by git with one
    world.insert_from(repository, &[commit(1, &["A-1"])], Source::Rest).await;
    world.insert(repository, &[commenting(1, &["A-1"])]).await;
    assert!(shown(&world, "A-1").await.is_empty());
    // read by REST with one, then by git
    world.insert_from(repository, &[commenting(2, &["A-2"])], Source::Rest).await;
    world.insert(repository, &[commenting(2, &["A-2", "A-3"])]).await;
    assert_eq!((shown(&world, "A-2").await.len(), shown(&world, "A-3").await.len()), (1, 0));
    // attached to another repository, lost, and found again
    let [_, other] = listed(&world, account, ["1", "2"], NOW).await;
    world.imported(other).await;
    write(&world, async |tx| tx.commits_attach(other, &[oid(2)], NOW).await.unwrap()).await;
    world.lose(repository, &[oid(2)]).await;
    world.insert(repository, &[commenting(2, &["A-2"])]).await;
    assert_eq!(shown(&world, "A-2").await.len(), 1);
    // and named twice in one write
    world.insert(repository, &[commenting(3, &["A-4"]), commenting(3, &["A-4"])]).await;
    assert_eq!(shown(&world, "A-4").await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn two_who_write_the_same_commit_leave_one_receipt(#[values("sqlite", "postgres")] engine: Engine) {
    let Some((world, site, account, repository)) = live(engine).await else { return };
    let [_, other] = listed(&world, account, ["1", "2"], NOW).await;
    world.imported(other).await;
    let insert = async |repository: i64| {
        let new: Vec<NewCommit> = (1..=20).map(|number| commenting(number, &["A-1"])).collect();
        let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
        tx.commits_insert(repository, &new, Source::Git, RULES, NOW).await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::join!(insert(repository), insert(other));
    assert_eq!(world.receipts_due(site, NOW, 100).await.unwrap().len(), 20);
}

#[rstest]
#[tokio::test]
async fn only_sites_that_are_served_and_run_smart_commits_have_receipts(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, account, repository)) = live(engine).await else { return };
    let cloud = add(&world, SiteKind::Cloud, "https://example.atlassian.net").await;
    let chosen = add(&world, SiteKind::DataCenter, "https://chosen.example.com").await;
    let off = add(&world, SiteKind::DataCenter, "https://off.example.com").await;
    let settings = |change: &dyn Fn(&mut SiteSettings)| {
        let mut settings = SiteSettings::of(SiteKind::DataCenter);
        change(&mut settings);
        SiteUpdate { settings: Some(settings), ..SiteUpdate::default() }
    };
    world.site_update(chosen, &settings(&|it| it.all_accounts = false)).await.unwrap();
    world.site_update(off, &settings(&|it| it.smart_commits = false)).await.unwrap();
    let due = async |site| world.receipts_due(site, NOW, 10).await.unwrap().len();
    world.insert(repository, &[commenting(1, &["A-1"])]).await;
    assert_eq!([due(site).await, due(cloud).await, due(chosen).await, due(off).await], [1, 0, 0, 0]);
    // when the account serves it, too
    world.site_set_accounts(chosen, &[account]).await.unwrap();
    world.insert(repository, &[commenting(2, &["A-1"])]).await;
    assert_eq!([due(site).await, due(chosen).await], [2, 1]);
    // and what no account links has none
    world.repository_set_linked(account, repository, false).await.unwrap();
    world.insert(repository, &[commenting(3, &["A-3"])]).await;
    let third = world.commit(&oid(3)).await.unwrap().unwrap().id;
    assert!(world.receipts_of_commit(third).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_repository_made_after_the_first_import_of_its_account_is_live_at_once(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, account, _)) = live(engine).await else { return };
    let [_, before] = listed(&world, account, ["1", "2"], NOW).await;
    write(&world, async |tx| tx.account_import_ended(account, NOW + 5).await.unwrap()).await;
    let [.., after] = listed(&world, account, ["1", "2", "3"], NOW + 6).await;
    world.insert(before, &[commenting(1, &["A-1"])]).await;
    world.insert(after, &[commenting(2, &["A-2"])]).await;
    let refused = [("A-1".to_owned(), ReceiptState::Refused, Some(ReceiptReason::NotLive))];
    assert_eq!(shown(&world, "A-1").await, refused);
    assert_eq!(shown(&world, "A-2").await, [("A-2".to_owned(), ReceiptState::Waiting, None)]);
    assert_eq!(world.receipts_due(site, NOW, 10).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn the_job_is_enqueued_with_the_receipt_and_not_for_what_is_refused(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, _, repository)) = live(engine).await else { return };
    let smart_commits = async || {
        let mut found = Vec::new();
        while let Some(job) = world.job_claim("node", Some(JobLane::Live), NOW, NOW + 9_000).await.unwrap() {
            found.push(job);
        }
        found.retain(|job| job.kind == "run_smart_commits");
        found
    };
    let mut refused = commenting(1, &["A-1"]);
    refused.commands[0].refused = Some(ReceiptReason::Quoted);
    world.insert(repository, &[refused]).await;
    assert!(smart_commits().await.is_empty());
    world.insert(repository, &[commenting(2, &["A-1"]), commenting(3, &["A-1"])]).await;
    let jobs = smart_commits().await;
    assert_eq!(jobs.len(), 1);
    let key = format!("site:{site}:smart_commits");
    assert_eq!((&jobs[0].dedup_key, &jobs[0].resource_key, jobs[0].lane), (&key, &key, JobLane::Live));
    assert_eq!(jobs[0].payload, json!({ "site_id": site }));
}

#[rstest]
#[case(ReceiptReason::NoPermission, true)]
#[case(ReceiptReason::NoUser, true)]
#[case(ReceiptReason::JiraRefused, true)]
#[case(ReceiptReason::GaveUp, true)]
#[case(ReceiptReason::TooOld, false)]
#[case(ReceiptReason::Quoted, false)]
#[case(ReceiptReason::NotLive, false)]
#[case(ReceiptReason::EmptyComment, false)]
#[tokio::test]
async fn a_refused_command_may_be_run_again_where_its_reason_may_pass(
    #[case] reason: ReceiptReason,
    #[case] may_pass: bool,
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, _, repository)) = live(engine).await else { return };
    world.insert(repository, &[commenting(1, &["A-1"])]).await;
    let id = world.receipts_due(site, NOW, 10).await.unwrap()[0].receipt.id;
    assert!(!world.receipt_retry(id, NOW).await.unwrap(), "it waits");
    let refused = ReceiptState::Refused;
    write(&world, async |tx| tx.receipt_end(id, refused, Some(reason), Some("no"), None, None, NOW).await.unwrap())
        .await;
    assert!(world.receipts_due(site, NOW + 9, 10).await.unwrap().is_empty());
    assert_eq!(world.receipt_retry(id, NOW + 9).await.unwrap(), may_pass);
    let due = world.receipts_due(site, NOW + 9, 10).await.unwrap();
    assert_eq!(due.iter().map(|it| it.receipt.id).collect::<Vec<_>>(), if may_pass { vec![id] } else { vec![] });
    // and what was done is not done again
    write(&world, async |tx| tx.receipt_end(id, ReceiptState::Done, None, None, Some("10"), None, NOW).await.unwrap())
        .await;
    assert!(!world.receipt_retry(id, NOW + 10).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_command_whose_repository_is_gone_goes_on_where_its_commit_still_is(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some((world, site, _, repository)) = live(engine).await else { return };
    let account = world.connect("first").await;
    let [first] = listed(&world, account, ["2"], NOW).await;
    world.imported(first).await;
    world.insert(first, &[commenting(1, &["A-1"]), commenting(2, &["A-2"])]).await;
    world.insert(repository, &[commit(1, &["A-1"])]).await;
    write(&world, async |tx| tx.account_remove(account).await.unwrap()).await;
    // while it is being purged, and after that
    let due = world.receipts_due(site, NOW, 10).await.unwrap();
    let places: Vec<(i64, String)> = due.iter().map(|it| (it.repository.id, it.receipt.issue_key.clone())).collect();
    assert_eq!(places, [(repository, "A-1".to_owned())]);
    assert!(world.purge_repository(first).await.unwrap());
    let due = world.receipts_due(site, NOW, 10).await.unwrap();
    assert_eq!(due.iter().map(|it| it.receipt.issue_key.as_str()).collect::<Vec<_>>(), ["A-1"]);
    assert!(shown(&world, "A-2").await.is_empty(), "it went with its commit");
}
