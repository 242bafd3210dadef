use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;

use model::HostKind;
use model::secret::{ExposeSecret, SecretString};
use rstest::rstest;
use store::seal::KEY_FILE;
use store::testing::Engine;
use store::{Credential, CredentialKind, Lane, Store, StoreError};

use crate::world::{NOW, World, user};

#[rstest]
#[tokio::test]
async fn what_was_not_committed_is_not_there(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    world.ping().await.unwrap();
    let mut tx = world.write().await;
    tx.host_ensure(HostKind::Gitlab, "https://dropped.example.com", NOW).await.unwrap();
    drop(tx);
    assert_eq!(world.hosts().await.unwrap().len(), 1);
    // and the next writer gets its turn
    let mut tx = world.begin_write(Lane::Bulk).await.unwrap();
    tx.host_ensure(HostKind::Gitlab, "https://kept.example.com", NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.hosts().await.unwrap().len(), 2);
}

#[rstest]
#[tokio::test]
async fn ids_are_never_given_twice(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let other = if engine == Engine::Postgres { world.open_again().await } else { Store::clone(&world) };
    let mut seen = HashSet::new();
    // given blocks drawn by transactions that last, by some that do not, by two nodes and in any size
    for (round, count) in [1, 999, 1, 1, 2_500, 700, 700, 1].into_iter().enumerate() {
        for store in [&*world as &Store, &other] {
            let mut tx = store.begin_write(Lane::Bulk).await.unwrap();
            let first = tx.ids(count).await.unwrap();
            let second = tx.ids(3).await.unwrap();
            if round % 3 == 0 {
                drop(tx);
                continue;
            }
            tx.commit().await.unwrap();
            // then every id that lasts is new
            assert!((first..first + count).chain(second..second + 3).all(|id| seen.insert(id)), "round {round}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn settings_are_kept(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    assert_eq!(world.setting("public_url").await.unwrap(), None);
    world.setting_put("public_url", "https://one.example.com").await.unwrap();
    world.setting_put("public_url", "https://two.example.com").await.unwrap();
    assert_eq!(world.setting("public_url").await.unwrap().as_deref(), Some("https://two.example.com"));
}

#[rstest]
#[tokio::test]
async fn a_node_with_another_key_refuses_to_start(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let refused = Store::open(world.url(), &SecretString::from("f".repeat(64))).await.unwrap_err();
    assert!(matches!(refused, StoreError::WrongKey { .. }), "{refused:?}");
    let sentence = refused.to_string();
    assert!(sentence.contains(KEY_FILE) && !sentence.contains("ffff"), "{sentence}");
    // the right one starts
    world.open_again().await.close().await;
}

#[rstest]
#[tokio::test]
async fn a_secret_moved_to_another_row_does_not_open(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (mine, theirs) = (world.connect("mine").await, world.connect("theirs").await);
    let mut tx = world.write().await;
    for (account_id, access) in [(mine, "token-of-mine"), (theirs, "token-of-theirs")] {
        let (kind, access) = (CredentialKind::Token, SecretString::from(access));
        let none = None;
        let credential = Credential {
            owner_id: account_id,
            kind,
            access,
            refresh: None,
            expires_at: none,
            issued_at: none,
            refresh_attempted_at: none,
            user: user("ada"),
        };
        tx.credential_put(&credential).await.unwrap();
    }
    tx.commit().await.unwrap();
    // when someone with access to the database swaps the ciphertexts
    let steal = "UPDATE credential SET access_sealed = (SELECT access_sealed FROM credential WHERE owner_id = $2) \
                 WHERE owner_id = $1";
    match engine {
        Engine::Sqlite => {
            let pool = sqlx::SqlitePool::connect(world.url()).await.unwrap();
            sqlx::query(steal).bind(mine).bind(theirs).execute(&pool).await.unwrap();
            pool.close().await;
        }
        Engine::Postgres => {
            let pool = sqlx::PgPool::connect(world.url()).await.unwrap();
            sqlx::query(steal).bind(mine).bind(theirs).execute(&pool).await.unwrap();
            pool.close().await;
        }
    }
    // then it is refused, and nothing of it is told
    let refused = world.credential(mine).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Sealed { place } if *place == format!("credential/access/{mine}")));
    assert_eq!(world.credential(theirs).await.unwrap().unwrap().access.expose_secret(), "token-of-theirs");
}

#[tokio::test]
async fn a_key_is_made_once_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data").join(KEY_FILE);
    let (one, other) = tokio::join!(Store::load_or_create_key(&path), Store::load_or_create_key(&path));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.expose_secret(), other.expose_secret());
    assert_eq!(one.expose_secret().len(), 64);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft stays behind");
    assert_eq!(Store::load_or_create_key(&path).await.unwrap().expose_secret(), one.expose_secret());
}

#[tokio::test]
async fn another_kind_of_address_is_refused() {
    let refused = Store::open("mysql://localhost/x", &store::testing::key()).await.unwrap_err();
    assert!(matches!(refused, StoreError::UnknownUrl));
}

#[rstest]
#[tokio::test]
async fn writers_wait_for_each_other_and_readers_do_not(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    // given a write under way
    let mut tx = world.write().await;
    tx.host_ensure(HostKind::Gitlab, "https://slow.example.com", NOW).await.unwrap();
    // then a reader sees the state before it, at once
    assert_eq!(world.hosts().await.unwrap().len(), 1);
    // and eight that read before they write all come through
    let store = Store::clone(&world);
    let others: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    let mut tx = store.begin_write(Lane::Bulk).await.unwrap();
                    let url = format!("https://{number}.example.com/{round}");
                    tx.host_ensure(HostKind::Gitlab, &url, NOW).await.unwrap();
                    tx.commit().await.unwrap();
                }
            })
        })
        .collect();
    tx.commit().await.unwrap();
    for other in others {
        other.await.unwrap();
    }
    assert_eq!(world.hosts().await.unwrap().len(), 82);
}

#[tokio::test]
async fn a_commit_wakes_the_other_node_too() {
    let Some(world) = World::open(Engine::Postgres).await else { return };
    let other = world.open_again().await;
    let wakeups = other.wakeups();
    let woken = wakeups.notified();
    let mut woken = std::pin::pin!(woken);
    woken.as_mut().enable();
    let mut tx = world.write().await;
    tx.job_enqueue(&crate::jobs::new_job("1"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    // then it is told, long before it would have looked by itself
    tokio::time::timeout(std::time::Duration::from_secs(10), woken).await.expect("NOTIFY arrives");
    other.close().await;
}
