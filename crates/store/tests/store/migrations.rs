//! Each migration on the data that its predecessor left: `tests/data/migrations/<name>.sql` fills the tables as they are
//! before the migration of that name, with a row of everything that it touches.

use std::path::Path;

use model::Channel;
use rstest::rstest;
use sqlx::migrate::{MigrateDatabase, Migrator};
use sqlx::{AssertSqlSafe, Executor};
use store::Store;
use store::testing::{EmptyDatabase, Engine, key};

use crate::world::World;

/// The names of the migrations, in order; each but the first has data to be tried on.
fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn data_for(name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/migrations");
    std::fs::read_to_string(folder.join(format!("{name}.sql"))).ok()
}

#[test]
fn every_migration_but_the_first_has_data_to_be_tried_on() {
    let names = names();
    assert_eq!(names[0], "0001_initial");
    for name in &names[1..] {
        assert!(data_for(name).is_some(), "tests/data/migrations/{name}.sql is missing");
    }
}

/// The first of the migrations.
fn first(all: &Migrator, count: usize) -> Migrator {
    Migrator::with_migrations(all.iter().take(count).cloned().collect())
}

#[tokio::test]
async fn migrations_apply_one_by_one_to_data_of_sqlite() {
    // given an empty file
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("old.sqlite").display());
    sqlx::Sqlite::create_database(&url).await.unwrap();
    let all = store::testing::sqlite_migrations();
    for (at, name) in names().iter().enumerate() {
        // when it holds what the migration before left, and data
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        first(&all, at).run(&pool).await.unwrap();
        if let Some(data) = data_for(name) {
            pool.execute(AssertSqlSafe(data)).await.unwrap();
        }
        // then the migration applies, and no row points nowhere
        first(&all, at + 1).run(&pool).await.unwrap();
        let broken: Vec<(String,)> =
            sqlx::query_as("SELECT \"table\" FROM pragma_foreign_key_check").fetch_all(&pool).await.unwrap();
        assert!(broken.is_empty(), "{name}: {broken:?}");
        pool.close().await;
    }
    let store = Store::open(&url, &key()).await.unwrap();
    everything_is_there(&store).await;
    store.close().await;
}

#[tokio::test]
async fn migrations_apply_one_by_one_to_data_of_postgres() {
    // given an empty database
    let Some(database) = EmptyDatabase::create().await else { return };
    let all = store::testing::postgres_migrations();
    for (at, name) in names().iter().enumerate() {
        // when it holds what the migration before left, and data, then the migration applies
        let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
        first(all, at).run(&pool).await.unwrap();
        if let Some(data) = data_for(name) {
            pool.execute(AssertSqlSafe(data)).await.unwrap();
        }
        first(all, at + 1).run(&pool).await.unwrap();
        pool.close().await;
    }
    let store = Store::open(database.url(), &key()).await.unwrap();
    everything_is_there(&store).await;
    store.close().await;
}

/// What the sample data say is as it was, and what came later has its first value.
async fn everything_is_there(store: &Store) {
    let (paused, quiet) = (store.host(1).await.unwrap().unwrap(), store.host(2).await.unwrap().unwrap());
    assert_eq!((paused.paused_until, paused.paused_reason.as_deref()), (Some(1_700_000_060_000), Some("rate_limit")));
    assert_eq!((quiet.paused_reason, quiet.failures, quiet.failing_since), (None, 0, None));
    let account = store.account(4).await.unwrap().unwrap();
    assert_eq!((account.path.as_str(), account.merge_requests_until), ("Team", None));
    let repository = store.repository(5).await.unwrap().unwrap();
    assert_eq!((repository.failures, repository.retry_at, repository.paused), (3, None, false));
    assert_eq!((repository.changes, repository.changes_at), (None, None));
    assert_eq!(store.branches(5).await.unwrap()[0].name, "A-1-x");
    assert_eq!(store.jobs_due_of_repositories(&[5]).await.unwrap()[&5], 1_700_000_060_000);
    assert!(store.credential_lease(4, "me", 1_700_000_000_000, 1_700_000_010_000).await.unwrap());
    assert!(store.inbox_is_empty().await.unwrap());
    // Credentials belong to owners; who renews one goes on.
    let lease = async |now| store.credential_lease(8, "me", now, now + 1).await.unwrap();
    assert!(!lease(1_700_000_004_999).await && lease(1_700_000_005_000).await);
    assert_eq!((account.grant_id, account.credential_owner()), (None, 4));
    assert_eq!(store.facade_pull(5, "901").await.unwrap().unwrap().merge_request.title, "A-1 One");
    // Nobody had been told anything.
    assert_eq!(store.setting("before.sites").await.unwrap().as_deref(), Some("none"));
    let sites = store.sites().await.unwrap();
    assert_eq!(sites.iter().map(|site| site.id).collect::<Vec<_>>(), [71]);
    // Of what waited nobody knows whether the site has it.
    let due = store.outbox_due(71, Channel::DevInfo, None, 1_700_000_000_000, 10).await.unwrap();
    assert_eq!(due.iter().map(|entry| (entry.entity_id, entry.offered)).collect::<Vec<_>>(), [(6, true)]);
    // What was done before there were comments has none, and gets none.
    assert_eq!(store.receipts_of_commit(41).await.unwrap().len(), 1);
    assert!(store.commit_comments(41).await.unwrap().is_empty() && !sites[0].settings.commit_comments);
}

#[rstest]
#[tokio::test]
async fn opening_again_changes_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let again = world.open_again().await;
    assert_eq!(again.account(account).await.unwrap().unwrap().path, "team");
    again.close().await;
}

#[tokio::test]
async fn both_engines_have_the_same_columns() {
    let Some(sqlite) = World::open(Engine::Sqlite).await else { return };
    let Some(postgres) = World::open(Engine::Postgres).await else { return };
    let pool = sqlx::SqlitePool::connect(sqlite.url()).await.unwrap();
    let on_sqlite: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite%' ORDER BY 1, 2",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    pool.close().await;
    let pool = sqlx::PgPool::connect(postgres.url()).await.unwrap();
    let on_postgres: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%' \
         ORDER BY table_name COLLATE \"C\", column_name COLLATE \"C\"",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    pool.close().await;
    assert!(on_sqlite.len() > 100);
    assert_eq!(on_sqlite, on_postgres);
}
