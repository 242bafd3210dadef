//! What people call what a delivery is about.

use model::Told;
use store::{ToldBranch, ToldCommit, ToldMergeRequest};

use crate::sentences::deliver as sentences;

/// How many digits of a commit's id are shown.
const SHORT: usize = 8;

pub(super) const fn word(kind: Told) -> &'static str {
    match kind {
        Told::Repository => "repository",
        Told::Commit => "commit",
        Told::Branch => "branch",
        Told::MergeRequest => "merge request",
    }
}

/// The beginning of a commit's id.
pub(super) fn short(object_id: &str) -> &str {
    object_id.get(..SHORT).unwrap_or(object_id)
}

pub(super) fn of_commit(told: &ToldCommit) -> String {
    sentences::commit(short(told.object_id.as_str()), &told.repository.path)
}

pub(super) fn of_branch(told: &ToldBranch) -> String {
    sentences::branch(&told.name, &told.repository.path)
}

pub(super) fn of_merge_request(told: &ToldMergeRequest) -> String {
    sentences::merge_request(told.number, &told.repository.path)
}
