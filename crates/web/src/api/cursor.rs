//! Where a page of a list ended, as an opaque word in addresses.

use axum::http::StatusCode;
use serde::Deserialize;
use store::issues::Cursor;
use utoipa::IntoParams;

use crate::problem::Problem;
use crate::sentences;

/// How long a page is at the most.
const LONGEST: i64 = 200;

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// The `next` of the page before; absent: the first page.
    after: Option<String>,
    /// How many items, 1 to 200; 50 where absent.
    limit: Option<i64>,
}

impl Part {
    /// Where to go on and how far.
    pub fn bounds(&self) -> Result<(Option<Cursor>, Option<i64>), Problem> {
        let limit = self.limit.unwrap_or(50);
        if !(1..=LONGEST).contains(&limit) {
            return Err(bad("limit is not between 1 and 200"));
        }
        let after = self.after.as_deref().map(read).transpose()?;
        Ok((after, Some(limit)))
    }
}

/// The word for a cursor.
pub fn write(cursor: Cursor) -> String {
    format!("{}.{}", cursor.sort_at, cursor.entity_id)
}

fn read(word: &str) -> Result<Cursor, Problem> {
    let parsed = word.split_once('.').and_then(|(sort_at, entity_id)| {
        Some(Cursor { sort_at: sort_at.parse().ok()?, entity_id: entity_id.parse().ok()? })
    });
    parsed.ok_or_else(|| bad("after is not what `next` of an earlier page said"))
}

fn bad(what: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, sentences::parameter_not_understood(what))
}
