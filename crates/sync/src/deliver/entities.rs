//! How what the store knows is told to Jira as development information (devinfo contract §3, §4). Limits and characters are
//! the client's business.

use forge::capabilities;
use jira::{
    Approval, Author, Branch, ChangeType, Commit, File, PullRequest, PullRequestStatus, Repository, Reviewer, limits,
};
use model::{FileStatus, ForgeUser, MergeRequestState};
use store::{ToldBranch, ToldCommit, ToldMergeRequest, ToldRepository};

use super::pages::Pages;
use super::{identity, link, titles};

/// The sequence of a commit that is told as a branch's last one: below that of every commit told on its own, which it so
/// never replaces, and with which it can be deleted without harm to those.
pub(super) const LAST_COMMIT: i64 = 1;

/// A repository, without its entities; none where there is no page to lead to.
pub(super) fn repository(told: &ToldRepository, pages: Pages<'_>, sequence: i64) -> Option<Repository> {
    let title = capabilities(told.host_kind, &told.host_url).title;
    let icon = pages.icon();
    let fork_of = told.fork_of.as_deref();
    Some(Repository {
        id: link::repository_id(told),
        name: told.path.clone(),
        url: pages.repository()?,
        update_sequence_id: sequence,
        description: None,
        avatar_description: icon.is_some().then(|| title.to_owned()),
        avatar: icon,
        fork_of: fork_of.map(|forge_id| identity::repository_id(told.host_kind, &told.host_url, forge_id)),
        commits: Vec::new(),
        branches: Vec::new(),
        pull_requests: Vec::new(),
    })
}

/// A commit with issue keys of its own.
pub(super) fn commit(told: &ToldCommit, pages: Pages<'_>, sequence: i64) -> Option<Commit> {
    keyed_commit(told, &told.keys, pages, sequence)
}

fn keyed_commit(told: &ToldCommit, keys: &[String], pages: Pages<'_>, sequence: i64) -> Option<Commit> {
    let id = told.object_id.as_str();
    let url = pages.commit(id, keys.first()?)?;
    let files = told.files.as_ref().map_or(&[][..], |files| files.files.as_slice());
    let file = |file: &model::CommitFile| File {
        path: file.path.clone(),
        url: url.clone(),
        change_type: change(file.change),
        lines_added: 0,
        lines_removed: 0,
    };
    Some(Commit {
        id: id.to_owned(),
        hash: None,
        update_sequence_id: sequence,
        issue_keys: keys.to_vec(),
        message: told.message.clone(),
        author: Author {
            name: Some(told.author_name.clone()),
            email: Some(told.author_email.clone()),
            ..Author::default()
        },
        author_timestamp: told.authored_at,
        display_id: titles::short(id).to_owned(),
        file_count: files.len() as u64,
        files: files.iter().map(file).collect(),
        merge_commit: told.parents.len() > 1,
        url,
    })
}

/// A branch with its last commit, which is told with its own keys, or where it has none with the branch's.
pub(super) fn branch(told: &ToldBranch, pages: Pages<'_>, sequence: i64) -> Option<Branch> {
    let key = told.keys.first()?;
    let last_commit = match &told.head_commit {
        Some(commit) if !commit.keys.is_empty() => keyed_commit(commit, &commit.keys, pages, LAST_COMMIT),
        Some(commit) => keyed_commit(commit, &told.keys, pages, LAST_COMMIT),
        None => bare_commit(told, pages),
    }?;
    Some(Branch {
        id: limits::branch_id(&told.name),
        update_sequence_id: sequence,
        issue_keys: told.keys.clone(),
        name: told.name.clone(),
        last_commit,
        create_pull_request_url: pages.new_merge_request(&told.name),
        url: pages.branch(&told.name, key)?,
    })
}

/// A commit of which nothing is known but that a branch is there.
fn bare_commit(told: &ToldBranch, pages: Pages<'_>) -> Option<Commit> {
    let id = told.head.as_str();
    Some(Commit {
        id: id.to_owned(),
        hash: None,
        update_sequence_id: LAST_COMMIT,
        issue_keys: told.keys.clone(),
        message: String::new(),
        author: Author::default(),
        author_timestamp: told.moved_at,
        display_id: titles::short(id).to_owned(),
        file_count: 0,
        files: Vec::new(),
        merge_commit: false,
        url: pages.commit(id, told.keys.first()?)?,
    })
}

/// A merge request.
pub(super) fn pull_request(told: &ToldMergeRequest, pages: Pages<'_>, sequence: i64) -> Option<PullRequest> {
    Some(PullRequest {
        id: told.number.to_string(),
        update_sequence_id: sequence,
        issue_keys: told.keys.clone(),
        status: match told.state {
            MergeRequestState::Open => PullRequestStatus::Open,
            MergeRequestState::Merged => PullRequestStatus::Merged,
            MergeRequestState::Declined => PullRequestStatus::Declined,
        },
        title: told.title.clone(),
        author: person(&told.author),
        comment_count: u64::try_from(told.comment_count).unwrap_or(0),
        display_id: format!("!{}", told.number),
        last_update: told.updated_at,
        source_branch: told.source_branch.clone(),
        source_branch_url: pages.branch_at_forge(&told.source_branch),
        destination_branch: Some(told.target_branch.clone()),
        destination_branch_url: pages.branch_at_forge(&told.target_branch),
        reviewers: told.reviewers.iter().map(reviewer).collect(),
        url: pages.merge_request(&told.web_url, told.keys.first()?)?,
    })
}

fn person(user: &ForgeUser) -> Author {
    Author {
        name: Some(user.name.clone()),
        username: Some(user.login.clone()),
        url: user.web_url.clone(),
        avatar: user.avatar_url.clone(),
        email: None,
    }
}

fn reviewer(told: &model::Reviewer) -> Reviewer {
    Reviewer {
        name: Some(told.user.name.clone()),
        email: None,
        account_id: None,
        url: told.user.web_url.clone(),
        avatar: told.user.avatar_url.clone(),
        approval_status: if told.approved { Approval::Approved } else { Approval::Unapproved },
    }
}

const fn change(status: FileStatus) -> ChangeType {
    match status {
        FileStatus::Added => ChangeType::Added,
        FileStatus::Modified => ChangeType::Modified,
        FileStatus::Removed => ChangeType::Deleted,
    }
}
