//! Pages of lists: `startAt` and `maxResults`.

use super::ask::Ask;
use super::error::RestError;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) start_at: usize,
    pub(super) max_results: usize,
}

impl Page {
    /// Reads the part; without `maxResults` it has `default` rows, and never more than `most`.
    pub(super) fn of(ask: &Ask, default: usize, most: usize) -> Result<Self, RestError> {
        let max_results = ask.number("maxResults", default)?.min(most);
        Ok(Self { start_at: ask.number("startAt", 0)?, max_results })
    }

    /// The part of a list.
    pub(super) fn cut<T>(self, rows: &[T]) -> &[T] {
        let from = self.start_at.min(rows.len());
        let to = from.saturating_add(self.max_results).min(rows.len());
        &rows[from..to]
    }

    /// Whether nothing comes after it.
    pub(super) fn is_last(self, total: usize) -> bool {
        self.start_at.saturating_add(self.max_results) >= total
    }
}
