//! What Jira keeps of a repository.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use model::Millis;
use serde::Serialize;

use super::egit::{Missing, RepositoryCommit};
use super::keys::keys;

/// How many files of a changeset are kept.
const FILES: usize = 5;

/// A repository of an account.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) id: i64,
    pub(super) slug: String,
    pub(super) linked: bool,
    /// Vanished from the host's list.
    pub(super) deleted: bool,
    /// Owner and name of what it is a fork of.
    pub(super) fork_of: Option<String>,
    /// Branch and head, as they were listed last.
    pub(super) heads: BTreeMap<String, String>,
    pub(super) changesets: BTreeMap<String, Changeset>,
    pub(super) pull_requests: BTreeMap<i64, PullRequest>,
    /// The ids of all events that were ever seen.
    pub(super) events: HashSet<String>,
    /// When the newest of them happened.
    pub(super) save_point: Option<Millis>,
    /// What failed and waits for the next synchronisation.
    pub(super) waiting: VecDeque<Waiting>,
    /// With what the last synchronisation ended.
    pub(super) error: Option<&'static str>,
    /// Why the hooks are not as they should be.
    pub(super) hook_problem: Option<&'static str>,
}

/// A message that failed, and how often.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) message: Message,
    pub(super) retries: u32,
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// Read a commit that was reached through a branch.
    Node { branch: String, node: String },
    /// Read a page of the list of pull requests.
    Page { page: u64, processed: BTreeSet<i64> },
    /// Read a pull request.
    PullRequest { number: i64 },
}

impl Repository {
    /// One that was just found.
    pub(super) fn new(id: i64, slug: &str, linked: bool) -> Self {
        Self {
            id,
            slug: slug.to_owned(),
            linked,
            deleted: false,
            fork_of: None,
            heads: BTreeMap::new(),
            changesets: BTreeMap::new(),
            pull_requests: BTreeMap::new(),
            events: HashSet::new(),
            save_point: None,
            waiting: VecDeque::new(),
            error: None,
            hook_problem: None,
        }
    }
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changeset {
    /// The whole message.
    pub message: String,
    /// The author's name as git keeps it.
    pub author_name: String,
    /// The author's e-mail as git keeps it.
    pub author_email: String,
    /// The author's login at the host.
    pub author_login: Option<String>,
    /// The author's date, in milliseconds.
    pub date: Millis,
    /// The parents' ids, in order.
    pub parents: Vec<String>,
    /// The branch through which it was reached first.
    pub branch: String,
    /// The first five files.
    pub files: Vec<ChangedFile>,
    /// How many files there are.
    pub file_count: usize,
    /// The issue keys in the message.
    pub issue_keys: BTreeSet<String>,
    /// Whether its smart commits are run; none where they are switched off.
    pub smart_commits: Option<bool>,
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedFile {
    /// Its path.
    pub path: String,
    /// What happened to it.
    pub action: FileAction,
    /// Added lines.
    pub additions: i32,
    /// Removed lines.
    pub deletions: i32,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "Jira's own words")]
pub enum FileAction {
    Added,
    Removed,
    Modified,
}

impl Changeset {
    /// Reads one from an answer; what Jira needs must be there.
    pub(super) fn of(commit: &RepositoryCommit, branch: &str) -> Result<Self, Missing> {
        let inner = commit.commit.as_ref().ok_or(Missing("commit"))?;
        let author = inner.author.as_ref().ok_or(Missing("commit.author"))?;
        let parents = commit.parents.as_ref().ok_or(Missing("parents"))?;
        let message = inner.message.clone().unwrap_or_default();
        let files = commit.files.iter().take(FILES).map(|file| ChangedFile {
            path: file.filename.clone().unwrap_or_default(),
            action: match file.status.as_deref() {
                Some("added") => FileAction::Added,
                Some("removed") => FileAction::Removed,
                _ => FileAction::Modified,
            },
            additions: file.additions,
            deletions: file.deletions,
        });
        Ok(Self {
            issue_keys: keys(&message),
            message,
            author_name: author.name.clone().unwrap_or_default(),
            author_email: author.email.clone().unwrap_or_default(),
            author_login: commit.author.as_ref().and_then(|author| author.login.clone()),
            date: author.date.ok_or(Missing("commit.author.date"))?,
            parents: parents
                .iter()
                .map(|parent| parent.sha.clone().ok_or(Missing("parents.sha")))
                .collect::<Result<_, _>>()?,
            branch: branch.to_owned(),
            files: files.collect(),
            file_count: commit.files.len(),
            smart_commits: None,
        })
    }
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PullRequest {
    /// Its number at the host: what Jira calls its id.
    pub number: i64,
    /// Its title, at most 255 characters.
    pub title: String,
    /// Its page.
    pub url: Option<String>,
    /// What became of it.
    pub status: Status,
    /// The branch it comes from.
    pub source_branch: String,
    /// Owner and name of the repository it comes from; none when that is gone.
    pub source_repository: Option<String>,
    /// The branch it goes to.
    pub destination_branch: String,
    /// Who made it.
    pub author: Option<String>,
    /// Who brought it into this status.
    pub executed_by: Option<String>,
    /// When it was made, in milliseconds.
    pub created_at: Option<Millis>,
    /// When it changed last, in milliseconds.
    pub updated_at: Option<Millis>,
    /// How many comments Jira shows.
    pub comment_count: i64,
    /// Who takes part, in the order they were met.
    pub participants: Vec<Participant>,
    /// Its commits, in the order of the host.
    pub commits: Vec<PullRequestCommit>,
    /// The issue keys in title, source branch and the messages of commits that are no merges.
    pub issue_keys: BTreeSet<String>,
    /// Comments on code that were fetched: they count from the next time on.
    #[serde(skip)]
    pub(super) review_comments: i64,
}

/// What became of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "Jira's own words")]
pub enum Status {
    Open,
    Merged,
    Declined,
}

/// Somebody who takes part in a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Participant {
    /// Their login.
    pub login: String,
    /// The first role in which they were met.
    pub role: Role,
}

/// How somebody takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "Jira's own words")]
pub enum Role {
    Participant,
    Reviewer,
}

/// A commit of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PullRequestCommit {
    /// Its id.
    pub sha: String,
    /// Its whole message.
    pub message: String,
    /// The author's name.
    pub author_name: Option<String>,
    /// The author's date, in milliseconds.
    pub date: Millis,
    /// Whether it has several parents.
    pub merge: bool,
}

impl PullRequestCommit {
    /// Reads one from an answer; what Jira needs must be there.
    pub(super) fn of(commit: &RepositoryCommit) -> Result<Self, Missing> {
        let inner = commit.commit.as_ref().ok_or(Missing("commit"))?;
        let author = inner.author.as_ref().ok_or(Missing("commit.author"))?;
        Ok(Self {
            sha: commit.sha.clone().ok_or(Missing("sha"))?,
            message: inner.message.clone().unwrap_or_default(),
            author_name: author.name.clone(),
            date: author.date.ok_or(Missing("commit.author.date"))?,
            merge: commit.parents.as_ref().ok_or(Missing("parents"))?.len() > 1,
        })
    }
}
