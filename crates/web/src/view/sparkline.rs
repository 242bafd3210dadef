//! Commits a week, as a small chart drawn in the page itself.

use std::fmt;

use askama::filters::HtmlSafe;
use model::Millis;

use super::number::counted;

/// How many weeks are shown.
const WEEKS: usize = 26;
const WEEK: Millis = 7 * 24 * 60 * 60 * 1000;
const BAR: usize = 4;
const HEIGHT: usize = 20;

/// Commits a week over half a year that ends at `end`.
#[derive(Debug, Clone)]
pub struct Sparkline([usize; WEEKS]);

impl Sparkline {
    /// From when on commits count for a chart that ends at `end`.
    pub const fn since(end: Millis) -> Millis {
        end.saturating_sub(WEEKS as Millis * WEEK)
    }

    /// The chart of these times; what lies outside of it is left out.
    pub fn new(times: &[Millis], end: Millis) -> Self {
        let mut weeks = [0; WEEKS];
        for at in times {
            let back = usize::try_from(end.saturating_sub(*at) / WEEK).ok().filter(|back| *at <= end && *back < WEEKS);
            if let Some(back) = back {
                weeks[WEEKS - 1 - back] += 1;
            }
        }
        Self(weeks)
    }

    fn most(&self) -> usize {
        self.0.iter().copied().max().unwrap_or(0).max(1)
    }
}

impl HtmlSafe for Sparkline {}

impl fmt::Display for Sparkline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = WEEKS * BAR;
        let all = counted(i64::try_from(self.0.iter().sum::<usize>()).unwrap_or(i64::MAX), "commit", "commits");
        write!(
            f,
            "<svg class=\"sparkline\" viewBox=\"0 0 {width} {HEIGHT}\" width=\"{width}\" height=\"{HEIGHT}\" \
             role=\"img\" aria-label=\"{all} in {WEEKS} weeks\"><title>{all} in {WEEKS} weeks, a bar a week</title>"
        )?;
        let most = self.most();
        for (week, commits) in self.0.iter().enumerate() {
            let height = if *commits == 0 { 1 } else { (commits * HEIGHT).div_ceil(most).max(3) };
            let class = if *commits == 0 { "none" } else { "some" };
            let (x, y, width) = (week * BAR, HEIGHT - height, BAR - 1);
            write!(f, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>")?;
        }
        f.write_str("</svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_fall_into_their_weeks() {
        let end = 100 * WEEK;
        let line = Sparkline::new(&[end, end - 1, end - WEEK, end - 25 * WEEK, end - 26 * WEEK, end + 1], end);

        assert_eq!((line.0[25], line.0[24], line.0[0]), (2, 1, 1));
        assert_eq!(line.0.iter().sum::<usize>(), 4);
    }

    #[test]
    fn no_commits_are_a_flat_line() {
        let html = Sparkline::new(&[], 0).to_string();

        assert_eq!(html.matches("class=\"none\"").count(), WEEKS);
    }
}
