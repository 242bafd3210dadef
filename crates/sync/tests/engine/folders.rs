//! A folder of git repositories on this machine.

use git::Git;
use model::HostKind;
use rstest::rstest;
use store::Viewer;
use sync::connect::{ConnectError, Form, Method};

use crate::world::{Database, Stream, World};

async fn repository(world: &World, name: &str, commits: &[(&str, &str)]) {
    let path = world.path("folder").join(name);
    let git = Git::new();
    if !path.exists() {
        git.init_bare(&path).await.unwrap();
    }
    let known = git.refs(&path, "refs/heads/").await.unwrap();
    let known = known.into_iter().map(|known| known.name.trim_start_matches("refs/heads/").to_owned()).collect();
    let mut stream = Stream::new(1_700_000_000, known);
    for (branch, message) in commits {
        stream.commit(branch, message);
    }
    git.fast_import(&path, std::io::Cursor::new(stream.finish())).await.unwrap();
}

fn form(world: &World) -> Form {
    let path = world.path("folder").to_string_lossy().into_owned();
    Form { kind: HostKind::Folder, host_url: String::new(), ..world.form(&path, Method::None) }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_imported_and_followed_like_a_host(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    repository(&world, "api.git", &[("main", "PLAT-1 Begin"), ("PLAT-2", "PLAT-2 Try")]).await;
    repository(&world, "deep/web.git", &[("main", "PLAT-1 Other")]).await;

    // when
    let account = world.try_connect(form(&world)).await.unwrap();
    world.idle().await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 2);
    assert_eq!(world.branches("PLAT-2").await, ["PLAT-2"]);

    // when
    repository(&world, "api.git", &[("main", "PLAT-3 Later")]).await;
    world.refresh(account).await;

    // then
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);
    assert!(!world.engine.options().data_dir.join("cache").exists(), "a folder is read in place");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_folder_is_refused_however_it_is_spelt() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    repository(&world, "api.git", &[("main", "PLAT-1 Begin")]).await;
    let account = world.try_connect(form(&world)).await.unwrap();

    // when
    let spelt = "./deep/../".to_owned();
    std::fs::create_dir_all(world.path("folder/deep")).unwrap();
    let error = world.try_connect(Form { host_url: form(&world).path, path: spelt, ..form(&world) }).await.unwrap_err();

    // then
    assert!(matches!(error, ConnectError::AccountExists { id, .. } if id == account), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_repository_of_a_folder_does_not_stop_the_others() {
    // given: one whose objects are gone
    let Some(world) = World::new(Database::Sqlite).await else { return };
    repository(&world, "good.git", &[("main", "PLAT-1 Begin")]).await;
    repository(&world, "bad.git", &[("main", "PLAT-2 Begin")]).await;
    let account = world.try_connect(form(&world)).await.unwrap();
    world.idle().await;
    repository(&world, "bad.git", &[("main", "PLAT-3 Later")]).await;
    let objects = world.path("folder").join("bad.git/objects");
    std::fs::remove_dir_all(&objects).unwrap();
    std::fs::create_dir(&objects).unwrap();

    // when
    world.refresh(account).await;

    // then
    let all = world.store.account_repositories(Viewer::Everything, account).await.unwrap();
    let state = |name: &str| {
        let seen = all.iter().find(|seen| seen.repository.path == name).unwrap();
        (seen.visible, seen.repository.state.as_str())
    };
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!(stored.error, None);
    assert_eq!(state("good.git"), (true, "up_to_date"));
    assert_ne!(state("bad.git"), (true, "up_to_date"));
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
}
