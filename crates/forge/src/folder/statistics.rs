//! Lines and files of a commit, asked of git.

use std::path::Path;

use model::text::plain;
use model::{FileChange, ObjectId, Statistics};

use crate::folder::place;
use crate::{ForgeError, Problem, sentences};

/// Against the first parent, as forges do: totals and files in one process. Renames are found by name and likeness.
pub async fn statistics(git: &git::Git, path: &Path, commit: &ObjectId) -> Result<Statistics, ForgeError> {
    let options =
        ["--root", "-r", "-M", "-z", "--no-commit-id", "--raw", "--numstat", "--no-ext-diff", "--no-textconv"];
    let (folder, first_parent) = (place::git_folder(path), format!("{commit}^1"));
    let parents = git.command(["rev-list", "--no-walk", "--parents", commit.as_str()]).repository(&folder).text();
    let has_parent = parents.await.map_err(missing)?.split_whitespace().nth(1).is_some();
    let trees = if has_parent { vec![first_parent.as_str(), commit.as_str()] } else { vec![commit.as_str()] };
    let arguments = ["diff-tree"].iter().chain(&options).copied().chain(trees);
    let told = git.command(arguments).repository(&folder).output().await?;
    parse(&told).ok_or_else(|| Problem::Data(sentences::unreadable_numstat()).into())
}

/// An id that git does not know is not there.
fn missing(error: git::GitError) -> ForgeError {
    match error {
        git::GitError::MissingObject { .. } | git::GitError::Other(_) | git::GitError::NotFound => {
            Problem::NotFound.into()
        }
        error => error.into(),
    }
}

/// Reads `--raw --numstat -z`: first `:modes ids STATUS NUL path NUL [path NUL]` for every file, then
/// `added TAB removed TAB path NUL`, or for a rename `added TAB removed TAB NUL from NUL to NUL`.
fn parse(told: &[u8]) -> Option<Statistics> {
    let mut fields = told.split(|byte| *byte == 0).map(String::from_utf8_lossy).peekable();
    let mut statistics = Statistics::default();
    while let Some(raw) = fields.next_if(|field| field.starts_with(':')) {
        let status = raw.rsplit(' ').next()?.chars().next()?;
        let from = fields.next()?;
        let path = if matches!(status, 'R' | 'C') { fields.next()? } else { from };
        if path.is_empty() {
            return None;
        }
        statistics.file_count += 1;
        if statistics.files.len() < Statistics::MAX_FILES {
            let change = change(status).to_owned();
            statistics.files.push(FileChange { path: plain(&path), change, additions: None, deletions: None });
        }
    }
    let mut index = 0;
    while let Some(counts) = fields.next().filter(|field| !field.is_empty()) {
        let mut parts = counts.splitn(3, '\t');
        let (added, removed, path) = (parts.next()?, parts.next()?, parts.next()?);
        if path.is_empty() {
            fields.next()?;
            fields.next()?;
        }
        // `-` stands for a binary file.
        let (additions, deletions) = (added.parse().ok(), removed.parse().ok());
        statistics.additions += additions.unwrap_or(0);
        statistics.deletions += deletions.unwrap_or(0);
        if let Some(file) = statistics.files.get_mut(index) {
            (file.additions, file.deletions) = (additions, deletions);
        }
        index += 1;
    }
    Some(statistics)
}

/// Jira's word for one of git's letters.
fn change(status: char) -> &'static str {
    match status {
        'A' | 'C' => "ADDED",
        'D' => "REMOVED",
        'R' => "MOVED",
        _ => "MODIFIED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_and_numstat_join_by_order() {
        // given
        let told = b":000000 100644 00 11 A\0new.txt\0:100644 100644 11 22 R090\0old name\0new\tname\0:100644 000000 11 00 D\0logo.png\0\
            3\t0\tnew.txt\x001\t2\t\0old name\0new\tname\0-\t-\tlogo.png\0";

        // when
        let statistics = parse(told).unwrap();

        // then
        assert_eq!((statistics.additions, statistics.deletions, statistics.file_count), (4, 2, 3));
        let files: Vec<_> =
            statistics.files.iter().map(|file| (file.path.as_str(), file.change.as_str(), file.additions)).collect();
        assert_eq!(
            files,
            [("new.txt", "ADDED", Some(3)), ("new\tname", "MOVED", Some(1)), ("logo.png", "REMOVED", None)]
        );
    }

    #[test]
    fn nothing_changed_is_nothing() {
        assert_eq!(parse(b""), Some(Statistics::default()));
    }

    #[test]
    fn truncated_output_is_refused() {
        for told in [&b":000000 100644 00 11 R100\0old\0"[..], b":1 2 3 4 A\0a\x003\t1", b":000000 100644 0 1 A"] {
            assert_eq!(parse(told), None, "{}", String::from_utf8_lossy(told));
        }
    }
}
