//! egit's classes, with all the fields that they declare and a host might send.

use model::Millis;

use super::gson::Field::{Date, Flag, Int, Long, Text};
use super::gson::{Field, Json, Refused, Shape};

/// What Jira needs of an answer and did not find: Java's `NullPointerException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("java.lang.NullPointerException: {0}")]
pub(crate) struct Missing(pub(crate) &'static str);

/// Somebody, or an organisation.
#[derive(Debug, Clone, Default)]
pub(crate) struct User {
    pub(crate) login: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) avatar_url: Option<String>,
}

const USER: &[(&str, Field)] = &[
    ("bio", Text),
    ("blog", Text),
    ("collaborators", Int),
    ("company", Text),
    ("created_at", Date),
    ("disk_usage", Int),
    ("email", Text),
    ("followers", Int),
    ("following", Int),
    ("gravatar_id", Text),
    ("hireable", Flag),
    ("html_url", Text),
    ("id", Int),
    ("location", Text),
    ("owned_private_repos", Int),
    ("private_gists", Int),
    ("private_repos", Int),
    ("public_gists", Int),
    ("public_repos", Int),
    ("total_private_repos", Int),
    ("type", Text),
    ("url", Text),
];

impl Shape for User {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(USER)?;
        Ok(Self { login: json.text("login")?, name: json.text("name")?, avatar_url: json.text("avatar_url")? })
    }
}

/// A repository.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    pub(crate) name: Option<String>,
    pub(crate) owner: Option<User>,
    pub(crate) fork: bool,
    pub(crate) parent: Option<Box<Self>>,
    pub(crate) html_url: Option<String>,
}

const REPOSITORY: &[(&str, Field)] = &[
    ("clone_url", Text),
    ("created_at", Date),
    ("description", Text),
    ("forks", Int),
    ("git_url", Text),
    ("has_downloads", Flag),
    ("has_issues", Flag),
    ("has_wiki", Flag),
    ("homepage", Text),
    ("id", Long),
    ("language", Text),
    ("master_branch", Text),
    ("mirror_url", Text),
    ("open_issues", Int),
    ("private", Flag),
    ("pushed_at", Date),
    ("size", Int),
    ("ssh_url", Text),
    ("svn_url", Text),
    ("updated_at", Date),
    ("url", Text),
    ("watchers", Int),
];

impl Shape for Repository {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(REPOSITORY)?;
        json.object::<Self>("source")?;
        Ok(Self {
            name: json.text("name")?,
            owner: json.object("owner")?,
            fork: json.flag("fork")?,
            parent: json.object("parent")?.map(Box::new),
            html_url: json.text("html_url")?,
        })
    }
}

impl Repository {
    /// The login of its owner.
    pub(crate) fn owner_login(&self) -> Result<&str, Missing> {
        self.owner.as_ref().ok_or(Missing("owner"))?.login.as_deref().ok_or(Missing("owner.login"))
    }
}

/// A branch.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub(crate) name: Option<String>,
    pub(crate) commit: Option<Resource>,
}

/// What a branch points at.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) sha: Option<String>,
}

impl Shape for Branch {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        Ok(Self { name: json.text("name")?, commit: json.object("commit")? })
    }
}

impl Shape for Resource {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("type", Text), ("url", Text)])?;
        Ok(Self { sha: json.text("sha")? })
    }
}

/// A commit as the host shows it.
#[derive(Debug, Clone)]
pub(crate) struct RepositoryCommit {
    pub(crate) sha: Option<String>,
    pub(crate) commit: Option<Commit>,
    pub(crate) author: Option<User>,
    pub(crate) parents: Option<Vec<Commit>>,
    pub(crate) files: Vec<CommitFile>,
}

impl Shape for RepositoryCommit {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("url", Text)])?;
        json.object::<Statistics>("stats")?;
        json.object::<User>("committer")?;
        Ok(Self {
            sha: json.text("sha")?,
            commit: json.object("commit")?,
            author: json.object("author")?,
            parents: json.list("parents")?,
            files: json.list("files")?.unwrap_or_default(),
        })
    }
}

/// A commit as git keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) sha: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) author: Option<CommitUser>,
}

impl Shape for Commit {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("comment_count", Int), ("url", Text)])?;
        json.object::<CommitUser>("committer")?;
        json.list::<Self>("parents")?;
        json.object::<Resource>("tree")?;
        Ok(Self { sha: json.text("sha")?, message: json.text("message")?, author: json.object("author")? })
    }
}

/// Who, as git keeps it.
#[derive(Debug, Clone)]
pub(crate) struct CommitUser {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) date: Option<Millis>,
}

impl Shape for CommitUser {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        Ok(Self { name: json.text("name")?, email: json.text("email")?, date: json.date("date")? })
    }
}

struct Statistics;

impl Shape for Statistics {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("additions", Int), ("deletions", Int), ("total", Int)])?;
        Ok(Self)
    }
}

/// A file of a commit.
#[derive(Debug, Clone)]
pub(crate) struct CommitFile {
    pub(crate) filename: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) additions: i32,
    pub(crate) deletions: i32,
}

impl Shape for CommitFile {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("blob_url", Text), ("changes", Int), ("patch", Text), ("raw_url", Text), ("sha", Text)])?;
        let (filename, status) = (json.text("filename")?, json.text("status")?);
        Ok(Self { filename, status, additions: json.int("additions")?, deletions: json.int("deletions")? })
    }
}

/// A pull request.
#[derive(Debug, Clone)]
pub(crate) struct PullRequest {
    pub(crate) id: i64,
    pub(crate) number: i32,
    pub(crate) state: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) html_url: Option<String>,
    pub(crate) created_at: Option<Millis>,
    pub(crate) updated_at: Option<Millis>,
    pub(crate) merged_at: Option<Millis>,
    pub(crate) user: Option<User>,
    pub(crate) merged_by: Option<User>,
    pub(crate) assignee: Option<User>,
    pub(crate) comments: i32,
    pub(crate) review_comments: i32,
    pub(crate) head: Option<Marker>,
    pub(crate) base: Option<Marker>,
}

const PULL_REQUEST: &[(&str, Field)] = &[
    ("additions", Int),
    ("body", Text),
    ("body_html", Text),
    ("body_text", Text),
    ("changed_files", Int),
    ("closed_at", Date),
    ("commits", Int),
    ("deletions", Int),
    ("diff_url", Text),
    ("issue_url", Text),
    ("mergeable", Flag),
    ("merged", Flag),
    ("patch_url", Text),
    ("url", Text),
];

impl Shape for PullRequest {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(PULL_REQUEST)?;
        json.object::<Milestone>("milestone")?;
        Ok(Self {
            id: json.long("id")?,
            number: json.int("number")?,
            state: json.text("state")?,
            title: json.text("title")?,
            html_url: json.text("html_url")?,
            created_at: json.date("created_at")?,
            updated_at: json.date("updated_at")?,
            merged_at: json.date("merged_at")?,
            user: json.object("user")?,
            merged_by: json.object("merged_by")?,
            assignee: json.object("assignee")?,
            comments: json.int("comments")?,
            review_comments: json.int("review_comments")?,
            head: json.object("head")?,
            base: json.object("base")?,
        })
    }
}

struct Milestone;

impl Shape for Milestone {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.object::<User>("creator")?;
        json.declares(&[("closed_issues", Int), ("created_at", Date), ("due_on", Date), ("number", Int)])?;
        json.declares(&[("open_issues", Int), ("state", Text), ("title", Text), ("description", Text), ("url", Text)])?;
        Ok(Self)
    }
}

/// Where a pull request comes from or goes to.
#[derive(Debug, Clone)]
pub(crate) struct Marker {
    pub(crate) branch: Option<String>,
    pub(crate) repository: Option<Repository>,
}

impl Shape for Marker {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("label", Text), ("sha", Text)])?;
        json.object::<User>("user")?;
        Ok(Self { branch: json.text("ref")?, repository: json.object("repo")? })
    }
}

/// A comment on a pull request or on its code.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: i64,
    pub(crate) user: Option<User>,
}

impl Shape for Comment {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("body", Text), ("body_html", Text), ("body_text", Text), ("url", Text)])?;
        json.declares(&[("created_at", Date), ("updated_at", Date)])?;
        json.declares(&[("commit_id", Text), ("line", Int), ("path", Text), ("position", Int)])?;
        Ok(Self { id: json.long("id")?, user: json.object("user")? })
    }
}

/// Something that happened in a repository.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    pub(crate) created_at: Option<Millis>,
    pub(crate) payload: Payload,
}

/// What an event is about.
#[derive(Debug, Clone)]
pub(crate) enum Payload {
    /// A pull request.
    PullRequest(Option<Box<PullRequest>>),
    /// A comment on an issue, which may be a pull request: its address.
    IssueComment(Option<String>),
    /// A comment on code.
    ReviewComment(Option<Comment>),
    /// Nothing that Jira looks at.
    Other,
}

impl Shape for Event {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("public", Flag)])?;
        json.object::<User>("actor")?;
        json.object::<User>("org")?;
        json.object::<EventRepository>("repo")?;
        let payload = match json.text("type")?.as_deref() {
            Some("PullRequestEvent") => json.object::<OfPullRequest>("payload")?.map(|it| it.0),
            Some("IssueCommentEvent") => json.object::<OfIssueComment>("payload")?.map(|it| it.0),
            Some("PullRequestReviewCommentEvent") => json.object::<OfReviewComment>("payload")?.map(|it| it.0),
            _ => None,
        };
        let (id, created_at) = (json.text("id")?, json.date("created_at")?);
        Ok(Self { id, created_at, payload: payload.unwrap_or(Payload::Other) })
    }
}

struct EventRepository;

impl Shape for EventRepository {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("id", Long), ("name", Text), ("url", Text)])?;
        Ok(Self)
    }
}

struct OfPullRequest(Payload);

impl Shape for OfPullRequest {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("action", Text), ("number", Int)])?;
        Ok(Self(Payload::PullRequest(json.object("pull_request")?.map(Box::new))))
    }
}

struct OfIssueComment(Payload);

impl Shape for OfIssueComment {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("action", Text)])?;
        json.object::<Comment>("comment")?;
        Ok(Self(Payload::IssueComment(json.object::<Issue>("issue")?.and_then(|issue| issue.0))))
    }
}

struct OfReviewComment(Payload);

impl Shape for OfReviewComment {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        Ok(Self(Payload::ReviewComment(json.object("comment")?)))
    }
}

/// The address of the pull request that an issue is.
struct Issue(Option<String>);

impl Shape for Issue {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("closed_at", Date), ("created_at", Date), ("updated_at", Date)])?;
        json.declares(&[("comments", Int), ("id", Long), ("number", Int), ("state", Text), ("title", Text)])?;
        json.object::<User>("user")?;
        json.object::<User>("assignee")?;
        Ok(Self(json.object::<PullRequest>("pull_request")?.and_then(|it| it.html_url)))
    }
}
