//! A bar on standard error, once a scan takes longer than half a second.

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
    shown: bool,
    commits: u64,
    repositories: usize,
    reading: usize,
}

impl Progress {
    /// A bar that is still hidden.
    pub fn new(repositories: usize) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{spinner} {human_pos} commits · {per_sec} · {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Self { bar, begun: Instant::now(), shown: false, commits: 0, repositories, reading: 0 }
    }

    /// The next repository.
    pub fn repository(&mut self, path: &Path) {
        self.reading += 1;
        self.bar.set_message(format!("{} of {}: {}", self.reading, self.repositories, path.display()));
    }

    /// One more commit.
    pub fn commit(&mut self) {
        self.commits += 1;
        if !self.commits.is_multiple_of(STRIDE) {
            return;
        }
        if !self.shown && self.begun.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.shown = true;
        }
        self.bar.set_position(self.commits);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
