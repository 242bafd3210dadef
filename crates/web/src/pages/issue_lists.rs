//! The lists of the development panel, a page at a time.

use store::{Cursor, IssueQuery};

use crate::frame::Frame;
use crate::state::AppState;
use crate::view::number::thousands;

use super::issue_repositories;
use super::issue_rows::{BranchRow, CommitRow, MergeRequestRow};
use super::paging::{self, More, PAGE};

/// One page of a list.
pub struct List<T> {
    pub rows: Vec<T>,
    pub total: Option<String>,
    pub more: Option<More>,
}

impl<T> List<T> {
    /// A list that is not on this page.
    pub const fn none() -> Self {
        Self { rows: Vec::new(), total: None, more: None }
    }

    /// A page of a list that goes on at `address` with the cursor appended.
    fn new(address: &str, rows: Vec<T>, next: Option<Cursor>) -> Self {
        let more = next.map(|next| More::new(format!("{address}{}", paging::written(next))));
        Self { rows, total: None, more }
    }

    /// The first page of `total` entries; unknown where nobody counted.
    pub fn of(self, total: Option<i64>) -> Self {
        Self { total: total.map(thousands), ..self.left(total) }
    }

    /// A page before which `left` entries were left.
    pub fn left(mut self, left: Option<i64>) -> Self {
        let shown = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        let left = left.map(|left| left.saturating_sub(shown)).filter(|left| *left > 0);
        self.more = self.more.map(|more| more.with_left(left));
        self
    }
}

/// Merge requests that name the issue.
pub async fn merge_requests(
    state: &AppState,
    query: &IssueQuery,
    after: Option<Cursor>,
) -> store::Result<List<MergeRequestRow>> {
    let page = state.store().issue_merge_requests(query, after, Some(PAGE)).await?;
    Ok(List::new("?merge_requests_after=", page.items.into_iter().map(MergeRequestRow::from).collect(), page.next))
}

/// Branches that name the issue.
pub async fn branches(state: &AppState, query: &IssueQuery, after: Option<Cursor>) -> store::Result<List<BranchRow>> {
    let page = state.store().issue_branches(query, after, Some(PAGE)).await?;
    Ok(List::new("?branches_after=", page.items.into_iter().map(BranchRow::from).collect(), page.next))
}

/// Commits that name the issue, all or those of one repository.
pub async fn commits(
    state: &AppState,
    frame: &Frame,
    query: &IssueQuery,
    repository_id: Option<i64>,
    after: Option<Cursor>,
) -> store::Result<List<CommitRow>> {
    let (address, page) = match repository_id {
        Some(id) => {
            let page = issue_repositories::commits_of(state.store(), query, id, after).await?;
            (format!("?repository={id}&commits_after="), page)
        }
        None => ("?commits_after=".to_owned(), state.store().issue_commits(query, after, Some(PAGE)).await?),
    };
    let rows = page.items.into_iter().map(|row| CommitRow::new(state, frame, &query.key, row)).collect();
    Ok(List::new(&address, rows, page.next))
}
