//! A token opens what its user is a member of, and nothing else.

use rstest::rstest;
use sandbox::gitlab::model::{AccessLevel, NewMergeRequest, UserState, Visibility};
use store::facade::{PullFilter, PullSort, PullState, PullsOf};
use sync::SyncError;
use sync::facade::{self, Visitor};

use super::jira::{Jira, imported, reader_of, seen, user};
use crate::world::{Database, GROUP, World};

/// A world with a project for everybody in the group, and one that only some of them see.
async fn town(database: Database) -> Option<World> {
    let world = World::new(database).await?;
    for path in ["open", "secret"] {
        let project = world.project(path).await;
        world.push(project, &[("main", "PLAT-1 Begin"), ("PLAT-2-x", "PLAT-2 Go on")]).await;
        let new = NewMergeRequest::within(project, "PLAT-2-x", "main", "PLAT-2 Merge", world.jira);
        world.model().open_merge_request(new).await.unwrap();
    }
    Some(world)
}

/// What each look-up of the facade opens of a repository: by list, path, former path, merge request, merge requests of all,
/// and number; and whether a hook can be registered.
async fn opens(world: &World, visitor: &Visitor, path: &str) -> [bool; 6] {
    let (store, grant) = (&world.store, visitor.grant.id);
    let host = visitor.grant.host_id;
    let project = world.model().project_by_path(path).unwrap().id.to_string();
    let repository = store.repository_by_forge_id(host, &project).await.unwrap().unwrap();
    let of = PullsOf::Repository(repository.id);
    let all = PullFilter { of, state: PullState::All, sort: PullSort::Created, descending: false };
    let pull = &store.facade_pulls(all, 0, 1).await.unwrap().items[0];
    let seen_pulls = store.facade_pulls(PullFilter { of: PullsOf::Grant(grant), ..all }, 0, 100).await.unwrap();
    let by_merge_request = store.facade_repository_of_merge_request(grant, &pull.merge_request.forge_id).await.unwrap();
    let bell = "https://jira.example.com/hook".parse().unwrap();
    let hook = facade::hook_add(&world.engine, visitor, repository.id, &bell, vec![], true, true).await;
    assert!(matches!(hook, Ok(_) | Err(SyncError::Missing("repository"))), "{hook:?}");
    [
        seen(world, visitor).await.contains(&repository.path),
        store.facade_repository(grant, &path.to_uppercase()).await.unwrap().is_some(),
        store.facade_sees(grant, repository.id).await.unwrap(),
        by_merge_request.is_some(),
        seen_pulls.items.iter().any(|seen| seen.id == pull.id),
        hook.is_ok(),
    ]
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_a_token_to_what_its_user_cannot_see(#[case] database: Database) {
    // given: two users of one Jira's application
    let Some(world) = town(database).await else { return };
    let reader = reader_of(&world, "reader", "platform/open");
    let jira = Jira::known(&world).await;
    let owner = jira.visit(&world, world.jira).await;
    imported(&world, &owner).await;
    let reader = jira.visit(&world, reader).await;

    // then
    for path in ["platform/open", "platform/secret"] {
        assert_eq!(opens(&world, &owner, path).await, [true; 6], "{path}");
    }
    assert_eq!(opens(&world, &reader, "platform/open").await, [true; 6]);
    assert_eq!(opens(&world, &reader, "platform/secret").await, [false; 6]);

    // when the repository is renamed, then its old name leads the owner there, and nobody else
    let project = world.model().project_by_path("platform/secret").unwrap().id;
    world.model().rename_project(project, "renamed", "renamed").unwrap();
    let account =
        world.store.account_by_path(model::HostKind::Gitlab, world.server.url(), GROUP).await.unwrap().unwrap();
    world.refresh(account.id).await;
    for path in ["platform/secret", "platform/renamed"] {
        assert!(world.store.facade_repository(owner.grant.id, path).await.unwrap().is_some(), "{path}");
        assert!(world.store.facade_repository(reader.grant.id, path).await.unwrap().is_none(), "{path}");
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_longer_seen_is_withdrawn_with_the_next_list(#[case] database: Database) {
    // given
    let Some(world) = town(database).await else { return };
    let user = reader_of(&world, "reader", "platform/open");
    let jira = Jira::known(&world).await;
    let owner = jira.visit(&world, world.jira).await;
    let account = imported(&world, &owner).await;
    let reader = jira.visit(&world, user).await;
    assert_eq!(seen(&world, &reader).await, ["platform/open"]);

    // when
    let (open, secret) = (
        world.model().project_by_path("platform/open").unwrap().id,
        world.model().project_by_path("platform/secret").unwrap().id,
    );
    world.model().remove_member(open, user);
    world.model().add_member(secret, user, AccessLevel::Developer);
    world.refresh(account.id).await;

    // then
    assert_eq!(seen(&world, &reader).await, ["platform/secret"]);

    // when a user is blocked, then nothing is left
    world.model().set_user_state(user, UserState::Blocked);
    world.refresh(account.id).await;
    assert!(seen(&world, &reader).await.is_empty());
    assert_eq!(seen(&world, &owner).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_see_what_they_may_download_and_the_public_does_not_come_along() {
    // given: a guest of the group; a public project of the group, and a public one elsewhere
    let Some(world) = town(Database::Sqlite).await else { return };
    let guest = user(&world, "guest");
    world.model().add_member(world.group, guest, AccessLevel::Guest);
    let stranger = user(&world, "stranger");
    let public = world.project("public").await;
    world.model().set_visibility(public, Visibility::Public);
    let jira = Jira::known(&world).await;
    let owner = jira.visit(&world, world.jira).await;
    imported(&world, &owner).await;

    // then
    let (guest, stranger) = (jira.visit(&world, guest).await, jira.visit(&world, stranger).await);
    assert_eq!(seen(&world, &guest).await, ["platform/public"]);
    assert!(seen(&world, &stranger).await.is_empty());
    assert_eq!(seen(&world, &owner).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn memberships_of_more_than_a_page_are_all_read() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    for number in 0..105 {
        world.project(&format!("p{number:03}")).await;
    }
    let jira = Jira::known(&world).await;

    // when
    let owner = jira.visit(&world, world.jira).await;
    imported(&world, &owner).await;

    // then
    let page = world.store.facade_repositories(owner.grant.id, GROUP, 100, 100).await.unwrap();
    assert_eq!((page.total, page.items.len()), (105, 5));
}
