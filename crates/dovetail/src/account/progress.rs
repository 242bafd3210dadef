//! How far a sync is, on standard error: a bar at a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::wire::Progress;
use crate::explain::harmless;

/// How often a plain line is written at most.
const BETWEEN_LINES: Duration = Duration::from_secs(2);

/// Where it is shown.
pub enum Shown {
    /// A bar that draws over itself.
    Bar(ProgressBar),
    /// Lines for logs.
    Lines { last: Option<String>, at: Option<Instant> },
}

impl Shown {
    /// A bar at a terminal, lines elsewhere.
    pub fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines { last: None, at: None };
        }
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{spinner} [{bar:24}] {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self::Bar(bar)
    }

    /// Shows how far it is.
    pub fn update(&mut self, progress: &Progress) {
        match self {
            Self::Bar(bar) => {
                let (done, total) = share(progress);
                bar.set_length(total);
                bar.set_position(done);
                bar.set_message(line(progress));
            }
            Self::Lines { last, at } => {
                let line = line(progress);
                let is_early = at.is_some_and(|at| at.elapsed() < BETWEEN_LINES);
                if last.as_ref() != Some(&line) && !is_early {
                    write(&line);
                    (*last, *at) = (Some(line), Some(Instant::now()));
                }
            }
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

#[expect(clippy::print_stderr, reason = "how far it is is no answer")]
fn write(line: &str) {
    eprintln!("{line}");
}

/// Done of total: commits while there are some to write, repositories otherwise.
fn share(progress: &Progress) -> (u64, u64) {
    if progress.commits_total > 0 && progress.repositories_total <= 1 {
        (progress.commits, progress.commits_total)
    } else {
        (progress.repositories_done, progress.repositories_total)
    }
}

fn line(progress: &Progress) -> String {
    if progress.repositories_total == 0 {
        return "reading the repository list".to_owned();
    }
    let mut parts = vec![format!("{} of {} repositories", progress.repositories_done, progress.repositories_total)];
    if progress.commits_total > 0 {
        parts.push(format!("{} of {} commits", progress.commits, progress.commits_total));
        parts.push(format!("{} links", progress.links));
    }
    if progress.rate_per_second >= 1.0 {
        parts.push(format!("{:.0} commits a second", progress.rate_per_second));
    }
    if let Some(seconds) = progress.eta_seconds {
        parts.push(format!("{} left", left(seconds)));
    }
    if let Some(repository) = &progress.last_repository {
        parts.push(harmless(repository));
    }
    parts.join(" · ")
}

fn left(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_known_and_nothing_else() {
        let mut progress = Progress { running: true, ..Progress::default() };
        assert_eq!(line(&progress), "reading the repository list");

        progress.repositories_total = 12;
        progress.repositories_done = 3;
        assert_eq!(line(&progress), "3 of 12 repositories");

        progress = Progress {
            commits: 1_200,
            commits_total: 5_000,
            links: 900,
            rate_per_second: 812.4,
            last_repository: Some("platform/api".to_owned()),
            eta_seconds: Some(75),
            ..progress
        };
        assert_eq!(
            line(&progress),
            "3 of 12 repositories · 1200 of 5000 commits · 900 links · 812 commits a second · 1 min left · platform/api"
        );
    }
}
