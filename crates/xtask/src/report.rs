//! What each step came to, and the closing lines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::SIGINT;

/// The outcome of the steps so far.
pub struct Report {
    steps: Vec<(&'static str, Result<(), String>, Duration)>,
    interrupted: Arc<AtomicBool>,
}

impl Report {
    /// From now on Ctrl-C ends the step that runs, and no other one begins: what was started is stopped as at any end.
    pub fn begin() -> anyhow::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(SIGINT, Arc::clone(&interrupted))?;
        Ok(Self { steps: Vec::new(), interrupted })
    }

    /// Runs one step, says so, and remembers how it ended.
    pub fn step(&mut self, name: &'static str, run: impl FnOnce() -> anyhow::Result<()>) {
        println!("\n== {name}");
        let begun = Instant::now();
        let is_over = || self.interrupted.load(Ordering::Relaxed);
        let outcome = if is_over() { Err(anyhow::anyhow!("interrupted")) } else { run() };
        let outcome = outcome.map_err(|error| format!("{error:#}"));
        if let Err(why) = &outcome {
            println!("FAILED {name}: {why}");
        }
        self.steps.push((name, outcome, begun.elapsed()));
    }

    /// Prints the summary and whether all is well.
    pub fn finish(self) -> bool {
        println!("\n== summary");
        for (name, outcome, took) in &self.steps {
            let verdict = if outcome.is_ok() { "passed" } else { "FAILED" };
            println!("{verdict}  {:>7.1} s  {name}", took.as_secs_f64());
        }
        let failed = self.steps.iter().filter(|(_, outcome, _)| outcome.is_err()).count();
        println!("steps: {} passed, {failed} failed", self.steps.len() - failed);
        failed == 0
    }
}
