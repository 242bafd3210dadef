//! What a Jira asks for before the import has it.

use std::time::Duration;

use http::StatusCode;
use model::{Clock, ObjectId};
use rstest::rstest;
use sandbox::gitlab::model::ProjectId;
use sandbox::gitlab::switches::{Failure, How};
use store::Repository;
use sync::facade::{Wanted, fetch_now};

use super::jira::PATIENT;
use crate::world::{Database, GROUP, World, object_id};

/// A world with a project whose import fails for now.
async fn unimported(database: Database) -> Option<(World, ProjectId, Repository)> {
    let world = World::new(database).await?;
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("main", "PLAT-2 Go on"), ("PLAT-3-x", "PLAT-3 Branch off")]).await;
    let broken = Failure::every("/api/v4/projects/*/merge_requests", How::Status(StatusCode::BAD_REQUEST));
    world.server.switches().fail(broken);
    let account = world.import(GROUP).await;
    let repository = world.repository(account, "api").await;
    assert!(repository.imported_at.is_none());
    Some((world, project, repository))
}

async fn head(world: &World, project: ProjectId, branch: &str) -> ObjectId {
    object_id(&world.refs(project).await[branch])
}

async fn is_there(world: &World, repository: i64, id: &ObjectId) -> bool {
    world.store.facade_commit(repository, id.as_str()).await.unwrap().is_some()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_comes_with_its_history_before_the_import(#[case] database: Database) {
    // given
    let Some((world, project, repository)) = unimported(database).await else { return };
    let (main, other) = (head(&world, project, "main").await, head(&world, project, "PLAT-3-x").await);
    assert!(!is_there(&world, repository.id, &main).await);

    // when
    assert!(fetch_now(&world.engine, repository.id, Wanted::Commit(&main), PATIENT).await.unwrap());

    // then it and what leads to it are kept
    let found = world.store.facade_commit(repository.id, main.as_str()).await.unwrap().unwrap();
    assert_eq!((found.commit.message.trim_end(), found.linked), ("PLAT-2 Go on", true));
    assert!(is_there(&world, repository.id, &found.commit.parents[0]).await);
    assert!(!is_there(&world, repository.id, &other).await);

    // when the import comes, then all of it is reachable
    world.server.switches().fail_no_more();
    world.wait(Duration::from_secs(120)).await;
    for key in ["PLAT-1", "PLAT-2", "PLAT-3"] {
        assert_eq!(world.reachable(key).await.len(), 1, "{key}");
    }
    world.assert_up_to_date(world.store.repository_accounts(repository.id).await.unwrap()[0]).await;
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn branches_come_before_the_import_and_are_as_old_as_their_heads(#[case] database: Database) {
    // given
    let Some((world, project, repository)) = unimported(database).await else { return };

    // when
    assert!(fetch_now(&world.engine, repository.id, Wanted::Branches, PATIENT).await.unwrap());

    // then
    let page = world.store.facade_branches(repository.id, 0, 10).await.unwrap();
    let expected = [
        ("PLAT-3-x".to_owned(), head(&world, project, "PLAT-3-x").await),
        ("main".to_owned(), head(&world, project, "main").await),
    ];
    assert_eq!(page.items, expected);
    for branch in world.store.branches(repository.id).await.unwrap() {
        let commit = world.store.commit(&branch.head).await.unwrap().unwrap();
        assert_eq!(branch.moved_at, commit.committed_at.min(world.clock.now()));
    }

    // and the second time nothing is asked
    world.server.requests().clear();
    assert!(fetch_now(&world.engine, repository.id, Wanted::Branches, PATIENT).await.unwrap());
    assert!(world.server.requests().all().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_pushed_a_moment_ago_is_looked_for() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let account = world.import(GROUP).await;
    let repository = world.repository(account, "api").await;
    world.push(project, &[("main", "PLAT-2 Go on")]).await;
    let new = head(&world, project, "main").await;
    let unknown = object_id(&"5".repeat(40));
    let wanted =
        async |id: &ObjectId| fetch_now(&world.engine, repository.id, Wanted::Commit(id), PATIENT).await.unwrap();

    // when it is asked for right after a sync, then it is not looked again
    world.server.requests().clear();
    assert!(!wanted(&new).await);
    assert!(world.server.requests().all().is_empty());

    // when it is asked for a moment later
    world.clock.advance(10_000);
    assert!(wanted(&new).await);
    assert_eq!(world.reachable("PLAT-2").await.len(), 1);

    // what is nowhere is not there, and stays so
    world.clock.advance(10_000);
    assert!(!wanted(&unknown).await);
    assert!(fetch_now(&world.engine, repository.id, Wanted::Branches, PATIENT).await.unwrap());
    assert!(!fetch_now(&world.engine, repository.id + 1_000_000, Wanted::Branches, PATIENT).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_no_when_the_time_is_over() {
    // given
    let Some((world, project, repository)) = unimported(Database::Sqlite).await else { return };
    let main = head(&world, project, "main").await;
    world.server.switches().fail(Failure::every("/api/v4/projects/*/repository/*", How::Silence));

    // then
    let short = Duration::from_millis(200);
    assert!(!fetch_now(&world.engine, repository.id, Wanted::Commit(&main), short).await.unwrap());

    // when what was asked cannot be answered at all, then it is not waited for
    world.server.switches().fail_no_more();
    world.stop().await;
}
