//! How far an import or a sync is, in words and for a bar: the same on a page and in the events that move it.

use store::AccountSummary;
use sync::progress::AccountProgress;

use super::number::{counted, signed, thousands};

/// How far an import or a sync is.
#[derive(Debug, PartialEq, Eq)]
pub struct ProgressView {
    /// "importing 17 of 42 repositories".
    pub sentence: String,
    /// How far the bar is.
    pub done: u64,
    /// Where the bar ends; at least one.
    pub total: u64,
    /// "61,204 commits · 4,310/s · about 12 s left · last: zookeeper".
    pub numbers: String,
}

impl ProgressView {
    /// By the live numbers of the engine; `imported` tells whether the account's first import has ended.
    pub fn live(imported: bool, live: &AccountProgress) -> Self {
        let (done, total) = (live.repositories_done, live.repositories_total);
        // Commits move steadily, repositories in jumps: the bar follows the commits once their number is known.
        let (bar, full) = if live.commits_total > 0 { (live.commits, live.commits_total) } else { (done, total) };
        let mut numbers = Vec::new();
        numbers.extend((live.commits > 0).then(|| counted(signed(live.commits), "commit", "commits")));
        numbers.extend(
            (live.merge_requests > 0).then(|| counted(signed(live.merge_requests), "merge request", "merge requests")),
        );
        numbers.extend((live.rate_per_second >= 1.0).then(|| format!("{}/s", thousands(whole(live.rate_per_second)))));
        numbers.extend(live.eta_seconds.map(|seconds| format!("about {} left", duration(seconds))));
        numbers.extend(live.last_repository.as_ref().map(|path| format!("last: {path}")));
        Self {
            sentence: match total {
                0 => "reading the list of repositories".to_owned(),
                total => sentence(imported, signed(done), signed(total)),
            },
            done: bar,
            total: full.max(1),
            numbers: numbers.join(" · "),
        }
    }

    /// By what the store says: another node is at work, or this one has just begun. None while nothing is under way.
    pub fn stored(summary: &AccountSummary) -> Option<Self> {
        let under_way = summary.waiting + summary.syncing;
        (under_way > 0).then(|| {
            let done = (summary.linked - under_way).max(0);
            Self {
                sentence: sentence(summary.account.imported_at.is_some(), done, summary.linked),
                done: done.unsigned_abs(),
                total: summary.linked.max(1).unsigned_abs(),
                numbers: match (summary.commits_done, summary.commits_total) {
                    (_, 0) => String::new(),
                    (done, total) => format!("{} of {} commits", thousands(done), thousands(total)),
                },
            }
        })
    }
}

fn sentence(imported: bool, done: i64, total: i64) -> String {
    let verb = if imported { "syncing" } else { "importing" };
    format!("{verb} {} of {}", thousands(done), counted(total, "repository", "repositories"))
}

/// A rate without its fraction; absurd ones end at the largest number.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what a page needs")]
fn whole(rate: f64) -> i64 {
    rate.round() as i64
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_import_tells_how_far_it_is() {
        let live = AccountProgress {
            running: true,
            repositories_done: 17,
            repositories_total: 42,
            commits: 61_204,
            commits_total: 120_000,
            merge_requests: 0,
            links: 9,
            rate_per_second: 4_310.4,
            last_repository: Some("platform/zookeeper".to_owned()),
            last_error: None,
            eta_seconds: Some(12),
        };

        let view = ProgressView::live(false, &live);

        assert_eq!(view.sentence, "importing 17 of 42 repositories");
        assert_eq!(view.numbers, "61,204 commits · 4,310/s · about 12 s left · last: platform/zookeeper");
        assert_eq!((view.done, view.total), (61_204, 120_000));
    }

    #[rstest::rstest]
    #[case(5, "5 s")]
    #[case(100, "2 min")]
    #[case(7_300, "3 h")]
    fn durations_are_rounded(#[case] seconds: u64, #[case] words: &str) {
        assert_eq!(duration(seconds), words);
    }
}
