//! The files of commits.

use model::{CommitFile, CommitFiles, FileStatus};
use rstest::rstest;
use store::Lane;
use store::facade::CodeExchange;
use store::testing::Engine;

use crate::world::{NOW, World, commit, oid, user};

fn files(paths: &[&str], cut: bool) -> CommitFiles {
    let files = paths.iter().map(|path| CommitFile { path: (*path).to_owned(), change: FileStatus::Added });
    CommitFiles { files: files.collect(), cut }
}

async fn put(world: &World, told: &[(i64, Option<CommitFiles>)]) {
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    tx.commit_files_put(told).await.unwrap();
    tx.commit().await.unwrap();
}

/// The object ids' last digits of the commits whose files are not known.
async fn unknown(world: &World, repository: i64, after: i64, limit: i64) -> Vec<u64> {
    let left = world.commits_without_files(repository, after, limit).await.unwrap();
    left.iter().map(|left| u64::from_str_radix(&left.object_id.as_str()[30..], 16).unwrap()).collect()
}

#[rstest]
#[tokio::test]
async fn files_are_kept_as_they_are(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[commit(1, &[]), commit(2, &[]), commit(3, &[])]).await;
    let ids = world.commits_without_files(one, 0, 10).await.unwrap();
    assert_eq!(ids[1].parents, [oid(1)]);
    let ids: Vec<i64> = ids.iter().map(|left| left.id).collect();

    // when
    let odd = files(&["new\nline", "qu'ote\"d;", "\u{1f600}/A0,1:x", "src/a.rs", "src/b.rs"], true);
    put(&world, &[(ids[0], Some(odd.clone())), (ids[1], Some(files(&[], false))), (ids[2], None)]).await;

    // then
    assert_eq!(world.commit_files(ids[0]).await.unwrap(), Some(odd.clone()));
    assert_eq!(world.commit_files(ids[1]).await.unwrap(), Some(files(&[], false)), "it touched none");
    assert_eq!(world.commit_files(ids[2]).await.unwrap(), None, "it is not known");
    assert_eq!(world.files_of_commits(&ids).await.unwrap().len(), 2);
    assert!(world.files_of_commits(&[]).await.unwrap().is_empty());

    // when they are told again
    put(&world, &[(ids[0], Some(files(&["b"], false))), (ids[2], Some(odd.clone()))]).await;

    // then
    assert_eq!(world.commit_files(ids[0]).await.unwrap(), Some(files(&["b"], false)));
    assert_eq!(world.commit_files(ids[2]).await.unwrap(), Some(odd));
}

#[rstest]
#[tokio::test]
async fn what_was_never_asked_for_is_found_page_by_page(#[values("sqlite", "postgres")] engine: Engine) {
    // given: two repositories that share a commit, one of whose commits is lost
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, fork] = world.repositories(account, ["1", "2"]).await;
    world.insert(one, &[1, 2, 3, 4].map(|number| commit(number, &[]))).await;
    world.insert(fork, &[commit(1, &[]), commit(9, &[])]).await;
    world.lose(one, &[oid(4)]).await;

    // then
    assert_eq!(unknown(&world, one, 0, 2).await, [1, 2]);
    let first = world.commits_without_files(one, 0, 2).await.unwrap();
    assert_eq!(unknown(&world, one, first[1].id, 2).await, [3]);

    // when
    put(&world, &[(first[0].id, Some(files(&["a"], false))), (first[1].id, None)]).await;

    // then: what git could not tell is not asked again
    assert_eq!(unknown(&world, one, 0, 10).await, [3]);
    assert_eq!(unknown(&world, fork, 0, 10).await, [9]);

    // when: unless it is to be
    let mut tx = world.write().await;
    tx.commit_files_forget_untold(fork).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(unknown(&world, one, 0, 10).await, [3], "another repository's are left alone");
    let mut tx = world.write().await;
    tx.commit_files_forget_untold(one).await.unwrap();
    tx.commit().await.unwrap();

    // then
    assert_eq!(unknown(&world, one, 0, 10).await, [2, 3]);
}

#[rstest]
#[tokio::test]
async fn files_go_with_their_commit(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[commit(1, &[])]).await;
    let id = world.commits_without_files(one, 0, 1).await.unwrap()[0].id;
    put(&world, &[(id, Some(files(&["a"], false)))]).await;
    let mut tx = world.write().await;
    tx.account_remove(account).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.purge_repository(one).await.unwrap());
    assert_eq!(world.commit_files(id).await.unwrap(), None);

    // when somebody still tells of it
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    let refused = tx.commit_files_put(&[(id, Some(files(&["a"], false)))]).await;
    drop(tx);

    // then
    assert!(refused.is_err(), "no row without its commit at {NOW}");
}

#[rstest]
#[tokio::test]
async fn what_a_token_opens_is_served_and_nothing_else(#[values("sqlite", "postgres")] engine: Engine) {
    // given: a user who is a member of two repositories, one of them imported
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, two, three] = world.repositories(account, ["1", "2", "3"]).await;
    for repository in [one, three] {
        world.insert(repository, &[commit(1, &[]), commit(2, &[])]).await;
        let mut tx = world.write().await;
        tx.repository_synced(repository, NOW, false).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = world.write().await;
    let application = tx.application_put(world.host, "client", &"secret".to_owned().into(), NOW).await.unwrap();
    let grant = tx.facade_grant_put(application, world.host, &user("ada"), NOW).await.unwrap();
    tx.facade_memberships_replace(grant, &["1".to_owned(), "2".to_owned()], NOW).await.unwrap();
    tx.facade_code_put("code", application, grant, NOW, NOW + 1_000).await.unwrap();
    tx.commit().await.unwrap();
    let served = async || {
        let mut served = Vec::new();
        for repository in [one, two, three] {
            served.push(world.facade_serves(repository).await.unwrap());
        }
        (served, world.facade_repositories_without_files(world.host).await.unwrap())
    };
    assert_eq!(served().await, (vec![false; 3], vec![]), "no token yet");

    // when
    let exchanged = world.facade_code_exchange("code", application, "token", NOW).await.unwrap();
    let CodeExchange::Exchanged { token_id } = exchanged else { panic!("{exchanged:?}") };

    // then
    assert_eq!(served().await, (vec![true, true, false], vec![one]));

    // when all files of its commits were asked for
    let left = world.commits_without_files(one, 0, 10).await.unwrap();
    put(&world, &[(left[0].id, Some(files(&["a", "b"], true))), (left[1].id, None)]).await;

    // then: the facade tells those that are known
    assert_eq!(served().await, (vec![true, true, false], vec![]));
    let told = async |id: u64| world.facade_commit(one, oid(id).as_str()).await.unwrap().unwrap().files;
    assert_eq!(told(1).await, Some(files(&["a", "b"], true).files));
    assert_eq!(told(2).await, None);

    // when it is unlinked
    world.repository_set_linked(account, one, false).await.unwrap();
    assert_eq!(served().await.0, [false, true, false]);

    // when the token is revoked
    world.facade_token_revoke(token_id, NOW).await.unwrap();
    assert_eq!(served().await.0, [false; 3]);
}
