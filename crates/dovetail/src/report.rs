//! What a check found, step by step, and as a tree of lines.

use std::fmt;

use anstyle::{AnsiColor, Style};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::explain::harmless;

/// What a check or a test found.
#[derive(Debug, Deserialize, Serialize)]
pub struct Report {
    /// `passed`, `warning` or `failed`.
    pub verdict: String,
    pub stages: Vec<Stage>,
}

/// One step.
#[derive(Debug, Deserialize, Serialize)]
pub struct Stage {
    pub stage: String,
    /// `passed`, `warning`, `failed` or `skipped`.
    pub verdict: String,
    pub seen: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    #[serde(default)]
    pub details: Vec<String>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Report {
    /// The first step that failed.
    pub fn first_failed(&self) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.verdict == "failed")
    }
}

impl Report {
    /// For a terminal with colours; whoever prints it takes them away where they are not wanted.
    pub const fn coloured(&self) -> Coloured<'_> {
        Coloured(self)
    }

    /// The tree of lines. `colour` gives the colour of a step.
    fn write(&self, f: &mut fmt::Formatter<'_>, colour: impl Fn(&Stage) -> Style) -> fmt::Result {
        let width = self.stages.iter().map(|stage| stage.stage.chars().count()).max().unwrap_or(0);
        for stage in &self.stages {
            let colour = colour(stage);
            let (sign, name) = (sign(stage), harmless(&words(&stage.stage)));
            writeln!(f, "{colour}{sign} {name:<width$}{colour:#}  {}", harmless(&stage.seen))?;
            let cause = stage.cause.as_ref().map(|cause| format!("likely cause: {cause}"));
            let remedy = stage.remedy.as_ref().map(|remedy| format!("what to do: {remedy}"));
            let below: Vec<String> = stage.details.iter().cloned().chain(cause).chain(remedy).collect();
            for (number, line) in below.iter().enumerate() {
                let branch = if number + 1 == below.len() { '└' } else { '├' };
                writeln!(f, "  {branch} {}", harmless(line))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, |_| Style::new())
    }
}

/// A report in colours.
pub struct Coloured<'a>(&'a Report);

impl fmt::Display for Coloured<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, colour)
    }
}

fn colour(stage: &Stage) -> Style {
    match stage.verdict.as_str() {
        "passed" => AnsiColor::Green.on_default(),
        "warning" => AnsiColor::Yellow.on_default(),
        "failed" => AnsiColor::Red.on_default().bold(),
        _ => Style::new().dimmed(),
    }
}

fn words(stage: &str) -> String {
    stage.replace('_', " ")
}

fn sign(stage: &Stage) -> char {
    match stage.verdict.as_str() {
        "passed" => '✓',
        "warning" => '!',
        "failed" => '✗',
        _ => '–',
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_step_is_a_line_with_its_cause_and_remedy_below() {
        let report: Report = serde_json::from_value(json!({ "verdict": "failed", "stages": [
            { "stage": "url", "verdict": "passed", "seen": "https://jira.example.com", "ms": 1, "details": [] },
            { "stage": "name", "verdict": "warning", "seen": "slow", "cause": "A cause.", "remedy": "A remedy.", "ms": 1, "details": ["192.0.2.1"] },
            { "stage": "log_in", "verdict": "failed", "seen": "401\u{1b}[2J", "cause": "The token.", "remedy": "Another.", "ms": 1, "details": [] },
            { "stage": "projects", "verdict": "skipped", "seen": "Not looked at.", "ms": 0, "details": [] },
        ]}))
        .unwrap();

        insta::assert_snapshot!(report.to_string());
        let coloured = report.coloured().to_string();
        assert!(coloured.starts_with("\u{1b}[32m✓ url"), "{coloured}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), report.to_string());
    }
}
