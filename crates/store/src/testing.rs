//! Databases for tests, of this crate and of others: made once, then copied for each test.

use std::ops::Deref;
use std::path::PathBuf;
use std::str::FromStr;

use model::secret::SecretString;
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;

use crate::Store;

/// Names the PostgreSQL server for tests: the address of a database of a user who may create databases.
pub const POSTGRES_VARIABLE: &str = "DOVETAIL_TEST_POSTGRES";

/// Any number, the same for every process that makes the template.
const TEMPLATE_LOCK: i64 = 0x646f_7665;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in a file of its own.
    Sqlite,
    /// PostgreSQL, in a database of its own.
    Postgres,
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            other => Err(format!("no engine is called {other}")),
        }
    }
}

/// A store whose database goes away with it.
#[derive(Debug)]
pub struct TestStore {
    store: Store,
    url: String,
    // After the store: the database goes when nobody uses it.
    _place: Place,
}

#[derive(Debug)]
enum Place {
    Folder(#[expect(dead_code, reason = "kept for its drop")] TempDir),
    Database { server: String, name: String },
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    /// Opens the same database once more, as a second node (PostgreSQL) or a restarted process (SQLite) would.
    pub async fn open_again(&self) -> Store {
        Store::open(&self.url, &key()).await.expect("the database opens as before")
    }

    /// The address of the database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The key of every test store.
#[must_use]
pub fn key() -> SecretString {
    SecretString::from("0123456789abcdef".repeat(4))
}

/// An empty store; none, saying so, where `DOVETAIL_TEST_POSTGRES` names no server for [`Engine::Postgres`].
pub async fn open(engine: Engine) -> Option<TestStore> {
    let (url, place) = match engine {
        Engine::Sqlite => sqlite().await,
        Engine::Postgres => postgres(postgres_server()?).await,
    };
    let store = Store::open(&url, &key()).await.expect("a copy of the template opens");
    Some(TestStore { store, url, _place: place })
}

/// The migrations as SQLite reads them.
#[must_use]
pub fn sqlite_migrations() -> sqlx::migrate::Migrator {
    crate::migrations::sqlite()
}

/// The migrations as PostgreSQL reads them.
#[must_use]
pub const fn postgres_migrations() -> &'static sqlx::migrate::Migrator {
    crate::migrations::postgres()
}

/// An empty database of PostgreSQL, to be migrated; it goes away when this is dropped.
#[derive(Debug)]
pub struct EmptyDatabase {
    url: String,
    _place: Place,
}

impl EmptyDatabase {
    /// None, saying so, where `DOVETAIL_TEST_POSTGRES` names no server.
    pub async fn create() -> Option<Self> {
        let server = postgres_server()?;
        let mut maintenance = PgConnection::connect(&server).await.expect("the server answers");
        let name = fresh_name();
        run(&mut maintenance, format!("CREATE DATABASE {name}")).await;
        maintenance.close().await.expect("the connection closes");
        Some(Self { url: database_url(&server, &name), _place: Place::Database { server, name } })
    }

    /// The address of the database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The server for tests; none, saying so, where there is none.
#[expect(clippy::print_stderr, reason = "who runs the tests must see that half of them did not run")]
fn postgres_server() -> Option<String> {
    let server = std::env::var(POSTGRES_VARIABLE).ok();
    if server.is_none() {
        eprintln!("SKIPPED: {POSTGRES_VARIABLE} names no PostgreSQL server, so this test did not run on it");
    }
    server
}

fn fresh_name() -> String {
    format!("dovetail_test_{:032x}", rand::random::<u128>())
}

async fn sqlite() -> (String, Place) {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("dovetail.sqlite");
    std::fs::copy(sqlite_template().await, &file).expect("the template is copied");
    (format!("sqlite://{}", file.display()), Place::Folder(folder))
}

/// A migrated file that all tests copy; made beside its place and renamed, so that no process ever sees half of it.
async fn sqlite_template() -> PathBuf {
    let template = std::env::temp_dir().join(format!("dovetail-template-{}.sqlite", version()));
    if !template.exists() {
        let folder = TempDir::new_in(std::env::temp_dir()).expect("a temporary folder");
        let draft = folder.path().join("template.sqlite");
        migrate(&format!("sqlite://{}", draft.display())).await;
        std::fs::rename(&draft, &template).expect("the template is moved to its place");
    }
    template
}

async fn postgres(server: String) -> (String, Place) {
    let options = PgConnectOptions::from_str(&server).expect("the variable holds an address");
    let mut maintenance = PgConnection::connect_with(&options).await.expect("the server answers");
    let template = postgres_template(&mut maintenance, &server).await;
    let name = fresh_name();
    run(&mut maintenance, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    maintenance.close().await.expect("the connection closes");
    (database_url(&server, &name), Place::Database { server, name })
}

async fn postgres_template(maintenance: &mut PgConnection, server: &str) -> String {
    let name = format!("dovetail_template_{}", version());
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut *maintenance).await.expect("a lock");
    let there: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_optional(&mut *maintenance)
        .await
        .expect("the list of databases");
    if there.is_none() {
        let draft = format!("{name}_draft");
        run(maintenance, format!("DROP DATABASE IF EXISTS {draft}")).await;
        run(maintenance, format!("CREATE DATABASE {draft}")).await;
        migrate(&database_url(server, &draft)).await;
        run(maintenance, format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
    }
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(TEMPLATE_LOCK).execute(maintenance).await.expect("the lock");
    name
}

/// The server's address with another database: the path of the URL is the database's name.
fn database_url(server: &str, name: &str) -> String {
    let (address, options) = server.split_once('?').map_or((server, None), |(address, rest)| (address, Some(rest)));
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority..].find('/').map_or(address.len(), |at| authority + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{name}{options}", &address[..end])
}

async fn migrate(url: &str) {
    let store = Store::open(url, &key()).await.expect("an empty database is migrated");
    store.close().await;
}

async fn run(connection: &mut PgConnection, sql: String) {
    connection.execute(AssertSqlSafe(sql)).await.expect("the server does as asked");
}

/// Changes with the migrations.
fn version() -> String {
    let mut digest = Sha256::new();
    for migration in crate::migrations::sqlite().iter() {
        digest.update(migration.sql.as_str());
    }
    hex::encode(&digest.finalize()[..6])
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Database { server, name } = self {
            let (server, name) = (server.clone(), name.clone());
            // A thread of its own: a drop cannot wait for the runtime that it happens in.
            let dropping = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
                runtime.block_on(drop_database(&server, &name)).ok()
            });
            let _ = dropping.join();
        }
    }
}

async fn drop_database(server: &str, name: &str) -> sqlx::Result<()> {
    let mut maintenance = PgConnection::connect(server).await?;
    maintenance.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await?;
    maintenance.close().await
}
