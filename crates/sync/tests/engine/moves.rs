//! Branches that move, are forced, and go; the same in both databases.

use rstest::rstest;

use crate::world::{Database, GROUP, World};

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn links_follow_a_push(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("feature/PLAT-2", "PLAT-2 Try")]).await;
    let account = world.import(GROUP).await;
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);

    // when
    world
        .push(project, &[("feature/PLAT-2", "PLAT-2 Try harder\n\nAlso PLAT-3."), ("PLAT-4-new", "No key here")])
        .await;
    world.refresh(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(
        world.reachable("PLAT-2").await,
        world.git(project, &["log", "--all", "--format=%H", "--grep=PLAT-2"]).await
    );
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);
    assert_eq!(world.branches("PLAT-2").await, ["feature/PLAT-2"]);
    assert_eq!(world.branches("PLAT-4").await, ["PLAT-4-new"]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_forced_push_leaves_commits_behind_and_can_bring_them_back(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("old", "PLAT-2 First way"), ("new", "PLAT-2 Second way")]).await;
    world.push(project, &[("topic", "PLAT-9 Elsewhere")]).await;
    world.force(project, "topic", "old").await;
    world.delete_branch(project, "old").await;
    let account = world.import(GROUP).await;
    let first_way = world.refs(project).await["topic"].clone();
    assert_eq!(world.reachable("PLAT-2").await.len(), 2);

    // when: the only branch that leads to the first way is forced elsewhere
    world.force(project, "topic", "new").await;
    world.refresh(account).await;

    // then
    let commits = world.commits("PLAT-2").await;
    assert_eq!(
        commits.iter().filter(|(_, unreachable)| *unreachable).map(|(id, _)| id).collect::<Vec<_>>(),
        [&first_way]
    );

    // when: it comes back
    world.model().repositories().set_ref(project, "refs/heads/again", &first_way).await.unwrap();
    world.refresh(account).await;

    // then
    assert_eq!(world.reachable("PLAT-2").await.len(), 2);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_branch_loses_its_links_and_its_own_commits(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("PLAT-2", "PLAT-2 Try"), ("df", "PLAT-3 A file")]).await;
    let account = world.import(GROUP).await;

    // when
    world.delete_branch(project, "PLAT-2").await;
    world.delete_branch(project, "df").await;
    world.push(project, &[("df/x", "PLAT-3 A folder")]).await;
    world.refresh(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert!(world.branches("PLAT-2").await.is_empty());
    assert!(world.reachable("PLAT-2").await.is_empty());
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);
    let repository = world.repository(account, "api").await;
    let stored = world.store.branches(repository.id).await.unwrap();
    let gone: Vec<_> =
        stored.iter().filter(|branch| branch.gone_at.is_some()).map(|branch| branch.name.as_str()).collect();
    assert_eq!(gone, ["PLAT-2", "df"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_without_news_asks_for_branches_alone() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    world.server.requests().clear();

    // when
    world.refresh(account).await;

    // then: beside the lists of the account, which tell that no merge request has changed
    let asked: Vec<_> = world.server.requests().all().into_iter().map(|request| request.path).collect();
    assert_eq!(asked.iter().filter(|path| path.contains(".git/")).count(), 1, "{asked:?}");
    let of_the_project = |path: &&String| path.contains("/projects/") && path.ends_with("/merge_requests");
    assert_eq!(asked.iter().filter(of_the_project).count(), 0, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_sync_heals_what_the_cache_and_the_marks_have_lost() {
    // given
    let Some(mut world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 Try"), ("new", "PLAT-3 Other")]).await;
    let account = world.import(GROUP).await;
    world.stop().await;
    std::fs::remove_dir_all(world.engine.options().data_dir.join("cache")).unwrap();
    world.force(project, "topic", "new").await;

    // when
    world.restart().await;
    world.full_sync(account).await;

    // then: without the old objects only comparing everything finds what is lost
    world.assert_up_to_date(account).await;
    assert!(world.reachable("PLAT-2").await.is_empty());
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_without_room_are_emptied_and_nothing_is_missed_or_doubled() {
    // given: what was imported has more than it may take
    let Some(mut world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("topic", "PLAT-2 Try"), ("new", "PLAT-3 Other")]).await;
    let account = world.import(GROUP).await;
    let options = sync::Options { cache_max_size: Some(1), ..world.engine.options().clone() };
    let packs = options.data_dir.join(format!("cache/{}.git/objects", world.repository(account, "api").await.id));
    assert!(packs.exists());

    // when: the engine looks
    world.restart_with(options).await;
    while packs.exists() {
        tokio::task::yield_now().await;
    }

    // then: it goes on as before, forced pushes included
    world.push(project, &[("main", "PLAT-4 Go on")]).await;
    world.force(project, "topic", "new").await;
    world.refresh(account).await;
    world.assert_up_to_date(account).await;
    assert!(world.reachable("PLAT-2").await.is_empty());
    for key in ["PLAT-1", "PLAT-3", "PLAT-4"] {
        assert_eq!(world.reachable(key).await.len(), 1, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_rules_for_keys_have_everything_read_again() {
    // given
    let Some(mut world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Use UTF-8"), ("topic", "PLAT-2 Try")]).await;
    world.import(GROUP).await;
    assert!(world.reachable("UTF-8").await.is_empty());

    // when: UTF is no noise any more, but PLAT is
    let options = sync::Options { noise: vec!["PLAT".to_owned()], ..world.engine.options().clone() };
    world.restart_with(options).await;
    while world.reachable("UTF-8").await.is_empty() {
        tokio::task::yield_now().await;
    }
    world.idle().await;

    // then
    assert!(world.reachable("PLAT-1").await.is_empty() && world.reachable("PLAT-2").await.is_empty());
    assert_eq!(world.reachable("UTF-8").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_stays_the_same_and_a_vanished_one_is_no_longer_seen() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    let other = world.project("web").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    let before = world.repository(account, "api").await.id;

    // when
    world.model().rename_project(project, "backend", "Backend").unwrap();
    world.model().delete_project(other).await.unwrap();
    world.refresh(account).await;

    // then
    assert_eq!(world.repository(account, "backend").await.id, before);
    let seen = world.store.account_repositories(store::Viewer::Everything, account).await.unwrap();
    let visible: Vec<_> = seen.iter().filter(|seen| seen.visible).map(|seen| seen.repository.path.as_str()).collect();
    assert_eq!(visible, ["platform/backend"]);
}
