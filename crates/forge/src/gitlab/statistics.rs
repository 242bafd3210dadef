//! Lines and files of a commit (GitLab contract §5.6).

use model::text::plain;
use model::{FileChange, ObjectId, Statistics};

use crate::ForgeError;
use crate::gitlab::client::Client;
use crate::gitlab::paging::PER_PAGE;
use crate::gitlab::shapes;
use crate::paging::Position;

/// GitLab's own diffs end at 3,000 files at most, 100 a page.
const MAX_PAGES: usize = 40;

impl Client {
    /// The totals that GitLab tells, and its files: all counted, the first [`Statistics::MAX_FILES`] kept.
    pub async fn statistics(&self, project: &str, commit: &ObjectId) -> Result<Statistics, ForgeError> {
        let path = ["projects", project, "repository", "commits", commit.as_str()];
        let told: shapes::Commit = self.one(&path, "stats=true").await?;
        let totals = told.stats.unwrap_or_default();
        let mut statistics =
            Statistics { additions: totals.additions, deletions: totals.deletions, ..Statistics::default() };
        let mut at = Some(Position::first(PER_PAGE));
        for _ in 0..MAX_PAGES {
            let Some(position) = at else { break };
            let path = ["projects", project, "repository", "commits", commit.as_str(), "diff"];
            let page = self.page::<shapes::Diff>(&path, &position).await?;
            add(&mut statistics, &page.items);
            at = page.next;
        }
        Ok(statistics)
    }
}

fn add(statistics: &mut Statistics, diffs: &[shapes::Diff]) {
    statistics.file_count += diffs.len() as u64;
    let room = Statistics::MAX_FILES.saturating_sub(statistics.files.len());
    statistics.files.extend(diffs.iter().take(room).map(file));
}

fn file(diff: &shapes::Diff) -> FileChange {
    let change = match diff {
        shapes::Diff { new_file: true, .. } => "ADDED",
        shapes::Diff { deleted_file: true, .. } => "REMOVED",
        shapes::Diff { renamed_file: true, .. } => "MOVED",
        _ => "MODIFIED",
    };
    let path = if diff.deleted_file { &diff.old_path } else { &diff.new_path };
    let lines = lines(diff);
    FileChange {
        path: plain(path),
        change: change.to_owned(),
        additions: lines.map(|(additions, _)| additions),
        deletions: lines.map(|(_, deletions)| deletions),
    }
}

/// Lines added and removed; none where GitLab left the text out, or where it is no text (a binary file).
fn lines(diff: &shapes::Diff) -> Option<(u64, u64)> {
    if diff.collapsed || diff.too_large {
        return None;
    }
    if diff.diff.is_empty() {
        return Some((0, 0));
    }
    // Old versions write the names of the file before the first hunk, as `---` and `+++`.
    let mut hunks = diff.diff.lines().skip_while(|line| !line.starts_with("@@")).peekable();
    hunks.peek()?;
    let (mut additions, mut deletions) = (0, 0);
    for line in hunks {
        additions += u64::from(line.starts_with('+'));
        deletions += u64::from(line.starts_with('-'));
    }
    Some((additions, deletions))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(text: &str) -> shapes::Diff {
        shapes::Diff { diff: text.into(), new_path: "new".into(), old_path: "old".into(), ..Default::default() }
    }

    #[test]
    fn lines_are_counted_inside_hunks_only() {
        assert_eq!(lines(&diff("--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n-a\n+b\n+++ c\n d\n\\ No newline")), Some((2, 1)));
        assert_eq!(lines(&diff("@@ -1 +1 @@\r\n-a\r\n+b\r\n@@ -9 +9 @@\n--x\n")), Some((1, 2)));
    }

    #[test]
    fn what_gitlab_left_out_is_unknown_and_not_zero() {
        assert_eq!(lines(&shapes::Diff { collapsed: true, ..diff("") }), None);
        assert_eq!(lines(&shapes::Diff { too_large: true, ..diff("") }), None);
        assert_eq!(lines(&diff("Binary files a/f and b/f differ\n")), None);
        assert_eq!(lines(&shapes::Diff { renamed_file: true, ..diff("") }), Some((0, 0)));
    }

    #[test]
    fn a_removed_file_has_its_old_path() {
        let removed = file(&shapes::Diff { deleted_file: true, ..diff("@@ -1 +0,0 @@\n-a") });
        assert_eq!((removed.path.as_str(), removed.change.as_str()), ("old", "REMOVED"));
        let moved = file(&shapes::Diff { renamed_file: true, ..diff("") });
        assert_eq!((moved.path.as_str(), moved.change.as_str()), ("new", "MOVED"));
    }

    #[test]
    fn files_are_cut_and_still_counted() {
        // given
        let diffs: Vec<_> = (0..Statistics::MAX_FILES + 50).map(|_| diff("")).collect();
        let mut statistics = Statistics::default();

        // when
        add(&mut statistics, &diffs);

        // then
        assert_eq!((statistics.file_count, statistics.files.len()), (250, Statistics::MAX_FILES));
    }
}
