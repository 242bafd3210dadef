//! The files of commits of what the facade serves.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use model::{CommitFile, FileStatus};
use rstest::rstest;
use sandbox::gitlab::model::ProjectId;
use store::Repository;
use sync::Options;

use super::jira::Jira;
use crate::world::{Database, GROUP, World};

/// An imported project of a few commits that nobody's Jira sees yet.
async fn imported(database: Database) -> Option<(World, ProjectId, i64)> {
    let world = World::new(database).await?;
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("main", "PLAT-2 Go on"), ("PLAT-3-x", "PLAT-3 Branch off")]).await;
    let account = world.import(GROUP).await;
    Some((world, project, account))
}

/// Somebody's Jira is let in, and sees what they see.
async fn let_in(world: &World) {
    Jira::known(world).await.visit(world, world.jira).await;
    world.idle().await;
    // Who finds the cache in use comes again a moment later.
    world.wait(Duration::from_secs(120)).await;
}

async fn unread(world: &World, repository: &Repository) -> usize {
    world.store.commits_without_files(repository.id, 0, i64::MAX).await.unwrap().len()
}

/// What the facade tells of the commits of a project, by their ids; commits whose files are not known are left out.
async fn told(world: &World, project: ProjectId, repository: &Repository) -> BTreeMap<String, Vec<String>> {
    let mut told = BTreeMap::new();
    for id in world.git(project, &["rev-list", "--branches"]).await {
        let commit = world.store.facade_commit(repository.id, &id).await.unwrap().expect("the commit is there");
        if let Some(files) = commit.files {
            told.insert(id, files.iter().map(spelled).collect());
        }
    }
    told
}

fn spelled(file: &CommitFile) -> String {
    let letter = match file.change {
        FileStatus::Added => 'A',
        FileStatus::Modified => 'M',
        FileStatus::Removed => 'D',
    };
    format!("{letter}\t{}", file.path)
}

/// What git says in the project itself.
async fn expected(world: &World, project: ProjectId) -> BTreeMap<String, Vec<String>> {
    let mut expected = BTreeMap::new();
    for id in world.git(project, &["rev-list", "--branches"]).await {
        let arguments =
            ["diff-tree", "-r", "--root", "--no-renames", "--name-status", "--no-commit-id", "--diff-merges=1", &id];
        let files = world.git(project, &arguments).await.into_iter().filter(|line| !line.is_empty());
        expected.insert(id.clone(), files.collect());
    }
    expected
}

fn fetches(world: &World) -> usize {
    let is_fetch = |request: &sandbox::gitlab::request_log::LoggedRequest| request.path.ends_with("/git-upload-pack");
    world.server.requests().all().iter().filter(|request| is_fetch(request)).count()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_served_gets_its_files_and_a_push_brings_the_new_ones(#[case] database: Database) {
    // given: nobody asks for files, so none are read
    let Some((world, project, account)) = imported(database).await else { return };
    let repository = world.repository(account, "api").await;
    assert_eq!(unread(&world, &repository).await, 3);

    // when
    let_in(&world).await;

    // then
    assert_eq!(told(&world, project, &repository).await, expected(&world, project).await);

    // when
    world.push(project, &[("main", "PLAT-4 Go further"), ("main", "PLAT-5 and further")]).await;
    world.server.requests().clear();
    world.refresh(account).await;

    // then: with the fetch that brings the commits
    assert_eq!(told(&world, project, &repository).await, expected(&world, project).await);
    assert_eq!(unread(&world, &repository).await, 0);
    assert!(fetches(&world) <= 3, "{} requests: a listing, one round of negotiation", fetches(&world));
    let kinds = ["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)", "--unordered"];
    let cache = world.path(&format!("data/cache/{}.git", repository.id));
    let kinds = crate::world::git_lines(&cache, &kinds).await;
    assert!(kinds.iter().any(|kind| kind == "tree") && !kinds.iter().any(|kind| kind == "blob"), "no file came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_was_lost_gets_its_folders_again() {
    // given
    let Some((world, project, account)) = imported(Database::Sqlite).await else { return };
    let repository = world.repository(account, "api").await;
    let_in(&world).await;

    // when
    std::fs::remove_dir_all(world.path("data/cache")).unwrap();
    world.push(project, &[("main", "PLAT-4 Go further"), ("PLAT-3-x", "PLAT-3 Again")]).await;
    world.refresh(account).await;

    // then
    assert_eq!(told(&world, project, &repository).await, expected(&world, project).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_that_another_node_fetched_bring_their_folders_here() {
    // given: this node's cache has folders, and another one syncs
    let Some((mut world, project, account)) = imported(Database::Sqlite).await else { return };
    let repository = world.repository(account, "api").await;
    let_in(&world).await;
    let here = world.engine.options().clone();
    world.restart_with(Options { data_dir: world.path("elsewhere"), git: true, ..here.clone() }).await;
    world.push(project, &[("main", "PLAT-4 Go further")]).await;
    world.refresh(account).await;
    let everything = expected(&world, project).await;
    assert_eq!(told(&world, project, &repository).await, everything);
    let mut tx = world.store.begin_write(store::Lane::Live).await.unwrap();
    let id = world.store.facade_commit(repository.id, "main").await.unwrap().unwrap().id;
    tx.commit_files_put(&[(id, None)]).await.unwrap();
    tx.commit_files_forget_untold(repository.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(unread(&world, &repository).await, 1);

    // when: the first one reads files, after its next look at the memberships
    world.restart_with(here).await;
    world.server.requests().clear();
    world.refresh(account).await;

    // then
    assert_eq!(told(&world, project, &repository).await, everything);
    assert!(fetches(&world) <= 3, "only what was new: {}", fetches(&world));
}

#[rstest]
#[case::git_off(true)]
#[case::no_filters(false)]
#[tokio::test(flavor = "multi_thread")]
async fn where_all_files_would_have_to_come_none_are_known(#[case] git_off: bool) {
    // given
    let Some(mut world) = World::new(Database::Sqlite).await else { return };
    if git_off {
        world.restart_with(Options { git: false, ..world.engine.options().clone() }).await;
    } else {
        world.server.switches().no_filters();
    }
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    let repository = world.repository(account, "api").await;

    // when
    let_in(&world).await;

    // then: and should that change, they are read
    assert!(told(&world, project, &repository).await.is_empty());
    assert_eq!(unread(&world, &repository).await, 1);
    assert!(world.store.jobs_failed().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_git_does_not_have_is_asked_for_once_and_again_with_a_full_sync() {
    // given: a commit known by REST alone, which nothing at the server leads to
    let Some((world, project, account)) = imported(Database::Sqlite).await else { return };
    let repository = world.repository(account, "api").await;
    let known = world.store.facade_commit(repository.id, "main").await.unwrap().unwrap().commit;
    let stray = model::Commit { id: "5".repeat(40).parse().unwrap(), parents: vec![known.id.clone()], ..known };
    let mut tx = world.store.begin_write(store::Lane::Bulk).await.unwrap();
    let new = [store::NewCommit { commit: stray, mentions: vec![], commands: vec![] }];
    tx.commits_insert(repository.id, &new, store::Source::Rest, 1, 0).await.unwrap();
    tx.commit().await.unwrap();

    // when
    let_in(&world).await;

    // then: all others are told
    assert_eq!(told(&world, project, &repository).await, expected(&world, project).await);
    assert_eq!(unread(&world, &repository).await, 0);
    let unknown = world.store.facade_commit(repository.id, &"5".repeat(40)).await.unwrap().unwrap();
    assert_eq!(unknown.files, None);

    // when
    world.server.requests().clear();
    world.push(project, &[("main", "PLAT-4 Go further")]).await;
    world.refresh(account).await;

    // then
    assert_eq!(told(&world, project, &repository).await, expected(&world, project).await);
    assert!(fetches(&world) <= 3, "{} requests", fetches(&world));
}

/// A project of so many commits that reading their files takes some transactions.
async fn long_history(world: &World) -> ProjectId {
    let project = world.project("long").await;
    let mut stream = String::new();
    for number in 0..2_400 {
        let (at, folder) = (1_700_000_000 + number, number % 11);
        write!(stream, "commit refs/heads/main\ncommitter Ada <ada@example.com> {at} +0000\ndata 6\nPLAT-1\n").unwrap();
        let text = number.to_string();
        write!(stream, "M 100644 inline d{folder}/f{}\ndata {}\n{text}\n\n", number % 70, text.len()).unwrap();
    }
    world.model().import(project, world.jira, stream.into_bytes()).await.unwrap();
    project
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_loses_nothing(#[case] database: Database) {
    // given: somebody's Jira is let in before anything is imported
    let Some(mut world) = World::new(database).await else { return };
    let project = long_history(&world).await;
    let_in(&world).await;
    let account = world.import(GROUP).await;
    let repository = world.repository(account, "long").await;
    let whole = expected_at_once(&world, project).await;
    assert_eq!(told_at_once(&world, &repository).await, whole);

    // when: everything is read again, and stopped after each transaction
    let ids = world.store.repository_commit_ids(repository.id, None, 10_000).await.unwrap();
    let untold: Vec<_> = ids.into_iter().map(|(id, _)| (id, None)).collect();
    let mut tx = world.store.begin_write(store::Lane::Live).await.unwrap();
    tx.commit_files_put(&untold).await.unwrap();
    tx.commit_files_forget_untold(repository.id).await.unwrap();
    tx.commit().await.unwrap();
    std::fs::remove_dir_all(world.path("data/cache")).unwrap();
    assert_eq!(unread(&world, &repository).await, 2_400);
    sync::request::refresh_account(&world.engine, account).await.unwrap();
    let mut stops = 0;
    let mut left = 2_400;
    while left > 0 {
        let before = left;
        while left == before && stops < 10 {
            tokio::task::yield_now().await;
            left = unread(&world, &repository).await;
        }
        world.restart().await;
        // Leases of jobs that were dropped run out.
        world.clock.advance(31_000);
        stops += 1;
        if stops >= 10 {
            world.idle().await;
        }
        left = unread(&world, &repository).await;
    }

    // then
    assert_eq!(told_at_once(&world, &repository).await, whole, "after {stops} stops");
}

/// How often each file was touched, and how many commits there are: by git itself.
async fn expected_at_once(world: &World, project: ProjectId) -> (usize, BTreeMap<String, usize>) {
    let arguments = ["log", "--no-renames", "--name-status", "--format=", "main"];
    let lines = world.git(project, &arguments).await;
    let count = world.git(project, &["rev-list", "main"]).await.len();
    (count, counted(lines.into_iter().filter(|line| !line.is_empty())))
}

async fn told_at_once(world: &World, repository: &Repository) -> (usize, BTreeMap<String, usize>) {
    let ids = world.store.repository_commit_ids(repository.id, None, 10_000).await.unwrap();
    let ids: Vec<i64> = ids.into_iter().map(|(id, _)| id).collect();
    let files = world.store.files_of_commits(&ids).await.unwrap();
    (files.len(), counted(files.values().flat_map(|files| files.files.iter().map(spelled))))
}

fn counted(lines: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for line in lines {
        *counted.entry(line).or_default() += 1;
    }
    counted
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_stops_when_nobody_is_let_in_any_more() {
    // given
    let Some((world, project, account)) = imported(Database::Sqlite).await else { return };
    let repository = world.repository(account, "api").await;
    let visitor = Jira::known(&world).await.visit(&world, world.jira).await;

    // when
    world.store.facade_token_revoke(visitor.token_id, 0).await.unwrap();
    world.push(project, &[("main", "PLAT-4 Go further")]).await;
    world.refresh(account).await;
    world.wait(Duration::from_secs(2 * 3_600)).await;

    // then
    assert_eq!(unread(&world, &repository).await, 1);
}
