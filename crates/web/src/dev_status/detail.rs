//! `/issue/detail`: what there is, host by host (data model §4.2).

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::{ForgeUser, MergeRequestState, Statistics};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::commits::StoredCommit;
use store::hosts::Host;
use store::issues::{IssueBranch, IssueCommit, IssueMergeRequest, IssueQuery, RepositoryRef};
use store::{Store, Viewer};

use super::{application_type, gzip, jira_time};
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;
use crate::view::forge_links::{self, Commits};

/// Answers from this length on, in bytes, are kept for the next who asks: short ones are made as fast.
const LONG: usize = 32 << 10;
/// As [`LONG`], compressed.
const LONG_ZIPPED: usize = LONG / 10;

/// Which issue, and what of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    issue_key: Option<String>,
    application_type: Option<String>,
    data_type: Option<String>,
}

impl Parameters {
    /// Everything that the answer depends on, besides the issue and the store.
    fn question(&self, viewer: Viewer) -> String {
        let word = |written: Option<&str>| written.unwrap_or_default().to_ascii_lowercase();
        let (application, data) = (word(self.application_type.as_deref()), word(self.data_type.as_deref()));
        format!("detail {viewer:?} {application:?} {data:?}")
    }
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
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Problem> {
    let key = application_type::issue_key(&state, parameters.issue_key.as_deref()).await?;
    let wanted = Wanted::parse(parameters.data_type.as_deref()).ok_or_else(|| {
        let what = "dataType is not repository, branch or pullrequest";
        Problem::new(StatusCode::BAD_REQUEST, sentences::parameter_not_understood(what))
    })?;
    let answers = state.store().answers();
    let question = parameters.question(caller.viewer);
    let body = async {
        let made = body(&state, &caller, key.clone(), &parameters, wanted);
        answers.get_or_make(&key, &question, LONG, made).await
    };
    if !gzip::is_accepted(&headers) {
        return Ok(answered(body.await?));
    }
    let zipped = async { Ok::<_, Problem>(gzip::zipped(&body.await?)) };
    Ok(answered_zipped(answers.get_or_make(&key, &format!("{question} gzip"), LONG_ZIPPED, zipped).await?))
}

/// The answer from the store.
async fn body(
    state: &AppState,
    caller: &ApiToken,
    key: String,
    parameters: &Parameters,
    wanted: Wanted,
) -> Result<Bytes, Problem> {
    let hosts = match application_type::hosts(state, parameters.application_type.as_deref()).await? {
        Some(hosts) => hosts,
        None => state.store().hosts().await?,
    };
    let mut found = Vec::new();
    for host in &hosts {
        let query = IssueQuery { viewer: caller.viewer, key: key.clone(), host_ids: Some(vec![host.id]) };
        found.push(Found::on(state.store(), host, &query, wanted).await?);
    }
    let detail = found.iter().filter(|found| !found.is_empty()).map(Found::shape).collect();
    // A vector, as many small pieces go into one faster than into what `axum::Json` collects them in.
    let body = serde_json::to_vec(&Answer { errors: [], detail })
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, sentences::internal()))?;
    Ok(Bytes::from(body))
}

/// Not compressed again by the layer that compresses answers.
fn answered_zipped(zipped: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, "gzip"), (VARY, "accept-encoding")], zipped)
        .into_response()
}

fn answered(body: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// What there is on one host.
struct Found<'h> {
    host: &'h Host,
    branches: Vec<IssueBranch>,
    merge_requests: Vec<IssueMergeRequest>,
    commits: Vec<IssueCommit>,
}

#[derive(Serialize)]
struct Answer<'a> {
    errors: [Value; 0],
    detail: Vec<HostShape<'a>>,
}

/// What Jira shows of one host.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HostShape<'a> {
    branches: Vec<Value>,
    pull_requests: Vec<Value>,
    repositories: Vec<CommitsShape<'a>>,
    #[serde(rename = "_instance")]
    instance: Value,
}

impl<'h> Found<'h> {
    async fn on(store: &Store, host: &'h Host, query: &IssueQuery, wanted: Wanted) -> Result<Self, Problem> {
        let (mut branches, mut merge_requests, mut commits) = (Vec::new(), Vec::new(), Vec::new());
        if wanted.branches {
            branches = store.issue_branches(query, None, None).await?.items;
        }
        if wanted.merge_requests {
            merge_requests = store.issue_merge_requests(query, None, None).await?.items;
        }
        if wanted.commits {
            commits = store.issue_commits(query, None, None).await?.items;
        }
        Ok(Self { host, branches, merge_requests, commits })
    }

    const fn is_empty(&self) -> bool {
        self.branches.is_empty() && self.merge_requests.is_empty() && self.commits.is_empty()
    }

    fn shape(&self) -> HostShape<'_> {
        let capabilities = sync::capabilities(self.host.kind, &self.host.url);
        HostShape {
            branches: self.branches.iter().map(branch).collect(),
            pull_requests: self.merge_requests.iter().map(merge_request).collect(),
            repositories: repositories(&self.commits),
            instance: json!({
                "name": capabilities.title,
                "baseUrl": forge_links::safe(&self.host.url),
                "type": capabilities.application_type,
                "id": self.host.id.to_string(),
                "typeName": capabilities.title,
                "singleInstance": false,
            }),
        }
    }
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
        "lastCommit": row.head_commit.as_ref().map(|head| commit(head, forge_links::commits(&row.repository).as_ref(), None)),
    })
}

/// A commit as Jira writes it. Typed, not a tree of values: an issue may have thousands.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CommitShape<'a> {
    id: &'a str,
    display_id: &'a str,
    author_timestamp: Option<String>,
    merge: bool,
    file_count: u64,
    files: Vec<FileShape<'a>>,
    message: &'a str,
    url: Option<String>,
    author: AuthorShape<'a>,
    create_review_url: Option<&'a str>,
}

#[derive(Serialize)]
struct AuthorShape<'a> {
    name: &'a str,
    avatar: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileShape<'a> {
    path: &'a str,
    url: Option<&'a str>,
    change_type: &'a str,
    lines_added: Option<u64>,
    lines_removed: Option<u64>,
}

/// A repository with its commits.
#[derive(Serialize)]
struct CommitsShape<'a> {
    name: &'a str,
    avatar: Option<&'a str>,
    url: Option<&'a str>,
    commits: Vec<CommitShape<'a>>,
}

fn commit<'a>(
    row: &'a StoredCommit,
    pages: Option<&Commits<'_>>,
    statistics: Option<&'a Statistics>,
) -> CommitShape<'a> {
    CommitShape {
        id: row.object_id.as_str(),
        display_id: row.object_id.short(),
        author_timestamp: jira_time(row.authored_at),
        merge: row.parents.len() > 1,
        file_count: statistics.map_or(0, |statistics| statistics.file_count),
        files: statistics.map(files).unwrap_or_default(),
        message: &row.message,
        url: pages.map(|pages| pages.page(&row.object_id)),
        author: AuthorShape { name: &row.author_name, avatar: None },
        create_review_url: None,
    }
}

fn files(statistics: &Statistics) -> Vec<FileShape<'_>> {
    statistics.files.iter().map(FileShape::from).collect()
}

impl<'a> From<&'a model::FileChange> for FileShape<'a> {
    fn from(file: &'a model::FileChange) -> Self {
        Self {
            path: &file.path,
            url: None,
            change_type: &file.change,
            lines_added: file.additions,
            lines_removed: file.deletions,
        }
    }
}

/// Commits stand below the repository that shows them; repositories in the order of their newest commit.
fn repositories(commits: &[IssueCommit]) -> Vec<CommitsShape<'_>> {
    let mut groups: Vec<(&RepositoryRef, Vec<&IssueCommit>)> = Vec::new();
    for row in commits {
        match groups.iter_mut().find(|(repository, _)| repository.id == row.repository.id) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((&row.repository, vec![row])),
        }
    }
    groups.into_iter().map(|(repository, rows)| commits_shape(repository, rows)).collect()
}

fn commits_shape<'a>(repository: &'a RepositoryRef, rows: Vec<&'a IssueCommit>) -> CommitsShape<'a> {
    let pages = forge_links::commits(repository);
    let shape = |row: &'a IssueCommit| commit(&row.commit, pages.as_ref(), row.statistics.as_ref());
    CommitsShape {
        name: &repository.path,
        avatar: None,
        url: repository.web_url.as_deref(),
        commits: rows.into_iter().map(shape).collect(),
    }
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
