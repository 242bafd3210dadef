use bytes::Bytes;
use rstest::rstest;
use store::testing::Engine;
use store::{JobLane, Lane, MergeRequestRange, NewJob, Scope, Store};

use crate::world::{NOW, RULES, World, branch, commit, forge_repository, merge_request, oid};

const ANSWER: Bytes = Bytes::from_static(b"a long answer");

/// Keeps an answer about each of these issues.
async fn keep(store: &Store, issues: &[&str]) {
    for issue in issues {
        let made = async { Ok::<_, ()>(ANSWER) };
        store.answers().get_or_make(issue, "detail", 0, made).await.unwrap();
    }
}

/// Whether an answer about the issue is kept: nobody has to make it.
async fn is_kept(store: &Store, issue: &str) -> bool {
    store.answers().get_or_make(issue, "detail", 0, async { Err(()) }).await.is_ok()
}

/// Those of the issues about which an answer is kept.
async fn kept<'i>(store: &Store, issues: &[&'i str]) -> Vec<&'i str> {
    let mut kept = Vec::new();
    for issue in issues {
        if is_kept(store, issue).await {
            kept.push(*issue);
        }
    }
    kept
}

#[rstest]
#[tokio::test]
async fn an_import_touches_the_issues_of_its_commits_alone(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, fork] = world.repositories(account, ["1", "2"]).await;
    world.insert(one, &[commit(1, &["A-1"]), commit(2, &["B-1"])]).await;

    // a new commit
    keep(&world, &["A-1", "B-1", "C-1"]).await;
    world.insert(one, &[commit(3, &["B-1"])]).await;
    assert_eq!(kept(&world, &["A-1", "B-1", "C-1"]).await, ["A-1", "C-1"]);

    // a known commit in another repository, written and attached
    keep(&world, &["A-1", "B-1", "C-1"]).await;
    world.insert(fork, &[commit(1, &["A-1"])]).await;
    assert_eq!(kept(&world, &["A-1", "B-1", "C-1"]).await, ["B-1", "C-1"]);
    keep(&world, &["A-1", "B-1", "C-1"]).await;
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    tx.commits_attach(fork, &[commit(2, &[]).commit.id], NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kept(&world, &["A-1", "B-1", "C-1"]).await, ["A-1", "C-1"]);
}

#[rstest]
#[tokio::test]
async fn what_is_not_shown_touches_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    keep(&world, &["A-1"]).await;

    let job = NewJob {
        kind: "test".to_owned(),
        dedup_key: "test".to_owned(),
        resource_key: "test".to_owned(),
        lane: JobLane::Live,
        priority: 0,
        payload: serde_json::json!({}),
        run_at: NOW,
    };
    let mut tx = world.begin_write(Lane::Live).await.unwrap();
    tx.job_enqueue(&job, NOW).await.unwrap();
    tx.repository_syncing(repository, 7).await.unwrap();
    tx.commit().await.unwrap();
    world.job_claim("node", None, NOW, NOW + 1).await.unwrap().unwrap();
    world.api_token_insert("hash", "test", Scope::Read, NOW).await.unwrap();
    world.api_token("hash", NOW).await.unwrap().unwrap();
    world.setting_put("name", "value").await.unwrap();

    assert_eq!(kept(&world, &["A-1"]).await, ["A-1"]);
}

#[rstest]
#[tokio::test]
async fn rights_names_and_switches_touch_everything(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.insert(repository, &[commit(1, &["A-1"])]).await;

    keep(&world, &["A-1"]).await;
    world.account_restrict(account, true, &[]).await.unwrap();
    assert!(kept(&world, &["A-1"]).await.is_empty());

    keep(&world, &["A-1"]).await;
    world.repository_set_linked(account, repository, false).await.unwrap();
    assert!(kept(&world, &["A-1"]).await.is_empty());

    keep(&world, &["A-1"]).await;
    let mut renamed = forge_repository("1");
    renamed.path = "group/renamed".to_owned();
    world.listed(account, &[renamed]).await;
    assert!(kept(&world, &["A-1"]).await.is_empty());

    keep(&world, &["A-1"]).await;
    world.lose(repository, &[commit(1, &[]).commit.id]).await;
    assert!(kept(&world, &["A-1"]).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_new_account_touches_nothing_until_it_sees_what_another_one_shows(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let first = world.connect("team").await;
    let [repository] = world.repositories(first, ["1"]).await;
    world.insert(repository, &[commit(1, &["A-1"])]).await;
    keep(&world, &["A-1"]).await;

    // repositories that nobody has seen
    let second = world.connect("others").await;
    world.repositories(second, ["2", "3"]).await;
    let mut tx = world.write().await;
    tx.account_listed(second, NOW).await.unwrap();
    tx.account_import_ended(second, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kept(&world, &["A-1"]).await, ["A-1"]);

    // one that is shown already: whoever may see this account may see it now
    let third = world.connect("both").await;
    world.repositories(third, ["1"]).await;
    assert!(kept(&world, &["A-1"]).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_change_that_is_taken_back_touches_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    world.repositories(account, ["1"]).await;
    keep(&world, &["A-1"]).await;

    let mut tx = world.write().await;
    tx.repositories_listed(account, &[forge_repository("1")], true, false, NOW).await.unwrap();
    drop(tx);

    assert_eq!(kept(&world, &["A-1"]).await, ["A-1"]);
}

#[tokio::test]
async fn other_nodes_are_told() {
    let Some(world) = World::open(Engine::Postgres).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    // given two nodes
    let other = world.open_again().await;
    keep(&other, &["A-1", "B-1"]).await;

    // when one writes
    world.insert(repository, &[commit(1, &["A-1"])]).await;

    // then the other forgets what that touched, and only that
    while is_kept(&other, "A-1").await {
        tokio::task::yield_now().await;
    }
    assert!(is_kept(&other, "B-1").await);
    other.close().await;
}

#[rstest]
#[tokio::test]
async fn a_list_of_branches_that_is_as_before_touches_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    world.branches_are(repository, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    keep(&world, &["A-1"]).await;
    world.branches_are(repository, &[branch("A-1-x", 1, &["A-1"])], NOW + 1).await;
    assert_eq!(kept(&world, &["A-1"]).await, ["A-1"]);
    world.branches_are(repository, &[branch("A-1-x", 2, &["A-1"])], NOW + 2).await;
    assert_eq!(kept(&world, &["A-1"]).await, [""; 0]);
}

#[rstest]
#[tokio::test]
async fn branches_ranges_and_reviewers_touch_the_issues_that_they_are_linked_to(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let all = ["A-1", "B-1", "C-1", "D-1"];
    world.insert(one, &[commit(1, &["B-1"])]).await;
    world.put(one, &[merge_request(7, &["A-1"])]).await;

    // the commits of a merge request are found
    keep(&world, &all).await;
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    let range = MergeRequestRange { number: 7, base: None, frozen: false, commits: vec![oid(1)] };
    tx.merge_request_ranges(one, &[range]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kept(&world, &all).await, ["C-1", "D-1"]);

    // its reviewers are read
    keep(&world, &all).await;
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    tx.merge_request_reviewed(one, 7, &[], (NOW, NOW)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kept(&world, &all).await, ["C-1", "D-1"]);

    // branches come, move and go
    for (branches, touched) in [
        (vec![branch("c", 1, &["C-1"])], "C-1"),
        (vec![branch("c", 2, &["C-1"])], "C-1"),
        (vec![branch("c", 2, &["C-1"]), branch("d", 2, &["D-1"])], "D-1"),
        (vec![branch("d", 2, &["D-1"])], "C-1"),
    ] {
        keep(&world, &all).await;
        let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
        tx.branches_replace(one, &branches, RULES, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let untouched: Vec<&str> = all.into_iter().filter(|issue| *issue != touched).collect();
        assert_eq!(kept(&world, &all).await, untouched);
    }

    // it is gone
    keep(&world, &all).await;
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    tx.merge_requests_gone(one, &[7], NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kept(&world, &all).await, ["C-1", "D-1"]);
}
