//! Lines and files of a commit.

use model::text::plain;
use model::{FileChange, ObjectId, Statistics};

use crate::ForgeError;
use crate::github::client::Client;
use crate::github::place::Place;
use crate::github::shapes;
use crate::paging::{Position, next};

/// GitHub tells at most 3,000 files of a commit, 300 a page, or 100 in old versions.
const MAX_PAGES: usize = 30;

impl Client {
    /// The totals that the host tells, and the files: all counted, the first [`Statistics::MAX_FILES`] kept. GitLab's copy
    /// tells no totals: there they are those of the files.
    pub async fn statistics(&self, repository: &str, commit: &ObjectId) -> Result<Statistics, ForgeError> {
        let segments = Place::of(repository)?.segments(&["commits", commit.as_str()]);
        let mut statistics = Statistics::default();
        let (mut totals, mut counted) = (None, shapes::Stats::default());
        let mut at = Some(Position::first(""));
        for _ in 0..MAX_PAGES {
            let Some(position) = at else { break };
            let answer = self.get(&segments, &position.query).await?;
            let told: shapes::Commit = answer.json()?;
            at = if told.files.is_empty() { None } else { next(&answer, &position)? };
            for file in &told.files {
                counted.additions += file.additions.unwrap_or_default();
                counted.deletions += file.deletions.unwrap_or_default();
            }
            add(&mut statistics, &told.files);
            totals = totals.or(told.stats);
        }
        let totals = totals.unwrap_or(counted);
        Ok(Statistics { additions: totals.additions, deletions: totals.deletions, ..statistics })
    }
}

fn add(statistics: &mut Statistics, files: &[shapes::File]) {
    statistics.file_count += files.len() as u64;
    let room = Statistics::MAX_FILES.saturating_sub(statistics.files.len());
    statistics.files.extend(files.iter().take(room).map(file));
}

fn file(told: &shapes::File) -> FileChange {
    let change = match told.status.as_str() {
        "added" | "copied" => "ADDED",
        "removed" => "REMOVED",
        "renamed" => "MOVED",
        _ => "MODIFIED",
    };
    // Where one count is told, the other is none that was left out.
    let is_counted = told.additions.is_some() || told.deletions.is_some();
    let lines = |count: Option<u64>| is_counted.then(|| count.unwrap_or_default());
    FileChange {
        path: plain(&told.filename),
        change: change.to_owned(),
        additions: lines(told.additions),
        deletions: lines(told.deletions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: &str, additions: Option<u64>, deletions: Option<u64>) -> FileChange {
        file(&shapes::File { filename: "a".into(), status: status.into(), additions, deletions })
    }

    #[test]
    fn githubs_words_become_jiras() {
        let cases = [
            ("added", "ADDED"),
            ("copied", "ADDED"),
            ("removed", "REMOVED"),
            ("renamed", "MOVED"),
            ("modified", "MODIFIED"),
            ("changed", "MODIFIED"),
        ];
        for (word, expected) in cases {
            assert_eq!(told(word, None, None).change, expected, "{word}");
        }
    }

    #[test]
    fn the_count_that_is_left_out_beside_another_is_none() {
        assert_eq!(
            (told("added", Some(3), None).deletions, told("removed", None, Some(2)).additions),
            (Some(0), Some(0))
        );
        assert_eq!((told("modified", None, None).additions, told("modified", None, None).deletions), (None, None));
    }
}
