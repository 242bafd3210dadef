//! SQLite: one writing connection behind a gate where live writes go before bulk ones, and a pool of readers that cannot write.

use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use tokio::sync::oneshot;

use crate::{Lane, Result, migrations};

const READERS: u32 = 8;
/// Rows that a reading connection's thread may be ahead: a look-up of a thousand rows is not handed over in small portions.
const ROWS_AHEAD: usize = 1_024;
/// KiB of pages that the writer keeps in memory: the upper levels of the indexes of a large import.
const WRITER_CACHE: &str = "-32000";
/// Pages in the log before they are written to their places: an import touches the same pages again and again, and with the
/// usual thousand each of its transactions would wait for that.
const CHECKPOINT_PAGES: &str = "8000";
/// Bytes that the log keeps on disk once it is written to its places.
const LARGEST_IDLE_LOG: &str = "33554432";

/// The pools of one file.
#[derive(Debug)]
pub(crate) struct SqliteDatabase {
    pub(crate) readers: SqlitePool,
    writer: SqlitePool,
    gate: Gate,
}

impl SqliteDatabase {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("journal_size_limit", LARGEST_IDLE_LOG);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(writing)
            .await?;
        migrations::sqlite().run(&writer).await?;
        // All at once and for good: their threads get the priority of this one, and not of a job's.
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.pragma("query_only", "ON").row_buffer_size(ROWS_AHEAD))
            .await?;
        Ok(Self { readers, writer, gate: Gate::default() })
    }

    /// Waits for the turn, then begins. `IMMEDIATE`: a transaction that begins reading cannot always go on to write.
    #[expect(clippy::disallowed_methods, reason = "the home of writing transactions on SQLite")]
    pub(crate) async fn begin(&self, lane: Lane) -> Result<(Transaction<'static, Sqlite>, Turn)> {
        let turn = self.gate.enter(lane).await;
        Ok((self.writer.begin_with(begin(lane)).await?, turn))
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A live write is on the disk before anybody is told of it. Imports are not waited for: what a failing power supply takes back of
/// them is taken back whole, with the mark of how far they had come, and they do it again from there. The next live write takes
/// what is before it in the log to the disk, too.
const fn begin(lane: Lane) -> &'static str {
    match lane {
        Lane::Inbox | Lane::Live => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
        Lane::Bulk => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
    }
}

/// Lets one writer in at a time: those that answer a forge, then live ones, then bulk ones, each in their order.
#[derive(Debug, Default, Clone)]
struct Gate {
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    taken: bool,
    inbox: VecDeque<oneshot::Sender<Turn>>,
    live: VecDeque<oneshot::Sender<Turn>>,
    bulk: VecDeque<oneshot::Sender<Turn>>,
}

impl Waiting {
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let Self { inbox, live, bulk, .. } = self;
        inbox.pop_front().or_else(|| live.pop_front()).or_else(|| bulk.pop_front())
    }
}

/// The right to write; dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct Turn(Option<Gate>);

impl Turn {
    /// Whether somebody waits for it.
    pub(crate) fn is_awaited(&self) -> bool {
        self.0.as_ref().is_some_and(Gate::is_awaited)
    }
}

impl Gate {
    fn is_awaited(&self) -> bool {
        let Waiting { inbox, live, bulk, .. } = &*self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        !(inbox.is_empty() && live.is_empty() && bulk.is_empty())
    }

    async fn enter(&self, lane: Lane) -> Turn {
        let receiver = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if !waiting.taken {
                waiting.taken = true;
                return Turn(Some(self.clone()));
            }
            let (sender, receiver) = oneshot::channel();
            match lane {
                Lane::Inbox => waiting.inbox.push_back(sender),
                Lane::Live => waiting.live.push_back(sender),
                Lane::Bulk => waiting.bulk.push_back(sender),
            }
            receiver
        };
        receiver.await.expect("a sender leaves the queue only with a turn in it")
    }

    fn leave(&self) {
        loop {
            let next = {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let next = waiting.next();
                waiting.taken = next.is_some();
                next
            };
            let Some(next) = next else { return };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // This one gave up waiting; its turn goes to the next, here and not in its drop.
                Err(mut unused) => unused.0 = None,
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn live_writes_are_on_the_disk_and_imports_are_not_waited_for() {
        const NORMAL: i64 = 1;
        const FULL: i64 = 2;
        // given a database
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("a.db").display());
        let database = SqliteDatabase::open(&url).await.expect("it opens");

        // when lanes take turns, then each has its own way of waiting for the disk
        for (lane, expected) in [(Lane::Live, FULL), (Lane::Bulk, NORMAL), (Lane::Inbox, FULL), (Lane::Bulk, NORMAL)] {
            let (mut transaction, _turn) = database.begin(lane).await.expect("it begins");
            let synchronous: i64 =
                sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *transaction).await.expect("it answers");
            assert_eq!(synchronous, expected, "{lane:?}");
            transaction.commit().await.expect("it commits");
        }
        database.close().await;
    }

    #[test]
    fn what_a_forge_waits_for_overtakes_the_live_writes_that_wait() {
        let gate = Gate::default();
        let writing = poll(pin!(gate.enter(Lane::Bulk))).expect("the gate is open");
        let (mut live, mut inbox) = (pin!(gate.enter(Lane::Live)), pin!(gate.enter(Lane::Inbox)));
        assert!(poll(live.as_mut()).is_none() && poll(inbox.as_mut()).is_none());

        drop(writing);

        assert!(poll(live.as_mut()).is_none());
        assert!(poll(inbox.as_mut()).is_some());
    }

    #[test]
    fn who_has_the_turn_knows_whether_others_wait() {
        let gate = Gate::default();
        let writing = poll(pin!(gate.enter(Lane::Bulk))).expect("the gate is open");
        assert!(!writing.is_awaited());

        let mut live = pin!(gate.enter(Lane::Live));
        assert!(poll(live.as_mut()).is_none());

        assert!(writing.is_awaited());
    }

    #[test]
    fn a_live_write_overtakes_the_bulk_writes_that_wait() {
        // given a writer, and two bulk writes and then a live one that wait
        let gate = Gate::default();
        let writing = poll(pin!(gate.enter(Lane::Bulk))).expect("the gate is open");
        let (mut first, mut second, mut live) =
            (pin!(gate.enter(Lane::Bulk)), pin!(gate.enter(Lane::Bulk)), pin!(gate.enter(Lane::Live)));
        assert!(poll(first.as_mut()).is_none() && poll(second.as_mut()).is_none() && poll(live.as_mut()).is_none());

        // when the writer leaves, then the live one is let in alone
        drop(writing);
        assert!(poll(first.as_mut()).is_none());
        let live = poll(live.as_mut()).expect("live goes first");

        // and after it the bulk ones in order
        drop(live);
        assert!(poll(second.as_mut()).is_none());
        assert!(poll(first.as_mut()).is_some());
        assert!(poll(second.as_mut()).is_some());
    }

    #[test]
    fn who_gives_up_waiting_blocks_nobody() {
        let gate = Gate::default();
        let writing = poll(pin!(gate.enter(Lane::Live))).expect("the gate is open");
        {
            let mut impatient = pin!(gate.enter(Lane::Live));
            assert!(poll(impatient.as_mut()).is_none());
        }
        let mut let_in_unseen = Box::pin(gate.enter(Lane::Live));
        assert!(poll(let_in_unseen.as_mut()).is_none());
        let mut patient = pin!(gate.enter(Lane::Bulk));
        assert!(poll(patient.as_mut()).is_none());

        drop(writing);
        drop(let_in_unseen);

        assert!(poll(patient.as_mut()).is_some());
    }
}
