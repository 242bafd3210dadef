//! PostgreSQL: one pool, and an ear for the jobs of other nodes.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::{Result, migrations};

/// Where a commit that changed the jobs is announced.
pub(crate) const JOBS_CHANNEL: &str = "dovetail_jobs";

const CONNECTIONS: u32 = 20;
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// The pools of one database.
#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    pub(crate) pool: PgPool,
    /// For drawing ids beside a transaction: one of its own, as waiting for `pool` inside a transaction could be for ever.
    pub(crate) ids_pool: PgPool,
    listening: AbortHandle,
}

impl PostgresDatabase {
    pub(crate) async fn open(url: &str, wakeups: Arc<Notify>) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("dovetail");
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect_with(options.clone()).await?;
        migrations::postgres().run(&pool).await?;
        let ids_pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        let listener_pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        // Listening before the store is used: what is announced from now on is heard.
        let listener = listen(&listener_pool).await?;
        let listening = tokio::spawn(wake(listener, listener_pool, wakeups)).abort_handle();
        Ok(Self { pool, ids_pool, listening })
    }

    #[expect(clippy::disallowed_methods, reason = "the home of writing transactions on PostgreSQL")]
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.pool.begin().await?)
    }

    pub(crate) async fn close(&self) {
        self.listening.abort();
        self.ids_pool.close().await;
        self.pool.close().await;
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(pool: &PgPool) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(JOBS_CHANNEL).await?;
    Ok(listener)
}

/// Passes announcements on. After a lost connection something may have been missed, so it wakes once more.
async fn wake(mut listener: PgListener, pool: PgPool, wakeups: Arc<Notify>) {
    loop {
        match listener.try_recv().await {
            Ok(_) => wakeups.notify_waiters(),
            Err(error) => {
                tracing::warn!(%error, "the connection that listens for jobs broke; polling goes on");
                tokio::time::sleep(RECONNECT_AFTER).await;
                if let Ok(again) = listen(&pool).await {
                    listener = again;
                    wakeups.notify_waiters();
                }
            }
        }
    }
}
