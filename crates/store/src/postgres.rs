//! PostgreSQL: a pool of those who read, one of those who write, and an ear for the jobs of other nodes.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Executor, PgPool, Postgres, Transaction};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::answers::Answers;
use crate::{Result, migrations};

/// Where a commit that changed the jobs is announced.
pub(crate) const JOBS_CHANNEL: &str = "dovetail_jobs";

/// Where a commit says what it touched of what is shown.
pub(crate) const SHOWN_CHANNEL: &str = "dovetail_shown";

/// How many transactions write at the same time.
const WRITERS: u32 = 10;
/// How many read at the same time.
const READERS: u32 = 12;
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// The pools of one database.
#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    /// For reading alone: writers, who may be many and slow while an import goes on, take none of these connections.
    pub(crate) readers: PgPool,
    writers: PgPool,
    /// For drawing ids beside a transaction: one of its own, as waiting for `writers` inside a transaction could be for ever.
    pub(crate) ids_pool: PgPool,
    listening: AbortHandle,
}

impl PostgresDatabase {
    pub(crate) async fn open(url: &str, wakeups: Arc<Notify>, answers: Arc<Answers>) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("dovetail");
        let writers = PgPoolOptions::new().max_connections(WRITERS).connect_with(options.clone()).await?;
        migrations::postgres().run(&writers).await?;
        let readers = readers().connect_with(options.clone()).await?;
        let ids_pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        let listener_pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        // Listening before the store is used: what is announced from now on is heard.
        let listener = listen(&listener_pool).await?;
        let listening = tokio::spawn(hear(listener, listener_pool, wakeups, answers)).abort_handle();
        Ok(Self { readers, writers, ids_pool, listening })
    }

    #[expect(clippy::disallowed_methods, reason = "the home of writing transactions on PostgreSQL")]
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.writers.begin().await?)
    }

    pub(crate) async fn close(&self) {
        self.listening.abort();
        self.ids_pool.close().await;
        self.readers.close().await;
        self.writers.close().await;
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// The pool of those who read: its connections stay, as nobody who reads should wait until others are made. What they ask is
/// answered sooner than a statement is compiled, which PostgreSQL would begin to do for what looks costly to it.
fn readers() -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| Box::pin(async { connection.execute("SET jit = off").await.map(drop) }))
}

async fn listen(pool: &PgPool) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen_all([JOBS_CHANNEL, SHOWN_CHANNEL]).await?;
    Ok(listener)
}

/// Passes announcements on. After a lost connection something may have been missed: the workers are woken once more, and no
/// answer is trusted that was made while nothing was heard.
async fn hear(mut listener: PgListener, pool: PgPool, wakeups: Arc<Notify>, answers: Arc<Answers>) {
    loop {
        match listener.try_recv().await {
            Ok(Some(notice)) if notice.channel() == SHOWN_CHANNEL => answers.hear(notice.payload()),
            Ok(Some(_)) => wakeups.notify_waiters(),
            lost => {
                answers.hears(false);
                tracing::warn!(error = ?lost.err(), "the connection that listens for other nodes broke; polling goes on");
                listener = again(&pool).await;
                answers.hears(true);
                wakeups.notify_waiters();
            }
        }
    }
}

async fn again(pool: &PgPool) -> PgListener {
    loop {
        match listen(pool).await {
            Ok(listener) => return listener,
            Err(_) => tokio::time::sleep(RECONNECT_AFTER).await,
        }
    }
}
