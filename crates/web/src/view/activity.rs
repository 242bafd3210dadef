//! What happened in an account day by day, as a chart drawn in the page itself: commits above a line, links to issues below.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::Timestamp;
use model::Millis;
use store::account_activity::DAY;
use store::{DayOfAccount, StoreError, Viewer};

use crate::sentences::account_pages;
use crate::state::AppState;

use super::number::counted;

/// How many days are shown, today being the last. Days are those of UTC.
pub const DAYS: usize = 90;
/// The width of a day, and that of its bars.
const STEP: usize = 10;
const BAR: usize = 8;
/// How high the highest bar is, above as well as below the line.
const HALF: i64 = 40;
/// How high a bar is at least that stands for something.
const LEAST: i64 = 2;

/// One day of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    begins_at: Millis,
    /// How many commits were written.
    pub commits: i64,
    /// How many links to issues these have.
    pub links: i64,
}

impl Day {
    /// "12 Nov 2026".
    pub fn name(&self) -> String {
        self.formatted("%-d %b %Y")
    }

    /// "2026-11-12".
    pub fn date(&self) -> String {
        self.formatted("%Y-%m-%d")
    }

    fn formatted(&self, format: &str) -> String {
        Timestamp::from_millisecond(self.begins_at).map(|at| at.strftime(format).to_string()).unwrap_or_default()
    }
}

/// The last [`DAYS`] days of an account, oldest first.
#[derive(Debug, Clone)]
pub struct Activity(Vec<Day>);

impl Activity {
    /// That of an account, seen at `now`. Where the viewer may not see the account, nothing happened.
    pub async fn of(state: &AppState, viewer: Viewer, account_id: i64, now: Millis) -> Result<Self, StoreError> {
        let (since, until) = span(now);
        let days = state.store().account_activity(viewer, account_id, since, until).await?;
        Ok(Self::new(&days, since))
    }

    fn new(found: &[DayOfAccount], since: Millis) -> Self {
        let begins = (0..DAYS as i64).map(|day| since.saturating_add(day * DAY));
        let mut days: Vec<Day> = begins.map(|begins_at| Day { begins_at, commits: 0, links: 0 }).collect();
        for one in found {
            if let Some(day) = usize::try_from(one.day).ok().and_then(|day| days.get_mut(day)) {
                (day.commits, day.links) = (one.commits, one.links);
            }
        }
        Self(days)
    }

    /// All its days, oldest first.
    pub fn days(&self) -> &[Day] {
        &self.0
    }

    /// How many commits were written.
    pub fn commits(&self) -> i64 {
        self.0.iter().map(|day| day.commits).sum()
    }

    /// How many links to issues these have.
    pub fn links(&self) -> i64 {
        self.0.iter().map(|day| day.links).sum()
    }

    /// "1,234 commits".
    pub fn commits_counted(&self) -> String {
        counted(self.commits(), "commit", "commits")
    }

    /// "56 links to issues".
    pub fn links_counted(&self) -> String {
        account_pages::links_counted(self.links())
    }

    /// The days on which something was written, newest first.
    pub fn busy(&self) -> Vec<Day> {
        self.0.iter().rev().filter(|day| day.commits > 0).copied().collect()
    }

    /// The first, the middle and the last day, for what is written below the chart.
    pub fn marks(&self) -> [String; 3] {
        [0, DAYS / 2, DAYS - 1].map(|at| self.0.get(at).map(Day::name).unwrap_or_default())
    }

    /// What the chart shows, in words.
    pub fn told(&self) -> String {
        let most = self.0.iter().rev().max_by_key(|day| day.commits).filter(|day| day.commits > 0);
        match most {
            None => account_pages::nothing_written(DAYS),
            Some(most) => account_pages::written(
                DAYS,
                (self.commits(), self.links()),
                self.busy().len(),
                (&most.name(), most.commits),
            ),
        }
    }
}

/// From when on until when (exclusive) the days are that end with the one of `now`.
fn span(now: Millis) -> (Millis, Millis) {
    let today = now - now.rem_euclid(DAY);
    (today - (DAYS as Millis - 1) * DAY, today + DAY)
}

/// How high a bar is.
fn height(number: i64, most: i64) -> i64 {
    if number == 0 { 0 } else { (number.saturating_mul(HALF) / most).max(LEAST) }
}

impl HtmlSafe for Activity {}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, whole) = (self.0.len() * STEP, 2 * HALF + 1);
        // One scale for both, so that their bars may be compared; it is stretched to the width of the page.
        let most = self.0.iter().flat_map(|day| [day.commits, day.links]).max().unwrap_or(0).max(1);
        write!(
            f,
            "<svg class=\"activity-chart\" viewBox=\"0 0 {width} {whole}\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-labelledby=\"activity-title activity-told\"><title id=\"activity-title\">{}</title>\
             <desc id=\"activity-told\">{}</desc>",
            account_pages::ACTIVITY_TITLE,
            self.told()
        )?;
        for (at, day) in self.0.iter().enumerate() {
            let (x, commits, links) = (at * STEP, height(day.commits, most), height(day.links, most));
            write!(
                f,
                "<g><title>{}</title><rect class=\"all\" x=\"{x}\" y=\"0\" width=\"{STEP}\" height=\"{whole}\"/>",
                account_pages::of_a_day(&day.name(), day.commits, day.links)
            )?;
            let x = x + (STEP - BAR) / 2;
            if commits > 0 {
                let y = HALF - commits;
                write!(f, "<rect class=\"commits\" x=\"{x}\" y=\"{y}\" width=\"{BAR}\" height=\"{commits}\"/>")?;
            }
            if links > 0 {
                let y = HALF + 1;
                write!(f, "<rect class=\"links\" x=\"{x}\" y=\"{y}\" width=\"{BAR}\" height=\"{links}\"/>")?;
            }
            f.write_str("</g>")?;
        }
        write!(f, "<rect class=\"line\" x=\"0\" y=\"{HALF}\" width=\"{width}\" height=\"1\"/></svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 Nov 2026, 11:04 UTC.
    const NOW: Millis = 1_795_345_440_000;

    fn activity(days: &[(i64, i64, i64)]) -> Activity {
        let days: Vec<DayOfAccount> =
            days.iter().map(|&(day, commits, links)| DayOfAccount { day, commits, links }).collect();
        Activity::new(&days, span(NOW).0)
    }

    #[test]
    fn the_last_day_is_today_and_days_are_those_of_utc() {
        let (since, until) = span(NOW);

        assert_eq!((since % DAY, until % DAY, (until - since) / DAY), (0, 0, DAYS as i64));
        assert!(until - DAY <= NOW && NOW < until);
        let activity = activity(&[]);
        assert_eq!(activity.marks(), ["25 Aug 2026", "9 Oct 2026", "22 Nov 2026"]);
        assert_eq!(activity.days()[DAYS - 1].date(), "2026-11-22");
    }

    #[test]
    fn each_day_has_its_numbers() {
        let activity = activity(&[(0, 3, 4), (89, 7, 0), (90, 9, 9), (-1, 9, 9)]);

        assert_eq!((activity.days().len(), activity.commits(), activity.links()), (DAYS, 10, 4));
        let busy: Vec<(String, i64)> = activity.busy().iter().map(|day| (day.date(), day.commits)).collect();
        assert_eq!(busy, [("2026-11-22".to_owned(), 7), ("2026-08-25".to_owned(), 3)]);
        assert_eq!(
            activity.told(),
            "In the last 90 days 10 commits were written, on 2 of the days, most of them on 22 Nov 2026 (7). They have 4 links to issues."
        );
    }

    #[test]
    fn bars_share_one_scale_and_the_least_is_seen() {
        let html = activity(&[(0, 1_000, 1), (1, 500, 0)]).to_string();

        assert!(html.contains("<rect class=\"commits\" x=\"1\" y=\"0\" width=\"8\" height=\"40\"/>"), "{html}");
        assert!(html.contains("<rect class=\"links\" x=\"1\" y=\"41\" width=\"8\" height=\"2\"/>"), "{html}");
        assert!(html.contains("<rect class=\"commits\" x=\"11\" y=\"20\" width=\"8\" height=\"20\"/>"), "{html}");
        assert!(html.contains("<title>25 Aug 2026: 1,000 commits, 1 link to issues</title>"), "{html}");
    }

    #[test]
    fn nothing_is_a_line() {
        let html = activity(&[]).to_string();

        assert!(html.contains("Nothing was written in the last 90 days."), "{html}");
        assert!(!html.contains("class=\"commits\"") && html.contains("class=\"line\""), "{html}");
    }
}
