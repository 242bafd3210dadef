//! An issue: the development panel.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Redirect, Response};
use model::Millis;
use serde::Deserialize;
use store::{HostCounts, IssueQuery};

use crate::error::PageError;
use crate::frame::{Frame, PageResult, ReaderPage, draw};
use crate::sentences;
use crate::state::AppState;
use crate::view::number::counted;
use crate::view::sparkline::Sparkline;

use super::issue_lists::{List, branches, commits, merge_requests};
use super::issue_repositories::{Chip, chips};
use super::issue_rows::{BranchRow, CommitRow, MergeRequestRow};
use super::paging;
use super::receipts::{self, ReceiptRow};

#[derive(Template)]
#[template(path = "issue.html")]
struct IssuePage {
    frame: Frame,
    key: String,
    counts: Counts,
    sparkline: Sparkline,
    merge_requests: List<MergeRequestRow>,
    branches: List<BranchRow>,
    commits: List<CommitRow>,
    chips: Vec<Chip>,
    receipts: Vec<ReceiptRow>,
}

/// Where one of the lists goes on.
#[derive(Template)]
#[template(path = "issue_continued.html")]
struct ContinuedPage {
    frame: Frame,
    key: String,
    merge_requests: List<MergeRequestRow>,
    branches: List<BranchRow>,
    commits: List<CommitRow>,
    /// Always empty here; the lists are drawn by the same template.
    chips: Vec<Chip>,
}

/// The line under the key.
struct Counts {
    branches: i64,
    commits: i64,
    merge_requests: i64,
    states: Option<String>,
    last_activity_at: Option<Millis>,
}

/// Where one list goes on, and how many entries are left of it (only to be said, never to be relied on).
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    /// Only the commits of this repository.
    repository: Option<i64>,
    commits_after: Option<String>,
    branches_after: Option<String>,
    merge_requests_after: Option<String>,
    left: Option<i64>,
}

/// The development panel; keys in lower case lead to the same in upper case.
pub async fn show(
    State(state): State<AppState>,
    page: ReaderPage,
    Path(written): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let key = key_of(&state, &written)?;
    if key != written {
        return Ok(to_upper_case(&page.frame, &key));
    }
    if let Some(present) = state.store().present_key(&key).await? {
        return Ok(to_present_key(&page.frame, &present));
    }
    let query = IssueQuery { viewer: page.viewer(), key, host_ids: None };
    if let Some(continued) = continued(&state, &page.frame, &query, &asked).await? {
        return draw(&continued);
    }
    // Somebody looks at it: its site is asked, behind this answer, whether it moved.
    if let Err(error) = sync::site::ask_key(state.engine(), &query.key).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "no site could be asked for the key of an issue");
    }
    let counts = Counts::new(&state.store().issue_counts(&query).await?);
    let end = chart_end(page.frame.visit.now, counts.last_activity_at);
    let activity = state.store().issue_activity(&query, Sparkline::since(end)).await?;
    let counted = asked.repository.is_none().then_some(counts.commits);
    draw(&IssuePage {
        sparkline: Sparkline::new(&activity, end),
        merge_requests: merge_requests(&state, &query, None).await?.of(Some(counts.merge_requests)),
        branches: branches(&state, &query, None).await?.of(Some(counts.branches)),
        commits: commits(&state, &page.frame, &query, asked.repository, None).await?.of(counted),
        chips: chips(state.store(), &query, asked.repository, counts.commits).await?,
        receipts: receipts::of_issue(&state, query.viewer, &query.key).await?,
        frame: page.frame,
        key: query.key,
        counts,
    })
}

/// The page on which a list goes on, where the address asks for one. It does not count: that would make every page of
/// a long list as dear as the first.
async fn continued(
    state: &AppState,
    frame: &Frame,
    query: &IssueQuery,
    asked: &Asked,
) -> Result<Option<ContinuedPage>, PageError> {
    let cursor = |text: &Option<String>| text.as_deref().and_then(paging::read);
    let (mut merge_requests_page, mut branches_page, mut commits_page) = (List::none(), List::none(), List::none());
    if let Some(after) = cursor(&asked.commits_after) {
        commits_page = commits(state, frame, query, asked.repository, Some(after)).await?.left(asked.left);
    } else if let Some(after) = cursor(&asked.branches_after) {
        branches_page = branches(state, query, Some(after)).await?.left(asked.left);
    } else if let Some(after) = cursor(&asked.merge_requests_after) {
        merge_requests_page = merge_requests(state, query, Some(after)).await?.left(asked.left);
    } else {
        return Ok(None);
    }
    Ok(Some(ContinuedPage {
        frame: frame.clone(),
        key: query.key.clone(),
        merge_requests: merge_requests_page,
        branches: branches_page,
        commits: commits_page,
        chips: Vec::new(),
    }))
}

/// The key that a path means.
pub fn key_of(state: &AppState, written: &str) -> Result<String, PageError> {
    let found = grammar::find(written, state.noise());
    let whole = found.into_iter().find(|found| found.range == (0..written.len()));
    whole.map(|found| found.key).ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, sentences::no_issue_key()))
}

fn to_upper_case(frame: &Frame, key: &str) -> Response {
    Redirect::permanent(&path_of(frame, key)).into_response()
}

/// The issue moved, or its project has another key. Not for ever: a project may take its former key back.
fn to_present_key(frame: &Frame, key: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, path_of(frame, key))]).into_response()
}

fn path_of(frame: &Frame, key: &str) -> String {
    let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    frame.link(&format!("/issues/{key}"))
}

/// The chart ends now, or with the last activity where that is long ago.
fn chart_end(now: Millis, last_activity_at: Option<Millis>) -> Millis {
    last_activity_at.filter(|last| *last < Sparkline::since(now)).unwrap_or(now)
}

impl Counts {
    fn new(hosts: &[HostCounts]) -> Self {
        let sum = |count: fn(&HostCounts) -> i64| hosts.iter().map(count).sum::<i64>();
        let (commits, branches) = (sum(|host| host.commits), sum(|host| host.branches));
        let (open, merged, declined) = (sum(|host| host.open), sum(|host| host.merged), sum(|host| host.declined));
        let times = |host: &HostCounts| [host.last_commit_at, host.last_branch_at, host.last_merge_request_at];
        Self {
            branches,
            commits,
            merge_requests: open + merged + declined,
            states: states(open, merged, declined),
            last_activity_at: hosts.iter().flat_map(times).flatten().max(),
        }
    }

    const fn is_empty(&self) -> bool {
        self.branches + self.commits + self.merge_requests == 0
    }

    fn branches_words(&self) -> String {
        counted(self.branches, "branch", "branches")
    }

    fn commits_words(&self) -> String {
        counted(self.commits, "commit", "commits")
    }

    fn merge_requests_words(&self) -> String {
        counted(self.merge_requests, "merge request", "merge requests")
    }
}

/// "merged", or "2 open, 1 merged" where they differ.
fn states(open: i64, merged: i64, declined: i64) -> Option<String> {
    let present: Vec<(i64, &str)> =
        [(open, "open"), (merged, "merged"), (declined, "declined")].into_iter().filter(|(n, _)| *n > 0).collect();
    match present.as_slice() {
        [] => None,
        [(1, word)] => Some((*word).to_owned()),
        [(_, word)] => Some(format!("all {word}")),
        several => Some(several.iter().map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")),
    }
}
