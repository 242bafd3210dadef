//! `/issues`.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use store::issues::{HostCounts, IssueQuery, PageOf};
use utoipa::{IntoParams, ToSchema};

use super::cursor::{self, Part};
use super::shapes::{Branch, Commit, Issue, MergeRequest, Page, instant};
use crate::bearer::ApiToken;
use crate::issue_key;
use crate::problem::Problem;
use crate::state::AppState;

/// How many keys a list has at the most.
const MOST_KEYS: i64 = 100;

/// Which issues.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IssueFilter {
    /// Only keys that begin like this; absent: those with the newest activity.
    prefix: Option<String>,
}

/// Issues that something names, at most 100.
#[utoipa::path(get, path = "/issues", tag = "issues", params(IssueFilter), responses((status = 200, body = [String])))]
pub async fn list_issues(
    State(state): State<AppState>,
    caller: ApiToken,
    Query(filter): Query<IssueFilter>,
) -> Result<Json<Vec<String>>, Problem> {
    let keys = match filter.prefix {
        Some(prefix) => {
            state.store().issue_keys_with_prefix(caller.viewer, &issue_key::as_stored(&prefix), MOST_KEYS).await?
        }
        None => {
            let recent = state.store().issue_keys_recent(caller.viewer, MOST_KEYS).await?;
            recent.into_iter().map(|(key, _)| key).collect()
        }
    };
    Ok(Json(keys))
}

/// What an issue has. An issue that nothing names has zero of everything.
#[utoipa::path(
    get, path = "/issues/{key}", tag = "issues", params(("key" = String, Path, description = "The issue key")),
    responses((status = 200, body = Issue))
)]
pub async fn show_issue(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(key): Path<String>,
) -> Result<Json<Issue>, Problem> {
    let query = query(&caller, &key);
    let counts = state.store().issue_counts(&query).await?;
    Ok(Json(total(query.key, &counts)))
}

/// The commits that name an issue, newest first.
#[utoipa::path(
    get, path = "/issues/{key}/commits", tag = "issues",
    params(("key" = String, Path, description = "The issue key"), Part), responses((status = 200, body = Page<Commit>))
)]
pub async fn list_commits(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(key): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Page<Commit>>, Problem> {
    let (after, limit) = part.bounds()?;
    Ok(Json(page(state.store().issue_commits(&query(&caller, &key), after, limit).await?)))
}

/// The branches that name an issue, last moved first.
#[utoipa::path(
    get, path = "/issues/{key}/branches", tag = "issues",
    params(("key" = String, Path, description = "The issue key"), Part), responses((status = 200, body = Page<Branch>))
)]
pub async fn list_branches(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(key): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Page<Branch>>, Problem> {
    let (after, limit) = part.bounds()?;
    Ok(Json(page(state.store().issue_branches(&query(&caller, &key), after, limit).await?)))
}

/// The merge requests that name an issue, last changed first.
#[utoipa::path(
    get, path = "/issues/{key}/merge-requests", tag = "issues",
    params(("key" = String, Path, description = "The issue key"), Part),
    responses((status = 200, body = Page<MergeRequest>))
)]
pub async fn list_merge_requests(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(key): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Page<MergeRequest>>, Problem> {
    let (after, limit) = part.bounds()?;
    Ok(Json(page(state.store().issue_merge_requests(&query(&caller, &key), after, limit).await?)))
}

fn query(caller: &ApiToken, key: &str) -> IssueQuery {
    IssueQuery { viewer: caller.viewer, key: issue_key::as_stored(key), host_ids: None }
}

fn page<Row, Item: From<Row> + Serialize + ToSchema>(rows: PageOf<Row>) -> Page<Item> {
    Page { items: rows.items.into_iter().map(Into::into).collect(), next: rows.next.map(cursor::write) }
}

fn total(key: String, counts: &[HostCounts]) -> Issue {
    let mut issue = Issue { key, ..Issue::default() };
    for host in counts {
        issue.commits += host.commits;
        issue.branches += host.branches;
        issue.open_merge_requests += host.open;
        issue.merged_merge_requests += host.merged;
        issue.declined_merge_requests += host.declined;
    }
    let newest = counts.iter().flat_map(|host| [host.last_commit_at, host.last_branch_at, host.last_merge_request_at]);
    issue.last_activity_at = newest.flatten().max().and_then(instant);
    issue
}
