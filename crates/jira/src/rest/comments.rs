//! Comments of issues, and finding what bears a mark among them.

use model::Millis;
use serde_json::{Value, json};

use super::issues::CLOCKS_APART;
use super::pages::List;
use super::{Rest, value};
use crate::{JiraError, timestamp};

impl Rest {
    /// Comments on an issue, as the user of these credentials. Returns the comment's id.
    ///
    /// # Errors
    /// [`Problem::Refused`](crate::Problem::Refused), not `Forbidden`, where the user may not comment or the text is empty or too
    /// long; what else keeps Jira from doing it.
    pub async fn comment_add(&self, issue_key: &str, body: &str) -> Result<String, JiraError> {
        let answer = self.post(&["issue", issue_key, "comment"], &[], &json!({ "body": body })).await?;
        value::short(&answer.json()?["id"]).ok_or_else(|| answer.lacks("the id of the comment"))
    }

    /// The id of the newest comment that contains `mark`, among those made since a time of our clock (less ten minutes, as clocks
    /// differ).
    ///
    /// # Errors
    /// [`Problem::NotFound`](crate::Problem::NotFound) where there is no such issue; what else keeps Jira from telling. What was
    /// not read to its end is an error, never "not there".
    pub async fn comment_find(&self, issue_key: &str, mark: &str, since: Millis) -> Result<Option<String>, JiraError> {
        let query = [("orderBy", "-created")];
        let list = List { segments: &["issue", issue_key, "comment"], query: &query, rows: "comments" };
        self.find_marked(list, "body", mark, since).await
    }

    /// The id of the newest row whose text contains `mark`, among those made since about `since`.
    pub(super) async fn find_marked(
        &self,
        list: List<'_>,
        text: &str,
        mark: &str,
        since: Millis,
    ) -> Result<Option<String>, JiraError> {
        let since = since.saturating_sub(CLOCKS_APART);
        let mut newest: Option<(Millis, String)> = None;
        self.each_page(list, |rows| {
            for row in &rows {
                // One whose time cannot be read counts as new: better found than done again.
                let at = created(row).unwrap_or(Millis::MAX);
                let is_marked = at >= since && row[text].as_str().is_some_and(|text| text.contains(mark));
                if let Some(id) = value::short(&row["id"]).filter(|_| is_marked)
                    && newest.as_ref().is_none_or(|(other, _)| at > *other)
                {
                    newest = Some((at, id));
                }
            }
            newest.is_some() || is_past(&rows, since)
        })
        .await?;
        Ok(newest.map(|(_, id)| id))
    }
}

fn created(row: &Value) -> Option<Millis> {
    row["created"].as_str().and_then(timestamp::read)
}

/// Whether everything after these rows is older than `since`: only where they do come newest first, which old Jiras do not do
/// though they are asked to.
fn is_past(rows: &[&Value], since: Millis) -> bool {
    let times: Option<Vec<_>> = rows.iter().map(|row| created(row)).collect();
    let Some(times) = times.filter(|times| times.len() > 1) else { return false };
    let newest_first = times.is_sorted_by(|one, next| one >= next) && times.first() > times.last();
    newest_first && times.last().is_some_and(|last| *last < since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_past_only_when_it_goes_backwards() {
        let row = |second: u32| json!({ "created": format!("2026-03-01T12:00:{second:02}.000+0000") });
        let past = |seconds: &[u32], since: u32| {
            let rows: Vec<_> = seconds.iter().map(|second| row(*second)).collect();
            is_past(&rows.iter().collect::<Vec<_>>(), created(&row(since)).unwrap())
        };
        assert!(past(&[50, 40, 10], 20));
        assert!(!past(&[50, 40, 30], 20));
        assert!(!past(&[10, 12, 14], 20), "oldest first: newer ones may follow");
        assert!(!past(&[10, 10], 20), "of one time: nothing tells which way it goes");
        assert!(!past(&[10], 20));
        assert!(!past(&[], 20));
    }
}
