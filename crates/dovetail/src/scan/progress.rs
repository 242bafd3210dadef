//! A bar on standard error, once a scan takes longer than half a second.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PATIENCE: Duration = Duration::from_millis(500);

/// How many commits pass between two looks at the clock.
const STRIDE: u64 = 512;

/// The bar.
pub struct Progress {
    bar: ProgressBar,
    begun: Instant,
    shown: Cell<bool>,
    commits: Cell<u64>,
    repositories: usize,
    reading: Cell<usize>,
}

impl Progress {
    /// A bar that is still hidden.
    pub fn new(repositories: usize) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{spinner} {human_pos} commits · {per_sec} · {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Self {
            bar,
            begun: Instant::now(),
            shown: Cell::new(false),
            commits: Cell::new(0),
            repositories,
            reading: Cell::new(0),
        }
    }

    /// The next repository.
    pub fn repository(&self, path: &Path) {
        self.reading.set(self.reading.get() + 1);
        self.bar.set_message(format!("{} of {}: {}", self.reading.get(), self.repositories, path.display()));
    }

    /// One more commit.
    pub fn commit(&self) {
        let commits = self.commits.get() + 1;
        self.commits.set(commits);
        if !commits.is_multiple_of(STRIDE) {
            return;
        }
        if !self.shown.get() && self.begun.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.shown.set(true);
        }
        self.bar.set_position(commits);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
