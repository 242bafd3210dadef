//! The rows of the development panel.

use std::sync::Arc;

use model::{Millis, ObjectId, Statistics};
use store::{IssueBranch, IssueCommit, IssueMergeRequest, RepositoryRef, StoredCommit};

use crate::frame::Frame;
use crate::state::AppState;
use crate::view::forge_links;
use crate::view::lozenge::Lozenge;
use crate::view::message::Message;
use crate::view::number::{counted, signed, thousands};
use crate::view::person::Initials;

/// A merge request.
pub struct MergeRequestRow {
    pub lozenge: Lozenge,
    pub number: i64,
    pub title: String,
    pub url: Option<String>,
    pub source: String,
    pub target: String,
    pub repository: String,
    /// Names and whether they approved, for the hover.
    pub reviewers: String,
    pub approvals: Vec<bool>,
    pub approved: usize,
    pub updated_at: Millis,
}

impl From<IssueMergeRequest> for MergeRequestRow {
    fn from(row: IssueMergeRequest) -> Self {
        let mut approvals: Vec<bool> = row.reviewers.iter().map(|reviewer| reviewer.approved).collect();
        approvals.sort_by_key(|approved| !approved);
        let reviewers = row.reviewers.iter().map(|reviewer| {
            let word = if reviewer.approved { "approved" } else { "has not approved" };
            format!("{} {word}", reviewer.user.name)
        });
        let from_fork = row.source_repository.as_ref().filter(|source| source.id != row.repository.id);
        let source = match from_fork {
            Some(fork) => format!("{}:{}", fork.path, row.source_branch),
            None => row.source_branch,
        };
        Self {
            lozenge: Lozenge::merge_request(row.state, row.draft),
            number: row.number,
            title: row.title,
            url: forge_links::safe(&row.web_url).map(str::to_owned),
            source,
            target: row.target_branch,
            repository: row.repository.path.clone(),
            reviewers: reviewers.collect::<Vec<_>>().join(", "),
            approved: approvals.iter().filter(|approved| **approved).count(),
            approvals,
            updated_at: row.updated_at,
        }
    }
}

/// A branch.
pub struct BranchRow {
    pub name: String,
    pub url: Option<String>,
    pub new_merge_request: Option<String>,
    pub repository: String,
    pub head: ObjectId,
    pub head_url: Option<String>,
    pub moved_at: Millis,
}

impl From<IssueBranch> for BranchRow {
    fn from(row: IssueBranch) -> Self {
        let is_default = row.repository.default_branch.as_deref() == Some(row.name.as_str());
        Self {
            url: forge_links::branch(&row.repository, &row.name),
            new_merge_request: forge_links::new_merge_request(&row.repository, &row.name).filter(|_| !is_default),
            head_url: forge_links::commit(&row.repository, &row.head),
            name: row.name,
            repository: row.repository.path.clone(),
            head: row.head,
            moved_at: row.moved_at,
        }
    }
}

/// A commit.
pub struct CommitRow {
    pub commit: Arc<StoredCommit>,
    pub message: Message,
    pub repository: String,
    /// The other repositories that hold it.
    pub also_in: Option<String>,
    pub unreachable: bool,
    pub url: Option<String>,
    /// The page of its files, where the host can tell them; without our prefix.
    pub files: Option<String>,
    /// "+12 −3 · 4 files ▸", or "files ▸" while nobody asked.
    pub changes: String,
}

impl CommitRow {
    /// A commit in the panel of an issue.
    pub fn new(state: &AppState, frame: &Frame, key: &str, row: IssueCommit) -> Self {
        let message = Message::in_list(&row.commit.message, state.noise(), |key| frame.link(&format!("/issues/{key}")));
        let others: Vec<&str> = row.also_in.iter().map(|repository| repository.path.as_str()).collect();
        Self {
            message,
            also_in: (!others.is_empty()).then(|| others.join(", ")),
            unreachable: row.unreachable,
            url: forge_links::commit(&row.repository, &row.commit.object_id),
            files: files_path(&row.repository, key, &row.commit.object_id),
            changes: row.statistics.as_ref().map_or_else(|| "files ▸".to_owned(), |it| format!("{} ▸", changes(it))),
            repository: row.repository.path.clone(),
            commit: row.commit,
        }
    }

    /// The author's initials.
    pub fn initials(&self) -> Initials<'_> {
        Initials(&self.commit.author_name)
    }
}

fn files_path(repository: &RepositoryRef, key: &str, commit: &ObjectId) -> Option<String> {
    let known = sync::capabilities(repository.host_kind, &repository.host_url).statistics;
    let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    known.then(|| format!("/issues/{key}/commits/{commit}/files?repository={}", repository.id))
}

/// "+12 −3 · 4 files".
pub fn changes(statistics: &Statistics) -> String {
    format!(
        "+{} −{} · {}",
        thousands(signed(statistics.additions)),
        thousands(signed(statistics.deletions)),
        counted(signed(statistics.file_count), "file", "files")
    )
}
