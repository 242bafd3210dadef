//! The JSON of `/api/v1`. Times are RFC 3339 in UTC; ids are numbers of this installation.

use model::{FileChange, ForgeUser, Millis, Reviewer};
use serde::Serialize;
use store::issues::{IssueBranch, IssueCommit, IssueMergeRequest, RepositoryRef};
use utoipa::ToSchema;

use crate::view::forge_links;

/// A time as RFC 3339; none for one that no calendar has.
pub fn instant(at: Millis) -> Option<String> {
    jiff::Timestamp::from_millisecond(at).ok().map(|at| at.to_string())
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// What to hand to `after` for the next page; null at the end.
    pub next: Option<String>,
}

/// The repository of a commit, branch or merge request.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepositoryName {
    /// Its id.
    pub id: i64,
    /// The full path.
    pub path: String,
    /// Its page on the forge.
    pub web_url: Option<String>,
}

impl From<&RepositoryRef> for RepositoryName {
    fn from(repository: &RepositoryRef) -> Self {
        Self { id: repository.id, path: repository.path.clone(), web_url: repository.web_url.clone() }
    }
}

/// What an issue has.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Issue {
    /// Its key.
    pub key: String,
    /// How many commits.
    pub commits: i64,
    /// How many branches.
    pub branches: i64,
    /// How many open merge requests.
    pub open_merge_requests: i64,
    /// How many merged ones.
    pub merged_merge_requests: i64,
    /// How many declined ones.
    pub declined_merge_requests: i64,
    /// The newest of all of these.
    pub last_activity_at: Option<String>,
}

/// A commit that names the issue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Commit {
    /// The object id.
    pub id: String,
    /// The whole message.
    pub message: String,
    /// Who wrote it. E-mail addresses are not told.
    pub author: String,
    /// When it was written.
    pub authored_at: Option<String>,
    /// When it was committed.
    pub committed_at: Option<String>,
    /// Whether it joins several lines of history.
    pub merge: bool,
    /// Whether no branch and no merge request reaches it any more.
    pub unreachable: bool,
    /// Its page on the forge.
    pub web_url: Option<String>,
    /// Where it is shown.
    pub repository: RepositoryName,
    /// Where it is too.
    pub also_in: Vec<RepositoryName>,
    /// Its files, where somebody asked for them before.
    pub files: Option<Vec<File>>,
}

/// A file that a commit touched.
#[derive(Debug, Serialize, ToSchema)]
pub struct File {
    /// The path in the repository.
    pub path: String,
    /// `ADDED`, `REMOVED`, `MODIFIED` or `MOVED`.
    pub change: String,
    /// Lines added.
    pub additions: Option<u64>,
    /// Lines removed.
    pub deletions: Option<u64>,
}

impl From<FileChange> for File {
    fn from(file: FileChange) -> Self {
        Self { path: file.path, change: file.change, additions: file.additions, deletions: file.deletions }
    }
}

impl From<IssueCommit> for Commit {
    fn from(row: IssueCommit) -> Self {
        Self {
            web_url: forge_links::commit(&row.repository, &row.commit.object_id),
            id: row.commit.object_id.clone().into(),
            message: row.commit.message.clone(),
            author: row.commit.author_name.clone(),
            authored_at: instant(row.commit.authored_at),
            committed_at: instant(row.commit.committed_at),
            merge: row.commit.parents.len() > 1,
            unreachable: row.unreachable,
            repository: row.repository.as_ref().into(),
            also_in: row.also_in.iter().map(|repository| repository.as_ref().into()).collect(),
            files: row.statistics.map(|statistics| statistics.files.into_iter().map(Into::into).collect()),
        }
    }
}

/// A branch that names the issue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// The commit it points at.
    pub head: String,
    /// When it was last seen to move.
    pub moved_at: Option<String>,
    /// Its page on the forge.
    pub web_url: Option<String>,
    /// Its repository.
    pub repository: RepositoryName,
}

impl From<IssueBranch> for Branch {
    fn from(row: IssueBranch) -> Self {
        Self {
            web_url: forge_links::branch(&row.repository, &row.name),
            name: row.name,
            head: row.head.into(),
            moved_at: instant(row.moved_at),
            repository: row.repository.as_ref().into(),
        }
    }
}

/// Somebody on the forge.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    /// The log-in name.
    pub login: String,
    /// The display name.
    pub name: String,
}

impl From<ForgeUser> for Person {
    fn from(user: ForgeUser) -> Self {
        Self { login: user.login, name: user.name }
    }
}

/// Somebody asked to review.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewerShape {
    /// Who.
    #[serde(flatten)]
    pub person: Person,
    /// Whether they approved.
    pub approved: bool,
}

impl From<Reviewer> for ReviewerShape {
    fn from(reviewer: Reviewer) -> Self {
        Self { person: reviewer.user.into(), approved: reviewer.approved }
    }
}

/// A merge request that names the issue.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeRequest {
    /// The number people see.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// `open`, `merged` or `declined`.
    pub state: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Who opened it.
    pub author: Person,
    /// The branch it comes from.
    pub source_branch: String,
    /// The branch it goes to.
    pub target_branch: String,
    /// Its page on the forge.
    pub web_url: String,
    /// How many comments it has.
    pub comment_count: i64,
    /// Who was asked to review.
    pub reviewers: Vec<ReviewerShape>,
    /// When it was opened.
    pub created_at: Option<String>,
    /// When it last changed.
    pub updated_at: Option<String>,
    /// When it was merged.
    pub merged_at: Option<String>,
    /// Its target repository.
    pub repository: RepositoryName,
}

impl From<IssueMergeRequest> for MergeRequest {
    fn from(row: IssueMergeRequest) -> Self {
        Self {
            number: row.number,
            title: row.title,
            state: row.state.to_string(),
            draft: row.draft,
            author: row.author.into(),
            source_branch: row.source_branch,
            target_branch: row.target_branch,
            web_url: row.web_url,
            comment_count: row.comment_count,
            reviewers: row.reviewers.into_iter().map(Into::into).collect(),
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at),
            merged_at: row.merged_at.and_then(instant),
            repository: row.repository.as_ref().into(),
        }
    }
}

/// A user of Dovetail.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// The id.
    pub id: i64,
    /// The log-in name.
    pub login: String,
    /// The display name.
    pub name: String,
    /// `admin` or `reader`.
    pub role: String,
    /// Whether the user is locked out.
    pub disabled: bool,
    /// Whether a password was chosen.
    pub has_password: bool,
}

impl From<store::users::User> for User {
    fn from(user: store::users::User) -> Self {
        Self {
            id: user.id,
            login: user.login,
            name: user.name,
            role: user.role.as_str().to_owned(),
            disabled: user.disabled,
            has_password: user.has_password,
        }
    }
}
