//! Lists in pages: `startAt`, `maxResults`, `total`.

use serde_json::Value;

use super::{Rest, client::Query, value};
use crate::JiraError;

/// The most pages of a list: with 100 rows each, 100,000 rows.
const MOST_PAGES: usize = 1_000;

/// A list that is read page by page.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Where it is.
    pub segments: &'a [&'a str],
    /// What else to ask with.
    pub query: Query<'a>,
    /// The field of a page that holds its rows.
    pub rows: &'a str,
}

impl Rest {
    /// Reads a list page by page and hands each page over, until the list ends or `look` has seen enough.
    ///
    /// # Errors
    /// What keeps Jira from answering; a list that does not end is not read as if it had ended.
    pub(super) async fn each_page(
        &self,
        list: List<'_>,
        mut look: impl FnMut(Vec<&Value>) -> bool + Send,
    ) -> Result<(), JiraError> {
        let (mut start_at, mut before) = (0, None);
        for _ in 0..MOST_PAGES {
            let from = start_at.to_string();
            let mut query = list.query.to_vec();
            query.extend([("startAt", from.as_str()), ("maxResults", "100")]);
            let answer = self.get(list.segments, &query).await?;
            let page = answer.json()?;
            if !page[list.rows].is_array() {
                return Err(answer.lacks(list.rows));
            }
            let rows: Vec<_> = value::rows(&page[list.rows]).collect();
            start_at += rows.len();
            let first = rows.first().and_then(|row| value::short(&row["id"]));
            if first.is_some() && first == before {
                // The same page again: this server does not know where lists go on.
                break;
            }
            before = first;
            let ended = rows.is_empty() || is_last(&page, start_at);
            if look(rows) || ended {
                return Ok(());
            }
        }
        Err(JiraError::told(crate::Problem::Unreadable, crate::sentences::endless_list()))
    }
}

/// Whether nothing comes after the first `seen` rows, as far as the page tells.
fn is_last(page: &Value, seen: usize) -> bool {
    page["isLast"] == true
        || page["total"].as_u64().is_some_and(|total| u64::try_from(seen).unwrap_or(u64::MAX) >= total)
}
