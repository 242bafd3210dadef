//! Repositories and what is in them, in the shapes of devinfo contract §3. What is too long or not allowed is mended when it
//! is sent ([`limits`](super::limits)).

use std::fmt;

use model::Millis;
use serde::{Serialize, Serializer};

use crate::timestamp;

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityKind {
    /// A commit.
    Commit,
    /// A branch.
    Branch,
    /// A pull request.
    PullRequest,
}

impl EntityKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Commit, Self::Branch, Self::PullRequest];

    /// The list of a repository that it comes in.
    pub(crate) const fn list(self) -> &'static str {
        match self {
            Self::Commit => "commits",
            Self::Branch => "branches",
            Self::PullRequest => "pullRequests",
        }
    }

    /// Its name in addresses.
    pub(crate) const fn segment(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Branch => "branch",
            Self::PullRequest => "pull_request",
        }
    }
}

/// A repository with some of its entities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Repository {
    /// Its id, unique on the whole site ([`limits::repository_id`](super::limits::repository_id)).
    pub id: String,
    /// Its name; with the path, as people know it.
    pub name: String,
    /// Its page.
    pub url: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The id of the repository that it was forked from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fork_of: Option<String>,
    /// The address of its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// What the picture shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_description: Option<String>,
    /// When its state was observed; a higher one replaces, the same one is ignored (devinfo contract §5).
    pub update_sequence_id: i64,
    /// Commits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<Commit>,
    /// Branches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
    /// Pull requests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pull_requests: Vec<PullRequest>,
}

impl Repository {
    /// How many entities it comes with.
    #[must_use]
    pub const fn entities(&self) -> usize {
        self.commits.len() + self.branches.len() + self.pull_requests.len()
    }
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Commit {
    /// The object id.
    pub id: String,
    /// The object id again, where it is to be told (deprecated by Jira).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Its short id.
    pub display_id: String,
    /// The issues that it names.
    pub issue_keys: Vec<String>,
    /// When its state was observed.
    pub update_sequence_id: i64,
    /// Its message; Jira runs the smart commits in its first 1,024 characters.
    pub message: String,
    /// Who wrote it.
    pub author: Author,
    /// When it was written.
    #[serde(serialize_with = "iso")]
    pub author_timestamp: Millis,
    /// How many files it changed in all.
    pub file_count: u64,
    /// Its page.
    pub url: String,
    /// Some of the files; 10 are sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Whether it joins several lines of history.
    #[serde(rename = "flags", skip_serializing_if = "is_false", serialize_with = "merge_flag")]
    pub merge_commit: bool,
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Its path.
    pub path: String,
    /// Its page.
    pub url: String,
    /// What happened to it.
    pub change_type: ChangeType,
    /// Lines that are new.
    pub lines_added: u64,
    /// Lines that are gone.
    pub lines_removed: u64,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeType {
    /// It is new.
    Added,
    /// It is a copy.
    Copied,
    /// It is gone.
    Deleted,
    /// It changed.
    Modified,
    /// It moved.
    Moved,
    /// Nobody knows.
    Unknown,
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Branch {
    /// Its id, made from its name alone ([`limits::branch_id`](super::limits::branch_id)).
    pub id: String,
    /// Its name.
    pub name: String,
    /// The issues that it names.
    pub issue_keys: Vec<String>,
    /// When its state was observed.
    pub update_sequence_id: i64,
    /// The commit that it points to, the same as it is told among the commits.
    pub last_commit: Commit,
    /// Its page.
    pub url: String,
    /// Where a pull request from it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_pull_request_url: Option<String>,
}

/// A pull request (merge request).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PullRequest {
    /// Its number within the repository.
    pub id: String,
    /// How people call it (`!12`).
    pub display_id: String,
    /// The issues that it names.
    pub issue_keys: Vec<String>,
    /// When its state was observed.
    pub update_sequence_id: i64,
    /// How far it is.
    pub status: PullRequestStatus,
    /// Its title.
    pub title: String,
    /// Who made it.
    pub author: Author,
    /// How many comments it has.
    pub comment_count: u64,
    /// When it last changed.
    #[serde(serialize_with = "iso")]
    pub last_update: Millis,
    /// The name of the branch that it comes from.
    pub source_branch: String,
    /// The page of that branch: the very text that is the branch's `url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_branch_url: Option<String>,
    /// The name of the branch that it goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_branch: Option<String>,
    /// The page of that branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_branch_url: Option<String>,
    /// Its page.
    pub url: String,
    /// Who reviews it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reviewers: Vec<Reviewer>,
}

/// How far a pull request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PullRequestStatus {
    /// Open.
    Open,
    /// Open and not ready. Sites that do not take this status are told that it is open.
    Draft,
    /// Merged.
    Merged,
    /// Closed without a merge.
    Declined,
    /// Anything else.
    Unknown,
}

/// Who wrote something. Jira knows people by the e-mail alone: send the commit's (devinfo contract §3.2).
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The name that people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The login on the forge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Their page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Their picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

/// Without the e-mail, which is no business of logs.
impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Author").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Who reviews a pull request.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reviewer {
    /// The name that people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Their Atlassian account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Their page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Their picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// What they think of it.
    pub approval_status: Approval,
}

/// Without the e-mail, which is no business of logs.
impl fmt::Debug for Reviewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reviewer").field("approval_status", &self.approval_status).finish_non_exhaustive()
    }
}

/// What a reviewer thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Approval {
    /// They approved.
    Approved,
    /// They did not (yet).
    Unapproved,
    /// They want changes.
    NeedsWork,
}

/// One entity of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Entity {
    Commit(Commit),
    Branch(Branch),
    PullRequest(PullRequest),
}

impl Entity {
    pub const fn kind(&self) -> EntityKind {
        match self {
            Self::Commit(_) => EntityKind::Commit,
            Self::Branch(_) => EntityKind::Branch,
            Self::PullRequest(_) => EntityKind::PullRequest,
        }
    }

    pub fn id(&self) -> &str {
        match self {
            Self::Commit(commit) => &commit.id,
            Self::Branch(branch) => &branch.id,
            Self::PullRequest(pull_request) => &pull_request.id,
        }
    }

    /// The sequence id.
    pub const fn sequence(&self) -> i64 {
        match self {
            Self::Commit(commit) => commit.update_sequence_id,
            Self::Branch(branch) => branch.update_sequence_id,
            Self::PullRequest(pull_request) => pull_request.update_sequence_id,
        }
    }
}

impl Repository {
    /// It without its entities, and these.
    pub(crate) fn apart(mut self) -> (Self, Vec<Entity>) {
        let commits = std::mem::take(&mut self.commits).into_iter().map(Entity::Commit);
        let branches = std::mem::take(&mut self.branches).into_iter().map(Entity::Branch);
        let pull_requests = std::mem::take(&mut self.pull_requests).into_iter().map(Entity::PullRequest);
        let entities = commits.chain(branches).chain(pull_requests).collect();
        (self, entities)
    }

    pub(crate) fn add(&mut self, entity: Entity) {
        match entity {
            Entity::Commit(commit) => self.commits.push(commit),
            Entity::Branch(branch) => self.branches.push(branch),
            Entity::PullRequest(pull_request) => self.pull_requests.push(pull_request),
        }
    }

    /// How many entities of a kind it comes with.
    pub(crate) const fn count(&self, kind: EntityKind) -> usize {
        match kind {
            EntityKind::Commit => self.commits.len(),
            EntityKind::Branch => self.branches.len(),
            EntityKind::PullRequest => self.pull_requests.len(),
        }
    }
}

/// Times that no calendar has are refused before anything is written ([`limits`](super::limits)).
fn iso<S: Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&timestamp::iso(*at).unwrap_or_default())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

fn merge_flag<S: Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(["MERGE_COMMIT"])
}
