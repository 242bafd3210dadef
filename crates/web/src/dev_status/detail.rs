//! `/issue/detail`: what there is, host by host (data model §4.2).

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use model::{ForgeUser, MergeRequestState, Statistics};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Store;
use store::commits::StoredCommit;
use store::hosts::Host;
use store::issues::{IssueBranch, IssueCommit, IssueMergeRequest, IssueQuery, RepositoryRef};

use super::{application_type, jira_time};
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;
use crate::view::forge_links;

/// Which issue, and what of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    issue_key: Option<String>,
    application_type: Option<String>,
    data_type: Option<String>,
}

/// Which lists are wanted; the others are there and empty.
#[derive(Clone, Copy)]
struct Wanted {
    branches: bool,
    merge_requests: bool,
    commits: bool,
}

impl Wanted {
    /// Jira asks for one data type at a time; its branch answer carries the merge requests too.
    fn parse(data_type: Option<&str>) -> Option<Self> {
        let wanted = |branches, merge_requests, commits| Some(Self { branches, merge_requests, commits });
        match data_type.unwrap_or_default().to_ascii_lowercase().as_str() {
            "" => wanted(true, true, true),
            "branch" => wanted(true, true, false),
            "pullrequest" => wanted(true, true, false),
            "repository" => wanted(false, false, true),
            "build" | "review" | "deployment-environment" => wanted(false, false, false),
            _ => None,
        }
    }
}

/// Answers `/issue/detail`.
pub async fn detail(
    State(state): State<AppState>,
    caller: ApiToken,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Value>, Problem> {
    let key = application_type::issue_key(parameters.issue_key.as_deref())?;
    let wanted = Wanted::parse(parameters.data_type.as_deref()).ok_or_else(|| {
        let what = "dataType is not repository, branch or pullrequest";
        Problem::new(StatusCode::BAD_REQUEST, sentences::parameter_not_understood(what))
    })?;
    let hosts = match application_type::hosts(&state, parameters.application_type.as_deref()).await? {
        Some(hosts) => hosts,
        None => state.store().hosts().await?,
    };
    let mut details = Vec::new();
    for host in &hosts {
        let query = IssueQuery { viewer: caller.viewer, key: key.clone(), host_ids: Some(vec![host.id]) };
        let detail = of_host(state.store(), host, &query, wanted).await?;
        details.extend(detail);
    }
    Ok(Json(json!({ "errors": [], "detail": details })))
}

async fn of_host(store: &Store, host: &Host, query: &IssueQuery, wanted: Wanted) -> Result<Option<Value>, Problem> {
    let mut branches = Vec::new();
    let mut merge_requests = Vec::new();
    let mut commits = Vec::new();
    if wanted.branches {
        branches = store.issue_branches(query, None, None).await?.items;
    }
    if wanted.merge_requests {
        merge_requests = store.issue_merge_requests(query, None, None).await?.items;
    }
    if wanted.commits {
        commits = store.issue_commits(query, None, None).await?.items;
    }
    if branches.is_empty() && merge_requests.is_empty() && commits.is_empty() {
        return Ok(None);
    }
    let capabilities = sync::capabilities(host.kind, &host.url);
    Ok(Some(json!({
        "branches": branches.iter().map(branch).collect::<Vec<_>>(),
        "pullRequests": merge_requests.iter().map(merge_request).collect::<Vec<_>>(),
        "repositories": repositories(commits),
        "_instance": {
            "name": capabilities.title,
            "baseUrl": forge_links::safe(&host.url),
            "type": capabilities.application_type,
            "id": host.id.to_string(),
            "typeName": capabilities.title,
            "singleInstance": false,
        },
    })))
}

fn repository(repository: &RepositoryRef) -> Value {
    json!({ "name": repository.path, "url": repository.web_url })
}

fn branch(row: &IssueBranch) -> Value {
    json!({
        "name": row.name,
        "url": forge_links::branch(&row.repository, &row.name),
        "createPullRequestUrl": forge_links::new_merge_request(&row.repository, &row.name),
        "repository": repository(&row.repository),
        "lastCommit": row.head_commit.as_ref().map(|head| commit(head, &row.repository, None)),
    })
}

fn commit(row: &StoredCommit, repository: &RepositoryRef, statistics: Option<&Statistics>) -> Value {
    let files: Vec<Value> = statistics.map(files).unwrap_or_default();
    json!({
        "id": row.object_id.as_str(),
        "displayId": row.object_id.short(),
        "authorTimestamp": jira_time(row.authored_at),
        "merge": row.parents.len() > 1,
        "fileCount": statistics.map_or(0, |statistics| statistics.file_count),
        "files": files,
        "message": row.message,
        "url": forge_links::commit(repository, row.object_id.as_str()),
        "author": { "name": row.author_name, "avatar": null },
        "createReviewUrl": null,
    })
}

fn files(statistics: &Statistics) -> Vec<Value> {
    let file = |file: &model::FileChange| {
        json!({
            "path": file.path,
            "url": null,
            "changeType": file.change,
            "linesAdded": file.additions,
            "linesRemoved": file.deletions,
        })
    };
    statistics.files.iter().map(file).collect()
}

/// Commits stand below the repository that shows them; repositories in the order of their newest commit.
fn repositories(commits: Vec<IssueCommit>) -> Vec<Value> {
    let mut groups: Vec<(RepositoryRef, Vec<Value>)> = Vec::new();
    for row in commits {
        let shape = commit(&row.commit, &row.repository, row.statistics.as_ref());
        match groups.iter_mut().find(|(repository, _)| repository.id == row.repository.id) {
            Some((_, shapes)) => shapes.push(shape),
            None => groups.push((row.repository, vec![shape])),
        }
    }
    let shape = |(repository, commits): (RepositoryRef, Vec<Value>)| json!({ "name": repository.path, "avatar": null, "url": repository.web_url, "commits": commits });
    groups.into_iter().map(shape).collect()
}

fn person(user: &ForgeUser) -> Value {
    json!({ "name": if user.name.is_empty() { &user.login } else { &user.name }, "avatar": user.avatar_url })
}

fn merge_request(row: &IssueMergeRequest) -> Value {
    let reviewer = |reviewer: &model::Reviewer| {
        let mut shape = person(&reviewer.user);
        shape["approved"] = json!(reviewer.approved);
        shape
    };
    let source = row.source_repository.as_ref().unwrap_or(&row.repository);
    json!({
        "id": format!("#{}", row.number),
        "name": row.title,
        "author": person(&row.author),
        "commentCount": row.comment_count,
        "source": {
            "branch": row.source_branch,
            "repository": row.source_repository.as_ref().map(repository),
            "url": forge_links::branch(source, &row.source_branch),
        },
        "destination": {
            "branch": row.target_branch,
            "repository": repository(&row.repository),
            "url": forge_links::branch(&row.repository, &row.target_branch),
        },
        "reviewers": row.reviewers.iter().map(reviewer).collect::<Vec<_>>(),
        "status": match row.state {
            MergeRequestState::Open => "OPEN",
            MergeRequestState::Merged => "MERGED",
            MergeRequestState::Declined => "DECLINED",
        },
        "url": forge_links::safe(&row.web_url),
        "lastUpdate": jira_time(row.updated_at),
        "repositoryId": row.repository.id.to_string(),
        "repositoryName": row.repository.path,
        "repositoryUrl": row.repository.web_url,
    })
}
