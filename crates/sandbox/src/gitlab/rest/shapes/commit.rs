//! Commits, branches and diffs.

use serde_json::{Value, json};

use crate::gitlab::repositories::{CommitRow, FileDiff};

/// A commit; `project_url` is the page of its project.
pub(crate) fn commit(project_url: &str, commit: &CommitRow) -> Value {
    json!({
        "id": commit.id,
        "short_id": short(&commit.id),
        "created_at": commit.committer.time(),
        "parent_ids": commit.parents,
        "title": commit.title(),
        "message": commit.message,
        "author_name": commit.author.name,
        "author_email": commit.author.email,
        "authored_date": commit.author.time(),
        "committer_name": commit.committer.name,
        "committer_email": commit.committer.email,
        "committed_date": commit.committer.time(),
        "trailers": {},
        "extended_trailers": {},
        "web_url": format!("{project_url}/-/commit/{}", commit.id),
    })
}

/// Lines added and removed.
pub(crate) fn stats(diff: &[FileDiff]) -> Value {
    let additions: u64 = diff.iter().map(|file| file.additions).sum();
    let deletions: u64 = diff.iter().map(|file| file.deletions).sum();
    json!({ "additions": additions, "deletions": deletions, "total": additions + deletions })
}

/// What changed in one file.
pub(crate) fn file_diff(file: &FileDiff) -> Value {
    json!({
        "diff": file.patch,
        "collapsed": false,
        "too_large": file.too_large,
        "new_path": file.new_path,
        "old_path": file.old_path,
        "a_mode": file.old_mode,
        "b_mode": file.new_mode,
        "new_file": file.new_file,
        "renamed_file": file.renamed_file,
        "deleted_file": file.deleted_file,
        "generated_file": false,
    })
}

/// The first eight digits, as GitLab shows them.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
