//! The JSON of `/api/v1`. Times are RFC 3339 in UTC; ids are numbers of this installation.

use model::{FileChange, ForgeUser, Millis, Reviewer};
use serde::Serialize;
use store::accounts::AccountSummary;
use store::issues::{IssueBranch, IssueCommit, IssueMergeRequest, RepositoryRef};
use store::repositories::{AccountRepository, Repository};
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

/// A team or user on a host whose repositories are imported.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub id: i64,
    /// `gitlab` or `folder`.
    pub host_kind: String,
    /// The host's address.
    pub host_url: String,
    /// The path of the group, subgroup or personal namespace.
    pub path: String,
    /// Its display name.
    pub name: String,
    /// `group`, `user` or `folder`.
    pub kind: String,
    /// Whether new repositories are linked.
    pub auto_link: bool,
    /// Whether smart commits are on for new repositories.
    pub smart_commits: bool,
    /// Whether only chosen readers may see it.
    pub restricted: bool,
    /// `active`, `paused`, `needs_authorisation` or `removing`.
    pub state: String,
    /// How many repositories it has.
    pub repositories: i64,
    /// How many of them are imported.
    pub linked: i64,
    /// How many of these wait for a sync, are being synced, or failed.
    pub waiting: i64,
    /// Being synced.
    pub syncing: i64,
    /// Failed.
    pub failed: i64,
    /// Whether its first import has ended.
    pub imported: bool,
    /// Its present error in words.
    pub error: Option<String>,
    /// When its project list was last read.
    pub listed_at: Option<String>,
    /// The newest activity in its repositories.
    pub last_activity_at: Option<String>,
}

impl From<AccountSummary> for Account {
    fn from(summary: AccountSummary) -> Self {
        let account = summary.account;
        Self {
            id: account.id,
            host_kind: account.host_kind.to_string(),
            host_url: account.host_url,
            path: account.path,
            name: account.name,
            kind: account.kind.to_string(),
            auto_link: account.auto_link,
            smart_commits: account.smart_commits,
            restricted: account.restricted,
            state: account.state.as_str().to_owned(),
            repositories: summary.repositories,
            linked: summary.linked,
            waiting: summary.waiting,
            syncing: summary.syncing,
            failed: summary.failed,
            imported: account.imported_at.is_some(),
            error: account.error,
            listed_at: account.listed_at.and_then(instant),
            last_activity_at: summary.last_activity_at.and_then(instant),
        }
    }
}

/// One project of a host.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepositoryShape {
    /// Its id.
    pub id: i64,
    /// The forge's own id.
    pub forge_id: String,
    /// The display name.
    pub name: String,
    /// The full path.
    pub path: String,
    /// Its page on the forge.
    pub web_url: Option<String>,
    /// The default branch.
    pub default_branch: Option<String>,
    /// Whether it is archived.
    pub archived: bool,
    /// `waiting`, `syncing`, `up_to_date`, `failed` or `empty`.
    pub state: String,
    /// `unknown`, `available` or `unavailable`.
    pub merge_requests_state: String,
    /// Its present error in words.
    pub error: Option<String>,
    /// The kind of its present error.
    pub error_kind: Option<String>,
    /// When something last happened in it.
    pub last_activity_at: Option<String>,
    /// When its last sync ended well.
    pub synced_at: Option<String>,
}

impl From<Repository> for RepositoryShape {
    fn from(repository: Repository) -> Self {
        Self {
            id: repository.id,
            forge_id: repository.forge_id,
            name: repository.name,
            path: repository.path,
            web_url: repository.web_url,
            default_branch: repository.default_branch,
            archived: repository.archived,
            state: repository.state.as_str().to_owned(),
            merge_requests_state: repository.merge_requests_state.as_str().to_owned(),
            error: repository.error,
            error_kind: repository.error_kind,
            last_activity_at: repository.last_activity_at.and_then(instant),
            synced_at: repository.synced_at.and_then(instant),
        }
    }
}

/// A repository as one account sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountRepositoryShape {
    /// The repository.
    #[serde(flatten)]
    pub repository: RepositoryShape,
    /// Whether this account imports and shows it.
    pub linked: bool,
    /// Whether the account's list still names it.
    pub visible: bool,
    /// How many branches it has.
    pub branches: i64,
    /// How many commits name an issue.
    pub commits_with_keys: i64,
    /// How many merge requests it has.
    pub merge_requests: i64,
}

impl From<AccountRepository> for AccountRepositoryShape {
    fn from(row: AccountRepository) -> Self {
        Self {
            repository: row.repository.into(),
            linked: row.linked,
            visible: row.visible,
            branches: row.branches,
            commits_with_keys: row.commits_with_keys,
            merge_requests: row.merge_requests,
        }
    }
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
