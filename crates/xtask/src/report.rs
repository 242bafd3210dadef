//! What each step came to, and the closing lines.

use std::time::{Duration, Instant};

/// The outcome of the steps so far.
#[derive(Default)]
pub struct Report {
    steps: Vec<(&'static str, Result<(), String>, Duration)>,
}

impl Report {
    /// Runs one step, says so, and remembers how it ended.
    pub fn step(&mut self, name: &'static str, run: impl FnOnce() -> anyhow::Result<()>) {
        println!("\n== {name}");
        let begun = Instant::now();
        let outcome = run().map_err(|error| format!("{error:#}"));
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
