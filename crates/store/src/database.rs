//! Opening the database; reading, and the writing transaction.

use std::ops::Range;
use std::sync::Arc;

use model::secret::SecretString;
use model::{Channel, Outcome};
use sqlx::{Postgres, Sqlite, Transaction};
use tokio::sync::Notify;

use crate::answers::{Answers, Beside, Touched};
use crate::ids::Ids;
use crate::issues::commit_cache::CommitCache;
use crate::key_rule::KeyRule;
use crate::outbox::Observed;
use crate::postgres::PostgresDatabase;
use crate::seal::Sealer;
use crate::site_wants::SiteWants;
use crate::sqlite::{SqliteDatabase, Turn};
use crate::token_uses::TokenUses;
use crate::tokens::ActiveTokens;
use crate::until_changed::UntilChanged;
use crate::{Result, StoreError, settings};

/// Which queue a write waits in: live writes go before bulk ones (engine §3), and before them what a forge waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A hook event that is being answered: behind nothing but the write that is under way.
    Inbox,
    /// A hook, a click, a lease: never behind an import.
    Live,
    /// An import: at most 500 rows a transaction.
    Bulk,
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    sealer: Sealer,
    ids: Ids,
    wakeups: Arc<Notify>,
    commits: CommitCache,
    answers: Arc<Answers>,
    token_uses: TokenUses,
    beside: Arc<Beside>,
}

/// The two engines. Every statement is one text that both understand; the macros below run it on the one that is there.
#[derive(Debug)]
pub(crate) enum Database {
    /// A file of this node alone.
    Sqlite(SqliteDatabase),
    /// A server that several nodes may share.
    Postgres(PostgresDatabase),
}

/// A writing transaction. Dropped without [`WriteTx::commit`] it is rolled back. No network or git while it is open.
#[derive(Debug)]
pub struct WriteTx {
    // Before the turn: the transaction must be over when the next writer gets its turn.
    connection: Connection,
    turn: Option<Turn>,
    store: Store,
    drawn: Option<Range<i64>>,
    wake: bool,
    touched: Touched,
    observed: Option<Observed>,
    delivered: Vec<(Channel, Outcome, u64)>,
}

/// A transaction about to change what is shown nowhere.
pub(crate) struct Aside<'t>(&'t mut WriteTx);

impl<'t> Aside<'t> {
    pub(crate) const fn connection(self) -> &'t mut Connection {
        &mut self.0.connection
    }
}

#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs a body with the reading pool of whichever engine it is: `read!(store, |db| query.fetch_all(db))`.
macro_rules! read {
    ($store:expr, |$db:ident| $body:expr) => {
        match $store.database() {
            crate::database::Database::Sqlite(sqlite) => {
                let $db = &sqlite.readers;
                $body.await
            }
            crate::database::Database::Postgres(postgres) => {
                let $db = &postgres.readers;
                $body.await
            }
        }
        .map_err(crate::StoreError::from)
    };
}
pub(crate) use read;

/// Runs a body with the connection of a writing transaction: `within!(tx, |db| query.fetch_all(db))`.
macro_rules! within {
    ($tx:expr, |$db:ident| $body:expr) => {
        match $tx.connection() {
            crate::database::Connection::Sqlite(transaction) => {
                let $db = &mut **transaction;
                $body.await
            }
            crate::database::Connection::Postgres(transaction) => {
                let $db = &mut **transaction;
                $body.await
            }
        }
        .map_err(crate::StoreError::from)
    };
}
pub(crate) use within;

/// Runs a statement in a writing transaction and answers how many rows it touched.
macro_rules! execute {
    ($tx:expr, $query:expr) => {
        match $tx.connection() {
            crate::database::Connection::Sqlite(transaction) => {
                $query.execute(&mut **transaction).await.map(|done| done.rows_affected())
            }
            crate::database::Connection::Postgres(transaction) => {
                $query.execute(&mut **transaction).await.map(|done| done.rows_affected())
            }
        }
        .map_err(crate::StoreError::from)
    };
}
pub(crate) use execute;

/// Runs one statement in a live writing transaction of its own and answers how many rows it touched. `aside`: it changes
/// nothing that an answer about an issue tells.
macro_rules! execute_live {
    (aside $store:expr, $query:expr) => {
        async {
            let mut tx = $store.begin_write(crate::Lane::Live).await?;
            let rows = crate::database::execute!(tx.aside(), $query)?;
            tx.commit().await?;
            crate::Result::Ok(rows)
        }
        .await
    };
    ($store:expr, $query:expr) => {
        async {
            let mut tx = $store.begin_write(crate::Lane::Live).await?;
            let rows = crate::database::execute!(tx, $query)?;
            tx.commit().await?;
            crate::Result::Ok(rows)
        }
        .await
    };
}
pub(crate) use execute_live;

impl Store {
    /// Opens `sqlite://path` or `postgres://…`, runs the migrations, and checks the key's fingerprint
    /// (a node with another key refuses to start).
    pub async fn open(url: &str, key: &SecretString) -> Result<Self> {
        let sealer = Sealer::new(key)?;
        let wakeups = Arc::new(Notify::new());
        let beside = Arc::new(Beside::default());
        let answers = Arc::new(Answers::new(Arc::clone(&beside)));
        let (database, ids) = if url.starts_with("sqlite:") {
            (Database::Sqlite(SqliteDatabase::open(url).await?), Ids::in_transaction())
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let database = PostgresDatabase::open(url, wakeups.clone(), answers.clone()).await?;
            let ids = Ids::beside(database.ids_pool.clone());
            (Database::Postgres(database), ids)
        } else {
            return Err(StoreError::UnknownUrl);
        };
        let store = Self {
            inner: Arc::new(Inner {
                database,
                sealer,
                ids,
                wakeups,
                commits: CommitCache::default(),
                answers,
                token_uses: TokenUses::default(),
                beside,
            }),
        };
        settings::check_fingerprint(&store).await?;
        Ok(store)
    }

    /// Begins a writing transaction (`BEGIN IMMEDIATE` on the only write connection of SQLite).
    pub async fn begin_write(&self, lane: Lane) -> Result<WriteTx> {
        let (connection, turn) = match self.database() {
            Database::Sqlite(sqlite) => {
                let (transaction, turn) = sqlite.begin(lane).await?;
                (Connection::Sqlite(transaction), Some(turn))
            }
            Database::Postgres(postgres) => (Connection::Postgres(postgres.begin().await?), None),
        };
        Ok(WriteTx {
            connection,
            turn,
            store: self.clone(),
            drawn: None,
            wake: false,
            touched: Touched::nothing(),
            observed: None,
            delivered: Vec::new(),
        })
    }

    /// Whether a trivial query works (for `/readyz`).
    pub async fn ping(&self) -> Result<()> {
        let _: i64 = read!(self, |db| sqlx::query_scalar("SELECT COUNT(*) FROM id_block").fetch_one(db))?;
        Ok(())
    }

    /// Told after each commit that changed the jobs, in this process and, on PostgreSQL, in others. Register
    /// (`Notified::enable`) before looking for jobs: only those who wait are told.
    #[must_use]
    pub fn wakeups(&self) -> Arc<Notify> {
        self.inner.wakeups.clone()
    }

    /// Closes the pools.
    pub async fn close(&self) {
        match self.database() {
            Database::Sqlite(sqlite) => sqlite.close().await,
            Database::Postgres(postgres) => postgres.close().await,
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.inner.sealer
    }

    pub(crate) fn ids(&self) -> &Ids {
        &self.inner.ids
    }

    /// Long answers that are still true.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.inner.answers
    }

    pub(crate) fn kept_rule(&self) -> &UntilChanged<KeyRule> {
        &self.inner.beside.key_rule
    }

    pub(crate) fn kept_wants(&self) -> &UntilChanged<Vec<SiteWants>> {
        &self.inner.beside.wants
    }

    pub(crate) fn kept_tokens(&self) -> &UntilChanged<ActiveTokens> {
        &self.inner.beside.tokens
    }

    pub(crate) fn token_uses(&self) -> &TokenUses {
        &self.inner.token_uses
    }

    pub(crate) fn commit_cache(&self) -> &CommitCache {
        &self.inner.commits
    }
}

impl WriteTx {
    /// Makes it last; wakes the workers if it changed the jobs.
    pub async fn commit(mut self) -> Result<()> {
        if self.wake && matches!(self.connection, Connection::Postgres(_)) {
            execute!(self.aside(), sqlx::query("SELECT pg_notify($1, '')").bind(crate::postgres::JOBS_CHANNEL))?;
        }
        if !self.touched.is_nothing() && matches!(self.connection, Connection::Postgres(_)) {
            let (channel, notice) = (crate::postgres::SHOWN_CHANNEL, self.store.answers().notice(&self.touched));
            execute!(self.aside(), sqlx::query("SELECT pg_notify($1, $2)").bind(channel).bind(notice.as_str()))?;
        }
        match self.connection {
            Connection::Sqlite(transaction) => transaction.commit().await?,
            Connection::Postgres(transaction) => transaction.commit().await?,
        }
        if let Some(left) = self.drawn {
            self.store.ids().put_back(left);
        }
        if !self.touched.is_nothing() {
            self.store.answers().forget(&self.touched);
        }
        if self.wake {
            self.store.inner.wakeups.notify_waiters();
        }
        for (channel, outcome, count) in self.delivered {
            let labels = [("channel", channel.as_str()), ("outcome", outcome.as_str())];
            metrics::counter!("dovetail_deliveries_total", &labels).increment(count);
        }
        Ok(())
    }

    /// Whether it hinders nobody by staying open a little longer: never on PostgreSQL, where it is not known.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| !turn.is_awaited())
    }

    /// For a statement that may change anything that is shown.
    pub(crate) fn connection(&mut self) -> &mut Connection {
        self.touched = Touched::Everything;
        &mut self.connection
    }

    /// For statements that change nothing that an answer about an issue tells: jobs, sessions, tokens.
    pub(crate) const fn aside(&mut self) -> Aside<'_> {
        Aside(self)
    }

    /// Attempts to tell a site something are over: they count once this is committed.
    pub(crate) fn delivered(&mut self, channel: Channel, outcome: Outcome, count: u64) {
        self.delivered.push((channel, outcome, count));
    }

    pub(crate) const fn observed(&self) -> Option<Observed> {
        self.observed
    }

    pub(crate) const fn set_observed(&mut self, observed: Observed) {
        self.observed = Some(observed);
    }

    pub(crate) const fn touched_everything(&self) -> bool {
        matches!(self.touched, Touched::Everything)
    }

    /// What was touched so far.
    pub(crate) fn touched(&self) -> Touched {
        self.touched.clone()
    }

    /// Everything since `before` was taken touched these issues alone.
    pub(crate) fn touched_only<'k>(&mut self, before: Touched, keys: impl IntoIterator<Item = &'k str>) {
        self.touched = before;
        self.touched.add(keys);
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Ids drawn by this transaction itself, which nobody else may use before it lasts.
    pub(crate) const fn drawn(&mut self) -> &mut Option<Range<i64>> {
        &mut self.drawn
    }

    /// The jobs changed: their workers are told after the commit.
    pub(crate) const fn wake(&mut self) {
        self.wake = true;
    }

    /// What PostgreSQL needs behind a query that picks a row to change, so that nodes do not pick the same; SQLite has one
    /// writer.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.connection, Connection::Postgres(_))
    }
}
