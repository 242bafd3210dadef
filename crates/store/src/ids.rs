//! Inner ids: integers drawn in blocks from the `id_block` row, so that a row costs no round trip and several nodes never
//! draw the same (engine §2).

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use sqlx::PgPool;

use crate::database::within;
use crate::{Result, WriteTx};

/// Ids drawn at a time when fewer are needed.
const BLOCK: i64 = 1_000;

const DRAW: &str = "UPDATE id_block SET next_id = next_id + $1 WHERE name = 'id' RETURNING next_id";

/// The ids that this process has drawn and not used.
#[derive(Debug)]
pub(crate) struct Ids {
    left: Mutex<Range<i64>>,
    // PostgreSQL draws outside the caller's transaction, which would hold the row, and with it the other nodes, until it
    // ends. SQLite has only one writing connection; there a transaction keeps what it drew to itself until it lasts.
    beside: Option<PgPool>,
}

impl Ids {
    pub(crate) const fn in_transaction() -> Self {
        Self { left: Mutex::new(0..0), beside: None }
    }

    pub(crate) const fn beside(pool: PgPool) -> Self {
        Self { left: Mutex::new(0..0), beside: Some(pool) }
    }

    /// Adds drawn ids to those of the process; of two ranges the longer one stays, the other is a gap in the numbers.
    pub(crate) fn put_back(&self, drawn: Range<i64>) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if length(&drawn) > length(&left) {
            *left = drawn;
        }
    }

    fn take(&self, count: i64) -> Option<i64> {
        take_from(&mut self.left.lock().unwrap_or_else(PoisonError::into_inner), count)
    }
}

impl WriteTx {
    /// The next `count` inner ids, as a contiguous range starting at the answer (drawn in blocks, no round trip each).
    pub async fn ids(&mut self, count: i64) -> Result<i64> {
        if let Some(first) = self.drawn().as_mut().and_then(|drawn| take_from(drawn, count)) {
            return Ok(first);
        }
        if let Some(first) = self.store().ids().take(count) {
            return Ok(first);
        }
        let (mut block, beside) = self.draw(count.max(BLOCK)).await?;
        let first = block.start;
        block.start += count;
        if beside {
            self.store().ids().put_back(block);
        } else {
            *self.drawn() = Some(block);
        }
        Ok(first)
    }

    async fn draw(&mut self, size: i64) -> Result<(Range<i64>, bool)> {
        let beside = self.store().ids().beside.clone();
        let end: i64 = match &beside {
            Some(pool) => sqlx::query_scalar(DRAW).bind(size).fetch_one(pool).await?,
            None => within!(self.aside(), |db| sqlx::query_scalar(DRAW).bind(size).fetch_one(db))?,
        };
        Ok((end - size..end, beside.is_some()))
    }
}

const fn length(range: &Range<i64>) -> i64 {
    range.end - range.start
}

fn take_from(range: &mut Range<i64>, count: i64) -> Option<i64> {
    (length(range) >= count).then(|| {
        let first = range.start;
        range.start += count;
        first
    })
}
