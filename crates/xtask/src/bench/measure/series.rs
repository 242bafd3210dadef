//! The figures of several runs.

use std::time::Duration;

/// One figure a run, in no unit of its own.
#[derive(Debug, Clone, Default)]
pub struct Series(Vec<f64>);

impl Series {
    /// Adds the seconds of a run.
    pub fn push(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64());
    }

    /// Adds a figure.
    pub fn push_number(&mut self, number: f64) {
        self.0.push(number);
    }

    /// How many figures there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds the figures of another series.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// The least figure that at least this share (0 to 1) of all figures do not exceed; 0 without figures.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The middle figure; of an even number, the mean of both in the middle.
    pub fn median(&self) -> f64 {
        let upper = -Self(self.0.iter().map(|figure| -figure).collect()).quantile(0.5);
        f64::midpoint(self.quantile(0.5), upper)
    }

    /// The least figure.
    pub fn least(&self) -> f64 {
        self.quantile(0.0)
    }

    /// The greatest figure.
    pub fn greatest(&self) -> f64 {
        self.quantile(1.0)
    }

    /// What each run took of this, divided by what it took of the other.
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one / other).collect())
    }

    /// Each figure multiplied.
    pub fn times(&self, factor: f64) -> Self {
        Self(self.0.iter().map(|figure| figure * factor).collect())
    }
}

/// Seconds as people read them: three digits that count.
pub fn duration(seconds: f64) -> String {
    if seconds >= 0.999_5 { format!("{} s", digits(seconds)) } else { format!("{} ms", digits(seconds * 1_000.0)) }
}

/// Bytes as people read them.
pub fn bytes(count: u64) -> String {
    let count = count as f64;
    match count {
        _ if count < 1_000.0 => format!("{count} B"),
        _ if count < 999_500.0 => format!("{} kB", digits(count / 1e3)),
        _ if count < 999_500_000.0 => format!("{} MB", digits(count / 1e6)),
        _ => format!("{} GB", digits(count / 1e9)),
    }
}

/// A ratio.
pub fn times(ratio: f64) -> String {
    format!("{} ×", digits(ratio))
}

fn digits(number: f64) -> String {
    match number.abs() {
        size if size >= 99.95 => format!("{number:.0}"),
        size if size >= 9.995 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(figures: &[f64]) -> Series {
        Series(figures.to_vec())
    }

    #[test]
    fn the_median_stands_in_the_middle() {
        assert!((series(&[3.0, 1.0, 2.0]).median() - 2.0).abs() < f64::EPSILON);
        assert!((series(&[4.0, 1.0, 2.0, 3.0]).median() - 2.5).abs() < f64::EPSILON);
        assert!(series(&[]).median().abs() < f64::EPSILON);
    }

    #[test]
    fn ninety_nine_of_a_hundred_do_not_exceed_the_quantile() {
        let hundred = series(&(1..=100).map(f64::from).collect::<Vec<_>>());
        assert!((hundred.quantile(0.99) - 99.0).abs() < f64::EPSILON);
        assert!((hundred.least() - 1.0).abs() < f64::EPSILON);
        assert!((hundred.greatest() - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    fn figures_have_three_digits_that_count() {
        assert_eq!(duration(0.012_34), "12.3 ms");
        assert_eq!(duration(1.0), "1.00 s");
        assert_eq!(duration(123.4), "123 s");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_234_567), "1.23 MB");
        assert_eq!(times(9.996), "10.0 ×");
    }

    #[test]
    fn ratios_are_taken_run_by_run() {
        let ratio = series(&[2.0, 9.0]).over(&series(&[1.0, 3.0]));
        assert!((ratio.greatest() - 3.0).abs() < f64::EPSILON);
        assert!((ratio.least() - 2.0).abs() < f64::EPSILON);
    }
}
