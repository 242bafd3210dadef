//! What becomes of things that are deleted, moved, renamed or hidden at the forge: one state, one test.

use rstest::rstest;
use sandbox::gitlab::model::{AccessLevel, GroupId, NewMergeRequest, ProjectId, Visibility};
use store::{RepositoryState, Viewer};
use sync::connect::{ConnectError, Method};

use crate::world::{Database, GROUP, World, query};

/// The paths of the repositories that the account's list names, sorted.
async fn listed(world: &World, account: i64) -> Vec<String> {
    let all = world.store.account_repositories(Viewer::Everything, account).await.unwrap();
    let mut paths: Vec<String> = all.into_iter().filter(|seen| seen.visible).map(|seen| seen.repository.path).collect();
    paths.sort();
    paths
}

/// The repositories that the commits of an issue are shown in: the one each is shown under, and the others.
async fn places(world: &World, key: &str) -> Vec<(String, Vec<String>)> {
    let commits = world.store.issue_commits(&query(key), None, None).await.unwrap().items;
    let place = |commit: store::IssueCommit| {
        let others = commit.also_in.iter().map(|repository| repository.path.clone()).collect();
        (commit.repository.path.clone(), others)
    };
    commits.into_iter().map(place).collect()
}

fn group(world: &World, path: &str) -> GroupId {
    world.model().create_group(path, path, None, Visibility::Private, world.jira).unwrap()
}

async fn with_one_commit(world: &World) -> ProjectId {
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("PLAT-2-topic", "PLAT-2 Try")]).await;
    project
}

/// Nothing of the project is shown; its rows are kept for the day that it comes back.
async fn assert_hidden(world: &World, account: i64) {
    assert!(listed(world, account).await.is_empty());
    assert!(world.commits("PLAT-1").await.is_empty());
    assert!(world.branches("PLAT-2").await.is_empty());
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!(stored.error, None, "that is no error");
}

async fn assert_shown(world: &World, account: i64) {
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
    assert_eq!(world.branches("PLAT-2").await, ["PLAT-2-topic"]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_branch_is_gone_whichever_text_linked_it(#[case] database: Database) {
    // given: its name, its commit and its merge request name issues
    let Some(world) = World::new(database).await else { return };
    let project = with_one_commit(&world).await;
    world.push(project, &[("PLAT-3-topic", "PLAT-4 Try")]).await;
    let new = NewMergeRequest::within(project, "PLAT-3-topic", "main", "PLAT-5 A title", world.jira);
    world.model().open_merge_request(new).await.unwrap();
    let account = world.import(GROUP).await;
    assert_eq!(world.branches("PLAT-3").await, ["PLAT-3-topic"]);

    // when
    world.delete_branch(project, "PLAT-3-topic").await;
    world.refresh(account).await;

    // then: the branch is shown nowhere; what the merge request tells stays
    for key in ["PLAT-3", "PLAT-4", "PLAT-5"] {
        assert!(world.branches(key).await.is_empty(), "{key}");
        assert_eq!(world.merge_requests(key).await, [1], "{key}: the merge request is still there");
    }
    assert_eq!(world.reachable("PLAT-4").await.len(), 1, "a merge request leads to it");
    assert_eq!(world.branches("PLAT-2").await, ["PLAT-2-topic"]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_rebased_branch_shows_its_new_commits_and_marks_the_old_ones(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = with_one_commit(&world).await;
    let account = world.import(GROUP).await;
    let before = world.refs(project).await["PLAT-2-topic"].clone();

    // when: main moves on, and the same work is put on top of it
    world.push(project, &[("main", "PLAT-1 Go on"), ("rebased", "PLAT-2 Try")]).await;
    world.force(project, "PLAT-2-topic", "rebased").await;
    world.delete_branch(project, "rebased").await;
    world.refresh(account).await;

    // then
    let after = world.refs(project).await["PLAT-2-topic"].clone();
    let mut expected = [(before, true), (after, false)];
    expected.sort();
    assert_eq!(world.commits("PLAT-2").await, expected);
    assert_eq!(world.branches("PLAT-2").await, ["PLAT-2-topic"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_project_stays_as_it_is() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = with_one_commit(&world).await;
    let account = world.import(GROUP).await;

    // when
    world.model().archive(project, true);
    world.refresh(account).await;

    // then
    assert!(world.repository(account, "api").await.archived);
    assert_shown(&world, account).await;

    // when
    world.model().archive(project, false);
    world.refresh(account).await;

    // then
    assert!(!world.repository(account, "api").await.archived);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_project_is_shown_no_more(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = with_one_commit(&world).await;
    let account = world.import(GROUP).await;

    // when
    world.model().delete_project(project).await.unwrap();
    world.refresh(account).await;

    // then
    assert_hidden(&world, account).await;

    // when: another project takes its path
    let other = world.project("api").await;
    world.push(other, &[("main", "PLAT-9 Anew")]).await;
    world.refresh(account).await;

    // then: it is another one
    assert_eq!(listed(&world, account).await, ["platform/api"]);
    assert!(world.commits("PLAT-1").await.is_empty());
    assert_eq!(world.reachable("PLAT-9").await.len(), 1);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_project_keeps_everything(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = with_one_commit(&world).await;
    let account = world.import(GROUP).await;
    let before = world.repository(account, "api").await.id;
    let first = world.commits("PLAT-1").await;

    // when
    world.model().rename_project(project, "backend", "Backend").unwrap();
    world.push(project, &[("main", "PLAT-3 Later")]).await;
    world.refresh(account).await;

    // then
    let after = world.repository(account, "backend").await;
    assert_eq!((after.id, after.name.as_str()), (before, "Backend"));
    assert_eq!(world.commits("PLAT-1").await, first);
    assert_eq!(places(&world, "PLAT-3").await, [("platform/backend".to_owned(), Vec::new())]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_transferred_project_goes_with_its_new_group(#[case] database: Database) {
    // given: two groups, both connected
    let Some(world) = World::new(database).await else { return };
    group(&world, "tools");
    let project = with_one_commit(&world).await;
    let from = world.import(GROUP).await;
    let to = world.import("tools").await;
    let before = world.repository(from, "api").await.id;

    // when
    world.model().transfer_project(project, "tools").unwrap();
    world.refresh(from).await;

    // then: hidden as long as only the old group was looked at
    assert_hidden(&world, from).await;

    // when
    world.push(project, &[("main", "PLAT-3 Later")]).await;
    world.refresh(to).await;

    // then: the same repository, under its new path
    assert_eq!(listed(&world, to).await, ["tools/api"]);
    let there = world.store.account_repositories(Viewer::Everything, to).await.unwrap();
    assert_eq!(there[0].repository.id, before);
    assert_shown(&world, to).await;
    assert_eq!(places(&world, "PLAT-3").await, [("tools/api".to_owned(), Vec::new())]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_the_token_may_no_longer_see_is_hidden_and_comes_back_unharmed(#[case] database: Database) {
    // given: a token that sees the project only because it is public
    let Some(world) = World::new(database).await else { return };
    let project = with_one_commit(&world).await;
    let anna = world.model().user_by_login("anna").unwrap().id;
    world.model().add_member(project, anna, AccessLevel::Reporter);
    let scopes = sandbox::gitlab::model::Scopes::api();
    let token = world.model().create_personal_token(anna, "Dovetail", scopes, None);
    world.model().set_group_visibility(world.group, Visibility::Public);
    let account = world.try_connect(world.form(GROUP, Method::token(token.into()))).await.unwrap();
    world.idle().await;
    let before = world.repository(account, "api").await.id;
    assert_shown(&world, account).await;

    // when
    world.model().remove_member(project, anna);
    world.refresh(account).await;

    // then
    assert_hidden(&world, account).await;

    // when
    world.model().add_member(project, anna, AccessLevel::Reporter);
    world.push(project, &[("main", "PLAT-3 Meanwhile")]).await;
    world.refresh(account).await;

    // then
    assert_eq!(world.repository(account, "api").await.id, before);
    assert_shown(&world, account).await;
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_default_branch_is_known_as_such() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = with_one_commit(&world).await;
    let account = world.import(GROUP).await;
    assert_eq!(world.repository(account, "api").await.default_branch.as_deref(), Some("main"));

    // when: main is renamed
    world.push(project, &[("trunk", "PLAT-3 Later")]).await;
    world.model().set_default_branch(project, "trunk").await.unwrap();
    world.delete_branch(project, "main").await;
    world.refresh(account).await;

    // then
    assert_eq!(world.repository(account, "api").await.default_branch.as_deref(), Some("trunk"));
    assert_shown(&world, account).await;
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_follows_its_renamed_group(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = with_one_commit(&world).await;
    let account = world.import(GROUP).await;
    let before = world.repository(account, "api").await.id;

    // when
    world.model().rename_group(world.group, "engine-room", "Engine room").unwrap();
    world.push(project, &[("main", "PLAT-3 Later")]).await;
    world.refresh(account).await;

    // then
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!((stored.path.as_str(), stored.name.as_str()), ("engine-room", "Engine room"));
    assert!(stored.web_url.unwrap().ends_with("/engine-room"));
    assert_eq!(listed(&world, account).await, ["engine-room/api"]);
    let there = world.store.account_repositories(Viewer::Everything, account).await.unwrap();
    assert_eq!(there[0].repository.id, before);
    assert_shown(&world, account).await;
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);

    // when: somebody adds it by its new path
    let error = world.try_connect(world.form("engine-room", Method::token(world.token()))).await.unwrap_err();

    // then
    assert!(matches!(error, ConnectError::AccountExists { id, .. } if id == account), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_group_is_the_same_account_before_anybody_has_noticed() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    with_one_commit(&world).await;
    let account = world.import(GROUP).await;
    world.model().rename_group(world.group, "engine-room", "Engine room").unwrap();

    // when
    let error = world.try_connect(world.form("engine-room", Method::token(world.token()))).await.unwrap_err();

    // then
    assert!(matches!(error, ConnectError::AccountExists { id, .. } if id == account), "{error:?}");
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_on_three_forks_is_stored_and_shown_once_with_its_repositories(#[case] database: Database) {
    // given: a fork, and a fork of the fork
    let Some(world) = World::new(database).await else { return };
    let (model, jira) = (world.model(), world.jira);
    let project = with_one_commit(&world).await;
    let fork = model.fork_project_as(project, GROUP, ("fork", "Fork"), jira).await.unwrap();
    let fork_of_fork = model.fork_project_as(fork, GROUP, ("fork-of-fork", "Fork of fork"), jira).await.unwrap();
    world.push(fork_of_fork, &[("own", "PLAT-3 Only here")]).await;

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    let everywhere = ["platform/fork", "platform/fork-of-fork"].map(str::to_owned).to_vec();
    assert_eq!(places(&world, "PLAT-1").await, [("platform/api".to_owned(), everywhere)]);
    assert_eq!(places(&world, "PLAT-3").await, [("platform/fork-of-fork".to_owned(), Vec::new())]);
    let parent = world.repository(account, "fork").await.forge_id;
    assert_eq!(world.repository(account, "fork-of-fork").await.fork_of, Some(parent));

    // when: the first of them goes
    model.delete_project(project).await.unwrap();
    world.refresh(account).await;

    // then: the others still have it
    let [(_, others)] = places(&world, "PLAT-1").await.try_into().unwrap();
    assert_eq!(others.len(), 1);
    assert_eq!(listed(&world, account).await, ["platform/fork", "platform/fork-of-fork"]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_repository_of_two_accounts_is_imported_once_and_vanishes_with_the_last(#[case] database: Database) {
    // given: a group and its subgroup
    let Some(world) = World::new(database).await else { return };
    world.model().create_group("shop", "Shop", Some(world.group), Visibility::Private, world.jira).unwrap();
    let cart =
        world.model().create_project("platform/shop", "cart", "cart", Visibility::Private, world.jira).await.unwrap();
    world.push(cart, &[("main", "PLAT-1 Begin"), ("PLAT-2-topic", "PLAT-2 Try")]).await;
    let above = world.import(GROUP).await;
    world.server.requests().clear();
    let below = world.import("platform/shop").await;

    // then: one repository, whose objects came once
    let seen = world.store.account_repositories(Viewer::Everything, below).await.unwrap();
    assert_eq!(seen[0].repository.id, world.repository(above, "shop/cart").await.id);
    let fetched = world.server.requests().all().into_iter().filter(|asked| asked.path.ends_with("/info/refs")).count();
    assert_eq!(fetched, 0, "the second account fetches nothing");
    assert_eq!(places(&world, "PLAT-1").await.len(), 1);

    // when: the first goes
    sync::request::remove_account(&world.engine, above).await.unwrap();
    world.idle().await;

    // then
    assert_shown(&world, below).await;
    world.push(cart, &[("main", "PLAT-3 Later")]).await;
    world.refresh(below).await;
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);

    // when: the last goes
    let repository = seen[0].repository.id;
    sync::request::remove_account(&world.engine, below).await.unwrap();
    world.idle().await;

    // then
    assert!(world.store.repository(repository).await.unwrap().is_none());
    assert!(world.commits("PLAT-1").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_is_emptied_shows_nothing_and_is_no_failure() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = with_one_commit(&world).await;
    let account = world.import(GROUP).await;

    // when
    world.delete_branch(project, "main").await;
    world.delete_branch(project, "PLAT-2-topic").await;
    world.refresh(account).await;

    // then
    assert_eq!(world.repository(account, "api").await.state, RepositoryState::Empty);
    assert!(world.branches("PLAT-2").await.is_empty());
    assert!(world.commits("PLAT-1").await.iter().all(|(_, unreachable)| *unreachable));
}
