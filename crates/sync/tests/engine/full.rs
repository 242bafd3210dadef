//! Full syncs: everything the forge has against everything stored, repaired both ways, and told in words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use grammar::Noise;
use model::{Branch, Mention, SyncChanges};
use rstest::rstest;
use sandbox::gitlab::model::{MergeMethod, MergeRequestId, NewMergeRequest, ProjectId};
use store::{Lane, MergeRequestRange, NewBranch, Repository, Store};
use sync::Options;

use crate::world::{Database, GROUP, World, commits_of, object_id, query};

/// What is shown for an issue: commits (and whether they are on no branch any more), branches, merge requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Shown {
    commits: BTreeSet<(String, bool)>,
    branches: BTreeSet<String>,
    merge_requests: BTreeSet<i64>,
}

impl Shown {
    fn links(&self) -> usize {
        self.commits.len() + self.branches.len() + self.merge_requests.len()
    }

    /// What both show.
    fn and(&self, other: &Self) -> Self {
        Self {
            commits: &self.commits & &other.commits,
            branches: &self.branches & &other.branches,
            merge_requests: &self.merge_requests & &other.merge_requests,
        }
    }
}

/// The issues that the tests name.
const KEYS: [&str; 10] =
    ["PLAT-1", "PLAT-2", "PLAT-3", "PLAT-4", "PLAT-5", "PLAT-6", "PLAT-7", "PLAT-8", "PLAT-9", "UTF-8"];

async fn shown(store: &Store) -> BTreeMap<&'static str, Shown> {
    let mut all = BTreeMap::new();
    for key in KEYS {
        let branches = store.issue_branches(&query(key), None, None).await.unwrap().items;
        let merge_requests = store.issue_merge_requests(&query(key), None, None).await.unwrap().items;
        let shown = Shown {
            commits: commits_of(store, key).await.into_iter().collect(),
            branches: branches.into_iter().map(|branch| branch.name).collect(),
            merge_requests: merge_requests.into_iter().map(|merge_request| merge_request.number).collect(),
        };
        all.insert(key, shown);
    }
    all
}

fn rules() -> i64 {
    grammar::rule_version(&noise())
}

fn noise() -> Noise {
    Noise::new(Noise::DEFAULT.map(str::to_owned))
}

fn mentions(text: &str) -> Vec<Mention> {
    grammar::mentions(text, &noise())
}

async fn open(world: &World, project: ProjectId, source: &str, title: &str) -> MergeRequestId {
    world.model().open_merge_request(NewMergeRequest::within(project, source, "main", title, world.jira)).await.unwrap()
}

/// A project with three branches and three merge requests, one of them merged.
async fn project(world: &World) -> ProjectId {
    let project = world.project("api").await;
    let pushed =
        [("main", "PLAT-1 Begin"), ("PLAT-2-topic", "PLAT-2 Try"), ("other", "PLAT-3 Other"), ("done", "PLAT-4 Do")];
    world.push(project, &pushed).await;
    open(world, project, "PLAT-2-topic", "PLAT-5 First").await;
    open(world, project, "other", "PLAT-6 Second").await;
    let done = open(world, project, "done", "PLAT-7 Third").await;
    world.model().merge(done, world.jira, MergeMethod::MergeCommit).await.unwrap();
    world.delete_branch(project, "done").await;
    project
}

/// What the last full sync said about the repository.
async fn said(world: &World, account: i64) -> String {
    let repository = world.repository(account, "api").await;
    assert!(repository.changes_at.is_some());
    sync::sentence_of_changes(&repository.changes.expect("a full sync ended"))
}

fn new_branch(name: &str, head: &str) -> NewBranch {
    NewBranch { branch: Branch { name: name.to_owned(), head: object_id(head) }, mentions: mentions(name) }
}

/// Takes out of the store what the forge has, and puts in what it has not.
async fn damage(world: &World, repository: &Repository, heads: &BTreeMap<String, String>) {
    let (id, now) = (repository.id, model::Clock::now(&*world.clock));
    let mut tx = world.store.begin_write(Lane::Live).await.unwrap();
    // A branch is missing, and one too many.
    let branches = [
        new_branch("main", &heads["main"]),
        new_branch("other", &heads["other"]),
        new_branch("PLAT-8-stale", &heads["main"]),
    ];
    tx.branches_replace(id, &branches, rules(), now).await.unwrap();
    // What a message says was forgotten, and what it does not say was put down.
    tx.commits_reextract(&[(object_id(&heads["other"]), mentions("PLAT-9"))], rules()).await.unwrap();
    // A commit counts as lost that is not.
    tx.commits_lost(id, &[object_id(&heads["PLAT-2-topic"])], now).await.unwrap();
    // A merge request counts as gone that is not, another has lost its commits.
    tx.merge_requests_gone(id, &[1], now).await.unwrap();
    let range = MergeRequestRange { number: 3, base: None, frozen: true, commits: Vec::new() };
    tx.merge_request_ranges(id, &[range]).await.unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_damaged_is_repaired_both_ways_and_told(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = project(&world).await;
    let account = world.import(GROUP).await;
    let before = shown(&world.store).await;
    let repository = world.repository(account, "api").await;
    damage(&world, &repository, &world.refs(project).await).await;
    assert_ne!(shown(&world.store).await, before);

    // when
    world.full_sync(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(shown(&world.store).await, before);
    let changes = world.repository(account, "api").await.changes.unwrap();
    let expected = SyncChanges {
        branches_added: 1,
        branches_removed: 1,
        commits_added: 1,
        commits_lost: 0,
        merge_requests_added: 1,
        merge_requests_removed: 0,
        // Of PLAT-2-topic; of the commit of "other"; two of the first merge request, and the third's by its commits.
        links_added: 5,
        // Of PLAT-8-stale; PLAT-9 of the commit.
        links_removed: 2,
    };
    assert_eq!(changes, expected);
    assert_eq!(
        said(&world, account).await,
        "1 branch added, 1 branch removed, 1 commit added, 1 merge request added, 5 links added, 2 links removed"
    );

    // when: once more
    world.full_sync(account).await;

    // then
    assert_eq!(shown(&world.store).await, before);
    assert_eq!(said(&world, account).await, "nothing had to be changed");
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_forge_deleted_while_nobody_looked_goes(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = project(&world).await;
    let account = world.import(GROUP).await;
    let lost = world.refs(project).await["other"].clone();
    world.model().delete_merge_request(world.model().merge_request_by_iid(project, 2).unwrap().id).unwrap();
    world.delete_branch(project, "other").await;

    // when
    world.full_sync(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert!(world.merge_requests("PLAT-6").await.is_empty());
    assert_eq!(world.commits("PLAT-3").await, [(lost, true)], "its commit stays, and is told from the others");
    let said = said(&world, account).await;
    assert!(said.starts_with("1 branch removed, 1 commit no longer on a branch, 1 merge request removed"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_is_read_by_todays_rule() {
    // given: the same key in a commit, a commit that nothing leads to, a branch, and merge requests, one of them merged
    let Some(mut world) = World::new(Database::Sqlite).await else { return };
    let project = project(&world).await;
    let pushed = [("UTF-8-branch", "PLAT-8 Use UTF-8"), ("gone", "PLAT-9 Try UTF-8"), ("titled", "PLAT-3 Go on")];
    world.push(project, &pushed).await;
    let merged = open(&world, project, "UTF-8-branch", "A title").await;
    world.model().merge(merged, world.jira, MergeMethod::Squash).await.unwrap();
    open(&world, project, "titled", "UTF-8 in a title").await;
    let account = world.import(GROUP).await;
    let (kept, lost) = (world.refs(project).await["UTF-8-branch"].clone(), world.refs(project).await["gone"].clone());
    world.delete_branch(project, "gone").await;
    world.refresh(account).await;
    assert_eq!(shown(&world.store).await["UTF-8"], Shown::default());
    assert_eq!(shown(&world.store).await["PLAT-9"].commits, BTreeSet::from([(lost.clone(), true)]));

    // when: UTF is no noise any more, but PLAT is
    let options = Options { noise: vec!["PLAT".to_owned()], ..world.engine.options().clone() };
    world.restart_with(options).await;
    while world.reachable("UTF-8").await.is_empty() {
        tokio::task::yield_now().await;
    }
    world.idle().await;

    // then
    let shown = shown(&world.store).await;
    let utf = &shown["UTF-8"];
    assert!(utf.commits.contains(&(kept, false)) && utf.commits.contains(&(lost, true)), "{utf:?}");
    assert_eq!(utf.branches, BTreeSet::from(["UTF-8-branch".to_owned()]));
    assert_eq!(utf.merge_requests, BTreeSet::from([4, 5]));
    let others: Vec<_> = shown.iter().filter(|(key, shown)| **key != "UTF-8" && shown.links() > 0).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[rstest]
#[case::sqlite(Database::Sqlite, false)]
#[case::postgres(Database::Postgres, false)]
#[case::damaged_sqlite(Database::Sqlite, true)]
#[case::damaged_postgres(Database::Postgres, true)]
#[tokio::test(flavor = "multi_thread")]
async fn at_no_moment_is_less_shown_than_before(#[case] database: Database, #[case] damaged: bool) {
    // given: enough for several transactions
    let Some(world) = World::new(database).await else { return };
    let project = project(&world).await;
    let messages: Vec<String> = (0..500).map(|number| format!("PLAT-{} Work {number}", number % 7 + 1)).collect();
    let commits: Vec<(&str, &str)> = messages.iter().map(|message| ("main", message.as_str())).collect();
    world.push(project, &commits).await;
    for number in 0..8 {
        let (branch, message) = (format!("PLAT-{}-{number}", number % 7 + 1), format!("PLAT-{} Try", number % 5 + 1));
        world.push(project, &[(&branch, &message)]).await;
        open(&world, project, &branch, &format!("PLAT-{} Title", number % 3 + 1)).await;
    }
    let account = world.import(GROUP).await;
    if damaged {
        damage(&world, &world.repository(account, "api").await, &world.refs(project).await).await;
    }
    let before = shown(&world.store).await;

    // when: somebody looks all the time
    let done = Arc::new(AtomicBool::new(false));
    let (store, stop, mut always) = (world.store.clone(), Arc::clone(&done), before.clone());
    let reader = tokio::spawn(async move {
        let mut looks = 0_u64;
        while !stop.load(Ordering::Relaxed) {
            for (key, seen) in shown(&store).await {
                always.entry(key).and_modify(|always| *always = always.and(&seen));
            }
            looks += 1;
        }
        (looks, always)
    });
    world.full_sync(account).await;
    done.store(true, Ordering::Relaxed);

    // then: what was shown before and is shown after was shown at every look between
    let ((looks, always), after) = (reader.await.unwrap(), shown(&world.store).await);
    assert!(looks > 1);
    for key in KEYS {
        assert_eq!(always[key], before[key].and(&after[key]), "{key}");
    }
    assert_eq!(said(&world, account).await == "nothing had to be changed", !damaged);
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_that_only_rest_knows_survive_every_full_sync() {
    // given: a squashed branch whose own commits git has collected
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = project(&world).await;
    world.push(project, &[("squashed", "PLAT-8 One")]).await;
    let account = world.import(GROUP).await;
    let id = open(&world, project, "squashed", "A title").await;
    world.model().merge(id, world.jira, MergeMethod::Squash).await.unwrap();
    world.delete_branch(project, "squashed").await;
    world.refresh(account).await;
    let before = shown(&world.store).await;
    assert!(before["PLAT-8"].merge_requests.contains(&4) && !before["PLAT-8"].commits.is_empty());
    world.clock.advance(15 * 24 * 3_600_000);
    world.model().drop_expired_head_refs(project).await.unwrap();
    let repository = world.model().repositories().path(project);
    for arguments in [&["reflog", "expire", "--expire=now", "--all"][..], &["gc", "--prune=now", "-q"][..]] {
        git::Git::new().command(arguments.iter().copied()).repository(&repository).output().await.unwrap();
    }

    for _ in 0..2 {
        // when
        world.full_sync(account).await;

        // then
        world.assert_up_to_date(account).await;
        assert_eq!(shown(&world.store).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_git_a_full_sync_finds_what_a_forced_push_left_behind() {
    // given
    let Some(mut world) = World::new(Database::Sqlite).await else { return };
    let options = Options { git: false, ..world.engine.options().clone() };
    world.restart_with(options).await;
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 Try"), ("new", "PLAT-3 Other")]).await;
    let account = world.import(GROUP).await;
    let before = world.refs(project).await["topic"].clone();
    world.force(project, "topic", "new").await;

    // when
    world.full_sync(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.commits("PLAT-2").await, [(before, true)]);
    assert_eq!(world.reachable("PLAT-1").await.len() + world.reachable("PLAT-3").await.len(), 2);
    let said = said(&world, account).await;
    assert_eq!(said, "1 commit no longer on a branch");
}
